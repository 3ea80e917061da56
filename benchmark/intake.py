"""Verb 3: keep what came raw, log what a person saw, correct; placing kept mail lives in `preparing` and `placing`.

Raw first: bytes and mailbox bookmark are stored in one transaction before anything is thought about them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from benchmark import dispatch
from benchmark.careful_reading import read_carefully
from benchmark.core.decoding import storable
from benchmark.core.problems import BadInput
from benchmark.core.values import (
    Delivery,
    HandOffTarget,
    Verdict,
)
from benchmark.core.vocabulary import (
    ChannelKind,
    DecidedBy,
    HandOffState,
    MatchedBy,
    ProbeState,
    ReplyFlag,
    ReplyKind,
)
from benchmark.outcome_keeping import refresh_outcome
from benchmark.placing import MAX_TEXT
from benchmark.preparing import context_of, verdict_on
from benchmark.replies import add_verdict, note_reply
from benchmark.store import queries, queries_placing
from benchmark.store.tables import (
    Probe,
    Reply,
    VerdictRow,
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


@dataclass(frozen=True)
class Correction:
    """A person's word on a reply."""

    kind: ReplyKind
    flags: frozenset[ReplyFlag] = frozenset()
    handoff: HandOffTarget | None = None
    handoff_state: HandOffState = HandOffState.NONE


def correct(session: Session, reply_id: int, correction: Correction, *, coder: str, now: datetime) -> int:
    """Adds a person's verdict, which wins over every rule; nothing is overwritten. Gives the verdict's id."""
    reply = session.get(Reply, reply_id)
    if reply is None:
        raise BadInput(f"reply {reply_id}", "is not there", "")
    verdict = Verdict(correction.kind, 1.0, "", flags=correction.flags, handoff=correction.handoff)
    verdict_id = add_verdict(session, reply, verdict, now, DecidedBy.PERSON, coder, correction.handoff_state)
    if reply.probe_id is not None:
        refresh_outcome(session, reply.probe_id)
    return verdict_id


def take_back_correction(session: Session, verdict_id: int) -> None:
    """Undoes a slip of the hand moments after it; what stood before wins again."""
    verdict = session.get(VerdictRow, verdict_id)
    if verdict is None or verdict.decided_by is not DecidedBy.PERSON:
        raise BadInput(f"verdict {verdict_id}", "is not there", "")
    reply = session.get_one(Reply, verdict.reply_id)
    session.delete(verdict)
    session.flush()
    if reply.probe_id is not None:
        refresh_outcome(session, reply.probe_id)


@dataclass(frozen=True)
class Assigned:
    """How a reply lay before a person placed it; `undoable` where taking it back restores all of it."""

    probe_id: int | None
    matched_by: MatchedBy | None
    confidence: float
    hint: bool
    undoable: bool


def assign(session: Session, reply_id: int, probe_id: int, *, now: datetime) -> Assigned:
    """A person places an unmatched mail; it keeps its true time of receipt. Gives how it lay before."""
    reply, probe = session.get(Reply, reply_id), session.get(Probe, probe_id)
    if reply is None or probe is None:
        raise BadInput(f"reply {reply_id} to probe {probe_id}", "one of them is not there", "give the probe's number")
    undoable = probe.state is not ProbeState.UNCONFIRMED
    before = Assigned(reply.probe_id, reply.matched_by, reply.match_confidence, reply.hint, undoable)
    reply.probe_id, reply.matched_by, reply.match_confidence, reply.hint = probe_id, MatchedBy.PERSON, 1.0, False
    if probe.state is ProbeState.UNCONFIRMED:
        dispatch.resolve_unconfirmed(session, probe, now=now)
    _classify_again(session, reply, now)
    note_reply(session, probe_id, reply)
    if before.probe_id not in (None, probe_id):
        refresh_outcome(session, before.probe_id or 0)
    return before


def take_back_assignment(session: Session, reply_id: int, before: Assigned, *, now: datetime) -> None:
    """Undoes a slip of the hand moments after it: the mail lies where it lay."""
    reply = session.get(Reply, reply_id)
    if reply is None or reply.matched_by is not MatchedBy.PERSON or reply.probe_id is None or not before.undoable:
        raise BadInput(f"reply {reply_id}", "there is nothing to take back", "")
    placed_at = reply.probe_id
    reply.probe_id, reply.matched_by = before.probe_id, before.matched_by
    reply.match_confidence, reply.hint = before.confidence, before.hint
    _classify_again(session, reply, now)
    queries.forget_reply_event(session, placed_at, reply_id)
    for probe_id in {placed_at, before.probe_id or placed_at}:
        refresh_outcome(session, probe_id)


def reclassify(session: Session, *, now: datetime) -> int:
    """Runs the present rules over stored mails again and adds their verdicts where they differ; gives their number."""
    added = 0
    for reply in session.exec(select(Reply).where(col(Reply.sha256).is_not(None))).all():
        if _classify_again(session, reply, now):
            added += 1
            if reply.probe_id is not None:
                refresh_outcome(session, reply.probe_id)
    return added


def _classify_again(session: Session, reply: Reply, now: datetime) -> bool:
    """The rules' word on a stored mail in the light of the probe it lies with; False where it is what they said."""
    if reply.sha256 is None:
        return False
    read = read_carefully(queries.raw_content(session, reply.sha256))
    asked = reply.probe_id if reply.probe_id and not reply.hint else None
    verdict = verdict_on(read, context_of(session, asked, reply.received_at) if asked else None)
    latest = queries.latest_rules_verdict(session, reply.id or 0)
    if latest is not None and (latest.kind, sorted(latest.flags)) == (verdict.kind, sorted(verdict.flags)):
        return False
    add_verdict(session, reply, verdict, now)
    return True
