"""Verb 3: keep what came raw, place it (match and classify), log what a person saw, correct.

Raw first: bytes and mailbox bookmark are stored in one transaction before anything is thought about them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from benchmark import dispatch
from benchmark.careful_reading import CarefullyRead, broken, read_carefully
from benchmark.core.classification import classify, text_digest
from benchmark.core.decoding import storable
from benchmark.core.matching import Learned, Match, match
from benchmark.core.problems import BadInput
from benchmark.core.values import (
    Delivery,
    HandOffTarget,
    MatchContext,
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
from benchmark.replies import add_verdict, note_reply
from benchmark.store import queries
from benchmark.store.probe_index import SqlProbeIndex
from benchmark.store.tables import (
    LearnedKey,
    MailboxItem,
    OutcomeRow,
    Probe,
    RawMessage,
    Reply,
)

MAX_TEXT = 100_000
_A_GUESS = 0.5  # confidence that sends a reply to the inbox


@dataclass(frozen=True)
class FetchedMail:
    """One mail as the mailbox gave it; `internal_at` is the server's own time of receipt (IMAP INTERNALDATE)."""

    uid: int
    content: bytes
    internal_at: datetime


def keep_mail(
    session: Session, mailbox: str, uidvalidity: int, mails: Iterable[FetchedMail], *, now: datetime, real_now: datetime
) -> list[int]:
    """Stores raw mails and moves the bookmark, in the caller's one transaction; gives the ids of the new items.

    The same (mailbox, uidvalidity, uid) is the same item; a changed uidvalidity starts the bookmark anew
    (RFC 3501, 2.3.1.1).
    """
    box = queries.mailbox_named(session, mailbox)
    if box.uidvalidity != uidvalidity:
        box.uidvalidity, box.last_uid = uidvalidity, 0
    items = []
    for mail in mails:
        if queries.mailbox_item(session, box.id or 0, uidvalidity, mail.uid) is None:
            items.append(_keep_item(session, box.id or 0, uidvalidity, mail, now))
        box.last_uid = max(box.last_uid, mail.uid)
    box.fetched_at, box.error = real_now, ""
    session.add(box)
    session.flush()
    return items


def _keep_item(session: Session, mailbox_id: int, uidvalidity: int, mail: FetchedMail, now: datetime) -> int:
    sha256 = hashlib.sha256(mail.content).hexdigest()
    if session.get(RawMessage, sha256) is None:
        session.add(RawMessage(sha256=sha256, size=len(mail.content), content=mail.content))
        session.flush()
    item = MailboxItem(
        mailbox_id=mailbox_id,
        uidvalidity=uidvalidity,
        uid=mail.uid,
        sha256=sha256,
        internal_at=mail.internal_at,
        fetched_at=now,
    )
    session.add(item)
    session.flush()
    return item.id or 0


@dataclass(frozen=True)
class KeptMail:
    """A kept mail and what was read in it."""

    item_id: int
    read: CarefullyRead


def read_kept(session: Session, item_id: int, broke: str = "") -> KeptMail | None:
    """Reads a kept mail, None when it was placed before; no writer is held up while a doubtful one takes its seconds.

    `broke` says how an earlier try ended: then the mail is known by its head alone, quarantined for a person to see.
    """
    content = queries.unplaced_content(session, item_id)
    if content is None:
        return None
    return KeptMail(item_id, broken(content, broke) if broke else read_carefully(content))


def place_mail(session: Session, kept: KeptMail, *, now: datetime) -> int | None:
    """Matches and classifies a kept mail; gives the id of its reply, None when its bytes were placed before."""
    item = session.get_one(MailboxItem, kept.item_id, with_for_update=True, populate_existing=True)
    if item.placed_at is not None:
        return None
    item.placed_at = now
    known = session.exec(select(Reply.id).where(Reply.sha256 == item.sha256)).first()
    if known is not None or dispatch.note_own_copy(session, kept.read.message, now=now):
        return None
    read, message = kept.read, kept.read.message
    found = match(message, SqlProbeIndex(session))
    probe = session.get(Probe, found.probe_id) if found.probe_id else None
    if probe is not None and probe.state is ProbeState.UNCONFIRMED:
        dispatch.resolve_unconfirmed(session, probe, now=now)
    # A hint answers nothing of ours, so nothing of our inquiry explains it.
    asked = None if found.hint else probe
    verdict = _verdict_on(read, _context(session, asked, item.internal_at) if asked else None)
    reply = _reply_of(read, found, probe, item)
    session.add(reply)
    session.flush()
    add_verdict(session, reply, verdict, now)
    if probe is not None:
        _learn(session, probe.id or 0, found.learned)
        note_reply(session, probe.id or 0, reply)
    return reply.id


