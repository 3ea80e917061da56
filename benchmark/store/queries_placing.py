"""What placing a batch of mails asks once for all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session, col

from benchmark.core.vocabulary import EventKind
from benchmark.store.tables import (
    Event,
    LearnedKey,
    MailboxItem,
    OutcomeRow,
    Probe,
    RawMessage,
    Reply,
    VerdictRow,
)


def locked_items(session: Session, item_ids: Sequence[int]) -> dict[int, MailboxItem]:
    """The items, locked where the database knows row locks, so that two placers do not place one mail."""
    statement = select(MailboxItem).where(col(MailboxItem.id).in_(item_ids)).order_by(col(MailboxItem.id))
    locked = statement.with_for_update().execution_options(populate_existing=True)
    return {item.id or 0: item for item in session.scalars(locked)}


def placed_contents(session: Session, digests: Collection[str]) -> set[str]:
    """Which of these bytes (SHA-256) are a reply already."""
    return set(session.scalars(select(col(Reply.sha256)).where(col(Reply.sha256).in_(digests))))


def known_uids(session: Session, mailbox_id: int, uidvalidity: int, uids: Collection[int]) -> set[int]:
    statement = select(col(MailboxItem.uid)).where(
        col(MailboxItem.mailbox_id) == mailbox_id,
        col(MailboxItem.uidvalidity) == uidvalidity,
        col(MailboxItem.uid).in_(uids),
    )
    return set(session.scalars(statement))


def kept_contents(session: Session, digests: Collection[str]) -> set[str]:
    return set(session.scalars(select(col(RawMessage.sha256)).where(col(RawMessage.sha256).in_(digests))))


def answered(session: Session, probe_ids: Collection[int]) -> set[int]:
    """Probes to which an answer of substance has come."""
    statement = select(col(OutcomeRow.probe_id)).where(
        col(OutcomeRow.probe_id).in_(probe_ids), col(OutcomeRow.substantive_s).is_not(None)
    )
    return set(session.scalars(statement))


def texts_of_brands(session: Session, digests: Collection[str]) -> set[tuple[int, str]]:
    """(brand, digest) of those texts that a brand has sent before."""
    statement = (
        select(col(Probe.brand_id), col(Reply.text_digest))
        .join(Probe, col(Probe.id) == col(Reply.probe_id))
        .where(col(Reply.text_digest).in_(digests))
        .distinct()
    )
    return {(row[0], row[1]) for row in session.execute(statement)}


Key = tuple[str, str, str, int]  # kind, value, domain, probe


def known_keys(session: Session, keys: Iterable[Key]) -> set[Key]:
    """Those that were learned before."""
    columns = (col(LearnedKey.kind), col(LearnedKey.value), col(LearnedKey.domain), col(LearnedKey.probe_id))
    found = session.execute(select(*columns).where(col(LearnedKey.value).in_({key[1] for key in keys})))
    return {(row[0], row[1], row[2], row[3]) for row in found}


def write_keys(session: Session, keys: Sequence[Key]) -> None:
    if keys:
        names = ("kind", "value", "domain", "probe_id")
        session.execute(insert(LearnedKey), [dict(zip(names, key, strict=True)) for key in keys])


def write_contents(session: Session, contents: dict[str, bytes]) -> None:
    """Raw mails by their SHA-256."""
    values = [{"sha256": sha256, "size": len(content), "content": content} for sha256, content in contents.items()]
    if values:
        session.execute(insert(RawMessage), values)


def write_replies(session: Session, values: list[dict[str, Any]]) -> list[int]:
    """Gives the ids in the order of the values."""
    statement = insert(Reply).returning(col(Reply.id), sort_by_parameter_order=True)
    return list(session.scalars(statement, values)) if values else []


def write_verdicts(session: Session, values: list[dict[str, Any]]) -> None:
    if values:
        session.execute(insert(VerdictRow), values)


def write_reply_events(session: Session, replies: Sequence[tuple[int, int, datetime]]) -> None:
    """(probe, reply, received_at) of replies that were matched."""
    values = [
        {"probe_id": probe_id, "kind": EventKind.REPLY, "at": at, "reply_id": reply_id, "note": ""}
        for probe_id, reply_id, at in replies
    ]
    if values:
        session.execute(insert(Event), values)


def unplaced_contents(session: Session, item_ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """(item, bytes) of those that still wait to be placed, in order, never more than a few in memory."""
    statement = (
        select(col(MailboxItem.id), col(RawMessage.content))
        .join(RawMessage, col(MailboxItem.sha256) == col(RawMessage.sha256))
        .where(col(MailboxItem.id).in_(item_ids), col(MailboxItem.placed_at).is_(None))
        .order_by(col(MailboxItem.id))
    )
    for row in session.execute(statement.execution_options(yield_per=5)):
        yield row[0], row[1]
