"""What the mapping makes of a page: from a file at once, from an address with the browser. Nothing is filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, sync_playwright

from benchmark.core.problems import BadInput
from probes.browser import find_browser, launch
from probes.channels.web_form.consent import refuse_layer
from probes.channels.web_form.finding import ScoredForm, choose
from probes.channels.web_form.model import PageModel
from probes.channels.web_form.reading import read_forms
from probes.channels.web_form.static_dom import read_page
from probes.egress import REFUSAL_HEADER
from probes.page_text import decode


@dataclass(frozen=True)
class Inspection:
    """The forms of one source and which of them a probe would use; `problem` says why nothing could be read."""

    source: str
    forms: tuple[ScoredForm, ...] = ()
    chosen: int | None = None
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        told = {"source": self.source, "chosen": self.chosen, "forms": [_form(scored) for scored in self.forms]}
        return {**told, "problem": self.problem} if self.problem else told


def _form(scored: ScoredForm) -> dict[str, Any]:
    fields = [
        {
            "name": decision.control.name,
            "id": decision.control.id,
            "role": decision.role.value,
            "signal": decision.signal,
            "score": round(decision.score, 3),
        }
        for decision in scored.decisions
    ]
    index, score = scored.form.index, scored.score
    return {"index": index, "is_contact": scored.is_contact, "score": score, "fields": fields}


MAX_BYTES = 50_000_000


def inspect_file(path: str) -> Inspection:
    """Reads an HTML file without a browser; what cannot be read is told in `problem`, so that no other file is lost."""
    try:
        with Path(path).open("rb") as handle:
            raw = handle.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:
        told = problem.strerror if isinstance(problem, OSError) and problem.strerror else "cannot be read"
        return Inspection(path, problem=str(BadInput(path, told, "name an HTML file or an address")))
    if len(raw) > MAX_BYTES:
        return Inspection(path, problem=str(BadInput(path, "larger than 50 MB", "name a single HTML page")))
    return _inspection(path, read_page(decode(raw)))


def _inspection(source: str, page: PageModel) -> Inspection:
    scored, chosen = choose(page.forms, page)
    return Inspection(source, tuple(scored), chosen)


def inspect_addresses(urls: Sequence[str], proxy_url: str, browser_path: str = "") -> list[Inspection]:
    """Opens addresses through the egress guard. Forms of frames follow those of the page, numbered on.

    An address that does not open is told in its `problem`; the others are read all the same.
    """
    path = browser_path or find_browser().path
    with sync_playwright() as playwright:
        browser = launch(playwright, path, proxy_url)
        try:
            context = browser.new_context(service_workers="block", accept_downloads=False)
            return [_inspect_quietly(context.new_page(), url) for url in urls]
        finally:
            browser.close()


def _inspect_quietly(page: Page, url: str) -> Inspection:
    try:
        return _inspect(page, url)
    except BadInput as problem:
        return Inspection(url, problem=str(problem))


def _inspect(page: Page, url: str) -> Inspection:
    try:
        response = page.goto(url, wait_until="load", timeout=20_000)
    except Error as problem:
        raise BadInput(url, str(problem).splitlines()[0], "check the address") from problem
    if response is not None and response.headers.get(REFUSAL_HEADER.lower()):
        raise BadInput(
            url, "outside the rehearsal world", "in sandbox mode only loopback and the fictional brands open"
        )
    refuse_layer(page)
    page.wait_for_timeout(300)
    forms = [live.form for live in read_forms(page) if live.form.index >= 0]
    scored, chosen = choose(forms, PageModel(tuple(forms), page.title(), "", url))
    page.close()
    return Inspection(url, tuple(_renumbered(scored)), chosen)


def _renumbered(scored: Sequence[ScoredForm]) -> list[ScoredForm]:
    return [replace(entry, form=replace(entry.form, index=at)) for at, entry in enumerate(scored)]
