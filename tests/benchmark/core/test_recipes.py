"""Bad recipes are refused with line and key."""

from __future__ import annotations

import pytest

from benchmark.core.problems import BadInput
from benchmark.core.recipes import load_recipe

BAD = {
    "url: [1": "line 1",
    "steps:\n  - fields:\n      mail: e_mail": "line 3, key steps[0].fields.mail",
    "consent: maybe": "line 1, key consent",
    "steps:\n  - next: Weiter\n    submit: Senden": "line 3, key steps[0].submit",
    "steps:\n- next: {click: Weiter}": "line 2, key steps[0].next",
    "steps:\n- next: {click: Weiter, url: '('}": "line 2, key steps[0].next.url",
    "min_dwell_s: 90": "line 1, key min_dwell_s",
    "\nticket: '('": "line 2, key ticket",
    "success:\n  texte: ok": "line 2, key success.texte",
    "checked:\n  date: gestern": "line 2, key checked.date",
    "version: 2": "line 1, key version",
    "- a": "recipe, top",
    "url: \x00": "recipe",
    "a" * 200_000: "recipe",
}


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:20])
def test_a_bad_recipe_is_refused_with_its_line_and_key(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        load_recipe(text)

    assert BAD[text] in str(refused.value)
    assert "\n" not in str(refused.value)
