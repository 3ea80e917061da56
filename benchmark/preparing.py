"""What kept mails are, worked out before any row is locked: read, matched, and classified in the light of their probes.

Placing them (`benchmark.placing`) writes it down, after one more look whether that light is still the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from benchmark.careful_reading import CarefullyRead, broken, read_carefully
from benchmark.core.classification import classify_all
from benchmark.core.classification.reading import digest_of_words
from benchmark.core.matching import Match, match, phrases_of
from benchmark.core.values import InboundMessage, MatchContext, Verdict
from benchmark.store import queries_placing
from benchmark.store.probe_index import PreloadedIndex
from benchmark.store.queries_placing import AskedProbe, Saying, words_of_brand

_QUOTES_US = 0.95
_A_GUESS = 0.5  # confidence that sends a reply to the inbox


@dataclass(frozen=True)
class ReadMail:
    """A kept mail and what was read in it."""

    item_id: int
    received_at: datetime
    read: CarefullyRead


@dataclass(frozen=True)
class PreparedMail:
    """A kept mail, the probe it answers and what it is; it holds as long as what it rests on is the same."""

    mail: ReadMail
    match: Match
    verdict: Verdict
    context: MatchContext | None  # the light the verdict was given in; None where it answers nothing of ours
    digest: str  # of its own words; "" where no probe was found
    under_our_id: bool  # carries a Message-ID of ours: perhaps our own copy
    sought: frozenset[str]  # ids and tickets looked for among what earlier mails taught
    times_known: int  # how often they were found there


def prepare_items(session: Session, item_ids: Sequence[int], broke: str = "") -> list[PreparedMail]:
    """Prepares those of the kept mails that still wait to be placed, in order; only reads.

    `broke` says how an earlier try ended: then they are known by their heads alone, quarantined for a person to see.
    """
    contents = queries_placing.unplaced_contents(session, item_ids)
    return prepare(
        session,
        [
            ReadMail(item_id, received_at, broken(content, broke) if broke else read_carefully(content))
            for item_id, received_at, content in contents
        ],
    )


def prepare(session: Session, mails: Sequence[ReadMail]) -> list[PreparedMail]:
    """Matches and classifies what was read, with a few questions for all of the mails together."""
    index = PreloadedIndex(session, [mail.read.message for mail in mails])
    found = [_matched(mail, index) for mail in mails]
    light = _Light(session, found)
    contexts = [light.context(one) for one in found]
    verdicts = _verdicts_on([one.mail.read for one in found], contexts)
    return [light.prepared(*known) for known in zip(found, contexts, verdicts, strict=True)]


@dataclass(frozen=True)
class _Found:
    """What matching says of a mail, and what it looked for among what earlier mails taught."""

    mail: ReadMail
    match: Match
    probe: AskedProbe | None
    under_our_id: bool
    sought: frozenset[str]
    digest: str


def _matched(mail: ReadMail, index: PreloadedIndex) -> _Found:
    message = mail.read.message
    index.sought.clear()
    found = match(message, index, mail.received_at)
    sought = frozenset(index.sought)
    probe = index.asked_probe(found.probe_id) if found.probe_id is not None else None
    return _Found(
        mail=mail,
        match=_quoting_is_answering(found, mail.read, probe) if probe else found,
        probe=probe,
        under_our_id=bool(message.message_id and index.by_our_ids((message.message_id,))),
        sought=sought,
        digest=digest_of_words(message.own_words) if probe else "",
    )


class _Light:
    """What is known of the probes of a batch when its mails are classified."""

    def __init__(self, session: Session, found: Sequence[_Found]) -> None:
        probes = [one.probe for one in found if one.probe is not None]
        self.answered = queries_placing.answered_after(session, {probe.id for probe in probes})
        self.said = queries_placing.said_before(session, {saying for one in found if (saying := _saying(one))})
        self.learned = queries_placing.learned_counts(session, {value for one in found for value in one.sought})

    def prepared(self, one: _Found, context: MatchContext | None, verdict: Verdict) -> PreparedMail:
        return PreparedMail(
            mail=one.mail,
            match=one.match,
            verdict=verdict,
            context=context,
            digest=one.digest,
            under_our_id=one.under_our_id,
            sought=one.sought,
            times_known=times_known(one.sought, self.learned),
        )

    def context(self, one: _Found) -> MatchContext | None:
        """A hint answers nothing of ours, so nothing of our inquiry explains it."""
        if one.probe is None or one.match.hint:
            return None
        seen = frozenset({one.digest} if _saying(one) in self.said else ())
        received_at = one.mail.received_at
        answered = is_after(received_at, one.probe.t0, self.answered.get(one.probe.id))
        return _context_with(one.probe, received_at, answered, seen)


def _saying(one: _Found) -> Saying | None:
    if one.probe is None or not one.digest:
        return None
    return Saying(words_of_brand(one.probe.brand_id, one.digest), one.mail.read.message.message_id)


def is_after(received_at: datetime, t0: datetime | None, seconds: float | None) -> bool:
    """Did a mail come more than so many seconds after t0?"""
    return t0 is not None and seconds is not None and (received_at - t0).total_seconds() > seconds


def times_known(sought: frozenset[str], learned: Mapping[str, int]) -> int:
    """The same number: nothing came to it. Only a placing that a person takes back makes anything forgotten."""
    return sum(learned.get(value, 0) for value in sought)


def _quoting_is_answering(found: Match, read: CarefullyRead, probe: AskedProbe) -> Match:
    """A help desk of a third domain that quotes our inquiry answers it, however many inquiries share its sentences."""
    if not found.hint or not set(phrases_of(read.message.text)) & set(phrases_of(probe.body)):
        return found
    return replace(found, hint=False, confidence=_QUOTES_US, evidence=(*found.evidence, "but it quotes our inquiry"))


def verdict_on(read: CarefullyRead, context: MatchContext | None) -> Verdict:
    """What nobody could read is only guessed at, so a person looks."""
    return _verdicts_on([read], [context])[0]


def _verdicts_on(reads: Sequence[CarefullyRead], contexts: Sequence[MatchContext | None]) -> list[Verdict]:
    verdicts = classify_all((read.message, context) for read, context in zip(reads, contexts, strict=True))
    return [
        replace(verdict, confidence=min(verdict.confidence, _A_GUESS)) if read.is_broken else verdict
        for read, verdict in zip(reads, verdicts, strict=True)
    ]


def context_of(
    session: Session, probe_id: int, reply_id: int, received_at: datetime, message: InboundMessage
) -> MatchContext:
    """What is known of a probe when one of its stored replies is classified again."""
    probe = queries_placing.asked_probes(session, {probe_id})[probe_id]
    digest = digest_of_words(message.own_words)
    words = words_of_brand(probe.brand_id, digest)
    said = words and queries_placing.said_before(session, {Saying(words, message.message_id, reply_id)})
    answered = is_after(received_at, probe.t0, queries_placing.answered_after(session, {probe_id}).get(probe_id))
    return _context_with(probe, received_at, answered, frozenset({digest} if said else ()))


def _context_with(
    probe: AskedProbe, received_at: datetime, answered_before: bool, seen: frozenset[str]
) -> MatchContext:
    return MatchContext(
        t0=probe.t0,
        received_at=received_at,
        our_subject=probe.subject,
        our_text=probe.body,
        our_address=probe.reply_address,
        language=probe.language,
        answered_before=answered_before,
        texts_seen=seen,
    )
