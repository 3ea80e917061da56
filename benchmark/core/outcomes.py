"""A probe's history as of a moment, judged: the four clocks, what ended them, and what is left out of the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from benchmark.core.values import (
    Outcome,
    ProbeHistory,
    ReplyFact,
    Windows,
)
from benchmark.core.vocabulary import (
    AcknowledgedBy,
    Exclusion,
    FollowUpKind,
    HandOffState,
    InquiryKind,
    ReplyFlag,
    ReplyKind,
)

ZERO = timedelta(0)

NOT_A_REPLY = frozenset({ReplyKind.DELIVERY_DELAY, ReplyKind.READ_RECEIPT, ReplyKind.UNSOLICITED})
"""Neither stops a clock nor makes a probe invalid: a delay notice is no bounce, marketing is no follow-up."""
MOVES_NOTHING = NOT_A_REPLY | {ReplyKind.BOUNCE, ReplyKind.OUT_OF_OFFICE}
"""Whose hand-off is none: the deputy of an absence notice moves nobody's matter."""

ACKNOWLEDGES: dict[ReplyKind, AcknowledgedBy] = {
    ReplyKind.AUTO_ACK: AcknowledgedBy.AUTO,
    ReplyKind.AUTOMATED_ANSWER: AcknowledgedBy.AUTO,
    ReplyKind.HUMAN_REPLY: AcknowledgedBy.HUMAN,
    ReplyKind.FOLLOWUP: AcknowledgedBy.HUMAN,
}
"""Kinds that tell the sender the inquiry arrived; an absence notice does not."""

NEXT_STEP = frozenset({ReplyFlag.NEXT_STEP, ReplyFlag.HANDOFF, ReplyFlag.HAS_TICKET, ReplyFlag.RETURN_DATE})
"""What makes a person's confirmation of a suggestion more than a thank-you: passed on, filed, or dated."""


def outcome_of(history: ProbeHistory, as_of: datetime, windows: Windows) -> Outcome:
    """What had become of one probe at `as_of`; whatever is later has not happened.

    A bounce is terminal, and so is a closure: what comes after either is not counted.
    """
    if history.t0 is None or history.t0 > as_of:
        return Outcome(t0=None, exclusion=history.exclusion)
    replies = _known_replies(history.replies, as_of)
    if any(_precedes(reply, history.t0) for reply in replies):
        return Outcome(t0=history.t0, exclusion=history.exclusion or Exclusion.REPLY_BEFORE_T0)
    return _clocks(history, history.t0, replies, as_of, windows)


def is_substantive(reply: ReplyFact, inquiry: InquiryKind) -> bool:
    """Does it deal with the matter, whoever wrote it? A coder's word goes before the rule."""
    if reply.substantive is not None:
        return reply.substantive and reply.kind not in NOT_A_REPLY and reply.kind is not ReplyKind.BOUNCE
    if reply.kind is ReplyKind.AUTOMATED_ANSWER:
        return ReplyFlag.PARTIAL not in reply.flags and not _blocked(reply)
    if reply.kind is ReplyKind.FOLLOWUP and reply.followup_kind not in (None, FollowUpKind.KEEPS_PROMISE):
        return False
    return is_personal(reply) and (not _blocked(reply) or _confirms_suggestion(reply, inquiry))


def is_personal(reply: ReplyFact) -> bool:
    """Written by a person. A follow-up that comes first is a person's reply; a survey is a machine's."""
    if reply.kind is ReplyKind.FOLLOWUP:
        return reply.followup_kind is not FollowUpKind.SURVEY
    return reply.kind is ReplyKind.HUMAN_REPLY


def hand_off_state(reply: ReplyFact) -> HandOffState:
    """A flag nobody has followed up yet is an open hand-off."""
    if reply.handoff_state is HandOffState.NONE and ReplyFlag.HANDOFF in reply.flags:
        return HandOffState.OPEN
    return reply.handoff_state


def _known_replies(replies: Iterable[ReplyFact], as_of: datetime) -> tuple[ReplyFact, ...]:
    """In order of receipt, each identity once, at its earliest: a copy never raises a rate."""
    first: dict[str, ReplyFact] = {}
    for reply in sorted(replies, key=_receipt_order):
        if reply.at <= as_of:
            first.setdefault(reply.identity, reply)
    return tuple(first.values())


