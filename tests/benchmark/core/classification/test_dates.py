"""Return dates as people write them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from benchmark.core.classification.dates import return_date
from benchmark.core.classification.wording import as_asked

WRITTEN = date(2026, 3, 10)  # a Tuesday
# One sentence a row, and the last day of absence or the first one back it names; none where no day stands.
SENTENCES = list(csv.DictReader((Path(__file__).parent / "return_dates.csv").open(encoding="utf-8")))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Ich bin bis zum 05.01.2027 nicht im Hause.", date(2027, 1, 5)),
        ("vom 9. bis einschließlich 20. März im Urlaub", date(2026, 3, 20)),
        ("bis 20.3. nicht im Büro", date(2026, 3, 20)),
        ("ab dem 2. Januar wieder da", date(2027, 1, 2)),
        ("I will be back on Monday, March 16th.", date(2026, 3, 16)),
        ("returning to the office on May 5th", date(2026, 5, 5)),
        ("away until 16 March 2026", date(2026, 3, 16)),
        ("until the 16th of March", date(2026, 3, 16)),
        ("out until 3/25/2026", date(2026, 3, 25)),
        ("back on 2026-03-30", date(2026, 3, 30)),
        ("jusqu'au 20 mars inclus", date(2026, 3, 20)),
        ("hasta el 20 de marzo", date(2026, 3, 20)),
        ("back on Monday", date(2026, 3, 16)),
        ("bis kommenden Freitag", date(2026, 3, 13)),
        ("ab dem 30. wieder da", date(2026, 3, 30)),
        ("I'll be back on the 23rd", date(2026, 3, 23)),
        ("ab morgen wieder im Büro", date(2026, 3, 11)),
        ("bis Ende August", date(2026, 8, 31)),
        ("until the end of February", date(2027, 2, 28)),
        ("until the end of May 2026", date(2026, 5, 31)),
        ("closed from March 6 until March 15, 2026", date(2026, 3, 15)),
    ],
)
def test_a_return_date_is_read(text: str, day: date) -> None:
    assert return_date(as_asked("text", text), WRITTEN) == day


@pytest.mark.parametrize(
    "text",
    [
        "I am away.",
        "until further notice",
        "bis 31.02.",
        "bis 01.01.2019",
        "since 3 March 2026",
        "bis 17.30 Uhr",
        "until 5 pm",
    ],
)
def test_no_date_is_better_than_a_wrong_one(text: str) -> None:
    assert return_date(as_asked("text", text), WRITTEN) is None


def test_without_a_year_the_date_of_the_letter_is_needed() -> None:
    assert return_date("bis 20, märz", None) is None


@pytest.mark.parametrize("row", SENTENCES, ids=[f"{number}" for number, _ in enumerate(SENTENCES, 2)])
def test_a_sentence_names_the_day(row: dict[str, str]) -> None:
    day = return_date(as_asked("text", row["text"]), WRITTEN)

    assert (day.isoformat() if day else "") == row["day"]


def test_a_span_over_the_turn_of_the_year_ends_in_the_new_one() -> None:
    text = as_asked("text", "Wir haben vom 23.12. bis 6.1. Betriebsferien.")

    assert return_date(text, date(2026, 12, 22)) == date(2027, 1, 6)
    assert return_date(text, date(2027, 1, 2)) == date(2027, 1, 6)
    assert return_date(as_asked("text", "bis KW 2"), date(2026, 12, 22)) == date(2027, 1, 17)


def test_a_letter_full_of_dates_is_read_in_no_time() -> None:
    assert return_date("bis 1,1, back on may 1 " * 100, WRITTEN) is not None
