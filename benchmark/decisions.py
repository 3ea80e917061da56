"""What a person decides about a reply: what it is, and which inquiry it answers. Each can be taken back.

A person's word is a verdict or a place beside those of the rules; it wins over them and overwrites none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlmodel import Session

from benchmark import second_looks
from benchmark.core.problems import BadInput
from benchmark.core.values import HandOffTarget, Verdict
from benchmark.core.vocabulary import (
    DecidedBy,
    FollowUpKind,
    HandOffState,
    MatchedBy,
    ProbeState,
    ReplyFlag,
    ReplyKind,
)
from benchmark.replies import add_verdict
from benchmark.second_looks import Lying
from benchmark.store import queries
from benchmark.store.tables import Probe, Reply, VerdictRow


class Kept(Enum):
    """What a person did not speak of."""

    KEPT = "kept"


@dataclass(frozen=True)
class Correction:
    """A person's word on a reply; what it does not speak of stays as it was found, None clears it.

    A hand-off is only kept where the flag says that there is one, a follow-up's kind and the date of an absence where
    the kind is still the same. `substantive` None leaves it to the rule.
    """

    kind: ReplyKind
    flags: frozenset[ReplyFlag] = frozenset()
    followup_kind: FollowUpKind | None = None
    handoff: HandOffTarget | Kept | None = Kept.KEPT
    handoff_state: HandOffState | Kept = Kept.KEPT
    return_date: date | Kept | None = Kept.KEPT
    substantive: bool | Kept | None = Kept.KEPT


class CorrectedMeanwhile(BadInput):
    """Another person's word stands where the person saw something else."""

    def __init__(self, reply: Reply, word: VerdictRow) -> None:
        self.reply_id, self.probe_id, self.kind = reply.id or 0, reply.probe_id, word.kind
        problem = f"was corrected meanwhile to {word.kind.value} by {word.coder}"
        super().__init__(f"reply {reply.id}", problem, "look at it again")


def correct(
    session: Session,
    reply_id: int,
    correction: Correction,
    *,
    coder: str,
    now: datetime,
    seen_verdict: int | None = None,
) -> int:
    """Adds a person's verdict, which wins over every rule; nothing is overwritten. Gives the verdict's id.

    Raises CorrectedMeanwhile where another person's word came after `seen_verdict`, the verdict that was looked at.
    """
    reply = _locked(session, reply_id)
    if reply is None:
        raise BadInput(f"reply {reply_id}", "is not there", "")
    found = queries.winning_verdict(session, reply_id)
    if found and seen_verdict not in (None, found.id) and found.decided_by is DecidedBy.PERSON:
        raise CorrectedMeanwhile(reply, found)
    state, substantive = _state(correction, found), correction.substantive
    if substantive is Kept.KEPT:
        substantive = found.substantive if found else None
    verdict = _corrected(correction, found)
    verdict_id = add_verdict(session, reply, verdict, now, DecidedBy.PERSON, coder, state, substantive)
    if reply.probe_id is not None:
        second_looks.refresh_and_follow(session, {reply.probe_id}, now=now)
    return verdict_id


def _corrected(correction: Correction, found: VerdictRow | None) -> Verdict:
    verdict = Verdict(
        correction.kind,
        1.0,
        "",
        flags=correction.flags,
        handoff=_target(correction, found),
        followup_kind=correction.followup_kind if correction.kind is ReplyKind.FOLLOWUP else None,
        return_date=_return_date(correction, found),
    )
    if found is None:
        return verdict
    if correction.kind is ReplyKind.FOLLOWUP and correction.followup_kind is None:
        verdict = replace(verdict, followup_kind=found.followup_kind)
    return replace(verdict, ticket_ids=tuple(found.ticket_ids), language=found.language, system=found.system)


def _target(correction: Correction, found: VerdictRow | None) -> HandOffTarget | None:
    if correction.handoff is not Kept.KEPT:
        return correction.handoff
    if found is None or found.handoff_channel is None or ReplyFlag.HANDOFF not in correction.flags:
        return None
    return HandOffTarget(found.handoff_channel, found.handoff_address)


def _state(correction: Correction, found: VerdictRow | None) -> HandOffState:
    if correction.handoff_state is not Kept.KEPT:
        return correction.handoff_state
    is_kept = found is not None and ReplyFlag.HANDOFF in correction.flags
    return found.handoff_state if found and is_kept else HandOffState.NONE


def _return_date(correction: Correction, found: VerdictRow | None) -> date | None:
    if correction.return_date is not Kept.KEPT:
        return correction.return_date
    return found.return_on if found and correction.kind is ReplyKind.OUT_OF_OFFICE else None


def take_back_correction(session: Session, verdict_id: int, *, now: datetime) -> None:
    """Undoes a slip of the hand moments after it; what stood before wins again."""
    verdict = session.get(VerdictRow, verdict_id)
    if verdict is None or verdict.decided_by is not DecidedBy.PERSON:
        raise BadInput(f"verdict {verdict_id}", "is not there", "")
    reply = session.get_one(Reply, verdict.reply_id)
    session.delete(verdict)
    if reply.probe_id is not None:
        second_looks.refresh_and_follow(session, {reply.probe_id}, now=now)


