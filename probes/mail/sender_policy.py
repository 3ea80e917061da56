"""May this server send for that domain? The part of SPF (RFC 7208) that can be answered before a mail is sent.

Macros, `exists` and `ptr` depend on the mail itself; a policy that needs them is left undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from benchmark.core.mail_records import server_terms

Ask = Callable[[str, str], list[str]]  # name, type → records in text form
Address = IPv4Address | IPv6Address

MOST_LOOKUPS = 10  # RFC 7208, 4.6.4
_RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_WITHOUT_LOOKUP = ("all", "ip4", "ip6")
_KNOWN = (*_WITHOUT_LOOKUP, "a", "mx", "include", "exists", "ptr")


class PolicyError(ValueError):
    """The record is broken, so that receivers treat it as an error (permerror); says why."""


@dataclass(frozen=True)
class Mechanism:
    """One term of a record, as `-ip4:192.0.2.0/24`; `limit` is the prefix of IPv4 and of IPv6, "" for all bits."""

    sign: str
    name: str
    value: str = ""
    limits: tuple[str, str] = ("", "")


def is_policy(text: str) -> bool:
    """RFC 7208, 4.5."""
    return text.lower().split(" ")[0] == "v=spf1"


def mechanisms(record: str) -> list[Mechanism]:
    """The terms of a record in their order, `redirect` as the last. Raises PolicyError for what is no term."""
    found: list[Mechanism] = []
    redirects: list[Mechanism] = []
    for term in record.split()[1:]:
        name, equals, value = term.partition("=")
        if equals and ":" not in name and "/" not in name:  # a modifier; unknown ones are passed over
            if name.lower() == "redirect":
                redirects.append(Mechanism("+", "redirect", value.lower()))
        else:
            found.append(_mechanism(term.lower()))
    return found + redirects


def _mechanism(term: str) -> Mechanism:
    sign, rest = (term[0], term[1:]) if term[0] in _RESULTS else ("+", term)
    name, _, value = rest.partition(":")
    if name.startswith(("a/", "mx/")):
        name, value = name.split("/", 1)[0], rest[rest.index("/") :]
    if name not in _KNOWN or (name in ("ip4", "ip6", "include", "exists") and not value):
        raise PolicyError(f"{term} is no term of SPF")
    if name in ("ip4", "ip6"):
        try:
            ip_network(value, strict=False)
        except ValueError:
            raise PolicyError(f"{term} names no network") from None
        return Mechanism(sign, name, value)
    domain, _, limit = value.partition("/")
    limit_4, _, limit_6 = limit.partition("//") if not limit.startswith("/") else ("", "", limit[1:])
    return Mechanism(sign, name, domain, (limit_4, limit_6))


@dataclass
class Policy:
    """The records of one domain, asked for one address; `lookups` counts the questions (RFC 7208, 4.6.4)."""

    ask: Ask
    address: Address | None
    lookups: int = 0
    undecided: list[str] = field(default_factory=list)

    def result(self, domain: str) -> str:
        """pass, fail, softfail, neutral or none.

        Raises PolicyError for records that are an error and for more than MOST_LOOKUPS lookups; TemporaryFailure
        where a name server does not answer.
        """
        records = [text for text in self.ask(domain, "TXT") if is_policy(text)]
        if len(records) > 1:
            raise PolicyError(f"{domain} has {len(records)} records")
        if not records:
            return "none"
        for term in mechanisms(records[0]):
            if term.name == "redirect":
                return self._elsewhere(term.value) if "%" not in term.value else self._leave(term)
            if self._holds(term, domain):
                return _RESULTS[term.sign]
        return "neutral"  # RFC 7208, 4.7

    def _holds(self, term: Mechanism, domain: str) -> bool:
        if term.name == "all":
            return True
        if term.name in ("ip4", "ip6"):
            return self.address is not None and self.address in ip_network(term.value, strict=False)
        self._count()
        if "%" in term.value or term.name in ("exists", "ptr"):
            self._leave(term)
            return False
        if term.name == "include":
            return self._elsewhere(term.value, counted=True) == "pass"
        return any(self._is_near(found, term.limits) for found in self._hosts(term, domain))

    def _elsewhere(self, domain: str, *, counted: bool = False) -> str:
        if not counted:
            self._count()
        result = self.result(domain)
        if result == "none":  # RFC 7208, 5.2 and 6.1
            raise PolicyError(f"{domain}, which it points to, has no policy")
        return result

    def _hosts(self, term: Mechanism, domain: str) -> Iterator[Address]:
        name = term.value or domain
        names = [name] if term.name == "a" else [record.split()[-1].rstrip(".") for record in self.ask(name, "MX")]
        for host in filter(None, names[:MOST_LOOKUPS]):
            yield from addresses_of(self.ask, host)

    def _is_near(self, found: Address, limits: tuple[str, str]) -> bool:
        if self.address is None or found.version != self.address.version:
            return False
        limit = limits[0 if found.version == 4 else 1] or str(found.max_prefixlen)
        if not limit.isdigit() or int(limit) > found.max_prefixlen:
            raise PolicyError(f"/{limit} is no prefix length")
        return self.address in ip_network(f"{found}/{limit}", strict=False)

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise PolicyError(f"it needs more than {MOST_LOOKUPS} lookups (RFC 7208, 4.6.4)")

    def _leave(self, term: Mechanism) -> str:
        self.undecided.append(f"{term.name}:{term.value}")
        return "neutral"


def addresses_of(ask: Ask, host: str) -> list[Address]:
    """The IPv4 and IPv6 addresses of a host; an address stands for itself."""
    try:
        return [ip_address(host.strip("[]"))]
    except ValueError:
        return [ip_address(found) for kind in ("A", "AAAA") for found in ask(host, kind)]


def with_server(record: str, host: str) -> str:
    """The record with the server named before its last word; a server of this machine is not named."""
    terms = server_terms(host)
    kept = [word for word in record.split() if word.lower().lstrip("+-~?") != "all"]
    terms = [term for term in terms if term not in kept]
    at = next((at for at, word in enumerate(kept) if word.lower().startswith("redirect=")), len(kept))
    endings = [] if at < len(kept) else ["-all" if "-all" in record.lower().split() else "~all"]
    return " ".join([*kept[:at], *terms, *kept[at:], *endings])
