"""Real software as a brand: a Wagtail form page in an environment of its own, met by the channel without a recipe."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmark.core.problems import BadInput
from benchmark.core.values import ClaimedProbe, Persona
from benchmark.core.vocabulary import AttemptState, ChannelKind, InquiryKind
from probes.browser import find_browser
from probes.channels.web_form import WebFormChannel, WebFormSettings
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules
from tests.journeys.environments import python_with

pytestmark = pytest.mark.real

HOST = "nordlicht.example"
PACKAGES = ("wagtail>=6.3,<8",)
START_S = 25
BODY = "Guten Tag, gibt es das Regal auch in Eiche?"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    try:
        find_browser()
    except BadInput as problem:
        pytest.skip(str(problem))
    folder = tmp_path_factory.mktemp("wagtail")
    command = [str(python_with("wagtail", PACKAGES)), "-m", "wagtail_brand.serve", HOST, str(folder)]
    with (folder / "log").open("w") as log:
        site = subprocess.Popen(command, cwd=Path(__file__).parent, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        yield _port(site, folder / "log")
    finally:
        site.kill()
        site.wait(10)


def _port(site: subprocess.Popen[str], log: Path) -> int:
    assert site.stdout is not None
    line = site.stdout.readline().strip()  # ends at once when the process does
    assert line.isdecimal(), log.read_text()[-2000:]
    return int(line)


def arrived(port: int) -> dict[str, object]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/arrived/", timeout=START_S) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def test_a_wagtail_form_page_gets_the_inquiry_once(port: int) -> None:
    persona = Persona("anna", "Frau", "Anna", "Berg")
    claimed = ClaimedProbe(
        1, 1, 1, ChannelKind.WEB_FORM, f"http://{HOST}/kontakt/", "anna.berg+k7q2m9x1@mail.example",
        "<k7q2m9x1@mail.example>", persona, InquiryKind.QUESTION, "Frage zum Regal", BODY, "de", "Nordlicht",
    )  # fmt: skip
    with EgressProxy(EgressRules({HOST: port})) as proxy:
        settings = WebFormSettings(proxy_url=proxy.url, dwell_s=0.3, dwell_jitter_s=0, observe_s=10)
        with WebFormChannel(settings) as channel:
            delivery = channel.hand_over(claimed, lambda: None)

    assert (delivery.state, delivery.outcome) == (AttemptState.ACCEPTED, "success"), delivery
    assert delivery.acknowledgement.startswith("Vielen Dank für Ihre Nachricht.")
    assert arrived(port) == {
        "posts": 1,
        "submissions": [
            {
                "ihr_name": "Anna Berg",
                "e_mail_adresse": "anna.berg+k7q2m9x1@mail.example",
                "thema": "Frage zum Produkt",
                "telefon": "",
                "ihre_nachricht": BODY,
                "ich_habe_die_datenschutzerklarung_gelesen": True,
            }
        ],
    }
