"""The look-ups of matching (`benchmark.core.matching.ProbeIndex`) as indexed queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from benchmark.core.addresses import domain_of, organisation_domain
from benchmark.core.matching import KnownProbe, LearnedTicket
from benchmark.core.vocabulary import ProbeState
from benchmark.store.tables import Attempt, ContactPoint, LearnedKey, Probe, ProbePhrase

OPEN = (ProbeState.CLAIMED, ProbeState.OPEN, ProbeState.UNCONFIRMED, ProbeState.CLOSED)
MOST = 50  # guesses shown to a person


class SqlProbeIndex:
    """Looks up probes of all campaigns in one session."""

    def __init__(self, session: Session) -> None:
        self.session = session

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
        ids = self.session.exec(select(Attempt.message_id).where(Attempt.probe_id == probe.id)).all()
        return KnownProbe(probe.id or 0, brand_domains(self.session, probe.brand_id), probe.subject, tuple(ids))


def brand_domains(session: Session, brand_id: int) -> frozenset[str]:
    """Organisation domains under which a brand can be reached: of its mail addresses and web pages."""
    addresses = session.exec(select(ContactPoint.address).where(ContactPoint.brand_id == brand_id)).all()
    domains = (domain_of(address) or _host(address) for address in addresses)
    return frozenset(organisation_domain(domain) for domain in domains if domain)


def _host(address: str) -> str:
    return address.partition("://")[2].partition("/")[0].partition(":")[0].lower()
