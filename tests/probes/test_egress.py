"""The egress guard: nothing but public addresses, and in the sandbox nothing but the map."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from probes import egress_rules
from probes.egress import EgressProxy, parse_head, split_target
from probes.egress_rules import EgressRefused, EgressRules, checked_target, is_public

PRIVATE = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.0.1", "198.18.0.1", "192.0.2.1",
    "198.51.100.7", "203.0.113.9", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1",
    "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::", "2001:db8::1", "fe80::5efe:7f00:1",
    "2a00:1450::200:5efe:7f00:1", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_is_not_public_however_it_is_written(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


def _answers(*addresses: str) -> object:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


def _checked(rules: EgressRules, host: str, *addresses: str, port: int = 80) -> tuple[str, int]:
    return asyncio.run(checked_target(rules, host, port, _answers(*addresses)))  # type: ignore[arg-type]  # a fake resolver


def test_the_sandbox_map_leads_to_loopback_and_forgives_case_and_closing_dot() -> None:
    rules = EgressRules({"nordlicht.example": 4711})

    assert _checked(rules, "NordLicht.example.") == ("127.0.0.1", 4711)


def test_in_the_sandbox_an_unmapped_name_is_refused_without_asking_the_resolver() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise AssertionError("the resolver was asked")

    with pytest.raises(EgressRefused, match="outside the sandbox"):
        asyncio.run(checked_target(EgressRules({"a.example": 1}), "example.org", 443, resolve))


def test_a_name_with_one_private_address_among_public_ones_is_refused_as_a_whole() -> None:
    with pytest.raises(EgressRefused, match=r"10\.0\.0\.1"):
        _checked(EgressRules(sandbox_only=False), "rebind.example", "93.184.216.34", "10.0.0.1")


def test_the_address_that_was_checked_is_the_address_connected_to() -> None:
    assert _checked(EgressRules(sandbox_only=False), "site.example", "93.184.216.34") == ("93.184.216.34", 80)


@pytest.mark.parametrize("port", [22, 25, 8080, 0, 65535])
def test_only_the_web_ports_are_open(port: int) -> None:
    with pytest.raises(EgressRefused, match="port"):
        _checked(EgressRules(sandbox_only=False), "site.example", "93.184.216.34", port=port)


@pytest.mark.parametrize(
    "line",
    ["GET https://a.example/ HTTP/1.1", "GET file:///etc/passwd HTTP/1.1", "GET /inside HTTP/1.1",
     "GET http://a.example:x/ HTTP/1.1", "GET http://u@a.example/ HTTP/1.1", "CONNECT a.example:99999 HTTP/1.1"],
)  # fmt: skip
def test_an_odd_request_line_is_refused(line: str) -> None:
    with pytest.raises(EgressRefused):
        split_target(parse_head(f"{line}\r\n\r\n".encode()))


class Canary:
    """A server on loopback that must never be reached."""

    def __init__(self, redirect_to: str = "") -> None:
        self.hits: list[str] = []
        canary = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                canary.hits.append(self.path)
                self.send_response(302 if redirect_to else 200)
                self.send_header("Location", redirect_to)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET  # noqa: N815 - the base class looks for this name

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    bird = Canary()
    yield bird
    bird.close()


def _ask(proxy: EgressProxy, raw: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0x7f.1", "0x7f.0.0.1", "0177.0.0.1",
    "017700000001", "127.000.000.001", "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "[::1]", "[::]",
    "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",     "ip6-localhost", "127.0.0.1.", "127.255.255.254", "%31%32%37.0.0.1",
    "①②⑦.0.0.1", "127。0。0。1", "[fe80::1%25lo]",
    "0x7f.0x0.0x0.0x1", "00000177.0.0.1", "0X7F000001", "127.0.0.1%00", "[::ffff:0:127.0.0.1]", "[::ffff:0:7f00:1]",
    "[64:ff9b:1::7f00:1]", "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::200:5efe:7f00:1]", "[2a00:1450::5efe:7f00:1]",
    "169.254.169.254", "[fd00:ec2::254]", "10.0.0.1", "100.64.0.1", "LocalHost.", "ｌｏｃａｌｈｏｓｔ", "127.0.0.1。",
    "user@127.0.0.1", "mapped.example@127.0.0.1", "127.0.0.1#@mapped.example", "mapped.example.localhost",
    "[::ffff:127.1]", "xn--127-0-0-1.localhost", "127.0.0.1..", "[::1%25lo]", "[::1%lo]", "-127.0.0.1", "+2130706433",
]  # fmt: skip


@pytest.mark.real
@pytest.mark.parametrize("sandbox_only", [True, False])
@pytest.mark.parametrize("port_of", ["web port", "canary port"])
def test_no_spelling_of_loopback_reaches_a_server_inside(canary: Canary, sandbox_only: bool, port_of: str) -> None:
    rules = EgressRules({"mapped.example": 1}, sandbox_only=sandbox_only)
    port = 80 if port_of == "web port" else canary.port
    with EgressProxy(rules) as proxy:
        for host in HOSTS:
            target = f"{host}:{port}".encode()
            for raw in (b"GET http://" + target + b"/secret HTTP/1.1\r\nHost: mapped.example\r\n\r\n",
                        b"CONNECT " + target + b" HTTP/1.1\r\n\r\nGET /secret HTTP/1.1\r\n\r\n"):  # fmt: skip
                assert b" 403 " in _ask(proxy, raw).split(b"\r\n")[0]

    assert canary.hits == []


@pytest.mark.real
def test_with_every_port_open_the_address_alone_keeps_a_request_out(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's own resolver reads decimal, octal and hexadecimal hosts; the port rule must not be what saves us."""
    monkeypatch.setattr(egress_rules, "ALLOWED_PORTS", frozenset({canary.port}))
    with EgressProxy(EgressRules(sandbox_only=False)) as proxy:
        for host in HOSTS:
            target = f"{host}:{canary.port}".encode()
            for raw in (
                b"GET http://" + target + b"/secret HTTP/1.1\r\n\r\n",
                b"CONNECT " + target + b" HTTP/1.1\r\n\r\n",
            ):
                assert b" 403 " in _ask(proxy, raw).split(b"\r\n")[0], host
        refused = {line.verdict for line in proxy.log_since(0)}

    assert canary.hits == []
    assert len(HOSTS) >= 40
    assert any("not a public address: 127.0.0.1" in verdict for verdict in refused)


