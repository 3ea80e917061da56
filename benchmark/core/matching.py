"""Which probe a mail answers, by which evidence, and what is to be learned from it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from benchmark.core.addresses import addresses_in, domain_of, organisation_domain, token_of
from benchmark.core.classification.tickets import tickets_of
from benchmark.core.values import InboundMessage
from benchmark.core.vocabulary import MatchedBy

MAX_IDS = 100
# An answer at once may seem to have come before our sending: the clocks of two servers, and t0 is told a moment after.
RECEIPT_SLACK = timedelta(minutes=10)
_MIN_PHRASE = 30  # characters; shorter sentences are said by everybody

_REPLY_MARK = re.compile(
    r"^\s*(?:(?:re|r|aw|antw|antwort|wg|fwd?|fw|sv|vs|vb|ref|rif|odp|bls|ynt|tr|rv|res|enc|i|ant|doorst)\s*"
    r"(?:\[\d+\]|\(\d+\)|\^\d+)?\s*:|\[(?:fwd|ext|extern|external|spam)[^\]]*\]:?"
    r"|(?:auto(?:matic)?[ -]?(?:reply|response)|autoreply|automatische antwort|abwesenheitsnotiz"
    r"|r(?:é|e)ponse automatique|auto|out of office)\s*:)\s*",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\[[^\]]{1,60}\]|\((?:ticket|case|ref|vorgang)[^)]{0,60}\)|#\s?\d+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?\n]+\s*")


@dataclass(frozen=True)
class KnownProbe:
    """What matching needs to know of a probe; `domains` are the organisation domains of its brand."""

    probe_id: int
    domains: frozenset[str] = frozenset()
    subject: str = ""
    message_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class LearnedTicket:
    """A ticket number seen in a mail that was already matched, and the domain that sent it."""

    probe: KnownProbe
    domain: str


class ProbeIndex(Protocol):
    """The look-ups of matching. Each is one indexed query; none needs more than the values given."""

    def by_token(self, token: str) -> KnownProbe | None:
        """By the folded secret token (`addresses.folded_token`)."""

    def by_our_ids(self, ids: Sequence[str]) -> Sequence[KnownProbe]:
        """By Message-IDs we sent."""

    def by_learned_ids(self, ids: Sequence[str]) -> Sequence[KnownProbe]:
        """By Message-IDs and References of mails already matched."""

    def by_ticket(self, ticket: str) -> Sequence[LearnedTicket]:
        """By a ticket number of mails already matched, whichever domain sent them."""

    def by_subject(self, subject: str, domain: str, received_at: datetime) -> Sequence[KnownProbe]:
        """Open probes sent to this organisation domain under this folded subject (`folded_subject`), as guesses.

        Those sent, or due, until a mail was received, the latest first.
        """

    def by_phrases(self, phrases: Sequence[str], received_at: datetime) -> Sequence[KnownProbe]:
        """Open probes whose text holds any of these phrases (`phrases_of`), as guesses in the same order."""


@dataclass(frozen=True)
class Candidate:
    probe_id: int
    matched_by: MatchedBy
    confidence: float
    reason: str


@dataclass(frozen=True)
class Learned:
    """Aliases to store with the probe once the match holds; ticket numbers are told by the verdict, for this domain."""

    ids: tuple[str, ...] = ()
    domain: str = ""


@dataclass(frozen=True)
class Match:
    """`probe_id` is None where a person has to decide; the ranked candidates are then their guesses.

    `hint` marks mail to a secret address from a domain that is not the brand's and that refers to nothing of ours:
    the address was passed on. It is kept with the probe and is no reply.
    """

    probe_id: int | None = None
    matched_by: MatchedBy | None = None
    confidence: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    hint: bool = False
    evidence: tuple[str, ...] = ()
    learned: Learned = Learned()


@dataclass(frozen=True)
class _Found:
    """A probe one step came upon, and the words that say why."""

    probe: KnownProbe
    reason: str


@dataclass(frozen=True)
class _Came:
    """From which organisation domain a mail came, and when."""

    domain: str
    at: datetime


# How far each step can be trusted alone; subject and quote only make guesses for a person.
_CONFIDENCE = {
    MatchedBy.ENVELOPE: 0.99,
    MatchedBy.ADDRESS: 0.98,
    MatchedBy.THREAD: 0.97,
    MatchedBy.LEARNED: 0.95,
    MatchedBy.RETURNED: 0.96,
    MatchedBy.TICKET: 0.85,
    MatchedBy.SUBJECT: 0.60,
    MatchedBy.QUOTE: 0.50,
}
_GUESSES = frozenset({MatchedBy.SUBJECT, MatchedBy.QUOTE})


def match(message: InboundMessage, index: ProbeIndex, received_at: datetime) -> Match:
    """Places a mail by the strongest evidence there is; weaker steps are only asked when stronger ones are silent."""
    came = _Came(organisation_domain(domain_of(message.from_address)), received_at)
    for matched_by, look_up in _STEPS:
        found = _distinct(look_up(message, index, came))
        if found:
            return _decided(message, index, came, matched_by, found)
    return Match(evidence=("nothing in this mail refers to a probe",))


def learned_from(message: InboundMessage, index: ProbeIndex) -> Learned:
    """What a mail of a known probe teaches; ids of our own are known without being learned."""
    ids = (identity for identity in _ids_of(message) if identity.startswith("<") and not index.by_our_ids((identity,)))
    return Learned(tuple(ids), organisation_domain(domain_of(message.from_address)))


def folded_subject(subject: str) -> str:
    """A subject without reply marks, ticket numbers and case, for comparing."""
    folded = subject
    for _ in range(8):
        shorter = _REPLY_MARK.sub("", _BRACKETED.sub(" ", folded), count=1)
        if shorter == folded:
            break
        folded = shorter
    return " ".join(folded.lower().split())[:200]


def phrases_of(text: str) -> tuple[str, ...]:
    """Digests of the longer sentences of a text without quote marks: equal sentences give equal digests."""
    plain = re.sub(r"^[>| \t]+", "", text[:20_000], flags=re.MULTILINE)
    flowing = re.sub(r"(?<![.!?:\n])\n(?!\n)", " ", plain)
    sentences = (re.sub(r"\W+", " ", part.lower()).strip() for part in _SENTENCE_END.split(flowing))
    long_enough = dict.fromkeys(sentence for sentence in sentences if len(sentence) >= _MIN_PHRASE)
    return tuple(hashlib.sha256(sentence.encode()).hexdigest()[:16] for sentence in long_enough)[:60]


def _by_envelope(message: InboundMessage, index: ProbeIndex, _came: _Came) -> Iterator[_Found]:
    yield from _by_tokens(message.envelope_to, index, "delivered to")


def _by_recipient(message: InboundMessage, index: ProbeIndex, _came: _Came) -> Iterator[_Found]:
    yield from _by_tokens((*message.to, *message.cc), index, "addressed to")


def _by_tokens(addresses: Sequence[str], index: ProbeIndex, words: str) -> Iterator[_Found]:
    for address in addresses:
        token = token_of(address)
        probe = index.by_token(token) if token else None
        if probe is not None:
            yield _Found(probe, f"{words} {address}")


def _ids_of(message: InboundMessage) -> tuple[str, ...]:
    own = (message.message_id,) if message.message_id else ()
    return tuple(dict.fromkeys((*message.in_reply_to, *reversed(message.references), *own)))[:MAX_IDS]


def _by_thread(message: InboundMessage, index: ProbeIndex, _came: _Came) -> Iterator[_Found]:
    # Our own Message-ID may come back as theirs (Roundup answers with it).
    ids = _ids_of(message)
    yield from (_Found(probe, "refers to our Message-ID") for probe in (index.by_our_ids(ids) if ids else ()))


def _by_learned(message: InboundMessage, index: ProbeIndex, came: _Came) -> Iterator[_Found]:
    ids = _ids_of(message)
    yield from (
        _Found(probe, "refers to a mail of this thread") for probe in (index.by_learned_ids(ids) if ids else ())
    )
    for ticket in tickets_of(message):
        same = (known for known in index.by_ticket(ticket) if came.domain and known.domain == came.domain)
        yield from (_Found(known.probe, f"ticket {ticket} of {came.domain}") for known in same)


def _by_returned(message: InboundMessage, index: ProbeIndex, _came: _Came) -> Iterator[_Found]:
    """What a bounce gives back: ids of our mail, its sender, the addresses of the report."""
    returned = [value for name, value in message.returned_headers if name in ("message-id", "references")]
    ids = tuple(dict.fromkeys(word for value in returned for word in re.findall(r"<[^<>\s]{1,500}>", value)))
    yield from (_Found(probe, "gives our mail back") for probe in (index.by_our_ids(ids[:MAX_IDS]) if ids else ()))
    named = [value for _, value in (*message.returned_headers, *message.report_fields)]
    yield from _by_tokens(addresses_in(" ".join(named)[:20_000])[:MAX_IDS], index, "report names")
    yield from _by_tokens(addresses_in(message.text[:20_000])[:MAX_IDS], index, "text names")


def _by_known_ticket(message: InboundMessage, index: ProbeIndex, came: _Came) -> Iterator[_Found]:
    for ticket in tickets_of(message):
        same = (known for known in index.by_ticket(ticket) if came.domain in known.probe.domains)
        yield from (_Found(known.probe, f"ticket {ticket} from another domain of the brand") for known in same)


def _by_subject(message: InboundMessage, index: ProbeIndex, came: _Came) -> Iterator[_Found]:
    subject = folded_subject(message.subject)
    if subject and came.domain:
        same = index.by_subject(subject, came.domain, came.at)
        yield from (_Found(probe, f"subject “{subject[:60]}”") for probe in same)


def _by_quote(message: InboundMessage, index: ProbeIndex, came: _Came) -> Iterator[_Found]:
    phrases = phrases_of(message.text + "\n\n" + message.returned_text)
    quoted = index.by_phrases(phrases, came.at) if phrases else ()
    yield from (_Found(probe, "quotes a sentence of ours") for probe in quoted)


_Step = Callable[[InboundMessage, ProbeIndex, _Came], Iterator[_Found]]
_STEPS: tuple[tuple[MatchedBy, _Step], ...] = (
    (MatchedBy.ENVELOPE, _by_envelope),
    (MatchedBy.ADDRESS, _by_recipient),
    (MatchedBy.THREAD, _by_thread),
    (MatchedBy.LEARNED, _by_learned),
    (MatchedBy.RETURNED, _by_returned),
    (MatchedBy.TICKET, _by_known_ticket),
    (MatchedBy.SUBJECT, _by_subject),
    (MatchedBy.QUOTE, _by_quote),
)


def _distinct(found: Iterator[_Found]) -> tuple[_Found, ...]:
    return tuple({item.probe.probe_id: item for item in reversed(list(found))}.values())[::-1]


def _decided(
    message: InboundMessage, index: ProbeIndex, came: _Came, matched_by: MatchedBy, found: tuple[_Found, ...]
) -> Match:
    confidence = _CONFIDENCE[matched_by] / len(found)
    candidates = tuple(Candidate(item.probe.probe_id, matched_by, confidence, item.reason) for item in found)
    evidence = tuple(item.reason for item in found)
    if len(found) > 1 or matched_by in _GUESSES:
        return Match(None, matched_by, confidence, candidates, evidence=evidence)
    probe = found[0].probe
    if _is_passed_on(message, index, came, matched_by, probe):
        evidence = (*evidence, f"{came.domain or 'the sender'} is no domain of the brand and refers to nothing of ours")
        return Match(probe.probe_id, matched_by, 0.5, candidates, hint=True, evidence=evidence)
    return Match(
        probe.probe_id, matched_by, confidence, candidates, evidence=evidence, learned=learned_from(message, index)
    )


def _is_passed_on(
    message: InboundMessage, index: ProbeIndex, came: _Came, matched_by: MatchedBy, probe: KnownProbe
) -> bool:
    """Help desks answer from third domains too, so a stranger must also show no trace of our mail."""
    if matched_by not in (MatchedBy.ENVELOPE, MatchedBy.ADDRESS) or not probe.domains or came.domain in probe.domains:
        return False
    if message.return_path == "" or message.report_fields or message.returned_headers:
        return False  # bounces come from any mail system on the way
    traces = (partial(step, message, index, came) for step in (_by_thread, _by_learned, _by_known_ticket, _by_quote))
    if any(item.probe.probe_id == probe.probe_id for trace in traces for item in trace()):
        return False
    ours = folded_subject(probe.subject)
    return not (ours and ours in folded_subject(message.subject))