def _receipt_order(reply: ReplyFact) -> tuple[datetime, bool, str, str]:
    """Ties are broken by content, so that shuffling rows changes nothing; a coder's copy goes first."""
    return reply.at, reply.substantive is None, reply.kind, reply.identity


def _precedes(reply: ReplyFact, t0: datetime) -> bool:
    """IMAP receipts carry whole seconds, so a reply in the second of `t0` came with it, not before it."""
    return reply.kind not in NOT_A_REPLY and reply.at < t0.replace(microsecond=0)


def _blocked(reply: ReplyFact) -> bool:
    """A mere confirmation, a question back, or a hand-off that makes the sender start again."""
    return bool(reply.flags & {ReplyFlag.ACKNOWLEDGES_ONLY, ReplyFlag.ASKS_FOR_INFO}) or hand_off_state(reply) in (
        HandOffState.LOST,
        HandOffState.OPEN,
    )


def _confirms_suggestion(reply: ReplyFact, inquiry: InquiryKind) -> bool:
    """For a suggestion a person's confirmation with a next step is all there is to give."""
    return (
        inquiry is InquiryKind.SUGGESTION
        and ReplyFlag.ASKS_FOR_INFO not in reply.flags
        and hand_off_state(reply) is not HandOffState.LOST
        and ReplyFlag.ACKNOWLEDGES_ONLY in reply.flags
        and bool(reply.flags & NEXT_STEP)
    )


@dataclass(frozen=True)
class _Waits:
    """Stretches in which the brand waited for us: from its question back to our reply (None: not yet)."""

    stretches: tuple[tuple[datetime, datetime | None], ...]

    def until(self, moment: datetime) -> timedelta:
        return sum(
            (min(end or moment, moment) - start for start, end in self.stretches if start < moment),
            start=ZERO,
        )


def _waits(replies: tuple[ReplyFact, ...], tester_replied_at: tuple[datetime, ...]) -> _Waits:
    stretches: list[tuple[datetime, datetime | None]] = []
    for asked in (reply for reply in replies if ReplyFlag.ASKS_FOR_INFO in reply.flags):
        if not stretches or _over(stretches[-1], asked.at):
            ours = min((at for at in tester_replied_at if at > asked.at), default=None)
            stretches.append((asked.at, ours))
    return _Waits(tuple(stretches))


def _over(stretch: tuple[datetime, datetime | None], moment: datetime) -> bool:
    return stretch[1] is not None and stretch[1] <= moment


def _bounce(replies: tuple[ReplyFact, ...], t0: datetime, windows: Windows) -> datetime | None:
    """A notice within the bounce window undoes a delivery; who says that they still try sends a delay notice, none."""
    return next(
        (reply.at for reply in replies if reply.kind is ReplyKind.BOUNCE and reply.at - t0 <= windows.bounce), None
    )


def _clocks(
    history: ProbeHistory, t0: datetime, replies: tuple[ReplyFact, ...], as_of: datetime, windows: Windows
) -> Outcome:
    closed_at = history.closed_at if history.closed_at is not None and history.closed_at <= as_of else None
    observed = tuple(reply for reply in replies if closed_at is None or reply.at <= closed_at)
    bounced_at = _bounce(observed, t0, windows)
    counted = _counted(observed, bounced_at)
    waits = _waits(counted, tuple(at for at in history.tester_replied_at if at <= as_of))
    answer = _first(counted, lambda reply: is_substantive(reply, history.inquiry))
    person, confirmation = _first(counted, is_personal), _first(counted, _acknowledges)
    follow_ups = _follow_ups(counted, answer, history.tester_replied_at)
    lost_at = _lost_at(counted, answer, windows)

    def after(reply: ReplyFact | None) -> timedelta | None:
        return None if reply is None else max(ZERO, reply.at - t0 - waits.until(reply.at))

    return Outcome(
        t0=t0,
        exclusion=history.exclusion or (Exclusion.BOUNCED if bounced_at else None),
        acknowledged_after=after(confirmation),
        acknowledged_by=None if confirmation is None else ACKNOWLEDGES[confirmation.kind],
        human_after=after(person),
        substantive_after=after(answer),
        followed_up_after=after(_first(follow_ups, is_personal)),
        followup_kinds=frozenset(reply.followup_kind for reply in follow_ups if reply.followup_kind is not None),
        bounced_after=None if bounced_at is None else max(ZERO, bounced_at - t0),
        closed_after=None if closed_at is None else max(ZERO, closed_at - t0),
        ticket_after=after(_first(counted, lambda reply: ReplyFlag.HAS_TICKET in reply.flags)),
        out_of_office_after=after(_first(counted, lambda reply: reply.kind is ReplyKind.OUT_OF_OFFICE)),
        handoff=_hand_off(counted, answer, lost_at, as_of),
        handoff_lost_after=None if lost_at is None else lost_at - t0,
        tester_delay=waits.until(_end(answer, closed_at, bounced_at, as_of)),
        first_contact_resolved=_resolves(person, history.inquiry),
    )


