"""The one click and what follows: watches response, text and address until there is an answer or time is up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import ElementHandle, Error, Frame, JSHandle, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from benchmark.core.vocabulary import FormOutcome
from benchmark.wall_clock import monotonic
from probes.channels.web_form.consent import refuse_layer
from probes.channels.web_form.filling import ReadyForm
from probes.channels.web_form.guard import SubmissionGuard
from probes.channels.web_form.outcome import SUCCESS_SELECTORS, Finding, Observed, classify, decisive
from probes.channels.web_form.visit import Stop, Visit, page_script

NO_REQUEST_S = 5.0  # a page that has sent nothing by then will not
SETTLE_S = 4.0  # time for the page to show something after the response
UNCOVER_S = 4.0
TAKEN_MS = 150  # for a layer to stand
BODY_LIMIT = 200_000


def read_texts(page: Page, watch: bool = False) -> list[str]:
    """All text blocks of all frames, and those that flashed up since watching began."""
    texts: list[str] = []
    for frame in page.frames:
        texts += _texts_of(frame, watch)
    return list(dict.fromkeys(texts))


def _texts_of(frame: Frame, watch: bool) -> list[str]:
    try:
        told: dict[str, Any] = frame.evaluate(page_script("texts.js"), watch)
    except Error:
        return []  # it is navigating
    return [*told["blocks"], *told["seen"]]


def check_ready(visit: Visit, ready: ReadyForm) -> None:
    """Client validity and a free way to the button, before the point of no return."""
    element = ready.live.element(ready.submit)
    invalid = element.evaluate(
        "node => { const form = node.form || node.closest('form');"
        " if (!form || form.noValidate || node.formNoValidate) return '';"
        " const bad = [...form.elements].find((one) => one.willValidate && !one.checkValidity());"
        " return bad ? `${bad.name || bad.id}: ${bad.validationMessage}` : ''; }"
    )
    if invalid:
        raise Stop(FormOutcome.CLIENT_INVALID, invalid[:80])
    _uncover(visit, element)
    if not element.is_enabled():
        raise Stop(FormOutcome.NO_SUBMIT, "disabled")


def _uncover(visit: Visit, element: ElementHandle) -> None:
    """The way to the button is free, or a layer that came late is refused now.

    On a busy machine a layer may cover the button before its own buttons can be seen or while it still fades away:
    only one that offers nothing but consent is a wall at once, any other is given time.
    """
    until = monotonic() + UNCOVER_S
    while element.evaluate(page_script("covered.js")):
        told = refuse_layer(visit.page)
        if not element.evaluate(page_script("covered.js")):
            return
        if told.endswith("wall") or monotonic() > until:
            raise Stop(FormOutcome.BLOCKED_CONSENT_WALL, "", "the button that sends is covered")
        visit.page.wait_for_timeout(150)


def submit_once(visit: Visit, ready: ReadyForm, guard: SubmissionGuard) -> None:
    """ARM is committed first; from here on a press that the page has felt is never repeated."""
    element = ready.live.element(ready.submit)
    _uncover(visit, element)
    felt = element.evaluate_handle(page_script("felt.js"))
    visit.arm()
    visit.armed = guard.armed = True
    try:
        element.click(timeout=4000, no_wait_after=True)
    except PlaywrightTimeout:
        # A layer slid in between and took the pointer: the button was not pressed yet, so this is its first press.
        if not guard.sent and not _is_felt(felt):
            element.evaluate("node => node.click()")
    else:
        _press_what_a_layer_took(visit, element, felt, guard)


def _press_what_a_layer_took(visit: Visit, element: ElementHandle, felt: JSHandle, guard: SubmissionGuard) -> None:
    """A consent layer that came between pressing and letting go took the click: the button has not felt it yet."""
    if guard.sent or _is_felt(felt):
        return
    try:
        visit.page.wait_for_timeout(TAKEN_MS)
        if not element.evaluate(page_script("covered.js")):
            return
        refuse_layer(visit.page)
        if not (guard.sent or _is_felt(felt) or element.evaluate(page_script("covered.js"))):
            element.evaluate("node => node.click()")
    except Error:
        return  # the page is leaving: the press was felt


def _is_felt(felt: JSHandle) -> bool:
    """Whether a click has reached the button, or its form was submitted; a page that has gone felt it."""
    try:
        return bool(felt.evaluate("felt => felt.is"))
    except Error:
        return True


def observe(visit: Visit, guard: SubmissionGuard, before: Sequence[str], url_before: str) -> Finding:
    """Polls until something decisive shows; a silent page is given `SETTLE_S` after its response."""
    began = monotonic()
    until = min(visit.deadline, began + visit.settings.observe_s)
    responded: float | None = None
    success = visit.recipe.success if visit.recipe else None
    while True:
        visit.page.wait_for_timeout(60)
        now = monotonic()
        if responded is None and (guard.response is not None or guard.failed):
            responded = now
        seen = _look(visit, guard, before, url_before)
        quiet = now > until or (responded is not None and now - responded > SETTLE_S)
        idle = not guard.sent and now - began > NO_REQUEST_S
        told = guard.sent and _is_complete(visit.page) and decisive(seen, success)
        if told or quiet or idle:
            return classify(_look(visit, guard, before, url_before, final=True), success)


def _is_complete(page: Page) -> bool:
    """A page that is still arriving has not said everything yet, and lacks the style that hides its unused texts."""
    try:
        return bool(page.evaluate("() => document.readyState === 'complete'"))
    except Error:
        return False


def _look(
    visit: Visit, guard: SubmissionGuard, before: Sequence[str], url_before: str, final: bool = False
) -> Observed:
    known = set(before)
    new = [text for text in (*read_texts(visit.page), *visit.dialogs) if text not in known]
    response = guard.response
    media_type = response.headers.get("content-type", "") if response is not None else ""
    return Observed(
        sent=guard.sent,
        status=None if response is None else response.status,
        media_type=media_type,
        body=_body(guard) if "json" in media_type else "",
        new=tuple(new),
        vendor_success=tuple(text for text in _texts_under(visit.page, SUCCESS_SELECTORS) if text not in known),
        recipe_success=_recipe_texts(visit, known),
        url=visit.page.url,
        url_before=url_before,
        client_invalid=_client_invalid(visit.page) if final and not guard.sent else "",
        failed=guard.failed,
    )


def _body(guard: SubmissionGuard) -> str:
    try:
        return guard.response.text()[:BODY_LIMIT] if guard.response is not None else ""
    except Error:
        return ""


def _recipe_texts(visit: Visit, known: set[str]) -> tuple[str, ...]:
    selector = visit.recipe.success.selector if visit.recipe else ""
    return tuple(text for text in _texts_under(visit.page, (selector,)) if text not in known) if selector else ()


def _texts_under(page: Page, selectors: Sequence[str]) -> list[str]:
    script = (
        "selectors => selectors.flatMap((one) => [...document.querySelectorAll(one)])"
        ".filter((node) => node.checkVisibility()).map((node) => node.innerText.replace(/\\s+/g, ' ').trim())"
    )
    texts: list[str] = []
    for frame in page.frames:
        try:
            texts += frame.evaluate(script, list(selectors))
        except Error:
            continue
    return texts


def _client_invalid(page: Page) -> str:
    for frame in page.frames:
        try:
            bad = frame.evaluate(
                "() => { const node = document.querySelector(':user-invalid');"
                " return node ? node.name || node.id || 'field' : ''; }"
            )
        except Error:
            continue
        if bad:
            return str(bad)
    return ""
