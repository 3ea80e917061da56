"""The web-form channel: one warm browser a process, one context a probe, one submission an inquiry."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, Error, Playwright, sync_playwright

from benchmark.core.problems import TemporaryFailure
from benchmark.core.values import ClaimedProbe, Delivery
from benchmark.core.vocabulary import AttemptState, FormAgent, FormOutcome
from probes.browser import find_browser, launch
from probes.channels.web_form.attempt import Arming, Attempt, first_line
from probes.channels.web_form.robots import Robots
from probes.channels.web_form.settings import WebFormSettings

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
        self._robots = Robots(self.settings.proxy_url, self.settings.robots_agent)

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
        armed = Arming(arm)
        for attempt in (1, 2):
            try:
                return self._attempt(claimed, armed)
            except Error as problem:
                self._drop_browser()
                if armed.raised:
                    return _lost(problem)
                if attempt == 2:
                    raise TemporaryFailure(f"the browser failed twice: {first_line(problem)}") from problem
            except Exception as problem:  # whatever it is: after the click it must end as a doubt, never as a retry
                if armed.raised:
                    return _lost(problem)
                raise
        raise AssertionError("unreachable")

    def _attempt(self, claimed: ClaimedProbe, armed: Arming) -> Delivery:
        context = self.fresh_context(claimed)
        watchdog = threading.Timer(self.settings.total_budget_s + WATCHDOG_GRACE_S, self._kill_browser)
        watchdog.daemon = True
        watchdog.start()
        try:
            return Attempt(self.settings, context, claimed, armed, self._robots).run()
        finally:
            watchdog.cancel()
            _close_quietly(context)

    def fresh_context(self, claimed: ClaimedProbe) -> BrowserContext:
        if self._browser is None or self._probes >= self.settings.probes_per_browser:
            self._drop_browser()
            self._launch()
        assert self._browser is not None
        self._probes += 1
        declared = claimed.agent is FormAgent.DECLARED
        options: dict[str, Any] = {"user_agent": self.settings.declared_agent} if declared else {}
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


def _close_quietly(context: BrowserContext) -> None:
    try:
        context.close()
    except Error:
        return  # the browser went first


def _lost(problem: Exception) -> Delivery:
    return Delivery(
        AttemptState.UNCONFIRMED, FormOutcome.INTERNAL_ERROR, f"lost after the click: {first_line(problem)}"
    )
