"""The guard every browser and page fetch goes through: a proxy that connects only to addresses it has checked."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Self
from urllib.parse import urlsplit

from benchmark.wall_clock import real_now
from probes.egress_rules import EgressRefused, EgressRules, Resolver, checked_target, resolve_once

HEAD_LIMIT = 64 * 1024
HEAD_TIMEOUT_S = 15.0
CONNECT_TIMEOUT_S = 10.0
IDLE_TIMEOUT_S = 60.0
CHUNK = 64 * 1024
LOG_LIMIT = 5000
REFUSAL_HEADER = "X-Replymark-Egress"


@dataclass(frozen=True)
class EgressLine:
    """One decision of the guard; `address` is what was connected to, "" when refused."""

    at: str
    host: str
    port: int
    verdict: str
    address: str = ""


@dataclass(frozen=True)
class RequestHead:
    """Request line and headers of one proxied request; `target` is what the client asked for."""

    method: str
    target: str
    version: str
    headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


def parse_head(raw: bytes) -> RequestHead:
    """Reads a request head; anything that is not plainly HTTP/1.x is refused."""
    lines = raw.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise EgressRefused("not HTTP/1")
    headers = []
    for line in filter(None, lines[1:]):
        key, colon, value = line.partition(":")
        if not colon or key != key.strip():
            raise EgressRefused("malformed header")
        headers.append((key, value.strip()))
    return RequestHead(parts[0], parts[1], parts[2], tuple(headers))


def split_target(head: RequestHead) -> tuple[str, int]:
    """Host and port a request asks for: authority form for CONNECT, absolute form for the rest."""
    try:
        url = urlsplit(f"//{head.target}" if head.method == "CONNECT" else head.target)
    except ValueError as problem:  # brackets around something that is no IPv6 address
        raise EgressRefused("malformed address") from problem
    if head.method != "CONNECT" and url.scheme != "http":
        raise EgressRefused(f"scheme {url.scheme or 'missing'}")
    try:
        port = url.port
    except ValueError as problem:
        raise EgressRefused("malformed port") from problem
    if url.username is not None:
        raise EgressRefused("user name in the address")
    return url.hostname or "", port or (443 if head.method == "CONNECT" else 80)


_HOP_BY_HOP = frozenset(
    {"connection", "proxy-connection", "proxy-authorization", "keep-alive", "upgrade", "te", "host"}
)


def forwarded_head(head: RequestHead) -> bytes:
    """The head as the origin server gets it: origin form, the host of the address line, one request a connection."""
    url = urlsplit(head.target)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    kept = [f"{key}: {value}" for key, value in head.headers if key.lower() not in _HOP_BY_HOP]
    lines = [f"{head.method} {path} HTTP/1.1", f"Host: {url.netloc}", *kept, "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class EgressProxy:
    """The proxy, on a loopback port and in a thread of its own.

    `start()` gives the port; `log_since(n)` the decisions after the first n. The same log answers a direct
    `GET /log?since=n` (a page cannot ask for it: its requests arrive in absolute form and loopback is refused).
    """

    def __init__(self, rules: EgressRules, resolve: Resolver = resolve_once) -> None:
        self.rules = rules
        self.port = 0
        self._resolve = resolve
        self._log: deque[tuple[int, EgressLine]] = deque(maxlen=LOG_LIMIT)
        self._count = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="egress", daemon=True)
        self._ready = threading.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> int:
        """Listens on a free loopback port and returns it."""
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the egress guard did not start")
        return self.port

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def log_since(self, count: int) -> list[EgressLine]:
        return [line for number, line in list(self._log) if number > count]

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._client, "127.0.0.1", 0, limit=HEAD_LIMIT, backlog=256)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            # Their connections close inside the loop; closing the loop first would leave them hanging.
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=2) if tasks else asyncio.sleep(0))
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError, asyncio.CancelledError, OSError):
            try:
                raw = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_TIMEOUT_S)
                await self._request(parse_head(raw), reader, writer)
            except EgressRefused as refusal:
                await _refuse(writer, str(refusal))
            except asyncio.LimitOverrunError:
                await _refuse(writer, "head too long")
        with suppress(ConnectionError, OSError, RuntimeError):
            writer.close()

    async def _request(self, head: RequestHead, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if head.method == "GET" and head.target.startswith("/log"):
            await self._tell_log(head.target, writer)
            return
        host, port = split_target(head)
        upstream_reader, upstream_writer = await self._connect(host, port)
        try:
            if head.method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await _tunnel(reader, writer, upstream_reader, upstream_writer)
            else:
                await _exchange(head, reader, writer, upstream_reader, upstream_writer)
        finally:
            upstream_writer.close()

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            address, real_port = await checked_target(self.rules, host, port, self._resolve)
        except EgressRefused as refusal:
            self._note(host, port, f"refused: {refusal}")
            raise
        self._note(host, port, "connected", f"{address}:{real_port}")
        try:
            return await asyncio.wait_for(asyncio.open_connection(address, real_port), CONNECT_TIMEOUT_S)
        except (OSError, TimeoutError) as problem:
            raise EgressRefused("no connection") from problem

    def _note(self, host: str, port: int, verdict: str, address: str = "") -> None:
        self._count += 1
        at = real_now().isoformat(timespec="milliseconds")
        self._log.append((self._count, EgressLine(at, host[:255], port, verdict, address)))

    async def _tell_log(self, target: str, writer: asyncio.StreamWriter) -> None:
        asked = urlsplit(target).query.removeprefix("since=")
        lines = self.log_since(int(asked) if asked.isdecimal() else 0)
        body = json.dumps({"count": self._count, "lines": [asdict(line) for line in lines]}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()


async def _refuse(writer: asyncio.StreamWriter, reason: str) -> None:
    body = f"The egress guard refused this request: {reason}".encode()
    head = f"HTTP/1.1 403 Forbidden\r\n{REFUSAL_HEADER}: refused\r\nContent-Type: text/plain\r\n"
    with suppress(ConnectionError, OSError):
        writer.write(head.encode() + f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()


async def _exchange(
    head: RequestHead,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    upstream_reader: asyncio.StreamReader,
    upstream_writer: asyncio.StreamWriter,
) -> None:
    """One request and its response. Whatever the client sends after its request's body is never forwarded: a second
    request on this connection may be meant for another host and would pass unchecked."""
    upstream_writer.write(forwarded_head(head))
    sending = asyncio.ensure_future(_send_body(head, reader, upstream_writer))
    try:
        await _answer(upstream_reader, writer)
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError, EgressRefused):
            await sending


async def _send_body(head: RequestHead, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter) -> None:
    length = head.header("content-length")
    if head.header("transfer-encoding"):
        raise EgressRefused("chunked request")  # browsers do not send them over HTTP/1
    remaining = int(length) if length.isdecimal() else 0
    while remaining:
        chunk = await reader.read(min(CHUNK, remaining))
        if not chunk:
            return
        remaining -= len(chunk)
        upstream.write(chunk)
        await upstream.drain()
    await upstream.drain()


async def _answer(upstream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Passes the response on, with its head rewritten so that the client closes after it."""
    raw = await asyncio.wait_for(upstream.readuntil(b"\r\n\r\n"), IDLE_TIMEOUT_S)
    lines = raw.split(b"\r\n")
    kept = [line for line in lines[1:] if line and line.split(b":")[0].lower() not in (b"connection", b"keep-alive")]
    writer.write(b"\r\n".join([lines[0], *kept, b"Connection: close"]) + b"\r\n\r\n")
    await _copy(upstream, writer)


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while chunk := await asyncio.wait_for(source.read(CHUNK), IDLE_TIMEOUT_S):
        sink.write(chunk)
        await sink.drain()


async def _tunnel(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    upstream_reader: asyncio.StreamReader,
    upstream_writer: asyncio.StreamWriter,
) -> None:
    """Both directions of a CONNECT until either side is done."""
    pumps = [
        asyncio.ensure_future(_copy(reader, upstream_writer)),
        asyncio.ensure_future(_copy(upstream_reader, writer)),
    ]
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