@pytest.mark.real
def test_a_name_that_changes_its_address_between_two_questions_is_asked_once(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(egress_rules, "ALLOWED_PORTS", frozenset({canary.port}))
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["203.0.113.9" if len(asked) % 2 == 0 else "127.0.0.1"]

    with EgressProxy(EgressRules(sandbox_only=False), rebinding) as proxy:
        for number in range(1, 7):
            target = f"http://rebind{number}.example:{canary.port}/".encode()
            _ask(proxy, b"GET " + target + b" HTTP/1.1\r\n\r\n")

    assert canary.hits == []
    assert len(asked) == 6


@pytest.mark.real
def test_a_second_request_on_the_same_connection_never_reaches_the_first_host(canary: Canary) -> None:
    with EgressProxy(EgressRules({"brand.example": canary.port})) as proxy:
        first = b"GET http://brand.example/one HTTP/1.1\r\nHost: brand.example\r\n\r\n"
        answer = _ask(proxy, first + b"GET http://other.example/two HTTP/1.1\r\nHost: other.example\r\n\r\n")

    assert canary.hits == ["/one"]
    assert answer.count(b"HTTP/1.") == 1


@pytest.mark.real
def test_the_log_tells_hosts_and_verdicts(canary: Canary) -> None:
    with EgressProxy(EgressRules({"brand.example": canary.port})) as proxy:
        _ask(proxy, b"GET http://brand.example/ HTTP/1.1\r\n\r\n")
        _ask(proxy, b"CONNECT tracker.example:443 HTTP/1.1\r\n\r\n")

        told = [(line.host, line.verdict) for line in proxy.log_since(0)]

    assert told == [("brand.example", "connected"), ("tracker.example", "refused: outside the sandbox")]


HOSTILE_PAGE = """<!doctype html><meta charset=utf-8><title>Kontakt</title>
{pictures}
<iframe src="http://127.0.0.1:{port}/frame"></iframe><iframe src="/redirect"></iframe><img src="/redirect?image">
<link rel=stylesheet href="http://[::1]:{port}/style"><script src="http://localhost:{port}/script"></script>
<link rel=preconnect href="http://127.0.0.1:{port}"><link rel=prefetch href="http://127.0.0.1:{port}/prefetch">
<object data="http://127.0.0.1:{port}/object"></object><video src="http://127.0.0.1:{port}/video"></video>
<form id=f action="http://127.0.0.1:{port}/form" method=post target=inner></form><iframe name=inner></iframe>
<script>
fetch("http://127.0.0.1:{port}/fetch", {{mode: "no-cors"}}).catch(() => 0);
fetch("/redirect?fetch", {{mode: "no-cors"}}).catch(() => 0);
navigator.sendBeacon("http://127.0.0.1:{port}/beacon", "x");
try {{ new WebSocket("ws://127.0.0.1:{port}/socket"); new WebSocket("ws://localhost:{port}/socket"); }} catch (e) {{}}
try {{ new EventSource("http://127.0.0.1:{port}/events"); }} catch (e) {{}}
f.submit(); window.open("http://127.0.0.1:{port}/window");
new RTCPeerConnection({{iceServers: [{{urls: "stun:127.0.0.1:{port}"}}]}}).createDataChannel("x");
setTimeout(() => {{ location = "http://127.0.0.1:{port}/away"; }}, 300);
</script>"""


@pytest.mark.real
def test_no_page_leads_a_real_browser_to_a_server_inside(canary: Canary) -> None:
    from playwright.sync_api import Error, sync_playwright

    from probes.browser import find_browser, launch

    spellings = [f"http://{host}:{port}/x" for host in HOSTS for port in (80, canary.port)]
    pictures = "".join(f'<img src="{url}">' for url in spellings)
    hostile = HostileSite(
        HOSTILE_PAGE.format(port=canary.port, pictures=pictures), f"http://127.0.0.1:{canary.port}/moved"
    )
    path = find_browser().path
    with EgressProxy(EgressRules({"hostile.example": hostile.port})) as proxy, sync_playwright() as playwright:
        browser = launch(playwright, path, proxy.url)
        page = browser.new_page()
        page.goto("http://hostile.example/", wait_until="commit")
        page.wait_for_timeout(1500)
        for url in (*spellings[:10], "http://hostile.example/redirect"):
            try:
                page.goto(url, timeout=3000)
            except Error:
                continue  # refused before anything was asked
        browser.close()
    hostile.close()

    assert canary.hits == []
    assert hostile.hits
    assert all(line.verdict.startswith("refused") for line in proxy.log_since(0) if line.host != "hostile.example")


class HostileSite(Canary):
    """A page full of ways inside, and a path that redirects there."""

    def __init__(self, page: str, redirect_to: str) -> None:
        super().__init__()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.hits.append(self.path)
                moved = self.path.startswith("/redirect")
                body = b"" if moved else page.encode()
                self.send_response(302 if moved else 200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                if moved:
                    self.send_header("Location", redirect_to)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self.server.RequestHandlerClass = Handler
