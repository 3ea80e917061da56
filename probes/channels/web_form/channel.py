"""The web-form channel: one warm browser a process, one context a probe, one submission an inquiry."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Dialog, Error, Playwright, Response, sync_playwright

from benchmark.core.problems import TemporaryFailure
from benchmark.core.vocabulary import AttemptState, ClaimedProbe, Delivery, FormOutcome
from probes.browser import find_browser, launch
from probes.channels.web_form.barriers import bot_wall, check_captcha, check_payment
from probes.channels.web_form.consent import refuse_layer
from probes.channels.web_form.filling import fill_form, find_contact_form
from probes.channels.web_form.guard import SubmissionGuard
from probes.channels.web_form.observing import check_ready, observe, read_texts, submit_once
from probes.channels.web_form.outcome import Finding, state_of, submitted
from probes.channels.web_form.reading import read_forms
from probes.channels.web_form.settings import WebFormSettings
from probes.channels.web_form.tickets import ticket_ids
from probes.channels.web_form.visit import Stop, Visit, utc_text
from probes.egress import REFUSAL_HEADER

VIEWPORT = {"width": 1280, "height": 900}
LOCALES = {"de": "de-DE", "en": "en-GB", "fr": "fr-FR", "es": "es-ES", "it": "it-IT", "nl": "nl-NL"}
WATCHDOG_GRACE_S = 10.0


class WebFormChannel:
    """Hands inquiries over through contact forms. Not for several threads: Playwright's sync API belongs to one."""

    def __init__(self, settings: WebFormSettings) -> None:
        self.settings = settings.checked()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._browser_path = settings.browser_path
        self._pid = 0
        self._probes = 0

    def open(self) -> Self:
        """Starts the browser; raises BadInput when there is none."""
        if self._playwright is None:
            if not self._browser_path:
                self._browser_path = find_browser().path
            self._playwright = sync_playwright().start()
            self._launch()
        return self

    def close(self) -> None:
        """Ends the browser; safe to call twice and after a crash."""
        self._drop_browser()
        if self._playwright is not None:
            self._playwright.stop()
            self._playwright = None

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def hand_over(self, claimed: ClaimedProbe, arm: Callable[[], None]) -> Delivery:
        """One inquiry through one form. `arm` commits the point of no return; after it nothing is ever repeated.

        A browser that died before that point is started again once. An exception of `arm` itself is passed on:
        then nothing was sent.
        """
        self.open()
        armed = _Flag(arm)
        for attempt in (1, 2):
            try:
                return self._attempt(claimed, armed)
            except Error as problem:
                self._drop_browser()
                if armed.raised:
                    return _lost(problem)
                if attempt == 2:
                    raise TemporaryFailure(f"the browser failed twice: {_first_line(problem)}") from problem
            except Exception as problem:
                if armed.raised:
                    return _lost(problem)
                raise
        raise AssertionError("unreachable")

    def _attempt(self, claimed: ClaimedProbe, armed: _Flag) -> Delivery:
        context = self._fresh_context(claimed)
        watchdog = threading.Timer(self.settings.total_budget_s + WATCHDOG_GRACE_S, self._kill_browser)
        watchdog.daemon = True
        watchdog.start()
        try:
            return _Attempt(self.settings, context, claimed, armed).run()
        finally:
            watchdog.cancel()
            _close_quietly(context)

    def _fresh_context(self, claimed: ClaimedProbe) -> BrowserContext:
        if self._browser is None or self._probes >= self.settings.probes_per_browser:
            self._drop_browser()
            self._launch()
        assert self._browser is not None
        self._probes += 1
        options: dict[str, Any] = {"user_agent": self.settings.user_agent} if self.settings.user_agent else {}
        return self._browser.new_context(
            viewport=VIEWPORT,  # type: ignore[arg-type]  # playwright wants its own TypedDict
            locale=LOCALES.get(claimed.language, "en-GB"),
            timezone_id=self.settings.time_zone,
            service_workers="block",
            accept_downloads=False,
            **options,
        )

    def _launch(self) -> None:
        assert self._playwright is not None
        self._browser = launch(self._playwright, self._browser_path, self.settings.proxy_url)
        self._probes = 0
        told = self._browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
        self._pid = next((int(entry["id"]) for entry in told["processInfo"] if entry["type"] == "browser"), 0)

    def _kill_browser(self) -> None:
        """The last resort against a page that hangs the browser: pending calls then fail and the attempt ends."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)

    def _drop_browser(self) -> None:
        browser, self._browser, self._pid = self._browser, None, 0
        if browser is not None:
            try:
                browser.close()
            except Error:
                return  # it was dead already


class _Flag:
    """`arm` with a memory: whether the point of no return was passed."""

    def __init__(self, arm: Callable[[], None]) -> None:
        self._arm = arm
        self.raised = False

    def __call__(self) -> None:
        self._arm()
        self.raised = True


def _close_quietly(context: BrowserContext) -> None:
    try:
        context.close()
    except Error:
        return  # the browser went first


def _first_line(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0][:200]


def _lost(problem: Exception) -> Delivery:
    return Delivery(
        AttemptState.UNCONFIRMED, FormOutcome.INTERNAL_ERROR, f"lost after the click: {_first_line(problem)}"
    )


class _Attempt:
    """The phases of one attempt, in order."""

    def __init__(self, settings: WebFormSettings, context: BrowserContext, claimed: ClaimedProbe, armed: _Flag) -> None:
        self.claimed, self.settings, self.armed = claimed, settings, armed
        self.guard = SubmissionGuard(_tokens(claimed))
        self.guard.install(context)
        page = context.new_page()
        deadline = time.monotonic() + settings.total_budget_s
        self.visit = Visit(claimed, settings, page, armed, deadline)
        page.on("dialog", self._on_dialog)
        self.egress_mark = _egress_count(settings.proxy_url)
        self.times: dict[str, str] = {}

    def run(self) -> Delivery:
        try:
            finding = self._phases()
        except Stop as stop:
            finding = Finding(stop.outcome, stop.detail, evidence=stop.note)
        return self._delivery(finding)

    def _phases(self) -> Finding:
        visit = self.visit
        with visit.phase("open", self.settings.open_s):
            self._open()
        with visit.phase("consent", 8) as line:
            line.note = refuse_layer(visit.page)
        with visit.phase("find", self.settings.find_s + 4):
            live, scored, markers = find_contact_form(visit)
        with visit.phase("captcha", 5):
            check_captcha(scored, markers)
            check_payment(scored)
        with visit.phase("fill", 20):
            ready = fill_form(visit, live, scored)
        filled = time.monotonic()
        with visit.phase("validity", 8):
            check_ready(visit, ready)
            visit.photograph("before.jpg")
        with visit.phase("dwell", self.settings.dwell_s + self.settings.dwell_jitter_s + 5):
            self._dwell(filled)
        before, url_before = read_texts(visit.page, watch=True), visit.page.url
        with visit.phase("submit", 8):
            submit_once(visit, ready, self.guard)
            self.times["armed_at"] = utc_text()
        with visit.phase("observe", self.settings.observe_s + 5):
            return observe(visit, self.guard, before, url_before)

    def _open(self) -> None:
        page = self.visit.page
        self.times["opened_at"] = utc_text()
        try:
            response = page.goto(self.claimed.address, wait_until="domcontentloaded")
        except Error as problem:
            if "Timeout" in type(problem).__name__ or "closed" in str(problem):
                raise
            raise Stop(FormOutcome.BLOCKED_HTTP, "tcp", _first_line(problem)) from problem
        _check_response(response)
        self._check_bots(response)
        try:
            page.wait_for_load_state("load", timeout=4000)
        except Error:
            return  # a slow picture is no reason to stop

    def _check_bots(self, response: Response | None) -> None:
        markers = [marker for live in read_forms(self.visit.page) for marker in live.page.markers]
        text = self.visit.page.evaluate("() => (document.body ? document.body.innerText : '').slice(0, 4000)")
        status = response.status if response is not None else 0
        if vendor := bot_wall(status, self.visit.page.title(), text, markers):
            raise Stop(FormOutcome.BLOCKED_BOT, vendor)
        if status >= 400:
            raise Stop(FormOutcome.BLOCKED_HTTP, str(status))

    def _dwell(self, filled: float) -> None:
        wanted = self.settings.dwell_s + self.settings.chance() * self.settings.dwell_jitter_s
        rest = wanted - (time.monotonic() - filled)
        if rest > 0:
            self.visit.page.wait_for_timeout(rest * 1000)

    def _on_dialog(self, dialog: Dialog) -> None:
        self.visit.dialogs.append(" ".join(dialog.message.split()))
        dialog.accept() if self.armed.raised else dialog.dismiss()

    def _delivery(self, finding: Finding) -> Delivery:
        visit = self.visit
        visit.photograph("after.jpg")
        text = finding.acknowledgement
        if text:
            visit.keep("acknowledgement.txt", "text/plain", text.encode())
        times = {**self.times, "requested_at": self.guard.requested_at, "responded_at": self.guard.responded_at}
        visit.keep_json(
            "guard.json",
            {
                "times": times,
                **self.guard.summary(),
                "egress": _egress_lines(self.settings.proxy_url, self.egress_mark),
            },
        )
        visit.keep_log()
        outcome = f"{finding.outcome}:{finding.detail}" if finding.detail else str(finding.outcome)
        return Delivery(
            state=state_of(finding.outcome, finding.detail, self.armed.raised),
            outcome=outcome,
            detail=f"submitted {submitted(finding.outcome, self.armed.raised)}; {finding.evidence}".rstrip("; "),
            acknowledgement=text,
            ticket_ids=ticket_ids(text) if text else (),
            evidence=tuple(visit.evidence),
        )


def _tokens(claimed: ClaimedProbe) -> list[str]:
    """What only this probe carries: its secret address, that address' tag, and its message id."""
    local = claimed.reply_address.partition("@")[0]
    words = (claimed.reply_address, local.partition("+")[2], claimed.message_id.strip("<>").partition("@")[0])
    return [word for word in words if len(word) >= 6]


def _check_response(response: Response | None) -> None:
    if response is not None and response.headers.get(REFUSAL_HEADER.lower()):
        raise Stop(FormOutcome.BLOCKED_POLICY, "egress", urlsplit(response.url).hostname or "")


def _egress_log(proxy_url: str, since: int) -> dict[str, Any]:
    """The guard's own log, asked directly on its port; an absent answer is an empty log."""
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{proxy_url}/log?since={since}", timeout=2) as answer:
            told: dict[str, Any] = json.load(answer)
            return told
    except (OSError, ValueError):
        return {"count": since, "lines": []}


def _egress_count(proxy_url: str) -> int:
    return int(_egress_log(proxy_url, 1 << 60)["count"])


def _egress_lines(proxy_url: str, since: int) -> list[dict[str, Any]]:
    return list(_egress_log(proxy_url, since)["lines"])
