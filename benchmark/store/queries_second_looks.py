"""Stored replies that are looked at again, and what unmatched ones wait for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlmodel import Session, col

from benchmark.core.vocabulary import DecidedBy, MatchedBy, ReplyKind
from benchmark.store.rows import Meeting, one_of, write_rows
from benchmark.store.tables import LearnedKey, Probe, Reply, SoughtKey, VerdictRow

MOST_SEEKERS = 200  # looked at again for what one batch of mails taught; the newest

_BY_MAIL = col(Reply.sha256).is_not(None)
# What a person took off its inquiry is not put back by any rule.
_UNMATCHED = and_(
    or_(col(Reply.probe_id).is_(None), col(Reply.hint).is_(True)),
    col(Reply.matched_by).is_distinct_from(MatchedBy.PERSON),
)


def replies(session: Session, reply_ids: Collection[int]) -> Sequence[Reply]:
    """In the order in which they were received."""
    in_order = (col(Reply.received_at), col(Reply.id))
    return session.scalars(select(Reply).where(one_of(col(Reply.id), list(reply_ids))).order_by(*in_order)).all()


def mails_of_probe(session: Session, probe_id: int) -> Sequence[Reply]:
    """In the order in which they were received; hints are none of them."""
    its_own = (col(Reply.probe_id) == probe_id, col(Reply.hint).is_(False), _BY_MAIL)
    return session.scalars(select(Reply).where(*its_own).order_by(col(Reply.received_at), col(Reply.id))).all()


def mails_since(session: Session, since: Mapping[int, float]) -> list[int]:
    """Mails that came to each of these probes more than so many seconds after its t0."""
    statement = (
        select(col(Reply.id), col(Reply.probe_id), col(Reply.received_at), col(Probe.t0))
        .join(Probe, col(Probe.id) == col(Reply.probe_id))
        .where(one_of(col(Reply.probe_id), list(since)), col(Reply.hint).is_(False), _BY_MAIL)
    )
    return [
        reply_id
        for reply_id, probe_id, received_at, t0 in session.execute(statement)
        if t0 is not None and received_at - t0 > timedelta(seconds=since[probe_id])
    ]


def taken_for_people(session: Session, reply_ids: Collection[int]) -> set[int]:
    """Those of these replies which the rules took for a person's words; that they are a template changes no others."""
    newest = select(func.max(col(VerdictRow.id))).where(
        one_of(col(VerdictRow.reply_id), list(reply_ids)), col(VerdictRow.decided_by) == DecidedBy.RULES
    )
    people = col(VerdictRow.kind).in_((ReplyKind.HUMAN_REPLY, ReplyKind.FOLLOWUP))
    by_reply = newest.group_by(col(VerdictRow.reply_id))
    return set(session.scalars(select(col(VerdictRow.reply_id)).where(col(VerdictRow.id).in_(by_reply), people)))


def seekers(session: Session, values: Collection[str]) -> Sequence[Reply]:
    """Unmatched mails that carry one of these ids or ticket numbers, locked where the database knows row locks."""
    waiting = select(col(SoughtKey.reply_id)).where(one_of(col(SoughtKey.value), list(values)))
    statement = select(Reply).where(col(Reply.id).in_(waiting), _UNMATCHED).order_by(col(Reply.id).desc())
    return session.scalars(statement.limit(MOST_SEEKERS).with_for_update()).all()[::-1]


def write_sought(session: Session, sought: Collection[tuple[str, int]]) -> None:
    """(id or ticket number, reply) of mails that found no inquiry."""
    values = [{"value": value[:500], "reply_id": reply_id} for value, reply_id in sought if value]
    write_rows(session, SoughtKey, values, Meeting.LEAVES)


def mail_ids_after(session: Session, reply_id: int, limit: int) -> Sequence[int]:
    """The next replies by mail, by number."""
    later: ColumnElement[bool] = and_(col(Reply.id) > reply_id, _BY_MAIL)
    found = session.scalars(select(col(Reply.id)).where(later).order_by(col(Reply.id)).limit(limit))
    return [reply_id or 0 for reply_id in found]


def mail_count(session: Session) -> int:
    """How many replies came by mail."""
    return session.scalar(select(func.count()).select_from(Reply).where(_BY_MAIL)) or 0


def forget_keys(session: Session, probe_id: int) -> None:
    """Everything that was learned of a probe."""
    session.connection().execute(delete(LearnedKey).where(col(LearnedKey.probe_id) == probe_id))
