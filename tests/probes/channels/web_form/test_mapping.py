"""The mapping on small pages, read without a browser."""

from __future__ import annotations

import pytest

from probes.channels.web_form.finding import choose
from probes.channels.web_form.mapping import map_form
from probes.channels.web_form.plan import make_plan
from probes.channels.web_form.rehearsal import sample_probe
from probes.channels.web_form.static_dom import read_page
from probes.channels.web_form.tickets import ticket_ids


def roles(html: str) -> dict[str, str]:
    page = read_page(html)
    scored, chosen = choose(page.forms, page)
    return {d.control.name or d.control.id: d.role.value for d in scored[chosen or 0].decisions if d.control.name}


MESSAGE = "<label>Nachricht <textarea name=m></textarea></label>"

LABELS = [
    ("Ihr Name", "name"), ("Vor- und Nachname *", "name"), ("Vorname", "first_name"), ("Nachname", "last_name"),
    ("E-Mail-Adresse", "email"), ("E-Mail wiederholen", "email_confirm"), ("Confirm email", "email_confirm"),
    ("Telefonnummer", "phone"), ("Rückrufnummer", "phone"), ("Betreff", "subject"), ("Worum geht es?", "subject"),
    ("Firma", "company"), ("Straße und Hausnummer", "address"), ("PLZ", "zip"), ("Ort", "city"), ("Land", "country"),
    ("Bundesland", "state"), ("Bestellnummer", "order_no"), ("Order number", "order_no"), ("Website", "url"),
    ("Anrede", "salutation"), ("Sicherheitscode", "captcha"), ("Was ergibt 3 + 4?", "captcha"), ("Telefax", "other"),
    ("Bitte dieses Feld leer lassen", "honeypot"), ("Full name", "name"), ("Surname", "last_name"), ("Postcode", "zip"),
    ("Prénom", "first_name"), ("Objet", "subject"), ("Teléfono", "phone"), ("Cognome", "last_name"),
    ("Achternaam", "last_name"), ("Kundennummer", "other"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "role"), LABELS)
def test_a_label_says_what_its_field_is_for(label: str, role: str) -> None:
    other = "<input type=email name=e>" if role == "email_confirm" else ""

    assert roles(f"<form>{other}<label>{label} <input name=x></label>{MESSAGE}</form>")["x"] == role


@pytest.mark.parametrize(
    ("name", "role"),
    [("your-email", "email"), ("firstName", "first_name"), ("lname", "last_name"), ("telefon_nr", "phone"),
     ("plz", "zip"),     ("contact[subject]", "subject"), ("b_firma", "company"), ("confirmation", "other")],
)  # fmt: skip
def test_without_any_text_the_machine_name_decides(name: str, role: str) -> None:
    assert roles(f"<form><input name='{name}'>{MESSAGE}</form>")[name] == role


def test_a_name_beside_vorname_is_the_family_name() -> None:
    html = f"<form><label>Vorname <input name=a></label><label>Name <input name=b></label>{MESSAGE}</form>"

    assert roles(html) == {"a": "first_name", "b": "last_name", "m": "message"}


def test_the_only_textarea_is_the_message_whatever_it_is_called() -> None:
    assert roles("<form><input type=email name=e><textarea name=xyz></textarea></form>")["xyz"] == "message"


def test_marketing_is_told_from_consent() -> None:
    html = (
        f"<form>{MESSAGE}<label><input type=checkbox name=a> Ich stimme der Datenschutzerklärung zu</label>"
        "<label><input type=checkbox name=b> Bitte senden Sie mir den Newsletter</label>"
        "<label><input type=checkbox name=c> Kopie an mich senden</label></form>"
    )

    assert roles(html) == {"m": "message", "a": "consent", "b": "marketing", "c": "other"}


@pytest.mark.parametrize(
    "trap",
    ["<div style='display:none'><input name=t></div>",
     "<div style='position:absolute;left:-9999px'><input name=t></div>",
     "<div class=honeypot><input name=t></div>", "<div hidden><input name=t></div>",
     "<p class='d-none'><input name=t autocomplete=off></p>"],
)  # fmt: skip
def test_a_hidden_field_among_visible_ones_is_a_trap(trap: str) -> None:
    assert roles(f"<form><input name=email>{trap}{MESSAGE}</form>")["t"] == "honeypot"


def test_a_trap_hidden_by_the_page_s_own_style_block_is_seen() -> None:
    html = f"<style>.url-box {{ display: none }}</style><form><div class=url-box><input name=url></div>{MESSAGE}</form>"

    assert roles(html)["url"] == "honeypot"


def test_a_form_inside_a_closed_dialog_is_no_trap() -> None:
    assert roles(f"<div style='display:none'><form><input name=email>{MESSAGE}</form></div>")["email"] == "email"


def test_a_form_opened_inside_a_table_keeps_its_fields() -> None:
    html = (
        "<table><form><tr><td>E-Mail</td><td><input name=a></td></tr>"
        "<tr><td><textarea name=b></textarea></td></tr></form></table>"
    )

    assert roles(html) == {"a": "email", "b": "message"}


def test_the_contact_form_is_found_among_search_newsletter_and_login() -> None:
    page = read_page(
        "<form><input name=q placeholder=Suche></form><form><input type=email name=n><button>Abonnieren</button></form>"
        f"<form><input name=u><input type=password name=p></form><form><input type=email name=e>{MESSAGE}</form>"
    )

    assert choose(page.forms, page)[1] == 3


def test_a_page_of_nonsense_is_read_without_complaint() -> None:
    assert read_page("<form <<>> " * 500 + "<div>" * 5000 + "<input name='x").forms is not None


@pytest.mark.parametrize(
    ("text", "ids"),
    [("Ihre Ticketnummer lautet: NL-2026-17.", ("NL-2026-17",)), ("[#48213] Ihre Anfrage", ("48213",)),
     ("Vielen Dank. (T-1)", ("T-1",)), ("Your reference number is 00123456", ("00123456",)), ("Vielen Dank!", ()),
     ("Wir antworten in 24 Stunden.", ())],
)  # fmt: skip
def test_ticket_numbers_are_read_as_they_are_written(text: str, ids: tuple[str, ...]) -> None:
    assert ticket_ids(text) == ids


def test_a_value_that_does_not_fit_is_not_cut_short() -> None:
    page = read_page(
        "<form><label>E-Mail <input name=e maxlength=9></label><label>Name <input name=n maxlength=3></label>"
        "<label>Nachricht <textarea name=m></textarea></label><button>Senden</button></form>"
    )

    plan = make_plan(map_form(page.forms[0]), sample_probe("http://nordlicht.example/kontakt"))

    assert [action.value for action in plan.actions] == [sample_probe("").body]
    assert plan.missing == ("E-Mail",)
