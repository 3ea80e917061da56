"""The look-ups of matching (`benchmark.core.matching.ProbeIndex`) as indexed queries."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlmodel import Session, col

from benchmark.core.addresses import domain_of, organisation_domain, token_of
from benchmark.core.matching import RECEIPT_SLACK, KnownProbe, LearnedTicket
from benchmark.core.values import InboundMessage
from benchmark.core.vocabulary import ProbeState
from benchmark.store.queries_placing import AskedProbe, asked_probes
from benchmark.store.rows import one_of
from benchmark.store.tables import Attempt, ContactPoint, LearnedKey, Probe, ProbePhrase

OPEN = (ProbeState.CLAIMED, ProbeState.OPEN, ProbeState.UNCONFIRMED, ProbeState.CLOSED)
MOST = 50  # guesses left to a person


class SqlProbeIndex:
    """Looks up probes of all campaigns in one session.

    `sought` gathers the ids and tickets that were looked for among what earlier mails taught.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.sought: set[str] = set()
        self._domains: dict[int, frozenset[str]] = {}

    def by_token(self, token: str) -> KnownProbe | None:
        found = self._known(_PROBES.where(col(Probe.token) == token))
        return found[0] if found else None

    def by_our_ids(self, ids: Sequence[str]) -> Sequence[KnownProbe]:
        ours = select(col(Attempt.probe_id)).where(one_of(col(Attempt.message_id), ids))
        return self._known(_PROBES.where(col(Probe.id).in_(ours)))

    def by_learned_ids(self, ids: Sequence[str]) -> Sequence[KnownProbe]:
        self.sought.update(ids)
        learned = select(col(LearnedKey.probe_id)).where(
            col(LearnedKey.kind) == "message_id", one_of(col(LearnedKey.value), ids)
        )
        return self._known(_PROBES.where(col(Probe.id).in_(learned)))

    def by_ticket(self, ticket: str) -> Sequence[LearnedTicket]:
        self.sought.add(ticket)
        named = (col(LearnedKey.kind) == "ticket", col(LearnedKey.value) == ticket)
        keys = select(col(LearnedKey.probe_id), col(LearnedKey.domain)).where(*named).limit(MOST)
        rows = self.session.execute(keys).all()
        if not rows:
            return []
        probes = self._known(_PROBES.where(col(Probe.id).in_({row[0] for row in rows})))
        by_id = {probe.probe_id: probe for probe in probes}
        return [LearnedTicket(by_id[row[0]], row[1]) for row in rows]

    def by_subject(self, subject: str, domain: str, received_at: datetime) -> Sequence[KnownProbe]:
        same = _guesses(received_at).where(col(Probe.subject_folded) == subject, _names(domain))
        return [probe for probe in self._known(same) if domain in probe.domains]

    def by_phrases(self, phrases: Sequence[str], received_at: datetime) -> Sequence[KnownProbe]:
        holders = select(col(ProbePhrase.probe_id)).where(one_of(col(ProbePhrase.digest), phrases))
        return self._known(_guesses(received_at).where(col(Probe.id).in_(holders)))

    def _known(self, statement: Any) -> list[KnownProbe]:
        return [self._facts(probe_id or 0, *facts) for probe_id, *facts in self.session.execute(statement)]

    def _facts(self, probe_id: int, brand_id: int, subject: str) -> KnownProbe:
        domains = self._domains.get(brand_id)
        if domains is None:
            domains = self._domains.setdefault(brand_id, brand_domains(self.session, brand_id))
        return KnownProbe(probe_id, domains, subject)


_PROBES = select(col(Probe.id), col(Probe.brand_id), col(Probe.subject))
_SENT_AT = func.coalesce(col(Probe.t0), col(Probe.due_at))


def _guesses(received_at: datetime) -> Any:
    """Open probes sent, or due, until a mail was received, the latest first."""
    sent = _PROBES.where(col(Probe.state).in_(OPEN), received_at + RECEIPT_SLACK >= _SENT_AT)
    return sent.order_by(_SENT_AT.desc(), col(Probe.id).desc()).limit(MOST)


def _names(domain: str) -> ColumnElement[bool]:
    """Does an address of the probe's brand hold the domain's name? A few do whose domain is another one."""
    address = func.lower(col(ContactPoint.address))
    return exists().where(col(ContactPoint.brand_id) == col(Probe.brand_id), address.contains(domain, autoescape=True))


class PreloadedIndex(SqlProbeIndex):
    """Asks for the probes of a whole batch of mails at once; what it was not told of is asked as ever."""

    def __init__(self, session: Session, messages: Sequence[InboundMessage]) -> None:
        super().__init__(session)
        self._asked_tokens = set(filter(None, (token_of(address) for mail in messages for address in _addresses(mail))))
        self._asked_ids = {identity for mail in messages for identity in _ids(mail) if identity}
        ours = select(col(Attempt.message_id), col(Attempt.probe_id)).where(
            one_of(col(Attempt.message_id), self._asked_ids)
        )
        attempts = [(row[0], row[1]) for row in session.execute(ours)]
        self._probes = asked_probes(session, {probe_id for _, probe_id in attempts}, self._asked_tokens)
        self._domains = domains_of_brands(session, {probe.brand_id for probe in self._probes.values()})
        known = {probe.id: self._facts(probe.id, probe.brand_id, probe.subject) for probe in self._probes.values()}
        self._tokens = {probe.token: known[probe.id] for probe in self._probes.values()}
        self._ids = {identity: known[probe_id] for identity, probe_id in attempts}

    def by_token(self, token: str) -> KnownProbe | None:
        return self._tokens.get(token) if token in self._asked_tokens else super().by_token(token)

    def by_our_ids(self, ids: Sequence[str]) -> Sequence[KnownProbe]:
        if self._asked_ids.issuperset(ids):
            return list({known.probe_id: known for known in map(self._ids.get, ids) if known}.values())
        return super().by_our_ids(ids)

    def asked_probe(self, probe_id: int) -> AskedProbe:
        """A probe that was found; one that only a late step came upon is asked for now."""
        if probe_id not in self._probes:
            self._probes |= asked_probes(self.session, {probe_id})
        return self._probes[probe_id]


def _addresses(mail: InboundMessage) -> Iterator[str]:
    yield from (*mail.envelope_to, *mail.to, *mail.cc)


def _ids(mail: InboundMessage) -> Iterator[str]:
    yield from (*mail.in_reply_to, *mail.references, mail.message_id)


def brand_domains(session: Session, brand_id: int) -> frozenset[str]:
    """Organisation domains under which a brand can be reached: of its mail addresses and web pages."""
    return domains_of_brands(session, {brand_id})[brand_id]


def domains_of_brands(session: Session, brand_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The same for many brands."""
    found: dict[int, set[str]] = {brand_id: set() for brand_id in brand_ids}
    points = select(col(ContactPoint.brand_id), col(ContactPoint.address))
    for brand_id, address in session.execute(points.where(one_of(col(ContactPoint.brand_id), brand_ids))):
        domain = domain_of(address) or _host(address)
        if domain:
            found[brand_id].add(organisation_domain(domain))
    return {brand_id: frozenset(domains) for brand_id, domains in found.items()}


def _host(address: str) -> str:
    return address.partition("://")[2].partition("/")[0].partition(":")[0].lower()
