"""The pages in a real browser: nothing against the policy, nothing for axe to find, nothing wider than the screen."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from benchmark.settings import Settings

pytestmark = pytest.mark.real

AXE = Path(__file__).parent / "axe" / "axe.min.js"  # `tools/vendor --tests` fetches it
PLACES = ("/usr/lib/chromium/chromium-headless-shell", "chromium-headless-shell", "chromium", "google-chrome")
PAGES = (
    "/",
    "/leaderboard",
    "/brands/alpenmilch",
    "/brands/alpenmilch/contacts",
    "/campaigns/spring-2026",
    "/methodology",
    "/data",
    "/robustness",
    "/inbox",
    "/admin/mailboxes",
    "/health",
    "/probes/5",
    "/leaderboard?min_n=x",
)
UNFOLDED = ("/inbox", "/probes", "/admin")  # where what is folded is worked with
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class View:
    scheme: str
    width: int
    language: str


VIEWS = (View("light", 1280, "en"), View("dark", 1280, "de"), View("light", 390, "de"), View("dark", 320, "en"))


@pytest.fixture(scope="module")
def address(settings: Settings) -> Iterator[str]:
    """`replymark web` in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"REPLYMARK_DATA_DIR": str(settings.data_dir), "REPLYMARK_RUN_TOKEN": settings.run_token}
    command = [sys.executable, "-m", "benchmark.command_line", "web", "--port", str(port)]
    process = subprocess.Popen(command, env={**environment, "PATH": "/usr/bin:/bin"}, stdout=subprocess.PIPE)
    try:
        yield _answering(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0, "SIGTERM ends it cleanly"


def _answering(address: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1)
        except OSError:
            time.sleep(0.1)
        else:
            return address
    raise AssertionError("the server did not come up")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((found for place in PLACES if (found := shutil.which(place))), None)
    if path is None:
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(browser: Browser, view: View, *, javascript: bool = True, bypass_csp: bool = False) -> Page:
    context = browser.new_context(
        color_scheme="dark" if view.scheme == "dark" else "light",
        viewport={"width": view.width, "height": 900},
        locale=view.language,
        java_script_enabled=javascript,
        bypass_csp=bypass_csp,
    )
    return context.new_page()


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_pages_keep_to_the_policy_and_to_the_screen(browser: Browser, address: str, view: View) -> None:
    page = opened(browser, view)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda problem: complaints.append(str(problem)))

    for path in PAGES[:-1]:
        page.goto(address + path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= view.width, path

    assert complaints == []
    page.context.close()


@pytest.mark.parametrize("view", [VIEWS[0], VIEWS[1], VIEWS[2]], ids=str)
def test_axe_finds_nothing(browser: Browser, address: str, view: View) -> None:
    if not AXE.exists():
        pytest.skip("tools/vendor --tests fetches axe-core")
    page = opened(browser, view, bypass_csp=True)

    found = {}
    for path in (*PAGES, "/inbox?shelf=unsure", "/inbox?shelf=spot_checks"):
        page.goto(address + path)
        if path.startswith(UNFOLDED):
            page.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
        page.add_script_tag(path=AXE)
        result = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        found[path] = [(breach["id"], breach["nodes"][0]["html"][:120]) for breach in result["violations"]]

    assert {path: breaches for path, breaches in found.items() if breaches} == {}
    page.context.close()


def test_everything_can_be_done_without_javascript(browser: Browser, address: str) -> None:
    page = opened(browser, VIEWS[0], javascript=False)

    page.goto(f"{address}/leaderboard")
    page.select_option("#f-sector", "Energy")
    page.fill("#f-min_n", "1")
    page.click("form.filters button")
    assert "sector=Energy" in page.url
    page.click("text=Borealis Strom")
    assert page.locator("h1").inner_text() == "Borealis Strom"
    page.locator("svg.chart a").first.click()
    assert re.search(r"/probes/\d+$", page.url)
    page.context.close()


def test_the_keyboard_leads_through_the_rows(browser: Browser, address: str) -> None:
    page = opened(browser, VIEWS[0])
    page.goto(f"{address}/leaderboard")

    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("k")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("?")
    help_is_open = page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")

    rows = page.locator("[data-row] a[data-row-link]").all_inner_texts()
    assert (first, second) == (rows[0], rows[1])
    assert help_is_open
    assert page.evaluate("document.activeElement.id") == "f-campaign"
    page.context.close()


def test_hostile_html_runs_nothing_and_asks_nobody(browser: Browser, address: str) -> None:
    page = opened(browser, VIEWS[0])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))

    page.goto(f"{address}/brands/erlkoenig-reisen")
    numbers = re.findall(r'href="/probes/(\d+)"', page.content())
    for number in dict.fromkeys(numbers):
        page.goto(f"{address}/probes/{number}")
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        page.wait_for_timeout(50)

    assert [url for url in asked if not url.startswith((address, "about:", "data:"))] == []
    page.context.close()
