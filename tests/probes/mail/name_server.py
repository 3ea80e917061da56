"""A name server on a loopback port that knows what it is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = dict[tuple[str, str], list[str]]  # (name, type) → records as a zone file writes them


@contextmanager
def name_server(zone: Zone) -> Iterator[str]:
    """Gives its address as HOST:PORT; the zone may be changed while it runs."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))

        def serve() -> None:
            with suppress(OSError):
                while True:
                    packet, asker = wire.recvfrom(4096)
                    wire.sendto(_answer(zone, packet), asker)

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{wire.getsockname()[1]}"


def _answer(zone: Zone, packet: bytes) -> bytes:
    asked = dns.message.from_wire(packet)
    question = asked.question[0]
    name, kind = question.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
    answer = dns.message.make_response(asked)
    answer.flags |= dns.flags.AA
    records = zone.get((name, kind), [])
    if records == ["SERVFAIL"]:
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif records:
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records))
    elif not any(known == name for known, _ in zone):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer.to_wire()