def _verdict_on(read: CarefullyRead, context: MatchContext | None) -> Verdict:
    """What nobody could read is only guessed at, so a person looks."""
    verdict = classify(read.message, context)
    return replace(verdict, confidence=min(verdict.confidence, _A_GUESS)) if read.is_broken else verdict


def _reply_of(read: CarefullyRead, found: Match, probe: Probe | None, item: MailboxItem) -> Reply:
    message = read.message
    return Reply(
        probe_id=found.probe_id,
        channel=ChannelKind.EMAIL,
        received_at=item.internal_at,
        sha256=item.sha256,
        message_id=message.message_id,
        subject=message.subject[:500],
        from_address=message.from_address[:320],
        text=message.text[:MAX_TEXT],
        text_digest=text_digest(message.text) if probe else "",
        matched_by=found.matched_by if probe else None,
        match_confidence=found.confidence,
        match_evidence=[asdict(candidate) for candidate in found.candidates] or list(found.evidence),
        hint=found.hint,
        quarantined=read.is_broken or (bool(message.defects) and not message.text and not message.subject),
    )


def _context(session: Session, probe: Probe, received_at: datetime) -> MatchContext:
    outcome = session.get(OutcomeRow, probe.id)
    return MatchContext(
        t0=probe.t0,
        received_at=received_at,
        our_subject=probe.subject,
        our_text=probe.body,
        our_address=probe.reply_address or "",
        language=probe.language,
        answered_before=outcome is not None and outcome.substantive_s is not None,
        texts_seen=frozenset(queries.texts_of_brand(session, probe.brand_id)),
    )


def _learn(session: Session, probe_id: int, learned: Learned) -> None:
    keys = [("message_id", value, "") for value in learned.ids]
    keys += [("ticket", value, learned.domain) for value in learned.tickets]
    for kind, value, domain in keys:
        if not queries.is_learned(session, kind, value[:500], domain, probe_id):
            session.add(LearnedKey(kind=kind, value=value[:500], domain=domain, probe_id=probe_id))
    session.flush()


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


def correct(session: Session, reply_id: int, correction: Correction, *, coder: str, now: datetime) -> None:
    """Adds a person's verdict, which wins over every rule; nothing is overwritten."""
    reply = session.get(Reply, reply_id)
    if reply is None:
        raise BadInput(f"reply {reply_id}", "is not there", "")
    verdict = Verdict(correction.kind, 1.0, "", flags=correction.flags, handoff=correction.handoff)
    add_verdict(session, reply, verdict, now, DecidedBy.PERSON, coder, correction.handoff_state)
    if reply.probe_id is not None:
        refresh_outcome(session, reply.probe_id)


def assign(session: Session, reply_id: int, probe_id: int, *, now: datetime) -> None:
    """A person places an unmatched mail; it keeps its true time of receipt."""
    reply, probe = session.get(Reply, reply_id), session.get(Probe, probe_id)
    if reply is None or probe is None:
        raise BadInput(f"reply {reply_id} to probe {probe_id}", "one of them is not there", "")
    reply.probe_id, reply.matched_by, reply.match_confidence, reply.hint = probe_id, MatchedBy.PERSON, 1.0, False
    if probe.state is ProbeState.UNCONFIRMED:
        dispatch.resolve_unconfirmed(session, probe, now=now)
    note_reply(session, probe_id, reply)


def reclassify(session: Session, *, now: datetime) -> int:
    """Runs the present rules over stored mails again and adds their verdicts where they differ; gives their number."""
    added = 0
    for reply in session.exec(select(Reply).where(col(Reply.sha256).is_not(None))).all():
        read = read_carefully(session.get_one(RawMessage, reply.sha256).content)
        asked = session.get(Probe, reply.probe_id) if reply.probe_id and not reply.hint else None
        verdict = _verdict_on(read, _context(session, asked, reply.received_at) if asked else None)
        latest = queries.latest_rules_verdict(session, reply.id or 0)
        if latest is None or (latest.kind, sorted(latest.flags)) != (verdict.kind, sorted(verdict.flags)):
            add_verdict(session, reply, verdict, now)
            added += 1
            if reply.probe_id is not None:
                refresh_outcome(session, reply.probe_id)
    return added
