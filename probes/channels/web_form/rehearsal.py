"""Goes through a form up to the click and stops there: the mapping, a picture and a recipe for a person to review."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from playwright.sync_api import BrowserContext

from benchmark.core.values import ClaimedProbe, Persona
from benchmark.core.vocabulary import ChannelKind, InquiryKind
from probes.channels.web_form.attempt import Arming, Attempt
from probes.channels.web_form.barriers import check_captcha, check_payment
from probes.channels.web_form.channel import WebFormChannel
from probes.channels.web_form.filling import ReadyForm, fill_form
from probes.channels.web_form.observing import check_ready
from probes.channels.web_form.plan import ONLY_IF_REQUIRED
from probes.channels.web_form.recipe import draft
from probes.channels.web_form.robots import Robots
from probes.channels.web_form.settings import WebFormSettings
from probes.channels.web_form.visit import Stop

PERSONA = Persona("rehearsal", "Frau", "Anna", "Berg", "+49 30 23125 017", "Lindenweg 4", "10115", "Berlin", "DE", "de")


@dataclass(frozen=True)
class Rehearsal:
    """What a probe would do. `outcome` is "ready", or the barrier that would stop it."""

    outcome: str
    note: str
    recipe: str
    mapping: dict[str, Any]
    picture: bytes
    refused: int  # requests with the probe's values that the page tried to send while it was filled


class _NeverArmed(RuntimeError):
    """A rehearsal reached the click; that would be a fault of this program."""


def _never() -> None:
    raise _NeverArmed


def sample_probe(url: str, language: str = "de", recipe: str | None = None, order_no: str = "") -> ClaimedProbe:
    """A made-up inquiry for rehearsals; its address belongs to nobody."""
    return ClaimedProbe(
        probe_id=0,
        attempt_id=0,
        attempt_number=1,
        channel=ChannelKind.WEB_FORM,
        address=url,
        reply_address="anna.berg+rehearsal@mail.example",
        message_id="<rehearsal@mail.example>",
        persona=PERSONA,
        inquiry=InquiryKind.QUESTION,
        subject="Frage zu einem Produkt" if language == "de" else "Question about a product",
        body="Guten Tag,\n\nich habe eine Frage zu einem Ihrer Produkte.\n\nAnna Berg"
        if language == "de"
        else "Hello,\n\nI have a question about one of your products.\n\nAnna Berg",
        language=language,
        brand_name=url,
        recipe=recipe,
        order_no=order_no,
    )


def rehearse(settings: WebFormSettings, url: str, today: date, recipe: str | None = None) -> Rehearsal:
    """Opens, maps, fills and checks; the guard stays closed and nothing is submitted."""
    with WebFormChannel(settings) as channel:
        claimed = sample_probe(url, recipe=recipe)
        context = channel.fresh_context(claimed)
        attempt = Attempt(settings, context, claimed, Arming(_never), Robots(settings.proxy_url, settings.robots_agent))
        return _walk(attempt, context, today)


def _walk(attempt: Attempt, context: BrowserContext, today: date) -> Rehearsal:
    visit, ready, outcome, note = attempt.visit, None, "ready", ""
    visit.open_step = None
    try:
        attempt.arrive()
        live, scored, markers = attempt.find()
        with visit.phase("captcha", 5):
            check_captcha(scored, markers)
            check_payment(scored)
        first = scored
        with visit.phase("fill", 20):
            ready = fill_form(visit, live, scored)
        with visit.phase("validity", 8):
            check_ready(visit, ready)
    except Stop as stop:
        outcome = f"{stop.outcome}:{stop.detail}".rstrip(":")
        note = stop.note
    visit.photograph("rehearsal.jpg")
    pieces = {piece.name: piece.content for piece in visit.evidence}
    text = ""
    if ready is not None:
        text = draft(
            visit.page.url if visit.hopped else attempt.address(),
            first.form,
            first.decisions,
            today,
            _frame_of(ready, visit.page.url),
            ONLY_IF_REQUIRED,
        )
    context.close()
    return Rehearsal(
        outcome=outcome,
        note=note,
        recipe=text,
        mapping=json.loads(pieces.get("mapping.json", b"{}")),
        picture=pieces.get("rehearsal.jpg", b""),
        refused=attempt.guard.refused,
    )


def _frame_of(ready: ReadyForm, page_url: str) -> str:
    url = ready.live.frame.url
    return "" if url == page_url else url.split("?")[0]
