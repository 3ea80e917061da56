"""Puts the planned values into the live form, step by step, and reads every one of them back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from playwright.sync_api import ElementHandle, Error

from benchmark.core.recipes import Recipe
from benchmark.core.vocabulary import FieldRole as Role
from benchmark.core.vocabulary import FormOutcome
from benchmark.wall_clock import monotonic
from probes.channels.web_form.finding import ScoredForm, choose, score_form
from probes.channels.web_form.model import Control
from probes.channels.web_form.phrases import OPENER
from probes.channels.web_form.plan import Action, Do, Plan, has_later_step, make_plan
from probes.channels.web_form.reading import LiveForm, read_forms
from probes.channels.web_form.recipe import signature, with_recipe
from probes.channels.web_form.visit import Stop, Visit, page_script

MAX_ROUNDS = 8


@dataclass(frozen=True)
class ReadyForm:
    """A form that is filled and only waits for its click."""

    live: LiveForm
    scored: ScoredForm
    submit: int


def find_contact_form(visit: Visit) -> tuple[LiveForm, ScoredForm, list[str]]:
    """The contact form of the page as soon as it shows (late rendering), with all markers of all frames."""
    began, opened = monotonic(), False
    while True:
        found = read_forms(visit.page)
        markers = [marker for page in dict.fromkeys(live.page for live in found) for marker in page.markers]
        best = _best(found, visit.recipe)
        if best is not None:
            return *best, markers
        waited = monotonic() - began
        if waited > visit.settings.find_s:
            raise Stop(FormOutcome.NO_FORM)
        if not opened and waited > visit.settings.find_s / 4:
            opened = True
            _press_opener(visit)
        visit.page.wait_for_timeout(150)


def _press_opener(visit: Visit) -> None:
    """One press on what promises the form: a button of the recipe, else one that speaks of contact."""
    wanted = re.escape(visit.recipe.open) if visit.recipe and visit.recipe.open else OPENER
    for frame in visit.page.frames:
        try:
            element = frame.evaluate_handle(page_script("opener.js"), wanted).as_element()
            if element is not None:
                element.click(timeout=2000)
                return
        except Error:
            continue


def _best(found: list[LiveForm], recipe: Recipe | None) -> tuple[LiveForm, ScoredForm] | None:
    """The best visible contact form over all frames; a public comment form is never ours."""
    able = []
    for live in found:
        scored = _scored(live, recipe)
        fits = recipe is None or (recipe.frame in live.frame.url and recipe.form in ("", live.form.id, live.form.name))
        named = recipe is not None and bool(recipe.form)
        if fits and live.form.visible and (named or (scored.is_contact and not scored.goes_elsewhere)):
            able.append((live, scored))
    best = max(able, key=lambda pair: pair[1].score, default=None)
    if best is not None and recipe is not None and recipe.signature not in ("", signature(best[0].form)):
        raise Stop(FormOutcome.RECIPE_STALE, signature(best[0].form), "the form's fields are not those of the recipe")
    return best


def _scored(live: LiveForm, recipe: Recipe | None) -> ScoredForm:
    scored = score_form(live.form, live.page)
    return replace(scored, decisions=with_recipe(scored.decisions, recipe))


def fill_form(visit: Visit, live: LiveForm, scored: ScoredForm) -> ReadyForm:
    """Fills all steps. After every round the form is read again: a topic may swap it, "Weiter" shows the next step."""
    done: dict[str, Action] = {}
    for _ in range(MAX_ROUNDS):
        plan = make_plan(scored.decisions, visit.claimed, visit.recipe)
        if plan.missing:
            raise Stop(
                FormOutcome.RECIPE_NEEDED, plan.missing[0], f"required and not understood: {', '.join(plan.missing)}"
            )
        fresh = [action for action in plan.actions if _key(scored, action) not in done]
        for action in _selects_first(fresh):
            _do(visit, live, action)
            done[_key(scored, action)] = action
            if action.do is Do.SELECT or action.role is Role.SUBJECT:
                break  # the form may look different now
        else:
            if not fresh and (ready := _advance(visit, live, scored, plan)) is not None:
                _check_complete(done)
                visit.keep_json("mapping.json", describe(scored, done))
                return ready
        live, scored = _read_again(visit, live)
    raise Stop(FormOutcome.RECIPE_NEEDED, "steps", "the form never came to its end")


def _selects_first(actions: list[Action]) -> list[Action]:
    return sorted(actions, key=lambda action: action.do is not Do.SELECT)


def _key(scored: ScoredForm, action: Action) -> str:
    control = scored.form.controls[action.at]
    return f"{control.tag}|{control.type}|{control.name}|{control.id}|{control.label}|{action.role}"


def _advance(visit: Visit, live: LiveForm, scored: ScoredForm, plan: Plan) -> ReadyForm | None:
    """Ready when a button that sends is in sight; otherwise one press on "next"."""
    named = visit.recipe is not None and bool(visit.recipe.button("next"))
    if plan.next is not None and (plan.submit is None or named or has_later_step(scored.decisions)):
        _press_next(visit, live, scored, plan.next)
        return None
    if plan.submit is None:
        raise Stop(FormOutcome.NO_SUBMIT)
    return ReadyForm(live, scored, plan.submit)


def _press_next(visit: Visit, live: LiveForm, scored: ScoredForm, at: int) -> None:
    control = scored.form.controls[at]
    texts = [text for text in (control.label, control.value, control.aria) if text]
    url = next(filter(None, (visit.recipe.next_url(text) for text in texts)), "") if visit.recipe else ""
    if url and visit.open_step is None:
        raise Stop(FormOutcome.RECIPE_NEEDED, "step", "the next step is posted to the server: not in a rehearsal")
    if url and visit.open_step is not None:
        visit.open_step(url)
    live.element(at).click()
    visit.page.wait_for_timeout(200)
    if url:
        visit.page.wait_for_load_state("load")


def _check_complete(done: dict[str, Action]) -> None:
    roles = {action.role for action in done.values()}
    for role in (Role.EMAIL, Role.MESSAGE):
        if role not in roles:
            raise Stop(FormOutcome.RECIPE_NEEDED, role, "the form offers no such field")


def _read_again(visit: Visit, live: LiveForm) -> tuple[LiveForm, ScoredForm]:
    """The same form after a change: same frame, same place; else the best one there is now."""
    found = [other for other in read_forms(visit.page) if other.frame == live.frame]
    same = [other for other in found if (other.form.index, other.form.id) == (live.form.index, live.form.id)]
    if same:
        return same[0], _scored(same[0], visit.recipe)
    _, best = choose([other.form for other in found])
    if best is None:
        raise Stop(FormOutcome.RECIPE_NEEDED, "form", "the form vanished while it was filled")
    return found[best], _scored(found[best], visit.recipe)


def _do(visit: Visit, live: LiveForm, action: Action) -> None:
    element = live.element(action.at)
    try:
        _ACTS[action.do](element, action)
    except Error as problem:
        raise Stop(FormOutcome.RECIPE_NEEDED, action.role, str(problem).splitlines()[0]) from problem
    if not _reads_back(element, action):
        raise Stop(FormOutcome.RECIPE_NEEDED, action.role, "the field did not keep its value")


def _fill(element: ElementHandle, action: Action) -> None:
    element.fill(action.value)


def _select(element: ElementHandle, action: Action) -> None:
    try:
        element.select_option(value=action.value, timeout=2000)
    except Error:
        # A widget covers the real select; the value is set on it and the page is told.
        element.evaluate(
            "(node, value) => { node.value = value; node.dispatchEvent(new Event('input', {bubbles: true}));"
            " node.dispatchEvent(new Event('change', {bubbles: true})); }",
            action.value,
        )


def _check(element: ElementHandle, action: Action) -> None:
    wanted = action.do is Do.CHECK
    try:
        element.set_checked(wanted, timeout=2000)
    except Error:
        # A styled box has no size of its own: its label takes the click, without the link inside it.
        element.evaluate("(node, wanted) => { if (node.checked !== wanted) node.click(); }", wanted)


_ACTS = {Do.FILL: _fill, Do.SELECT: _select, Do.CHECK: _check, Do.UNCHECK: _check}


def _reads_back(element: ElementHandle, action: Action) -> bool:
    if action.do in (Do.CHECK, Do.UNCHECK):
        return element.is_checked() is (action.do is Do.CHECK)
    held = element.input_value()
    if action.role is Role.PHONE:
        return _digits(held) == _digits(action.value)
    return " ".join(held.split()) == " ".join(action.value.split())


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def describe(scored: ScoredForm, done: dict[str, Action]) -> dict[str, object]:
    """The mapping as evidence: every control with role, signal, score and what was put there."""
    rows = []
    for at, decision in enumerate(scored.decisions):
        control = decision.control
        action = done.get(_key(scored, Action(at, Do.FILL, "", decision.role)))
        rows.append(
            {
                "name": control.name,
                "id": control.id,
                "label": control.label or control.placeholder or control.near,
                "type": control.type or control.tag,
                "role": decision.role.value,
                "signal": decision.signal,
                "score": decision.score,
                "put": action
                and {"do": action.do.value, "value": action.value[:200], "text": _chosen(control, action)},
            }
        )
    return {"form": {"index": scored.form.index, "score": scored.score, "id": scored.form.id}, "fields": rows}


def _chosen(control: Control, action: Action) -> str:
    """What a person reads of a chosen option; "" for everything but lists."""
    return next((option.text for option in control.options if option.value == action.value), "")
