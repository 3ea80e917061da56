"""What the hands say of a domain's records is said in the reader's language."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.probes.mail.name_server import Zone
from tests.probes.mail.test_study_domain import GOOD, LEFT_OUT, OUTSIDE, WRONG, records
from web.mail_words import record_problem

pytestmark = pytest.mark.real


@pytest.mark.parametrize(("key", "value", "kind", "words"), WRONG)
def test_every_fault_of_a_record_has_german_words(
    app: Flask, key: tuple[str, str], value: list[str], kind: str, words: str
) -> None:
    problem = records({**GOOD, key: value})[kind].problem

    with app.test_request_context("/?lang=de"):
        german = record_problem(problem)

    assert words in problem
    assert german != problem


def test_a_server_that_is_not_named_is_named_in_german_too(app: Flask) -> None:
    zone: Zone = {**GOOD, **LEFT_OUT}

    with app.test_request_context("/?lang=de"):
        german = record_problem(records(zone, OUTSIDE)["SPF"].problem)

    assert "nennt den Ausgangsserver out.provider.example (198.51.100.7) nicht" in german
