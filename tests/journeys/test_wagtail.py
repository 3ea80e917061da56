"""Real software as a brand: a Wagtail form page in an environment of its own, met by the channel without a recipe."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
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

pytestmark = pytest.mark.real

HOST = "nordlicht.example"
PACKAGES = ("wagtail>=6.3,<8",)
INSTALL_S, START_S = 60, 25
BODY = "Guten Tag, gibt es das Regal auch in Eiche?"


def environment() -> Path:
    """The Python of an environment with Wagtail, kept between runs; skips when it cannot be made in time."""
    home = Path(tempfile.gettempdir()) / f"replymark-wagtail-{os.getuid()}-{sys.version_info[0]}.{sys.version_info[1]}"
    python = home / "bin" / "python"
    if (home / "ready").exists():
        return python
    shutil.rmtree(home, ignore_errors=True)
    uv = shutil.which("uv")
    make = (
        [uv, "venv", "-q", "--python", sys.executable, str(home)] if uv else [sys.executable, "-m", "venv", str(home)]
    )
    into = [uv, "pip", "install", "-q", "--python", str(python)] if uv else [str(python), "-m", "pip", "install", "-q"]
    try:
        subprocess.run(make, check=True, capture_output=True, timeout=INSTALL_S / 3)
        subprocess.run([*into, *PACKAGES], check=True, capture_output=True, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        pytest.skip(f"Wagtail's packages were not installed within {INSTALL_S} s")
    except subprocess.CalledProcessError as problem:
        reason = problem.stderr.decode(errors="replace").strip().splitlines()
        pytest.skip(f"Wagtail's packages cannot be installed: {reason[-1] if reason else 'no reason given'}")
    (home / "ready").touch()
    return python


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    try:
        find_browser()
    except BadInput as problem:
        pytest.skip(str(problem))
    folder = tmp_path_factory.mktemp("wagtail")
    command = [str(environment()), "-m", "wagtail_brand.serve", HOST, str(folder)]
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
