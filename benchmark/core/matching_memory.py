"""A ProbeIndex in memory: for tests, and to see in one page what the store answers with SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from benchmark.core.addresses import folded_token
from benchmark.core.matching import (
    RECEIPT_SLACK,
    KnownProbe,
    LearnedTicket,
    Match,
    folded_subject,
    phrases_of,
)

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class MemoryIndex:
    """Holds open probes and what was learned of them."""

    def __init__(self) -> None:
        self._by_id: dict[int, KnownProbe] = {}
        self._sent_at: dict[int, datetime] = {}
        self._tokens: dict[str, KnownProbe] = {}
        self._our_ids: dict[str, KnownProbe] = {}
        self._learned_ids: dict[str, KnownProbe] = {}
        self._tickets: defaultdict[str, list[LearnedTicket]] = defaultdict(list)
        self._phrases: defaultdict[str, list[KnownProbe]] = defaultdict(list)

    def add(self, probe: KnownProbe, token: str = "", text: str = "", sent_at: datetime = LONG_AGO) -> None:
        self._by_id[probe.probe_id] = probe
        self._sent_at[probe.probe_id] = sent_at
        if token:
            self._tokens[folded_token(token)] = probe
        for identity in probe.message_ids:
            self._our_ids[identity] = probe
        for phrase in phrases_of(text):
            self._phrases[phrase].append(probe)

    def learn(self, match: Match, tickets: Sequence[str] = ()) -> None:
        """Keeps the aliases of a mail that was matched, and the ticket numbers it named."""
        if match.probe_id is None or match.hint:
            return
        probe = self._by_id[match.probe_id]
        for identity in match.learned.ids:
            self._learned_ids.setdefault(identity, probe)
        for ticket in tickets:
            self._tickets[ticket].append(LearnedTicket(probe, match.learned.domain))

    def by_token(self, token: str) -> KnownProbe | None:
        return self._tokens.get(token)

    def by_our_ids(self, ids: Sequence[str]) -> Sequence[KnownProbe]:
        return _known(self._our_ids, ids)

    def by_learned_ids(self, ids: Sequence[str]) -> Sequence[KnownProbe]:
        return _known(self._learned_ids, ids)

    def by_ticket(self, ticket: str) -> Sequence[LearnedTicket]:
        return tuple(self._tickets.get(ticket, ()))

    def by_subject(self, subject: str, domain: str, received_at: datetime) -> Sequence[KnownProbe]:
        same = (probe for probe in self._by_id.values() if domain in probe.domains)
        return self._guesses((probe for probe in same if folded_subject(probe.subject) == subject), received_at)

    def by_phrases(self, phrases: Sequence[str], received_at: datetime) -> Sequence[KnownProbe]:
        return self._guesses((probe for phrase in phrases for probe in self._phrases.get(phrase, ())), received_at)

    def _guesses(self, probes: Iterable[KnownProbe], received_at: datetime) -> Sequence[KnownProbe]:
        sent = {probe: self._sent_at[probe.probe_id] for probe in probes}
        earlier = (probe for probe, at in sent.items() if at <= received_at + RECEIPT_SLACK)
        return sorted(earlier, key=lambda probe: sent[probe])[::-1]


def _known(table: dict[str, KnownProbe], ids: Iterable[str]) -> Sequence[KnownProbe]:
    return tuple(dict.fromkeys(table[identity] for identity in ids if identity in table))
