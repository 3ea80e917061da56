"""What DNS says of a domain: its mail exchanger, and the records that let a study domain's mail arrive."""

from __future__ import annotations

from datetime import datetime, timedelta

import dns.exception
import dns.resolver
from sqlalchemy import Engine

from benchmark.core.problems import TemporaryFailure
from benchmark.settings import Settings
from benchmark.store import queries_sending
from benchmark.store.session import reading, transaction

TIMEOUT_S = 5.0
FRESH = timedelta(days=1)


class NameServerSilent(TemporaryFailure):
    """Nobody answers in time: the next question would wait as long for nothing."""


def asked_at(settings: Settings) -> dns.resolver.Resolver | None:
    """The name server of the settings; None in a sandbox without one: nobody outside this machine is asked."""
    host, _, port = settings.dns_server.rpartition(":")
    if not host:
        return None
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], int(port)
    resolver.timeout = resolver.lifetime = TIMEOUT_S
    return resolver


def answers(resolver: dns.resolver.Resolver, name: str, kind: str) -> list[str]:
    """The records in text form, [] when there are none. Raises TemporaryFailure when nobody knows or answers."""
    try:
        found = resolver.resolve(name, kind, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.Timeout as problem:
        server = f"{resolver.nameservers[0]}:{resolver.port}"
        raise NameServerSilent(f"nobody answers at {server}, where names are asked for") from problem
    except dns.exception.DNSException as problem:
        raise TemporaryFailure(f"DNS {kind} {name}: {problem}") from problem
    if kind == "TXT":
        return [b"".join(record.strings).decode("utf-8", "replace") for record in found]
    return [record.to_text() for record in found]


def mail_exchanger(resolver: dns.resolver.Resolver, domain: str) -> str:
    """The most preferred MX host, lower case (RFC 5321, 5.1); the domain itself where none is named."""
    records = [record.split() for record in answers(resolver, domain, "MX")]
    hosts = sorted((int(preference), host.rstrip(".").lower()) for preference, host in records)
    return hosts[0][1] if hosts and hosts[0][1] else domain


def note_receiving_host(engine: Engine, settings: Settings, domain: str, real_now: datetime) -> None:
    """Looks up a brand's mail exchanger once a day, outside any transaction. Silence changes nothing."""
    resolver = asked_at(settings)
    if resolver is None or not domain:
        return
    with reading(engine) as session:
        if queries_sending.receiving_host_known(session, domain, since=real_now - FRESH):
            return
    try:
        host = mail_exchanger(resolver, domain)
    except TemporaryFailure:
        return  # the rate is then kept by the domain
    with transaction(engine) as session:
        queries_sending.note_receiving_host(session, domain, host, real_now)
