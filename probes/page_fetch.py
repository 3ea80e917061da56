"""Plain page fetches through the egress guard: bounded in bytes and time, every redirect shown to the caller."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from benchmark.wall_clock import monotonic
from probes.egress import REFUSAL_HEADER

MAX_REDIRECTS = 5
STEP_S = 5.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class NotFetched(Exception):
    """No page came; the text says why in a few words. `refused` means that the egress guard said no."""

    def __init__(self, reason: str, refused: bool = False) -> None:
        self.refused = refused
        super().__init__(reason)


@dataclass(frozen=True)
class Fetched:
    """One answer; `url` is where it came from after redirects, `body` is cut at the limit."""

    url: str
    status: int
    media_type: str
    body: bytes


class PageFetcher:
    """Gets pages through the guard and only through it.

    `urllib` is not used on purpose: it would leave the guard for hosts in NO_PROXY and for redirects to ftp.
    """

    def __init__(self, proxy_url: str, agent: str) -> None:
        parts = urlsplit(proxy_url)
        self._proxy = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._agent = agent

    def get(
        self, url: str, *, limit: int, timeout_s: float, allow: Callable[[str], None] = lambda url: None
    ) -> Fetched:
        """Follows redirects; `allow` is asked before each request and may raise."""
        deadline = monotonic() + timeout_s
        for _ in range(MAX_REDIRECTS + 1):
            url = clean_url(url)
            allow(url)
            answer, location = self._once(url, limit, deadline)
            if answer.status not in _REDIRECTS or not location:
                return answer
            url = _joined(url, location)
        raise NotFetched("redirects without end")

    def _once(self, url: str, limit: int, deadline: float) -> tuple[Fetched, str]:
        left = deadline - monotonic()
        if left <= 0:
            raise NotFetched("too slow")
        connection = self._connection(url, min(left, STEP_S))
        try:
            connection.connect()
            with _cut_after(connection.sock, deadline):
                connection.request("GET", _target(url), headers=self._headers(url))
                answer = _read(url, connection.getresponse(), limit)
            if monotonic() >= deadline:  # a line that was cut looks like the end of the page
                raise NotFetched("too slow")
            return answer
        except (OSError, http.client.HTTPException, ValueError) as problem:
            if monotonic() >= deadline:
                raise NotFetched("too slow") from problem
            refused = "Tunnel connection failed: 403" in str(problem)
            raise NotFetched("refused by the egress guard" if refused else _words(problem), refused) from problem
        finally:
            connection.close()

    def _connection(self, url: str, timeout_s: float) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        if parts.scheme == "http":
            return http.client.HTTPConnection(*self._proxy, timeout=timeout_s)
        secure = http.client.HTTPSConnection(*self._proxy, timeout=timeout_s, context=ssl.create_default_context())
        secure.set_tunnel(parts.hostname or "", parts.port or 443)
        return secure

    def _headers(self, url: str) -> dict[str, str]:
        return {"Host": urlsplit(url).netloc, "User-Agent": self._agent, "Accept": "text/html,text/plain;q=0.5"}


def clean_url(url: str) -> str:
    """An absolute http address in plain ASCII, without a fragment; NotFetched for everything else."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except ValueError as problem:  # UnicodeError is one as well
        raise NotFetched("malformed address") from problem
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise NotFetched("not an http address")
    path, query = (quote(part, safe="/%:@!$&'()*+,;=-._~?") for part in (parts.path or "/", parts.query))
    return urlunsplit((parts.scheme, f"[{host}]{port}" if ":" in host else f"{host}{port}", path, query, ""))


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError as problem:
        raise NotFetched("malformed redirect") from problem


def _target(url: str) -> str:
    """The proxy is asked with the whole address, a tunnel with the path alone."""
    parts = urlsplit(url)
    return url if parts.scheme == "http" else urlunsplit(("", "", parts.path, parts.query, ""))


def _read(url: str, response: http.client.HTTPResponse, limit: int) -> tuple[Fetched, str]:
    if response.headers.get(REFUSAL_HEADER):
        raise NotFetched("refused by the egress guard", refused=True)
    body = response.read(limit)
    media_type = response.headers.get_content_type()
    return Fetched(url, response.status, media_type, body), response.headers.get("Location") or ""


@contextmanager
def _cut_after(line: socket.socket, deadline: float) -> Iterator[None]:
    """A server may trickle byte by byte for ever: the timer cuts the line whatever the client is doing with it."""
    timer = threading.Timer(max(0.0, deadline - monotonic()), _cut, [line])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):  # it may have ended by itself
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _words(problem: Exception) -> str:
    return (str(problem) or type(problem).__name__).splitlines()[0][:120]
