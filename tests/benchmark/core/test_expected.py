"""Expected shares of brands with few probes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmark.core.columns import columns_of
from benchmark.core.estimators import expected_rates, fit_beta_prior
from benchmark.core.leaderboard import Leaderboard, expected_answered, leaderboard

T0 = datetime(2026, 1, 5, tzinfo=UTC)


def board(answers: list[tuple[int, int]]) -> Leaderboard:
    """Brands with (answered, asked)."""
    brand = np.repeat(np.arange(len(answers)), [n for _, n in answers])
    wait = np.concatenate([[3600.0] * x + [np.nan] * (n - x) for x, n in answers])
    labels = {"brand": [f"b{code}" for code in range(len(answers))]}
    columns = columns_of(
        len(brand), labels, brand=brand, t0_s=np.full(len(brand), T0.timestamp()), human_s=wait, substantive_s=wait
    )
    return leaderboard(columns, T0 + timedelta(days=60))


def test_few_probes_are_drawn_towards_the_others_and_many_are_not() -> None:
    table = board([(3, 3), (150, 300), (30, 100), (60, 100)])

    few, many = expected_answered(table, "b0"), expected_answered(table, "b1")

    assert few is not None
    assert many is not None
    assert 0.5 < (few.value or 0) < 0.9
    assert many.value == pytest.approx(0.5, abs=0.01)
    assert (few.high or 0) - (few.low or 0) > (many.high or 0) - (many.low or 0)


def test_the_value_is_that_of_the_estimator_over_all_brands() -> None:
    answers = [(3, 9), (15, 30), (3, 10), (9, 12)]
    prior = fit_beta_prior([x for x, _ in answers], [n for _, n in answers])
    assert prior is not None

    assert expected_answered(board(answers), "b2") == expected_rates([3], [10], prior)[0]


def test_one_brand_alone_has_no_others_to_be_drawn_to() -> None:
    assert expected_answered(board([(3, 9)]), "b0") is None
    assert expected_answered(board([(3, 9)]), "nobody") is None
