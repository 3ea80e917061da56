"""Where requests may go: names and addresses checked before anything is connected."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

Resolver = Callable[[str, int], Awaitable[list[str]]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

ALLOWED_PORTS = frozenset({80, 443})
RESOLVE_TIMEOUT_S = 10.0

# Prefixes that carry an IPv4 address inside (RFC 6052, 8215, 3056, 4291) and how far its 32 bits stand from the right.
_EMBEDDED = (
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("64:ff9b:1::/48"), 0),
    (ipaddress.IPv6Network("::ffff:0:0:0/96"), 0),
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)
# ISATAP (RFC 5214) hides an IPv4 address behind this interface identifier, under any prefix.
_ISATAP = (0x00005EFE, 0x02005EFE)


class EgressRefused(Exception):
    """The guard said no; the text is the reason for the log."""


@dataclass(frozen=True)
class EgressRules:
    """Where requests may go. `sandbox_hosts` maps fictional host names to loopback ports.

    `sandbox_only` is the default and the promise of sandbox mode: a name that is not in the map is refused before
    anything is resolved. Without it public addresses on ports 80 and 443 pass as well.
    """

    sandbox_hosts: Mapping[str, int] = field(default_factory=dict)
    sandbox_only: bool = True
    loopback_ports: frozenset[int] = frozenset()  # of 127.0.0.1, named by a person on the command line


def embedded_addresses(address: Address) -> list[Address]:
    """The address itself and every IPv4 address hidden inside it."""
    found: list[Address] = [address]
    if isinstance(address, ipaddress.IPv4Address):
        return found
    number = int(address)
    found += [inner for inner in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if inner is not None]
    found += [_low_ipv4(number >> shift) for network, shift in _EMBEDDED if address in network]
    if (number >> 32) & 0xFFFFFFFF in _ISATAP:
        found.append(_low_ipv4(number))
    return found


def _low_ipv4(number: int) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(number & 0xFFFFFFFF)


def is_public(text: str) -> bool:
    """Whether an address literal, and whatever it carries inside, belongs to the public internet."""
    try:
        address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return _is_plainly_public(address.ipv4_mapped)
    return all(_is_plainly_public(inner) for inner in embedded_addresses(address))


def _is_plainly_public(address: Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def host_key(host: str) -> str:
    """A host name as the map spells it: lower case, without brackets and closing dots."""
    return host.strip().strip("[]").rstrip(".").lower()


async def resolve_once(host: str, port: int) -> list[str]:
    """All addresses of a host as the system resolver tells them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def checked_target(rules: EgressRules, host: str, port: int, resolve: Resolver) -> tuple[str, int]:
    """The address and port to connect to, or `EgressRefused`. One mixed-in private address refuses the whole name."""
    key = host_key(host)
    if not key:
        raise EgressRefused("no host")
    if key in ("127.0.0.1", "localhost") and port in rules.loopback_ports:
        return "127.0.0.1", port
    if port not in ALLOWED_PORTS:
        raise EgressRefused(f"port {port}")
    if key in rules.sandbox_hosts:
        return "127.0.0.1", rules.sandbox_hosts[key]
    if rules.sandbox_only:
        raise EgressRefused("outside the sandbox")
    try:
        addresses = await asyncio.wait_for(resolve(key, port), RESOLVE_TIMEOUT_S)
    except (OSError, UnicodeError, TimeoutError) as problem:
        raise EgressRefused("name not resolved") from problem
    private = [address for address in addresses if not is_public(address)]
    if private or not addresses:
        raise EgressRefused(f"not a public address: {', '.join(private) or 'none'}")
    return addresses[0], port
