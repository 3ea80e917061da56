"""What the outcomes of some probes are derived from, asked for all of them at once, and their rows written at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
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
from benchmark.store.tables import Event, Inquiry, OutcomeRow, Probe, Reply, VerdictRow

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
    statement = (
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
        )
        .outerjoin(Inquiry, col(Inquiry.id) == col(Probe.inquiry_id))
        .where(col(Probe.id).in_(probe_ids))
    )
    return [ProbeFacts(*row) for row in session.execute(statement)]


def reply_facts(session: Session, probe_ids: Sequence[int]) -> list[ReplyFacts]:
    """Replies that are no hints and have a verdict, in the order of their receipt."""
    statement = (
        select(col(Reply.id), col(Reply.probe_id), col(Reply.received_at), col(Reply.message_id), col(Reply.channel))
        .where(col(Reply.probe_id).in_(probe_ids), col(Reply.hint).is_(False))
        .order_by(col(Reply.received_at))
    )
    replies = session.execute(statement).all()
    winning = _winning_verdicts(session, [row[0] for row in replies])
    return [ReplyFacts(*row, *winning[row[0]]) for row in replies if row[0] in winning]


def _winning_verdicts(session: Session, reply_ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """A person's word wins, then the newest."""
    columns = (
        col(VerdictRow.reply_id),
        col(VerdictRow.decided_by),
        col(VerdictRow.kind),
        col(VerdictRow.flags),
        col(VerdictRow.followup_kind),
        col(VerdictRow.handoff_state),
        col(VerdictRow.substantive),
    )
    found: dict[int, tuple[Any, ...]] = {}
    for start in range(0, len(reply_ids), MOST):
        some = reply_ids[start : start + MOST]
        statement = select(*columns).where(col(VerdictRow.reply_id).in_(some)).order_by(col(VerdictRow.id))
        for reply_id, by, *said in session.execute(statement):
            known = found.get(reply_id)
            if known is None or by is DecidedBy.PERSON or known[0] is not DecidedBy.PERSON:
                found[reply_id] = (by, *said)
    return {reply_id: (kind, tuple(flags), *rest) for reply_id, (_, kind, flags, *rest) in found.items()}


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
    dialect = postgresql if session.connection().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(OutcomeRow)
    changes = {name: statement.excluded[name] for name in values[0] if name != "probe_id"}
    session.connection().execute(statement.on_conflict_do_update(index_elements=["probe_id"], set_=changes), values)
    for known in list(session.identity_map.values()):
        if isinstance(known, OutcomeRow):
            session.expire(known)
