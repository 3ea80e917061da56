"""What the one submission says it is: by the campaign's choice the browser's own words or the study's name."""

from __future__ import annotations

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmark.core.vocabulary import FormAgent
from probes.channels.web_form import WebFormChannel, WebFormSettings
from probes.channels.web_form.rehearsal import sample_probe
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules

pytestmark = pytest.mark.real


@pytest.mark.parametrize(("agent", "declared"), [(FormAgent.PLAIN, False), (FormAgent.DECLARED, True)])
def test_the_submission_says_what_the_campaign_chose_and_wears_no_disguise(agent: FormAgent, declared: bool) -> None:
    seen: list[str] = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/robots.txt":
                seen.append(self.headers["User-Agent"])
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    claimed = replace(sample_probe("http://ear.example/kontakt"), agent=agent)
    rules = EgressRules({"ear.example": server.server_port})
    with EgressProxy(rules) as proxy, WebFormChannel(WebFormSettings(proxy_url=proxy.url, dwell_s=0)) as channel:
        channel.hand_over(claimed, lambda: None)
    server.shutdown()
    server.server_close()

    assert ("Replymark" in seen[0]) is declared
    assert ("HeadlessChrome" in seen[0]) is not declared
