"""What the self-check of the rehearsal world asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from benchmark.core.vocabulary import ChannelKind
from benchmark.store.queries import winning_verdict
from benchmark.store.tables import Probe, Reply


@dataclass(frozen=True)
class SentProbe:
    """A probe as the check sees it; `t0` is None when its channel never accepted it."""

    token: str
    channel: ChannelKind
    t0: datetime | None


@dataclass(frozen=True)
class MeasuredReply:
    """A placed reply with its winning verdict."""

    token: str
    probe_channel: ChannelKind
    at: datetime
    kind: str
    flags: tuple[str, ...]


def sent_probes(session: Session) -> list[SentProbe]:
    rows = session.exec(select(Probe.token, Probe.channel, Probe.t0)).all()
    return [SentProbe(token or "", ChannelKind(channel), t0) for token, channel, t0 in rows]


def measured_replies(session: Session) -> list[MeasuredReply]:
    joined = select(Reply, Probe.token, Probe.channel).join(Probe, col(Probe.id) == col(Reply.probe_id))
    found = []
    for reply, token, channel in session.exec(joined.order_by(col(Reply.id))).all():
        verdict = winning_verdict(session, reply.id or 0)
        if verdict is not None:
            found.append(
                MeasuredReply(token or "", ChannelKind(channel), reply.received_at, verdict.kind, tuple(verdict.flags))
            )
    return found


def unmatched_count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Reply).where(col(Reply.probe_id).is_(None))).one()
