"""A submission server that misbehaves on order, at one step of the dialogue, and counts what it took."""

from __future__ import annotations

import base64
import socket
import socketserver
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.wall_clock import pause

HANG_S = 30.0  # longer than any client of the tests waits


@dataclass(frozen=True)
class Fault:
    """What happens at a step: banner, ehlo, starttls, tls, auth, mail, rcpt, data, body or dot.

    `answer` replaces the usual line ("" keeps it), `closes` hangs up afterwards, `silent` answers nothing at all,
    `takes` says whether the mail is taken although the answer did not say so, `times` after how often it is over.
    """

    at: str = ""
    answer: str = ""
    closes: bool = False
    silent: bool = False
    takes: bool = False
    times: int = 1_000_000
    slow_s: float = 0.0  # before each byte of each answer
    offers: tuple[str, ...] = ()


class HangUp(Exception):
    """This dialogue is over."""


@dataclass
class FaultySmtp:
    fault: Fault = Fault()
    certificate: Path | None = None
    tls_from_the_start: bool = False
    taken: Counter[str] = field(default_factory=Counter)  # by the sender's secret address
    bodies: list[bytes] = field(default_factory=list)
    in_the_clear: list[str] = field(default_factory=list)  # senders named on an unencrypted connection
    log_ins: list[str] = field(default_factory=list)
    lets_in: Callable[[str], bool] = lambda _words: True
    connections: int = 0
    port: int = 0
    _met: Counter[str] = field(default_factory=Counter)

    def strikes(self, step: str) -> bool:
        if self.fault.at != step:
            return False
        self._met[step] += 1
        return self._met[step] <= self.fault.times

    @contextmanager
    def running(self) -> Iterator[FaultySmtp]:
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.connections += 1
                dialogue = _Dialogue(outer, self.request)
                try:
                    dialogue.run()
                except (HangUp, OSError, ValueError):
                    pass
                finally:
                    dialogue.wire.close()

        with _Server(("127.0.0.1", 0), Handler) as server:
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            yield self
            server.shutdown()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


class _Dialogue:
    def __init__(self, server: FaultySmtp, wire: socket.socket) -> None:
        self.server, self.wire, self.encrypted = server, wire, False
        self.lines = wire.makefile("rb")
        self.sender = ""

    def run(self) -> None:
        if self.server.tls_from_the_start:
            self.encrypt()
        self.answer("banner", "220 submission.study.example ESMTP")
        while line := self.lines.readline().decode("ascii", "replace").strip():
            verb = line.split(" ")[0].upper()
            getattr(self, f"on_{verb.lower()}", self.on_other)(line)

    def answer(self, step: str, usual: str) -> bool:
        """Says the usual, or what the fault says; True when it was the usual."""
        fault = self.server.fault
        if not self.server.strikes(step):
            self.say(usual)
            return True
        if fault.silent:
            pause(HANG_S)
        elif fault.answer:
            self.say(fault.answer)
        elif not fault.closes:
            self.say(usual)
        if fault.closes or fault.silent:
            self.wire.shutdown(socket.SHUT_RDWR)
            raise HangUp
        return not fault.answer

    def say(self, line: str) -> None:
        content = line.encode("latin-1") + b"\r\n"
        if not self.server.fault.slow_s:
            self.wire.sendall(content)
            return
        for byte in content:
            pause(self.server.fault.slow_s)
            self.wire.sendall(bytes([byte]))

    def on_ehlo(self, _line: str) -> None:
        offers = [*self.server.fault.offers]
        if self.server.certificate and not self.encrypted:
            offers.append("STARTTLS")
        names = ["submission.study.example", *offers]
        lines = [f"250{'-' if number < len(names) - 1 else ' '}{name}" for number, name in enumerate(names)]
        self.answer("ehlo", "\r\n".join(lines))

    on_helo = on_ehlo

    def on_starttls(self, _line: str) -> None:
        if not self.answer("starttls", "220 go ahead"):
            return
        if self.server.strikes("tls"):
            self.wire.sendall(b"\x15\x03\x01 this is no handshake\r\n" * 20)
            raise HangUp
        self.encrypt()

    def encrypt(self) -> None:
        assert self.server.certificate is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.certificate)
        self.wire = context.wrap_socket(self.wire, server_side=True)
        self.lines, self.encrypted = self.wire.makefile("rb"), True

    def on_auth(self, line: str) -> None:
        _, mechanism, first, *_ = [*line.split(), "", ""]
        words = base64.b64decode(first).decode("utf-8", "replace")
        self.server.log_ins.append(words)
        if self.server.lets_in(words):
            self.answer("auth", "235 2.7.0 welcome")
            return
        if "OAUTH" in mechanism.upper():
            self.say("334 " + base64.b64encode(b'{"status":"401"}').decode())
            self.lines.readline()
        self.say("535 5.7.8 no")

    def on_mail(self, line: str) -> None:
        self.sender = line.partition("<")[2].partition(">")[0]
        if not self.encrypted:
            self.server.in_the_clear.append(self.sender)
        self.answer("mail", "250 2.1.0 Ok")

    def on_rcpt(self, _line: str) -> None:
        self.answer("rcpt", "250 2.1.5 Ok")

    def on_data(self, _line: str) -> None:
        if not self.answer("data", "354 go on"):
            return
        if self.server.strikes("body"):
            self.lines.read(20)
            self.wire.shutdown(socket.SHUT_RDWR)
            raise HangUp
        body = b""
        while (line := self.lines.readline()) and line != b".\r\n":
            body += line
        if not line:
            raise HangUp
        fault = self.server.fault
        struck = fault.at == "dot" and self.server._met["dot"] < fault.times
        if not struck or fault.takes:
            self.server.taken[self.sender] += 1
            self.server.bodies.append(body)
        self.answer("dot", "250 2.0.0 Ok: queued")

    def on_rset(self, _line: str) -> None:
        self.say("250 2.0.0 Ok")

    def on_quit(self, _line: str) -> None:
        self.say("221 2.0.0 Bye")
        raise HangUp

    def on_other(self, _line: str) -> None:
        self.say("500 5.5.2 what?")
