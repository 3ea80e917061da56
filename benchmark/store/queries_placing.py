"""What placing a batch of mails asks once for all of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, takewhile
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select, text, update
from sqlmodel import Session, col

from benchmark.core.vocabulary import EventKind, ProbeState
from benchmark.store.rows import Meeting, ask, one_of, table_of, write_rows, write_rows_for
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

AT_ONCE_BYTES = 4_000_000  # of raw mails in memory together


@dataclass(frozen=True)
class WaitingItem:
    """A kept mail; `is_placed` where another placer was first."""

    id: int
    sha256: str
    internal_at: datetime
    is_placed: bool


def locked_items(session: Session, item_ids: Sequence[int]) -> dict[int, WaitingItem]:
    """The items, locked where the database knows row locks, so that two placers do not place one mail."""
    columns = (col(MailboxItem.id), col(MailboxItem.sha256), col(MailboxItem.internal_at), col(MailboxItem.placed_at))
    statement = select(*columns).where(one_of(col(MailboxItem.id), item_ids)).order_by(col(MailboxItem.id))
    rows = session.execute(statement.with_for_update())
    return {row[0]: WaitingItem(row[0], row[1], row[2], row[3] is not None) for row in rows}


def note_placed(session: Session, item_ids: Sequence[int], now: datetime) -> None:
    if item_ids:
        placed = update(table_of(MailboxItem)).where(one_of(col(MailboxItem.id), item_ids))
        session.connection().execute(placed.values(placed_at=now))


@dataclass(frozen=True)
class AskedProbe:
    """Of a probe, what explains a mail that answers it."""

    id: int
    brand_id: int
    token: str | None
    subject: str
    body: str
    reply_address: str
    language: str
    t0: datetime | None


_ASKED = (
    col(Probe.id),
    col(Probe.brand_id),
    col(Probe.token),
    col(Probe.subject),
    col(Probe.body),
    func.coalesce(col(Probe.reply_address), ""),
    col(Probe.language),
    col(Probe.t0),
)


def asked_probes(session: Session, probe_ids: Collection[int], tokens: Collection[str] = ()) -> dict[int, AskedProbe]:
    """Probes of these ids or with these secret tokens."""
    wanted = or_(one_of(col(Probe.id), probe_ids), one_of(col(Probe.token), tokens))
    return {row[0]: AskedProbe(*row) for row in session.execute(select(*_ASKED).where(wanted))}


@dataclass(frozen=True)
class Standing:
    """How a probe stands."""

    id: int
    brand_id: int
    state: ProbeState
    t0: datetime | None


def locked_probes(session: Session, probe_ids: Collection[int]) -> dict[int, Standing]:
    """Locked in the order of their ids, so that nobody derives their outcomes from half of what came."""
    columns = (col(Probe.id), col(Probe.brand_id), col(Probe.state), col(Probe.t0))
    statement = select(*columns).where(one_of(col(Probe.id), probe_ids)).order_by(col(Probe.id))
    rows = session.execute(statement.with_for_update(key_share=True))
    return {row[0]: Standing(*row) for row in rows}


def placed_contents(session: Session, digests: Collection[str]) -> set[str]:
    """Which of these bytes (SHA-256) are a reply already."""
    return set(session.scalars(select(col(Reply.sha256)).where(one_of(col(Reply.sha256), digests))))


def answered_after(session: Session, probe_ids: Collection[int]) -> dict[int, float]:
    """Seconds from t0 to the first answer of substance, of the probes to which one has come."""
    statement = select(col(OutcomeRow.probe_id), col(OutcomeRow.substantive_s)).where(
        one_of(col(OutcomeRow.probe_id), probe_ids), col(OutcomeRow.substantive_s).is_not(None)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


class Saying(NamedTuple):
    """Words of a brand (`words_of_brand`), the Message-ID they came under, and their reply once it is stored."""

    words: str
    message_id: str
    reply_id: int = 0

    def is_other_than(self, message_id: str) -> bool:
        """Copies of one mail say nothing twice."""
        return not message_id or message_id != self.message_id


def words_of_brand(brand_id: int, digest: str) -> str:
    """What is equal for the same words of one brand; "" where there are no words."""
    return f"{brand_id}:{digest}" if digest else ""


def said_before(session: Session, sayings: Collection[Saying]) -> dict[Saying, int | None]:
    """Which of these words their brands have sent in another mail: the only reply that did, None where several did."""
    if not sayings:
        return {}
    if session.connection().dialect.name == "postgresql":
        names = ("words", "message_ids", "replies")
        columns = dict(zip(names, map(list, zip(*sayings, strict=True)), strict=True))
        rows = ask(session, _SAID_POSTGRESQL, **columns)
    else:
        rows = ask(session, _SAID_SQLITE, said=json.dumps(list(sayings)))
    return {Saying(*row[:3]): None if row[4] else row[3] for row in rows if row[3]}


_OTHER_MAIL = """(
    SELECT reply.id FROM reply WHERE reply.text_digest = said.words AND reply.id <> said.reply
    AND (said.message_id = '' OR reply.message_id <> said.message_id) LIMIT 1 OFFSET {})"""
_SAID = f"SELECT words, message_id, reply, {_OTHER_MAIL.format(0)}, {_OTHER_MAIL.format(1)} FROM "
_SAID_SQLITE = text(
    f"{_SAID} (SELECT json_extract(value, '$[0]') AS words, json_extract(value, '$[1]') AS message_id,"
    " json_extract(value, '$[2]') AS reply FROM json_each(:said)) AS said"
)
_SAID_POSTGRESQL = text(
    f"{_SAID} unnest(CAST(:words AS text[]), CAST(:message_ids AS text[]), CAST(:replies AS integer[]))"
    " AS said (words, message_id, reply)"
)


Key = tuple[str, str, str, int]  # kind, value, domain, probe
KEY_KINDS = ("message_id", "ticket")  # the index of learned keys begins with the kind


def learned_counts(session: Session, values: Collection[str]) -> dict[str, int]:
    """How often each of these ids and tickets was learned."""
    if not values:
        return {}
    statement = (
        select(col(LearnedKey.value), func.count())
        .where(col(LearnedKey.kind).in_(KEY_KINDS), one_of(col(LearnedKey.value), values))
        .group_by(col(LearnedKey.value))
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def write_keys(session: Session, keys: Sequence[Key]) -> None:
    """Those that were learned before are left as they are."""
    names = ("kind", "value", "domain", "probe_id")
    values = [dict(zip(names, key, strict=True)) for key in keys]
    write_rows(session, LearnedKey, values, Meeting.LEAVES)


def write_contents(session: Session, contents: dict[str, bytes]) -> None:
    """Raw mails by their SHA-256; the same bytes are kept once."""
    values = [{"sha256": sha256, "size": len(content), "content": content} for sha256, content in contents.items()]
    if session.connection().dialect.name == "postgresql" and values:
        columns = {name: [row[name] for row in values] for name in values[0]}
        session.connection().exec_driver_sql(_CONTENTS_POSTGRESQL, columns)
    else:
        write_rows(session, RawMessage, values, Meeting.LEAVES)


# As bytes (%b), not as text of twice the length.
_CONTENTS_POSTGRESQL = (
    "INSERT INTO raw_message (sha256, size, content)"
    " SELECT * FROM unnest(CAST(%(sha256)s AS text[]), CAST(%(size)s AS integer[]), CAST(%(content)b AS bytea[]))"
    " ON CONFLICT DO NOTHING"
)


def write_items(session: Session, mailbox_id: int, uidvalidity: int, values: Sequence[dict[str, Any]]) -> list[int]:
    """Fetched mails of a mailbox; gives the ids of those that were not kept before, in ascending order."""
    here = {"mailbox_id": mailbox_id, "uidvalidity": uidvalidity, "tries": 0, "error": ""}
    return sorted(write_rows_for(session, MailboxItem, [here | row for row in values], "uid", Meeting.LEAVES).values())


def write_replies(session: Session, values: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Gives the id of each by the SHA-256 of its mail."""
    return write_rows_for(session, Reply, values, "sha256")


