"""The network guard of one attempt: nothing of the inquiry leaves before ARM, exactly one request leaves after it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from playwright.sync_api import BrowserContext, Error, Request, Response, Route, WebSocketRoute

from probes.channels.web_form.visit import utc_text

LOG_LIMIT = 400


@dataclass
class GuardLine:
    """One request that the guard had an opinion on."""

    at: str
    method: str
    host: str
    path: str
    verdict: str


class SubmissionGuard:
    """Watches a browser context. `tokens` are the strings only this probe carries (its secret reply address).

    Before ARM a request with a token in its address or body is refused. After ARM the first one leaves and every
    further one is answered with the first response: aborting it would lose the page's message.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        words = [token for token in tokens if token]
        self._tokens = [token.lower().encode() for token in words]
        self._encoded = [code for token in words for code in base64_forms(token.encode())]
        self.armed = False
        self.first: Request | None = None
        self.first_digest = ""
        self.response: Response | None = None
        self.failed = ""
        self.requested_at = ""
        self.responded_at = ""
        self.duplicates = 0
        self.refused = 0
        self.posts_after_arm = 0
        self.steps = 0
        self._step: re.Pattern[str] | None = None
        self.hosts: set[str] = set()  # every host that was asked for, redirects too
        self.lines: list[GuardLine] = []

    def install(self, context: BrowserContext) -> None:
        context.route("**/*", self._on_request)
        context.route_web_socket("**/*", self._on_socket)
        context.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname or ""))
        context.on("response", self._on_response)
        context.on("requestfailed", self._on_failure)

    def allow_step(self, pattern: str) -> None:
        """A recipe's step may be posted, once, to an address that fits: it is not the submission yet."""
        self._step = re.compile(pattern)

    @property
    def sent(self) -> bool:
        """Whether anything may have left: the one request, or some POST that we could not read."""
        return self.first is not None or self.posts_after_arm > 0

    def _on_request(self, route: Route, request: Request) -> None:
        try:
            self._decide(route, request)
        except Error:
            # The page or the context went away while the request was held; then nothing leaves either.
            self._note(request, "gone")

    def _decide(self, route: Route, request: Request) -> None:
        body = request.post_data_buffer or b""
        ours = self._carries(request.url, body) or self._repeats(request, body) or self._is_the_form(request)
        if not ours:
            if self.armed and request.method == "POST":
                self.posts_after_arm += 1
                self._note(request, "passed without token")
            route.continue_()
        elif not self.armed and self._is_step(request):
            self.steps, self._step = self.steps + 1, None
            self._note(request, "a step of the recipe")
            route.continue_()
        elif not self.armed:
            self.refused += 1
            self._note(request, "refused before ARM")
            route.abort("blockedbyclient")
        elif self.first is None:
            self.first, self.requested_at = request, utc_text()
            self.first_digest = _digest(request, body)
            self._note(request, "the one submission")
            route.continue_()
        else:
            self.duplicates += 1
            self._note(request, "duplicate, answered with the first response")
            self._answer_again(route)

    def _carries(self, url: str, body: bytes) -> bool:
        plain = url.encode() + b"\n" + body
        where = plain.lower() + b"\n" + unquote_to_bytes(plain.replace(b"+", b" ")).lower()
        return any(token in where for token in self._tokens) or any(code in plain for code in self._encoded)

    def _is_step(self, request: Request) -> bool:
        return self._step is not None and request.method == "POST" and bool(self._step.search(request.url))

    def _is_the_form(self, request: Request) -> bool:
        """A form sent as a whole page is the submission even when its fields are encrypted."""
        return self.armed and self.first is None and request.method == "POST" and request.is_navigation_request()

    def _repeats(self, request: Request, body: bytes) -> bool:
        return bool(self.first_digest) and request.method != "GET" and _digest(request, body) == self.first_digest

    def _answer_again(self, route: Route) -> None:
        first = self.first.response() if self.first is not None else None
        if first is None:
            route.fulfill(status=204)
            return
        try:
            body = first.body()
        except Error:
            body = b""  # a redirect has none
        kept = {
            key: value
            for key, value in first.headers.items()
            if key in ("content-type", "location", "access-control-allow-origin", "access-control-allow-credentials")
        }
        route.fulfill(status=first.status, headers=kept, body=body)

    def _on_socket(self, socket: WebSocketRoute) -> None:
        """Sockets may open, but a message with a token stays here: chats tell what is typed while it is typed."""
        server = socket.connect_to_server()

        def on_message(message: str | bytes) -> None:
            raw = message.encode() if isinstance(message, str) else message
            if not self._carries("", raw):
                server.send(message)
                return
            self.refused += 1
            url = urlsplit(socket.url)
            self._add("WS", url.hostname or "", url.path, "refused")

        socket.on_message(on_message)

    def _on_response(self, response: Response) -> None:
        if self.first is not None and response.request == self.first:
            self.response, self.responded_at = response, utc_text()

    def _on_failure(self, request: Request) -> None:
        if self.first is not None and request == self.first:
            self.failed = request.failure or "failed"

    def _note(self, request: Request, verdict: str) -> None:
        url = urlsplit(request.url)
        self._add(request.method, url.hostname or "", url.path, verdict)

    def _add(self, method: str, host: str, path: str, verdict: str) -> None:
        if len(self.lines) < LOG_LIMIT:
            self.lines.append(GuardLine(utc_text(), method, host, path[:200], verdict))

    def summary(self) -> dict[str, Any]:
        """For the evidence: counts, times and every line."""
        return {
            "requested_at": self.requested_at,
            "responded_at": self.responded_at,
            "status": None if self.response is None else self.response.status,
            "failed": self.failed,
            "refused_before_arm": self.refused,
            "duplicates": self.duplicates,
            "lines": [asdict(line) for line in self.lines],
        }


def base64_forms(token: bytes) -> list[bytes]:
    """The core of a token's base64 text for each of the three places it can start at."""
    forms = []
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + token).rstrip(b"=")
        forms.append(text[(0, 2, 3)[shift] : -1])
    return [form for form in forms if len(form) >= 8]


def _digest(request: Request, body: bytes) -> str:
    return hashlib.sha256(request.url.encode() + b"\n" + body).hexdigest()
