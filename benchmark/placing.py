"""Placing mails: which probe each of them answers and what it is, a batch with a few questions to the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session

from benchmark import dispatch
from benchmark.careful_reading import CarefullyRead, broken, read_carefully
from benchmark.core.classification import classify
from benchmark.core.classification.reading import digest_of_words
from benchmark.core.matching import Learned, Match, match, phrases_of
from benchmark.core.values import MatchContext, Verdict
from benchmark.core.vocabulary import ChannelKind, ProbeState
from benchmark.outcome_keeping import refresh_outcomes
from benchmark.replies import verdict_values
from benchmark.store import queries, queries_placing
from benchmark.store.probe_index import PreloadedIndex
from benchmark.store.tables import MailboxItem, Probe

MAX_TEXT = 100_000
_QUOTES_US = 0.95
_A_GUESS = 0.5  # confidence that sends a reply to the inbox


@dataclass(frozen=True)
class KeptMail:
    """A kept mail and what was read in it."""

    item_id: int
    read: CarefullyRead


def read_kept(session: Session, item_ids: Sequence[int], broke: str = "") -> list[KeptMail]:
    """Reads kept mails that wait to be placed; no writer is held up while a doubtful one takes its seconds.

    `broke` says how an earlier try ended: then they are known by their heads alone, quarantined for a person to see.
    """
    return [
        KeptMail(item_id, broken(content, broke) if broke else read_carefully(content))
        for item_id, content in queries_placing.unplaced_contents(session, item_ids)
    ]


def place_mails(session: Session, kept: Sequence[KeptMail], *, now: datetime) -> list[int | None]:
    """Matches and classifies kept mails in their order; gives for each the id of its reply.

    None stands for bytes that were placed before and for our own copies.
    """
    return _Batch(session, kept, now).place()


@dataclass
class _Placed:
    """A mail of the batch, and what is to be written of it; `reply_id` is known once it is."""

    values: dict[str, Any]
    verdict: Verdict
    learned: Learned
    reply_id: int | None = None

    @property
    def probe_id(self) -> int | None:
        return cast("int | None", self.values["probe_id"])


@dataclass
class _Batch:
    """Mails of one batch that may explain each other are written before the next of them is looked at."""

    session: Session
    kept: Sequence[KeptMail]
    now: datetime
    waiting: list[_Placed] = field(default_factory=list)

    def __post_init__(self) -> None:
        messages = [kept.read.message for kept in self.kept]
        self.items = queries_placing.locked_items(self.session, [kept.item_id for kept in self.kept])
        self.placed = queries_placing.placed_contents(self.session, {item.sha256 for item in self.items.values()})
        self.index = PreloadedIndex(self.session, messages, self.settle)
        self.answered = queries_placing.answered(self.session, self.index.probes)
        self.digests = {message.sha256: digest_of_words(message.own_words) for message in messages}
        self.texts = queries_placing.texts_of_brands(self.session, set(filter(None, self.digests.values())))

    def place(self) -> list[int | None]:
        placed = [self._place(kept) for kept in self.kept]
        self.settle()
        return [mail.reply_id if mail else None for mail in placed]

    def _place(self, kept: KeptMail) -> _Placed | None:
        item, read = self.items[kept.item_id], kept.read
        if item.placed_at is not None:
            return None
        item.placed_at = self.now
        if item.sha256 in self.placed or self._is_own_copy(read):
            return None
        self.placed.add(item.sha256)
        found = match(read.message, self.index)
        probe = self.session.get(Probe, found.probe_id) if found.probe_id else None
        if probe is not None:
            self._make_ready(probe)
            found = _quoting_is_answering(found, read, probe)
        # A hint answers nothing of ours, so nothing of our inquiry explains it.
        asked = None if found.hint else probe
        verdict = verdict_on(read, self._context(asked, item, read) if asked else None)
        digest = self.digests[read.message.sha256] if probe else ""
        placed = _Placed(_values_of(read, found, probe, item, digest), verdict, found.learned)
        self.waiting.append(placed)
        if probe is not None and digest:
            self.texts.add((probe.brand_id, digest))
        return placed

    def _is_own_copy(self, read: CarefullyRead) -> bool:
        identity = read.message.message_id
        return bool(
            identity
            and self.index.by_our_ids((identity,))
            and dispatch.note_own_copy(self.session, read.message, now=self.now)
        )

    def _make_ready(self, probe: Probe) -> None:
        """An earlier mail of the same probe is part of what explains this one."""
        if any(placed.probe_id == probe.id for placed in self.waiting):
            self.settle()
        if probe.state is ProbeState.UNCONFIRMED:
            dispatch.resolve_unconfirmed(self.session, probe, now=self.now)

    def _context(self, probe: Probe, item: MailboxItem, read: CarefullyRead) -> MatchContext:
        digest = self.digests[read.message.sha256]
        seen = frozenset({digest} if (probe.brand_id, digest) in self.texts else ())
        if probe.id not in self.index.probes:  # found by a step that nobody foresaw
            self.answered |= queries_placing.answered(self.session, {probe.id or 0})
        return _context(probe, item.internal_at, probe.id in self.answered, seen)

    def settle(self) -> None:
        """Writes what waits: replies, verdicts, events, what was learned, and the outcomes they change."""
        if not self.waiting:
            return
        waiting, self.waiting = self.waiting, []
        ids = queries_placing.write_replies(self.session, [placed.values for placed in waiting])
        for placed, reply_id in zip(waiting, ids, strict=True):
            placed.reply_id = reply_id
        verdicts = [verdict_values(placed.reply_id or 0, placed.verdict, self.now) for placed in waiting]
        queries_placing.write_verdicts(self.session, verdicts)
        matched = [placed for placed in waiting if placed.probe_id is not None]
        events = [(mail.probe_id or 0, mail.reply_id or 0, mail.values["received_at"]) for mail in matched]
        queries_placing.write_reply_events(self.session, events)
        keys = dict.fromkeys(key for placed in matched for key in _keys(placed))
        known = queries_placing.known_keys(self.session, keys)
        queries_placing.write_keys(self.session, [key for key in keys if key not in known])
        probe_ids = list(dict.fromkeys(placed.probe_id or 0 for placed in matched))
        refresh_outcomes(self.session, probe_ids)
        self.answered |= queries_placing.answered(self.session, probe_ids)


def _quoting_is_answering(found: Match, read: CarefullyRead, probe: Probe) -> Match:
    """A help desk of a third domain that quotes our inquiry answers it, however many inquiries share its sentences."""
    message = read.message
    if not found.hint or not set(phrases_of(message.text)) & set(phrases_of(probe.body)):
        return found
    return replace(found, hint=False, confidence=_QUOTES_US, evidence=(*found.evidence, "but it quotes our inquiry"))


def _keys(placed: _Placed) -> list[queries_placing.Key]:
    learned, probe_id = placed.learned, placed.probe_id or 0
    keys = [("message_id", value[:500], "", probe_id) for value in learned.ids]
    return keys + [("ticket", value[:500], learned.domain, probe_id) for value in learned.tickets]


def verdict_on(read: CarefullyRead, context: MatchContext | None) -> Verdict:
    """What nobody could read is only guessed at, so a person looks."""
    verdict = classify(read.message, context)
    return replace(verdict, confidence=min(verdict.confidence, _A_GUESS)) if read.is_broken else verdict


def _values_of(
    read: CarefullyRead, found: Match, probe: Probe | None, item: MailboxItem, digest: str
) -> dict[str, Any]:
    """The columns of the reply's row."""
    message = read.message
    return {
        "probe_id": found.probe_id,
        "channel": ChannelKind.EMAIL,
        "received_at": item.internal_at,
        "sha256": item.sha256,
        "message_id": message.message_id,
        "subject": message.subject[:500],
        "from_address": message.from_address[:320],
        "text": message.text[:MAX_TEXT],
        "text_digest": digest,
        "matched_by": found.matched_by if probe else None,
        "match_confidence": found.confidence,
        "match_evidence": [asdict(candidate) for candidate in found.candidates] or list(found.evidence),
        "hint": found.hint,
        "quarantined": read.is_broken or (bool(message.defects) and not message.text and not message.subject),
    }


def context_of(session: Session, probe: Probe, received_at: datetime) -> MatchContext:
    """What is known of a probe when one of its stored replies is classified again."""
    seen = frozenset(queries.texts_of_brand(session, probe.brand_id))
    return _context(probe, received_at, bool(queries_placing.answered(session, {probe.id or 0})), seen)


def _context(probe: Probe, received_at: datetime, answered_before: bool, seen: frozenset[str]) -> MatchContext:
    return MatchContext(
        t0=probe.t0,
        received_at=received_at,
        our_subject=probe.subject,
        our_text=probe.body,
        our_address=probe.reply_address or "",
        language=probe.language,
        answered_before=answered_before,
        texts_seen=seen,
    )