def write_verdicts(session: Session, values: Sequence[dict[str, Any]]) -> None:
    write_rows(session, VerdictRow, values)


def write_reply_events(session: Session, replies: Sequence[tuple[int, int, datetime]]) -> None:
    """(probe, reply, received_at) of replies that were matched."""
    values = [
        {"probe_id": probe_id, "kind": EventKind.REPLY, "at": at, "reply_id": reply_id, "note": ""}
        for probe_id, reply_id, at in replies
    ]
    write_rows(session, Event, values)


def unplaced_contents(session: Session, item_ids: Sequence[int]) -> Iterator[tuple[int, datetime, bytes]]:
    """(item, time of receipt, bytes) of those that wait to be placed, in order, never many bytes in memory."""
    statement = (
        select(col(MailboxItem.id), col(MailboxItem.internal_at), col(RawMessage.sha256), col(RawMessage.size))
        .join(RawMessage, col(MailboxItem.sha256) == col(RawMessage.sha256))
        .where(one_of(col(MailboxItem.id), item_ids), col(MailboxItem.placed_at).is_(None))
        .order_by(col(MailboxItem.id))
    )
    waiting = list(session.execute(statement))
    while waiting:
        some = waiting[: _light_enough([row[3] for row in waiting])]
        del waiting[: len(some)]
        wanted = one_of(col(RawMessage.sha256), {row[2] for row in some})
        contents = dict(session.execute(select(col(RawMessage.sha256), col(RawMessage.content)).where(wanted)).all())
        for item_id, received_at, sha256, _ in some:
            yield item_id, received_at, contents[sha256]


def _light_enough(sizes: Sequence[int]) -> int:
    """How many of them are read at once; one always is."""
    totals = accumulate(sizes)
    return max(1, sum(1 for _ in takewhile(lambda total: total <= AT_ONCE_BYTES, totals)))
