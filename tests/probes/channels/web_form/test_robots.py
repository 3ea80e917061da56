"""robots.txt before anything else: what it closes is not opened, and the file is asked for under our own name."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from probes.channels.web_form import WebFormChannel, WebFormSettings
from probes.channels.web_form.rehearsal import sample_probe
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules

pytestmark = pytest.mark.real
FORM = (
    "<form action=/sent method=post><label>E-Mail <input name=e></label><label>Nachricht <textarea name=m></textarea>"
    "</label><button>Senden</button></form>"
)


def visited(robots: str, status: int = 200) -> tuple[str, list[tuple[str, str]]]:
    """The outcome at a site with this robots.txt, and every request with its agent."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["User-Agent"]))
            body, code = (robots, status) if self.path == "/robots.txt" else (FORM, 200)
            self._send(code, body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.path, self.headers["User-Agent"]))
            self._send(200, "<p>Vielen Dank für Ihre Nachricht.")

        def _send(self, code: int, body: str) -> None:
            self.send_response(code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    with (
        EgressProxy(EgressRules({"brand.example": server.server_port})) as proxy,
        WebFormChannel(WebFormSettings(proxy_url=proxy.url, dwell_s=0, dwell_jitter_s=0, find_s=1.0)) as channel,
    ):
        outcome = channel.hand_over(sample_probe("http://brand.example/kontakt"), lambda: None).outcome
    server.shutdown()
    server.server_close()
    return outcome, asked


@pytest.mark.parametrize(
    "robots",
    ["User-agent: *\nDisallow: /", "User-agent: Replymark\nDisallow: /kontakt", "User-agent: *\nDisallow: /*kontakt$"],
)
def test_a_page_that_is_closed_to_programs_is_not_opened(robots: str) -> None:
    outcome, asked = visited(robots)

    assert outcome == "blocked_robots"
    assert [path for path, _ in asked] == ["/robots.txt"]


def test_a_robots_txt_that_cannot_be_read_closes_the_site() -> None:
    outcome, asked = visited("", status=503)

    assert outcome == "blocked_robots:unreachable"
    assert [path for path, _ in asked] == ["/robots.txt"]


@pytest.mark.parametrize("robots", ["User-agent: Other\nDisallow: /", "User-agent: *\nDisallow: /konto"])
def test_what_is_open_is_used_and_only_the_submission_is_the_browsers_own(robots: str) -> None:
    outcome, asked = visited(robots)

    assert outcome == "success"
    agents = dict(asked)
    assert agents["/robots.txt"] == "Replymark"
    assert "Replymark" not in agents["/sent"]