@dataclass(frozen=True)
class Assigned:
    """How a reply lay before a person moved it; `undoable` where taking it back restores all of it.

    `followed` is the number of unmatched mails of its thread or ticket that went with it.
    """

    probe_id: int | None
    matched_by: MatchedBy | None
    confidence: float
    hint: bool
    undoable: bool
    followed: int = 0


@dataclass(frozen=True)
class Seen:
    """Where a mail lay when a person looked at it."""

    probe_id: int | None
    hint: bool = False


class MovedMeanwhile(BadInput):
    """The mail no longer lies where the person saw it."""

    def __init__(self, reply: Reply) -> None:
        self.reply_id, self.probe_id = reply.id or 0, reply.probe_id
        where = f"with probe {reply.probe_id}" if reply.probe_id else "with no probe"
        super().__init__(f"reply {reply.id}", f"was moved meanwhile and lies {where}", "look at it there")


def assign(
    session: Session, reply_id: int, probe_id: int, *, now: datetime, coder: str = "", seen: Seen | None = None
) -> Assigned:
    """A person places a mail, or moves it from another inquiry; it keeps its true time of receipt.

    Gives how it lay before. Unmatched mails of the same thread or ticket follow it. Raises MovedMeanwhile where it no
    longer lies as `seen`.
    """
    reply, probe = _locked(session, reply_id), session.get(Probe, probe_id)
    if reply is None or probe is None:
        raise BadInput(f"reply {reply_id} to probe {probe_id}", "one of them is not there", "give the probe's number")
    _check_seen(reply, seen)
    before = _lying_before(reply, probe.state is not ProbeState.UNCONFIRMED)
    where = Lying(probe_id, MatchedBy.PERSON, 1.0, hint=False, evidence=_moved(reply, coder, now))
    taught = second_looks.lay(session, reply, where, now=now)
    if before.probe_id not in (None, probe_id):
        second_looks.learn_anew(session, before.probe_id or 0, now=now)
    return replace(before, followed=second_looks.match_waiting(session, taught, now=now))


def take_off(session: Session, reply_id: int, *, now: datetime, coder: str = "", seen: Seen | None = None) -> Assigned:
    """A person says that a mail does not answer the inquiry it lies with, and no rule puts it back.

    It waits in the inbox; mails of its thread or ticket that only it explained go with it. Gives how it lay before.
    Raises MovedMeanwhile where it no longer lies as `seen`.
    """
    reply = _locked(session, reply_id)
    _check_seen(reply, seen)
    if reply is None or reply.probe_id is None:
        raise BadInput(f"reply {reply_id}", "lies with no inquiry", "look for it in the inbox")
    before, was = _lying_before(reply, undoable=True), reply.probe_id
    where = Lying(None, MatchedBy.PERSON, 1.0, hint=False, evidence=_moved(reply, coder, now))
    second_looks.lay(session, reply, where, now=now)
    second_looks.learn_anew(session, was, now=now)
    return before


def _locked(session: Session, reply_id: int) -> Reply | None:
    """The reply as it is now; whoever decides on it too waits until this transaction ends."""
    return session.get(Reply, reply_id, with_for_update=True, populate_existing=True)


def _check_seen(reply: Reply | None, seen: Seen | None) -> None:
    if reply and seen and (reply.probe_id, reply.hint) != (seen.probe_id, seen.hint):
        raise MovedMeanwhile(reply)


def _lying_before(reply: Reply, undoable: bool) -> Assigned:
    if reply.sha256 is None:
        raise BadInput(f"reply {reply.id}", "is no mail and belongs to its inquiry", "correct what it is instead")
    return Assigned(reply.probe_id, reply.matched_by, reply.match_confidence, reply.hint, undoable)


def _moved(reply: Reply, coder: str, now: datetime) -> tuple[Any, ...]:
    """The evidence with what a person did behind it."""
    return *reply.match_evidence, {"moved_by": coder, "moved_at": now.isoformat(), "from_probe": reply.probe_id}


def take_back_assignment(session: Session, reply_id: int, before: Assigned, *, now: datetime) -> None:
    """Undoes a slip of the hand moments after it: the mail lies where it lay, and so do those that followed it."""
    reply = _locked(session, reply_id)
    if reply is None or reply.matched_by is not MatchedBy.PERSON or not before.undoable or _lies_as(reply, before):
        raise BadInput(f"reply {reply_id}", "there is nothing to take back", "")
    was, evidence = reply.probe_id, tuple(reply.match_evidence[:-1])
    where = Lying(before.probe_id, before.matched_by, before.confidence, before.hint, evidence)
    taught = second_looks.lay(session, reply, where, now=now)
    if was is not None:
        second_looks.learn_anew(session, was, now=now)
    second_looks.match_waiting(session, taught, now=now)


def _lies_as(reply: Reply, before: Assigned) -> bool:
    return (reply.probe_id, reply.matched_by, reply.hint) == (before.probe_id, before.matched_by, before.hint)
