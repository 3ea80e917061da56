"""Verb 3: keep what came raw, and judge it again; placing kept mail lives in `preparing` and `placing`.

Raw first: bytes and mailbox bookmark are stored in one transaction before anything is thought about them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from benchmark import second_looks
from benchmark.core.decoding import storable
from benchmark.core.values import (
    Delivery,
    Verdict,
)
from benchmark.core.vocabulary import (
    ChannelKind,
    MatchedBy,
    ReplyFlag,
    ReplyKind,
)
from benchmark.outcome_keeping import refresh_outcome
from benchmark.placing import MAX_TEXT
from benchmark.replies import add_verdict, note_reply
from benchmark.store import queries, queries_placing, queries_second_looks
from benchmark.store.tables import (
    Reply,
)


@dataclass(frozen=True)
class FetchedMail:
    """One mail as the mailbox gave it; `internal_at` is the server's own time of receipt (IMAP INTERNALDATE)."""

    uid: int
    content: bytes
    internal_at: datetime


def keep_mail(
    session: Session, mailbox: str, uidvalidity: int, mails: Sequence[FetchedMail], *, now: datetime, real_now: datetime
) -> list[int]:
    """Stores raw mails and moves the bookmark, in the caller's one transaction; gives the ids of the new items.

    The same (mailbox, uidvalidity, uid) is the same item; a changed uidvalidity starts the bookmark anew
    (RFC 3501, 2.3.1.1).
    """
    box = queries.mailbox_named(session, mailbox)
    if box.uidvalidity != uidvalidity:
        box.uidvalidity, box.last_uid = uidvalidity, 0
    box.last_uid = max([box.last_uid, *(mail.uid for mail in mails)])
    box.fetched_at, box.error = real_now, ""
    session.flush()
    hashed = [(mail, hashlib.sha256(mail.content).hexdigest()) for mail in sorted(mails, key=lambda mail: mail.uid)]
    queries_placing.write_contents(session, {sha256: mail.content for mail, sha256 in hashed})
    items = [_item(mail, sha256, now) for mail, sha256 in hashed]
    return queries_placing.write_items(session, box.id or 0, uidvalidity, items)


def _item(mail: FetchedMail, sha256: str, now: datetime) -> dict[str, Any]:
    """Columns of the item's row."""
    return {"uid": mail.uid, "sha256": sha256, "internal_at": mail.internal_at, "fetched_at": now}


def note_page_acknowledgement(
    session: Session, attempt_id: int, probe_id: int, delivery: Delivery, now: datetime
) -> None:
    """The text a form's page shows after the click is an acknowledgement like one by mail."""
    if not delivery.acknowledgement:
        return
    reply = Reply(
        probe_id=probe_id,
        channel=ChannelKind.WEB_FORM,
        received_at=now,
        attempt_id=attempt_id,
        text=storable(delivery.acknowledgement[:MAX_TEXT]),
        matched_by=MatchedBy.THREAD,
        match_confidence=1.0,
    )
    session.add(reply)
    session.flush()
    flags = frozenset({ReplyFlag.HAS_TICKET}) if delivery.ticket_ids else frozenset()
    verdict = Verdict(ReplyKind.AUTO_ACK, 0.99, "page", flags=flags, ticket_ids=delivery.ticket_ids)
    add_verdict(session, reply, verdict, now)
    note_reply(session, probe_id, reply)
    refresh_outcome(session, probe_id)


@dataclass(frozen=True)
class Reclassified:
    """What the present rules changed: mails that found their inquiry, and verdicts that were added."""

    matched: int = 0
    verdicts: int = 0


def reclassify(session: Session, reply_ids: Collection[int], *, now: datetime) -> Reclassified:
    """Runs the present rules over stored mails again: those without an inquiry are matched, all are classified.

    Verdicts are added where they differ, none is overwritten, and a person's word still wins.
    """
    matched = verdicts = 0
    for reply in queries_second_looks.replies(session, reply_ids):
        is_waiting = (reply.probe_id is None or reply.hint) and reply.matched_by is not MatchedBy.PERSON
        if is_waiting and second_looks.match_again(session, reply, now=now) is not None:
            matched += 1
        if second_looks.classify_again(session, reply, now=now):
            verdicts += 1
            second_looks.refresh_and_follow(session, {reply.probe_id} if reply.probe_id else (), now=now)
        second_looks.match_waiting(session, second_looks.teach(session, reply), now=now)
    return Reclassified(matched, verdicts)
