"""Each row of the wording tables is a test: it finds its example and passes over its counter-example."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.core.classification.anchors import branches_of, needs_of
from benchmark.core.classification.wording import TABLE_NAMES, Place, Row, as_asked, table

ROWS = [row for name in TABLE_NAMES for row in table(name)]


def found(row: Row, text: str) -> bool:
    return row.search(Place(row.where, as_asked(row.where, text), tables=(row.table,))) is not None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_finds_its_example_and_not_its_counter_example(row: Row) -> None:
    assert found(row, row.example)
    assert not row.counter_example or not found(row, row.counter_example)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_branch_of_a_row_is_a_pattern(row: Row) -> None:
    """They are compiled when they are first tried, which may be long after."""
    assert all(branch.pattern.pattern == branch.source for branch in row.branches)


def test_a_line_may_be_asked_in_two_places() -> None:
    places = {row.id: row.where for row in table("tickets") if row.id.startswith("ticket-noun-de")}

    assert places == {"ticket-noun-de": "text", "ticket-noun-de-subject": "subject"}


def test_no_two_rows_have_the_same_id() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)


def test_weights_are_small_and_positive() -> None:
    assert all(0 < row.weight <= 4 for row in ROWS)


def test_a_pattern_is_split_at_its_outermost_bars_only() -> None:
    parts = [branch.pattern.pattern for branch in branches_of(r"\bone|(?:two|three)[|]four|five\|six")]

    assert parts == [r"\bone", r"(?:two|three)[|]four", r"five\|six"]


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("delivery", 1),
        ("(?:delivery|message) failed", 2),
        ("(?:delivery )?failed", 1),
        (r"(?:delivery|\d+) x", 0),
        ("[a-z]+ hello", 1),
        ("colou?rs", 1),
        ("(?!never)x", 0),
        ("a{3}bcdef", 1),
        (r"\b(?:a|b)\bh(?:o|u)", 0),
        (r"\b(?:pm|dm)\b", 1),  # a rare pair of letters
        (r"\b(?:pm|us)\b", 0),
        (r"(?:휴가|不在).{0,3}中", 2),  # a sign of another script says enough alone
        (r"(?:№|номер) \d", 1),
        ("tr(?:ü|ue)ben", 1),
        ("tr(?:ü|ue)?ben", 1),
        (r"\? ?(?:€|\$)", 2),
    ],
)
def test_a_pattern_needs_what_cannot_be_missing(pattern: str, needs: int) -> None:
    assert len(needs_of(pattern)) == needs


def test_the_spellings_of_a_word_are_needed_whole() -> None:
    assert needs_of("(?:ü|ue)br(?:i|ie)g ok") == (frozenset({"übrig ok", "uebrig ok", "übrieg ok", "uebrieg ok"}),)
    assert needs_of(r"warum\?") == (frozenset({"warum?"}),)


@given(st.sampled_from(ROWS), st.text(max_size=40), st.text(max_size=40))
def test_sorting_out_by_words_never_loses_a_match(row: Row, before: str, after: str) -> None:
    place = Place(row.where, as_asked(row.where, f"{before} {row.example} {after}"), tables=(row.table,))
    tried = place.likely.get(row, [])

    for branch in row.branches:
        assert branch in tried or not branch.pattern.search(place.text)