def _counted(replies: tuple[ReplyFact, ...], bounced_at: datetime | None) -> tuple[ReplyFact, ...]:
    """Replies proper, up to a bounce."""
    return tuple(
        reply
        for reply in replies
        if reply.kind not in NOT_A_REPLY
        and reply.kind is not ReplyKind.BOUNCE
        and (bounced_at is None or reply.at <= bounced_at)
    )


def _end(answer: ReplyFact | None, *moments: datetime | None) -> datetime:
    """Until when the brand can have waited for us: its answer, else the end of observation."""
    return answer.at if answer else min(moment for moment in moments if moment is not None)


def _resolves(first: ReplyFact | None, inquiry: InquiryKind) -> bool:
    """The first human reply answers fully."""
    return first is not None and is_substantive(first, inquiry) and ReplyFlag.PARTIAL not in first.flags


def _first(replies: tuple[ReplyFact, ...], wanted: Callable[[ReplyFact], bool]) -> ReplyFact | None:
    return next((reply for reply in replies if wanted(reply)), None)


def _acknowledges(reply: ReplyFact) -> bool:
    return reply.kind in ACKNOWLEDGES and reply.followup_kind is not FollowUpKind.SURVEY


def _follow_ups(
    replies: tuple[ReplyFact, ...], answer: ReplyFact | None, tester_replied_at: tuple[datetime, ...]
) -> tuple[ReplyFact, ...]:
    """Contacts after the answer that nobody asked for: none of our letters since the brand's last word."""
    if answer is None:
        return ()
    return tuple(
        reply
        for previous, reply in pairwise(replies)
        if reply.kind is ReplyKind.FOLLOWUP
        and reply.at > answer.at
        and not any(previous.at < ours <= reply.at for ours in tester_replied_at)
    )


def _hand_off(
    replies: tuple[ReplyFact, ...], answer: ReplyFact | None, lost_at: datetime | None, as_of: datetime
) -> HandOffState:
    """The best that became of it: an answer that follows an open hand-off completes it; when none has come within the
    window of a response, the sender had to start again."""
    moved = _moving(replies)
    states = {hand_off_state(reply) for reply in moved}
    if lost_at is None and answer is not None and any(_leaves_open(reply) for reply in moved if reply.at <= answer.at):
        states.add(HandOffState.COMPLETED)
    elif lost_at is not None and as_of >= lost_at:
        states.add(HandOffState.LOST)
    order = (HandOffState.COMPLETED, HandOffState.LOST, HandOffState.OPEN)
    return next((state for state in order if state in states), HandOffState.NONE)


def _lost_at(replies: tuple[ReplyFact, ...], answer: ReplyFact | None, windows: Windows) -> datetime | None:
    """When a hand-off that waits for an answer is lost; None where it does not wait or a person has said what became
    of it."""
    moved = _moving(replies)
    opened_at = next((reply.at for reply in moved if _leaves_open(reply)), None)
    if opened_at is None or (answer is not None and answer.at >= opened_at):
        return None
    if any(hand_off_state(reply) in (HandOffState.COMPLETED, HandOffState.LOST) for reply in moved):
        return None
    return opened_at + windows.response


def _moving(replies: tuple[ReplyFact, ...]) -> list[ReplyFact]:
    return [reply for reply in replies if reply.kind not in MOVES_NOTHING]


def _leaves_open(reply: ReplyFact) -> bool:
    return hand_off_state(reply) is HandOffState.OPEN
