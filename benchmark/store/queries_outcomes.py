"""What the outcomes of some probes are derived from, asked for all of them at once, and their rows written at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from benchmark.core.vocabulary import (
    ChannelKind,
    DecidedBy,
    EventKind,
    FollowUpKind,
    HandOffState,
    InquiryKind,
    ProbeState,
    ReplyKind,
)
from benchmark.store.rows import Meeting, ask, many, one_of, write_rows
from benchmark.store.tables import Campaign, Event, Inquiry, OutcomeRow, Probe, Reply, VerdictRow

MOST = 500  # ids in one question


@dataclass(frozen=True)
class ProbeFacts:
    id: int
    campaign_id: int
    wave_id: int
    brand_id: int
    channel: ChannelKind
    text_version: str
    state: ProbeState
    t0: datetime | None
    inquiry: InquiryKind
    assignment_sha256: str  # of its campaign


@dataclass(frozen=True)
class ReplyFacts:
    """A reply with the verdict that wins."""

    id: int
    probe_id: int
    received_at: datetime
    message_id: str
    channel: ChannelKind
    kind: ReplyKind
    flags: tuple[str, ...]
    followup_kind: FollowUpKind | None
    handoff_state: HandOffState
    substantive: bool | None


def probe_facts(session: Session, probe_ids: Sequence[int]) -> list[ProbeFacts]:
    """Locked until the end of the transaction: what came at the same time is then seen by whoever derives last."""
    return [ProbeFacts(*row) for row in ask(session, _PROBES, probe_ids=list(probe_ids))]


_PROBES = (
    select(
        col(Probe.id),
        col(Probe.campaign_id),
        col(Probe.wave_id),
        col(Probe.brand_id),
        col(Probe.channel),
        col(Probe.text_version),
        col(Probe.state),
        col(Probe.t0),
        func.coalesce(col(Inquiry.kind), InquiryKind.QUESTION.value),
        col(Campaign.assignment_sha256),
    )
    .join(Campaign, col(Campaign.id) == col(Probe.campaign_id))
    .outerjoin(Inquiry, col(Inquiry.id) == col(Probe.inquiry_id))
    .where(one_of(col(Probe.id), many("probe_ids")))
    .order_by(col(Probe.id))
    .with_for_update(of=Probe, key_share=True)
)


def reply_facts(session: Session, probe_ids: Sequence[int]) -> list[ReplyFacts]:
    """Replies that are no hints and have a verdict, in the order of their receipt."""
    rows = ask(session, _REPLIES, probe_ids=list(probe_ids))
    return [_facts(verdicts) for verdicts in _together(rows)]


_REPLY = (col(Reply.id), col(Reply.probe_id), col(Reply.received_at), col(Reply.message_id), col(Reply.channel))
_VERDICT = (
    col(VerdictRow.decided_by),
    col(VerdictRow.kind),
    col(VerdictRow.flags),
    col(VerdictRow.followup_kind),
    col(VerdictRow.handoff_state),
    col(VerdictRow.substantive),
)


_REPLIES = (
    select(*_REPLY, *_VERDICT)
    .join(VerdictRow, col(VerdictRow.reply_id) == col(Reply.id))
    .where(one_of(col(Reply.probe_id), many("probe_ids")), col(Reply.hint).is_(False))
    .order_by(col(Reply.received_at), col(Reply.id), col(VerdictRow.id))
)


def _together(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """The verdicts of each reply, the oldest first."""
    for _, verdicts in groupby(rows, key=itemgetter(0)):
        yield list(verdicts)


def _facts(verdicts: Sequence[Any]) -> ReplyFacts:
    """A person's word wins, then the newest."""
    by_person = [row for row in verdicts if row[len(_REPLY)] is DecidedBy.PERSON]
    row = (by_person or verdicts)[-1]
    _, kind, flags, *rest = row[len(_REPLY) :]
    return ReplyFacts(*(*row[: len(_REPLY)], kind, tuple(flags), *rest))


def removed_at(session: Session, probe_ids: Sequence[int]) -> dict[int, datetime]:
    """When the platform removed a probe's question."""
    rows = session.execute(
        select(col(Event.probe_id), col(Event.at))
        .where(col(Event.probe_id).in_(probe_ids), col(Event.kind) == EventKind.CLOSED, col(Event.note) == "removed")
        .order_by(col(Event.id).desc())
    )
    return {row[0]: row[1] for row in rows}


def write_outcomes(session: Session, values: list[dict[str, Any]]) -> None:
    """Writes these rows over what stood there; objects of this session see the new values when they are next asked."""
    if not values:
        return
    write_rows(session, OutcomeRow, values, Meeting.REPLACES)
    for known in list(session.identity_map.values()):
        if isinstance(known, OutcomeRow):
            session.expire(known)
