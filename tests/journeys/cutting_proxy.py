"""Stands before an IMAP server and cuts the connection at a command or in the middle of an answer."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 65_536


@dataclass(frozen=True)
class Cut:
    """At which command of the client (`SELECT`, `UID FETCH`, `DONE` …), before it is handed on or in its answer.

    `after` counts the bytes of the answer that still come through; -1 cuts before the server hears the command.
    `times` says how many connections meet it.
    """

    command: str
    after: int = -1
    times: int = 1


@dataclass
class CuttingProxy:
    target: int
    cut: Cut
    port: int = 0
    cuts: int = 0
    commands: list[str] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[CuttingProxy]:
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(("127.0.0.1", outer.target)) as server:
                    _Conversation(outer, self.request, server).run()

        with _Server(("127.0.0.1", 0), Handler) as listener:
            self.port = listener.server_address[1]
            threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
            yield self
            listener.shutdown()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


class _Conversation:
    def __init__(self, proxy: CuttingProxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self.allowance: int | None = None  # bytes of answers that still come through

    def run(self) -> None:
        back = threading.Thread(target=self._answers, daemon=True)
        back.start()
        with suppress(OSError):
            for line in self.client.makefile("rb"):
                if self._strikes(line):
                    self.proxy.cuts += 1
                    if self.proxy.cut.after < 0:
                        break
                    self.allowance = self.proxy.cut.after
                self.server.sendall(line)
        self._hang_up()
        back.join(5)

    def _strikes(self, line: bytes) -> bool:
        words = line.decode("ascii", "replace").upper().split()
        name = words[0] if len(words) == 1 else " ".join(words[1:3]) if words[1] == "UID" else words[1]
        self.proxy.commands.append(name)
        return name == self.proxy.cut.command and self.proxy.cuts < self.proxy.cut.times

    def _answers(self) -> None:
        with suppress(OSError):
            while content := self.server.recv(CHUNK):
                if self.allowance is not None:
                    content = content[: self.allowance]
                    self.allowance -= len(content)
                self.client.sendall(content)
                if self.allowance == 0:
                    break
        self._hang_up()

    def _hang_up(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
