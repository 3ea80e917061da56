"""The mapping on own re-creations of contact forms of many makers and six languages, by rounds."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.probes.fixtures.labelled_forms import LabelledForm, read_labelled, score

FORMS = list(read_labelled())


def test_nearly_every_field_of_every_maker_is_understood() -> None:
    total: Counter[str] = Counter()
    for form in FORMS:
        total += score(form)[0]

    assert total["all right"] >= 0.97 * total["all"]
    assert total["core right"] >= 0.98 * total["core"]
    assert total["whole"] >= 0.95 * total["forms"]
    assert total["chosen"] == total["forms"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.round}-{form.name}")
def test_no_trap_is_taken_for_a_field(form: LabelledForm) -> None:
    counts, misses = score(form)

    assert counts["honeypot right"] == counts["honeypot"], misses
