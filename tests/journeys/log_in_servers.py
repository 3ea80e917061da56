"""Loopback servers that know log-ins: a token endpoint (OAuth2) and an IMAP server that takes bearer tokens only."""

from __future__ import annotations

import base64
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


@dataclass
class TokenServer:
    """Exchanges the refresh token for `token-1`, `token-2` …; only the newest of them is valid."""

    refresh_token: str = "refresh-me"
    status: int = 200
    expires_in: int = 3600
    asked: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    @property
    def valid(self) -> str:
        return f"token-{len(self.asked)}"

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        if self.status != 200 or form.get("refresh_token") != self.refresh_token:
            return self.status if self.status != 200 else 400, {"error": "invalid_grant"}
        self.asked.append(form)
        return 200, {"access_token": self.valid, "expires_in": self.expires_in, "token_type": "Bearer"}

    @contextmanager
    def running(self) -> Iterator[TokenServer]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the name is the library's
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, said = outer.answer({name: values[0] for name, values in parse_qs(body).items()})
                content = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.port = server.server_address[1]
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            yield self
            server.shutdown()


@contextmanager
def bearer_imap(tokens: TokenServer, seen: list[str]) -> Iterator[int]:
    """An empty mailbox behind XOAUTH2 and OAUTHBEARER; `seen` collects the decoded first answers."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("* OK ready")
            while line := self.rfile.readline().decode().split():
                tag, command, *words = line
                getattr(self, f"on_{command.lower()}", self.on_other)(tag, words)

        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def on_capability(self, tag: str, _words: list[str]) -> None:
            self.say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 AUTH=OAUTHBEARER")
            self.say(f"{tag} OK done")

        def on_authenticate(self, tag: str, _words: list[str]) -> None:
            self.say("+ ")
            first = base64.b64decode(self.rfile.readline()).decode()
            seen.append(first)
            if f"auth=Bearer {tokens.valid}\x01" in first:
                self.say(f"{tag} OK welcome")
                return
            self.say("+ " + base64.b64encode(b'{"status":"401"}').decode())
            self.rfile.readline()
            self.say(f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials")

        def on_examine(self, tag: str, _words: list[str]) -> None:
            self.say("* 0 EXISTS")
            self.say("* OK [UIDVALIDITY 3] valid")
            self.say(f"{tag} OK [READ-ONLY] done")

        def on_other(self, tag: str, _words: list[str]) -> None:
            self.say(f"{tag} OK done")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
