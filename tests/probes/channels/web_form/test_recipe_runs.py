"""Every key of a recipe, with a real browser against a server that counts: obeyed, or nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from probes.channels.web_form import WebFormChannel, WebFormSettings
from probes.channels.web_form.rehearsal import sample_probe
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules
from tests.probes.fixtures import form_pages
from tests.probes.fixtures.form_pages import FormPage

pytestmark = pytest.mark.real

MAIL = "anna.berg+rehearsal@mail.example"
FIELDS = "<input name=x1><input name=x2 type=email><textarea name=x3></textarea>"
PLAIN = (
    "<label>E-Mail <input name=e></label><label>Nachricht <textarea name=m></textarea></label><button>Senden</button>"
)
FORM = f'<form action="/do/thanks" method=post>{PLAIN}</form>'
TWO_BUTTONS = "<button name=b value=1>Entwurf</button><button name=b value=2>Ab"
POSTED = (
    "steps:\n- fields: {e: email, m: message}\n  next: {click: Prüfen, url: /do/step$}\n- submit: Endgültig absenden"
)
LAYER = (
    '<div id=l style="position:fixed;inset:0;background:#fff;z-index:9">Cookies? '
    "<button onclick='l.remove();document.body.dataset.how=\"{how}\"'>{button}</button></div>"
)


@dataclass(frozen=True)
class Case:
    """A page, a recipe, how the attempt ends and what arrives (part of the fields of the last POST)."""

    page: str
    recipe: str
    outcome: str
    sent: dict[str, str] | None = None
    posts: int = 1


CASES = {
    "fields by name": Case(
        f'<form action="/do/thanks" method=post>{FIELDS}<input name=x4 required><button>Los</button></form>',
        "steps:\n- fields: {x1: name, x2: email, x3: message, x4: {value: privat}}",
        "success",
        {"x1": "Anna Berg", "x2": MAIL, "x4": "privat"},
    ),
    "fields by label": Case(
        '<form action="/do/thanks" method=post><label>Kürzel <input name=q required></label>' + PLAIN + "</form>",
        "steps:\n- fields: {Kürzel: last_name}",
        "success",
        {"q": "Berg"},
    ),
    "select by match": Case(
        '<form action="/do/thanks" method=post><select name=s required><option value="">?<option value=1>Rot'
        "<option value=2>Blau</select>" + PLAIN + "</form>",
        "steps:\n- fields: {s: {select: {match: blau}}}",
        "success",
        {"s": "2"},
    ),
    "check and leave": Case(
        '<form action="/do/thanks" method=post><label><input type=checkbox name=c value=1> Rückruf</label>'
        "<label>Name <input name=n></label>" + PLAIN + "</form>",
        "steps:\n- fields: {c: {check: true, kind: other}}\n  leave: [n]",
        "success",
        {"c": "1", "n": ""},
    ),
    "form by id": Case(
        f'<form id=a action="/do/500" method=post>{PLAIN}</form>'
        f'<form id=b action="/do/thanks" method=post>{PLAIN}</form>',
        "form: b",
        "success",
        {"e": MAIL},
    ),
    "open": Case(
        f"<button type=button onclick='d.hidden=false'>Rotes Tor</button><div id=d hidden>{FORM}</div>",
        "open: Rotes Tor",
        "success",
        {"e": MAIL},
    ),
    "consent accepted": Case(
        FORM + LAYER.format(how="yes", button="Alle akzeptieren"), "consent: accept", "success", {"e": MAIL}
    ),
    "consent by click": Case(
        FORM + LAYER.format(how="yes", button="Ab dafür"), "consent: {click: Ab dafür}", "success", {"e": MAIL}
    ),
    "submit by text": Case(
        '<form action="/do/thanks" method=post>' + PLAIN.replace("<button>Senden", TWO_BUTTONS) + "</form>",
        "steps:\n- fields: {e: email}\n  submit: Ab",
        "success",
        {"b": "2"},
    ),
    "success by text": Case(
        f'<form action="/do/gravity" method=post>{PLAIN}</form>',
        "success: {text: on its way}\nticket: 'it is (on)'",
        "success",
        {"e": MAIL},
    ),
    "success by address": Case(
        f'<form action="/do/danke" method=post>{PLAIN}</form>', "success: {url: /kontakt/danke}", "success", {"e": MAIL}
    ),
    "steps in the page": Case(
        "<form action='/do/thanks' method=post><div id=a><label>E-Mail <input name=e></label><button type=button "
        "onclick='a.hidden=true;b.hidden=false'>Vorwärts</button></div><div id=b hidden><label>Nachricht "
        "<textarea name=m></textarea></label><button>Fertig</button></div></form>",
        "steps:\n- fields: {e: email}\n  next: Vorwärts\n- fields: {m: message}\n  submit: Fertig",
        "success",
        {"e": MAIL},
    ),
    "steps that are posted": Case(
        "<form action='/do/step' method=post><label>E-Mail <input name=e></label><label>Nachricht <textarea name=m>"
        "</textarea></label><button>Prüfen</button></form>",
        POSTED,
        "success",
        {"hash": "h1"},
        posts=2,
    ),
    "a step that is posted elsewhere stays here": Case(
        "<form action='/do/thanks' method=post><label>E-Mail <input name=e></label><label>Nachricht <textarea name=m>"
        "</textarea></label><button>Prüfen</button></form>",
        POSTED,
        "recipe_needed",
        posts=0,
    ),
    "a changed form is stale": Case(
        FORM, "checked: {date: 2026-01-01, signature: 0123456789abcdef}", "recipe_stale", posts=0
    ),
    "an unreadable recipe": Case(FORM, "setps: []", "recipe_needed", posts=0),
}  # fmt: skip
STEP_TWO = (
    "<p>Bitte prüfen Sie Ihre Angaben.</p><form action='/do/thanks' method=post><input type=hidden name=hash value=h1>"
    "<button>Endgültig absenden</button></form>"
)


@dataclass
class Stage:
    server: form_pages.FormServer
    channel: WebFormChannel


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    server = form_pages.FormServer()
    form_pages.ANSWERS["step"] = (200, "text/html", STEP_TWO)
    with EgressProxy(EgressRules(dict.fromkeys(form_pages.HOSTS, server.port))) as proxy:
        settings = WebFormSettings(proxy_url=proxy.url, dwell_s=0, dwell_jitter_s=0, find_s=1.2)
        with WebFormChannel(settings) as channel:
            yield Stage(server, channel)
    server.close()
    del form_pages.ANSWERS["step"]


@pytest.mark.parametrize("name", CASES)
def test_what_the_recipe_says_is_done(stage: Stage, name: str) -> None:
    case, place = CASES[name], f"r{list(CASES).index(name)}"
    stage.server.pages[place] = FormPage(place, case.outcome, {}, case.page)
    before = len(stage.server.received)
    claimed = replace(sample_probe(f"http://forms.example/{place}"), recipe=case.recipe)

    delivery = stage.channel.hand_over(claimed, lambda: None)

    sent = [fields for _, fields in stage.server.received[before:]]
    assert delivery.outcome.split(":")[0] == case.outcome, (delivery.outcome, delivery.detail)
    assert len(sent) == case.posts
    if case.sent is not None:
        assert {key: sent[-1].get(key) for key in case.sent} == case.sent
