"""What must hold whatever the data (measurement page, section 6)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.core.columns import BOUNCED, OutcomeColumns, columns_of
from benchmark.core.estimators import newcombe_limits, wilson_limits
from benchmark.core.leaderboard import Leaderboard, LeaderboardRow, leaderboard
from benchmark.core.ranking import competition_ranks, rank_ranges, tiers

pytestmark = pytest.mark.slow

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR_S, DAY_S = 3600.0, 86400.0
AS_OF = START + timedelta(days=70)
BRANDS = ("ada", "bert", "cleo")

WAITS = st.one_of(st.none(), st.integers(0, 20 * 24).map(lambda hours: hours * HOUR_S))


@st.composite
def probes(draw: st.DrawFn) -> dict[str, Any]:
    """One probe as recorded: consistent, but with ties, waiting ones, bounces and exclusions."""
    human, after = draw(WAITS), draw(WAITS)
    answer = None if human is None or after is None else human + after
    return {
        "brand": draw(st.integers(0, len(BRANDS) - 1)),
        "t0_s": START.timestamp() + draw(st.integers(0, 69)) * DAY_S,
        "acknowledged_s": draw(WAITS),
        "human_s": human,
        "substantive_s": answer,
        "followed_up_s": None if answer is None or not draw(st.booleans()) else answer + 5 * DAY_S,
        "bounced_s": draw(st.sampled_from([None, None, None, HOUR_S])),
        "exclusion": draw(st.sampled_from([-1, -1, -1, 0, 1, 3])),
    }


TABLES = st.lists(probes(), min_size=1, max_size=60)
WHOLE = ("brand", "exclusion")


def columns(rows: list[dict[str, Any]], brands: tuple[str, ...] = BRANDS) -> OutcomeColumns:
    arrays = {
        name: [row[name] if row[name] is not None else np.nan for row in rows] for name in (rows[0] if rows else ())
    }
    return columns_of(len(rows), {"brand": brands}, **arrays)


def board(rows: list[dict[str, Any]], brands: tuple[str, ...] = BRANDS, **more: Any) -> Leaderboard:
    return leaderboard(columns(rows, brands), AS_OF, min_n=more.pop("min_n", 1), **more)


def by_brand(table: Leaderboard) -> dict[str, LeaderboardRow]:
    return {row.brand: row for row in table.rows}


@given(TABLES, st.randoms(use_true_random=False))
def test_shuffling_rows_changes_nothing(rows: list[dict[str, Any]], chance: Any) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)

    assert board(shuffled) == board(rows)


@given(TABLES)
def test_renaming_brands_changes_only_names(rows: list[dict[str, Any]]) -> None:
    renamed = ("zoe", "yves", "xenia")
    last_is_first = [row | {"brand": len(BRANDS) - 1 - row["brand"]} for row in rows]

    before, after = by_brand(board(rows)), by_brand(board(last_is_first, renamed[::-1]))

    for old, new in zip(BRANDS, renamed, strict=True):
        if old in before:
            assert replace(after[new], brand=old) == before[old]


@given(TABLES)
def test_removing_a_brand_leaves_the_others_scores(rows: list[dict[str, Any]]) -> None:
    whole = board(rows)
    rest = [row for row in rows if row["brand"] != 0]

    without = by_brand(board(rest, formula=whole.formula)) if rest else {}

    for brand, row in without.items():
        assert row.score == by_brand(whole)[brand].score


@given(TABLES, st.data())
def test_turning_a_waiting_probe_into_a_reply_never_lowers_its_brands_score(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    waiting = rows[index] | {"human_s": None, "substantive_s": None, "followed_up_s": None}
    wait = data.draw(st.integers(0, 400)) * HOUR_S
    replied = waiting | {"human_s": wait, "substantive_s": data.draw(st.sampled_from([None, wait]))}
    brand = BRANDS[waiting["brand"]]

    before = by_brand(board([*rows[:index], waiting, *rows[index + 1 :]]))[brand].score
    after = by_brand(board([*rows[:index], replied, *rows[index + 1 :]]))[brand].score

    assert (before is None and after is None) or (before or 0) <= (after or 0) + 1e-9


@given(TABLES, st.lists(st.integers(0, 168), min_size=1, max_size=10), st.booleans())
def test_a_brand_that_answers_everything_never_scores_below_one_that_answers_nothing(
    rows: list[dict[str, Any]], hours: list[int], old: bool
) -> None:
    t0_s = START.timestamp() + (0 if old else 40 * DAY_S)
    base = rows[0] | {"t0_s": t0_s, "bounced_s": None, "exclusion": -1, "followed_up_s": None}
    answering = [
        base | {"brand": 0, "acknowledged_s": None, "human_s": h * HOUR_S, "substantive_s": h * HOUR_S} for h in hours
    ]
    robots = [
        base | {"brand": 1, "acknowledged_s": 0.0, "human_s": None, "substantive_s": None} for _ in range(len(rows))
    ]

    table = by_brand(board(answering + robots))

    assert (table["ada"].score or 0) >= (table["bert"].score or 0)


@given(TABLES)
def test_a_bounced_probe_never_changes_the_response_rate(rows: list[dict[str, Any]]) -> None:
    bounced = rows[0] | {"bounced_s": HOUR_S, "exclusion": BOUNCED, "human_s": None}
    brand = BRANDS[bounced["brand"]]

    before, after = by_brand(board(rows))[brand], by_brand(board([*rows, bounced]))[brand]

    assert after.within_7d == before.within_7d
    assert (after.n, after.excluded) == (before.n, before.excluded + 1)


@given(TABLES, st.sampled_from(["score", "within_24h", "ack_rate"]))
def test_ranks_lie_inside_their_ranges(rows: list[dict[str, Any]], rank_by: str) -> None:
    for row in board(rows, rank_by=rank_by).ranked:
        assert row.rank is not None
        assert row.rank_low is not None
        assert row.rank_high is not None
        assert row.rank_low <= row.rank <= row.rank_high


@given(TABLES)
def test_intervals_contain_their_estimates(rows: list[dict[str, Any]]) -> None:
    for row in board(rows).rows:
        for name in (column.name for column in fields(row)):
            low, value, high = (getattr(row, name + suffix, None) for suffix in ("_low", "", "_high"))
            if name != "rank" and low is not None and high is not None and isinstance(value, float):
                assert low - 1e-9 <= value <= high + 1e-9


@given(TABLES)
def test_denominators_add_up(rows: list[dict[str, Any]]) -> None:
    counts = board(rows).denominators

    assert counts.assigned == counts.waiting + sum(counts.excluded.values()) + counts.delivered
    assert counts.mature <= counts.delivered


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), min_size=2, max_size=45))
def test_ranges_are_symmetric_and_hold_the_rank(counts: list[tuple[int, int]]) -> None:
    n = np.array([max(pair) for pair in counts], dtype=float)
    shares = np.array([min(pair) for pair in counts]) / n
    low, high = wilson_limits(shares, n)

    ranks, (best, worst) = competition_ranks(shares), rank_ranges(shares, low, high, n)

    assert (best <= ranks).all()
    assert (ranks <= worst).all()
    assert (best - 1).sum() == (len(counts) - worst).sum()  # each "above" is somebody's "below"


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), min_size=1, max_size=45))
def test_tiers_are_whole_numbers_from_one_without_gaps(counts: list[tuple[int, int]]) -> None:
    n = np.array([max(pair) for pair in counts], dtype=float)
    low, high = wilson_limits(np.array([min(pair) for pair in counts]) / n, n)

    numbers = tiers(low, high)

    assert set(numbers) == set(range(1, numbers.max() + 1))


def test_newcombe_pairs_say_a_above_b_exactly_when_b_below_a() -> None:
    shares, n = np.array([0.2, 0.5, 0.9]), np.array([20.0, 50.0, 30.0])

    low, high = newcombe_limits(shares[:, None], n[:, None], shares[None, :], n[None, :])

    assert ((low > 0) == (high < 0).T).all()
