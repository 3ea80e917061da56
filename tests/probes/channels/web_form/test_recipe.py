"""Recipes: what a person may write, and how a mistake is told."""

from __future__ import annotations

import pytest

from benchmark.core.problems import BadInput
from benchmark.core.recipes import load_recipe
from benchmark.core.vocabulary import FieldRole
from probes.channels.web_form.mapping import map_form
from probes.channels.web_form.model import Control, FormModel
from probes.channels.web_form.recipe import signature, with_recipe

FULL = """\
version: 1
url: http://nordlicht.example/kontakt
consent: {click: Nur notwendige}
steps:
- fields:
    anliegen: {select: {match: "frage|question"}}
    konto: {value: "privat"}
    ds: {check: true, kind: consent}
    feld_7: message
  leave: [nl]
  submit: Absenden
min_dwell_s: 5
success: {text: "Danke", json: {status: ok}}
ticket: "Nr. (\\\\d+)"
checked: {date: 2026-11-21, signature: abc}
"""


def test_a_whole_recipe_is_read() -> None:
    recipe = load_recipe(FULL)

    assert recipe.consent_click == "Nur notwendige"
    assert recipe.steps[0].fields["feld_7"].role is FieldRole.MESSAGE
    assert recipe.steps[0].fields["anliegen"].match == "frage|question"
    assert recipe.success.json == {"status": "ok"}
    assert (recipe.min_dwell_s, recipe.signature) == (5.0, "abc")


MISTAKES = [
    ("url: x\nconsnt: refuse\n", "line 2, key consnt", "no such key"),
    ("consent: yes please\n", "line 1, key consent", "no such mode"),
    ("steps:\n- fields:\n    mail: e-mail\n", "line 3, key steps[0].fields.mail", "no such role"),
    ("steps:\n- fields:\n    a: {chek: true}\n", "line 3, key steps[0].fields.a.chek", "no such kind"),
    ("steps:\n- next: Weiter\n  submit: Los\n", "line 3, key steps[0].submit", "not with both"),
    ("min_dwell_s: soon\n", "line 1, key min_dwell_s", "expected seconds"),
    ("success:\n  text: '('\n", "line 2, key success.text", "regular expression"),
    ("steps: [\n", "line 2", "not YAML"),
    ("version: 2\n", "line 1, key version", "not known"),
    ("checked: {date: soon}\n", "line 1, key checked.date", "expected a date"),
]


@pytest.mark.parametrize(("text", "place", "problem"), MISTAKES)
def test_a_mistake_names_line_and_key(text: str, place: str, problem: str) -> None:
    with pytest.raises(BadInput) as told:
        load_recipe(text)

    assert place in told.value.place
    assert problem in told.value.problem
    assert told.value.remedy


def test_a_recipe_overrules_every_other_signal() -> None:
    form = FormModel(0, (Control("input", "text", "betreff", label="Betreff"), Control("textarea", "", "t")))

    decisions = with_recipe(map_form(form), load_recipe("steps:\n- fields: {betreff: order_no}\n"))

    assert (decisions[0].role, decisions[0].signal) == (FieldRole.ORDER_NO, "recipe")


def test_the_signature_forgives_changing_numbers_and_notices_a_new_field() -> None:
    one = FormModel(0, (Control("input", "text", "field_12345"),))
    other = FormModel(0, (Control("input", "text", "field_67890"),))
    more = FormModel(0, (*one.controls, Control("input", "text", "extra")))

    assert signature(one) == signature(other) != signature(more)
