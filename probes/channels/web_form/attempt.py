"""The phases of one attempt at one form, in order, and what they make of it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Dialog, Error, Response

from benchmark.core.problems import BadInput
from benchmark.core.recipes import Recipe, load_recipe
from benchmark.core.values import ClaimedProbe, Delivery
from benchmark.core.vocabulary import FormOutcome
from benchmark.wall_clock import monotonic
from probes.channels.web_form.barriers import bot_wall, check_captcha, check_payment
from probes.channels.web_form.consent import refuse_layer
from probes.channels.web_form.filling import fill_form, find_contact_form
from probes.channels.web_form.finding import ScoredForm
from probes.channels.web_form.guard import SubmissionGuard
from probes.channels.web_form.hop import hop_target, links_of
from probes.channels.web_form.observing import check_ready, observe, read_texts, submit_once
from probes.channels.web_form.outcome import Finding, state_of, submitted
from probes.channels.web_form.reading import LiveForm, read_forms
from probes.channels.web_form.recording import Recorder, snapshot
from probes.channels.web_form.robots import Robots
from probes.channels.web_form.settings import WebFormSettings
from probes.channels.web_form.tickets import ticket_ids
from probes.channels.web_form.visit import Stop, Visit, utc_text
from probes.egress import REFUSAL_HEADER


def first_line(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0][:200]


class Arming:
    """`arm` with a memory: whether the point of no return was passed."""

    def __init__(self, arm: Callable[[], None]) -> None:
        self._arm = arm
        self.raised = False

    def __call__(self) -> None:
        self._arm()
        self.raised = True


class Attempt:
    """The phases of one attempt, in order."""

    def __init__(
        self, settings: WebFormSettings, context: BrowserContext, claimed: ClaimedProbe, armed: Arming, robots: Robots
    ) -> None:
        self.claimed, self.settings, self.armed, self.robots = claimed, settings, armed, robots
        self.guard = SubmissionGuard(_tokens(claimed))
        self.guard.install(context)
        self.recorder = Recorder(context) if settings.full_record else None
        page = context.new_page()
        deadline = monotonic() + settings.total_budget_s
        self.visit = Visit(claimed, settings, page, armed, deadline)
        self.visit.open_step = self.guard.allow_step
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
        self.arrive()
        live, scored, markers = self.find()
        with visit.phase("captcha", 5):
            check_captcha(scored, markers)
            check_payment(scored)
        with visit.phase("fill", 20):
            ready = fill_form(visit, live, scored)
        filled = monotonic()
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

    def arrive(self) -> None:
        """The phases before the form: recipe, robots.txt, page, bot walls, consent layer."""
        self.visit.recipe = _recipe(self.claimed)
        self._arrive_at(self.address())

    def _arrive_at(self, address: str) -> None:
        visit = self.visit
        if self.settings.robots_agent:
            with visit.phase("robots", 8):
                self.robots.check(address)
        with visit.phase("open", self.settings.open_s):
            self._open(address)
        with visit.phase("consent", 8) as line:
            line.note = self._consent()

    def find(self) -> tuple[LiveForm, ScoredForm, list[str]]:
        """The contact form of the page, or, where it is only a hub, of the help desk it leads to: one hop, no more."""
        try:
            return self._find()
        except Stop as stop:
            target = self._hop_target() if stop.outcome is FormOutcome.NO_FORM else ""
            if not target:
                raise
        with self.visit.phase("hop", 5) as line:
            line.note, self.visit.hopped = target[:300], True
        self._arrive_at(target)
        return self._find()

    def _find(self) -> tuple[LiveForm, ScoredForm, list[str]]:
        with self.visit.phase("find", self.settings.find_s + 4):
            return find_contact_form(self.visit)

    def _hop_target(self) -> str:
        """A recipe names its page itself: then nothing is guessed."""
        if self.visit.recipe is not None:
            return ""
        page = self.visit.page
        return hop_target(links_of(page), page.url, self.settings.help_desks)

    def _open(self, address: str) -> None:
        page = self.visit.page
        self.times["opened_at"] = utc_text()
        try:
            response = page.goto(address, wait_until="domcontentloaded")
        except Error as problem:
            if "Timeout" in type(problem).__name__ or "closed" in str(problem):
                raise
            raise Stop(FormOutcome.BLOCKED_HTTP, "tcp", first_line(problem)) from problem
        _check_response(response)
        self._check_bots(response)
        try:
            page.wait_for_load_state("load", timeout=4000)
        except Error:
            return  # a slow picture is no reason to stop

    def address(self) -> str:
        recipe = self.visit.recipe
        return recipe.url if recipe is not None and recipe.url else self.claimed.address

    def _consent(self) -> str:
        recipe = self.visit.recipe
        if recipe is not None and recipe.consent == "ignore":
            return "left alone"
        if recipe is not None and recipe.consent_click:
            self.visit.page.get_by_text(recipe.consent_click, exact=True).first.click(timeout=4000)
            return f"recipe: {recipe.consent_click}"
        return refuse_layer(self.visit.page, accept=recipe is not None and recipe.consent == "accept")

    def _check_bots(self, response: Response | None) -> None:
        markers = [marker for live in read_forms(self.visit.page) for marker in live.page.markers]
        text = self.visit.page.evaluate("() => (document.body ? document.body.innerText : '').slice(0, 4000)")
        status = response.status if response is not None else 0
        if vendor := bot_wall(status, self.visit.page.title(), text, markers):
            raise Stop(FormOutcome.BLOCKED_BOT, vendor)
        if status >= 400:
            raise Stop(FormOutcome.BLOCKED_HTTP, str(status))

    def _dwell(self, filled: float) -> None:
        least = max(self.settings.dwell_s, self.visit.recipe.min_dwell_s if self.visit.recipe else 0.0)
        wanted = least + self.settings.chance() * self.settings.dwell_jitter_s
        rest = wanted - (monotonic() - filled)
        if rest > 0:
            self.visit.page.wait_for_timeout(rest * 1000)

    def _egress_lines(self) -> list[dict[str, Any]]:
        """The egress guard's lines of this attempt: it serves other workers too, so only hosts that were asked for."""
        lines = _egress_log(self.settings.proxy_url, self.egress_mark)["lines"]
        return [line for line in lines if line["host"] in self.guard.hosts]

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
                "egress": self._egress_lines(),
            },
        )
        visit.keep_log()
        if self.recorder is not None:
            visit.keep("network.har", "application/json", self.recorder.har())
            visit.keep("after.mhtml", "multipart/related", snapshot(visit.page))
        outcome = f"{finding.outcome}:{finding.detail}" if finding.detail else str(finding.outcome)
        return Delivery(
            state=state_of(finding.outcome, finding.detail, self.armed.raised),
            outcome=outcome,
            detail=f"submitted {submitted(finding.outcome, self.armed.raised)}; {finding.evidence}".rstrip("; "),
            acknowledgement=text,
            ticket_ids=ticket_ids(text, visit.recipe.ticket if visit.recipe else "") if text else (),
            evidence=tuple(visit.evidence),
        )


def _recipe(claimed: ClaimedProbe) -> Recipe | None:
    try:
        return load_recipe(claimed.recipe, f"recipe of {claimed.brand_name}") if claimed.recipe else None
    except BadInput as problem:
        raise Stop(FormOutcome.RECIPE_NEEDED, "unreadable recipe", str(problem)) from problem


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
