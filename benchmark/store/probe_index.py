"""The look-ups of matching (`benchmark.core.matching.ProbeIndex`) as indexed queries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from sqlalchemy import or_
from sqlmodel import Session, col, select

from benchmark.core.addresses import domain_of, organisation_domain, token_of
from benchmark.core.matching import KnownProbe, LearnedTicket
from benchmark.core.values import InboundMessage
from benchmark.core.vocabulary import ProbeState
from benchmark.store.tables import Attempt, ContactPoint, LearnedKey, Probe, ProbePhrase

OPEN = (ProbeState.CLAIMED, ProbeState.OPEN, ProbeState.UNCONFIRMED, ProbeState.CLOSED)
MOST = 50  # guesses shown to a person


class SqlProbeIndex:
    """Looks up probes of all campaigns in one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._domains: dict[int, frozenset[str]] = {}

    def by_token(self, token: str) -> KnownProbe | None:
        found = self._known(select(Probe).where(Probe.token == token))
        return found[0] if found else None

    def by_our_ids(self, ids: Sequence[str]) -> Sequence[KnownProbe]:
        ours = select(Attempt.probe_id).where(col(Attempt.message_id).in_(ids))
        return self._known(select(Probe).where(col(Probe.id).in_(ours)))

    def by_learned_ids(self, ids: Sequence[str]) -> Sequence[KnownProbe]:
        learned = select(LearnedKey.probe_id).where(LearnedKey.kind == "message_id", col(LearnedKey.value).in_(ids))
        return self._known(select(Probe).where(col(Probe.id).in_(learned)))

    def by_ticket(self, ticket: str) -> Sequence[LearnedTicket]:
        rows = self.session.exec(
            select(LearnedKey).where(LearnedKey.kind == "ticket", LearnedKey.value == ticket).limit(MOST)
        ).all()
        return [
            LearnedTicket(probe, row.domain)
            for row in rows
            for probe in self._known(select(Probe).where(Probe.id == row.probe_id))
        ]

    def by_subject(self, subject: str, domain: str) -> Sequence[KnownProbe]:
        same = select(Probe).where(Probe.subject_folded == subject, col(Probe.state).in_(OPEN)).limit(500)
        return [probe for probe in self._known(same) if domain in probe.domains][:MOST]

    def by_phrases(self, phrases: Sequence[str]) -> Sequence[KnownProbe]:
        holders = select(ProbePhrase.probe_id).where(col(ProbePhrase.digest).in_(phrases))
        open_probes = select(Probe).where(col(Probe.id).in_(holders), col(Probe.state).in_(OPEN))
        return self._known(open_probes.order_by(col(Probe.t0).desc()).limit(MOST))

    def _known(self, statement: object) -> list[KnownProbe]:
        probes: Iterable[Probe] = self.session.exec(statement).all()  # type: ignore[call-overload]  # built above
        return [self._facts(probe) for probe in probes]

    def _facts(self, probe: Probe) -> KnownProbe:
        domains = self._domains.get(probe.brand_id)
        if domains is None:
            domains = self._domains.setdefault(probe.brand_id, brand_domains(self.session, probe.brand_id))
        return KnownProbe(probe.id or 0, domains, probe.subject)


class PreloadedIndex(SqlProbeIndex):
    """Asks for the probes of a whole batch of mails at once; what it was not told of is asked as ever.

    `settle` is called before a question whose answer may depend on mails of the batch that are not yet written.
    """

    def __init__(self, session: Session, messages: Sequence[InboundMessage], settle: Callable[[], None]) -> None:
        super().__init__(session)
        self._settle = settle
        self._asked_tokens = set(filter(None, (token_of(address) for mail in messages for address in _addresses(mail))))
        self._asked_ids = {identity for mail in messages for identity in _ids(mail)}
        attempts = self.session.exec(
            select(Attempt.message_id, Attempt.probe_id).where(col(Attempt.message_id).in_(self._asked_ids))
        ).all()
        wanted = or_(
            col(Probe.token).in_(self._asked_tokens), col(Probe.id).in_({probe_id for _, probe_id in attempts})
        )
        self.probes = {probe.id or 0: probe for probe in self.session.exec(select(Probe).where(wanted))}
        self._domains = domains_of_brands(session, {probe.brand_id for probe in self.probes.values()})
        self._tokens = {probe.token: self._facts(probe) for probe in self.probes.values()}
        self._ids = {identity: self._facts(self.probes[probe_id]) for identity, probe_id in attempts}

    def by_token(self, token: str) -> KnownProbe | None:
        return self._tokens.get(token) if token in self._asked_tokens else super().by_token(token)

    def by_our_ids(self, ids: Sequence[str]) -> Sequence[KnownProbe]:
        if self._asked_ids.issuperset(ids):
            return list({known.probe_id: known for known in map(self._ids.get, ids) if known}.values())
        return super().by_our_ids(ids)

    def by_learned_ids(self, ids: Sequence[str]) -> Sequence[KnownProbe]:
        self._settle()
        return super().by_learned_ids(ids)

    def by_ticket(self, ticket: str) -> Sequence[LearnedTicket]:
        self._settle()
        return super().by_ticket(ticket)


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
    points = select(ContactPoint.brand_id, ContactPoint.address).where(col(ContactPoint.brand_id).in_(brand_ids))
    for brand_id, address in session.exec(points):
        domain = domain_of(address) or _host(address)
        if domain:
            found[brand_id].add(organisation_domain(domain))
    return {brand_id: frozenset(domains) for brand_id, domains in found.items()}


def _host(address: str) -> str:
    return address.partition("://")[2].partition("/")[0].partition(":")[0].lower()
