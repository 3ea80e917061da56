"""Differences with intervals, and how much the ranking hangs on choices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmark.core.columns import OutcomeColumns, columns_of
from benchmark.core.comparison import changes, compare, curves_differ
from benchmark.core.estimators import newcombe
from benchmark.core.leaderboard import By
from benchmark.core.observed import Observed, observe
from benchmark.core.scoring import edition_formula
from benchmark.core.sensitivity import sensitivity
from benchmark.core.values import Weights, Windows

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
OLD = T0 + timedelta(days=60)
H = 3600.0
NAN = np.nan


def answers(*counts: tuple[int, int], waves: tuple[int, ...] = (), hours: float = 1) -> OutcomeColumns:
    """Per brand (answered, asked)."""
    brand = np.repeat(np.arange(len(counts)), [n for _, n in counts])
    wait = np.concatenate([np.where(np.arange(n) < x, hours * H, NAN) for x, n in counts])
    labels = {
        "brand": [f"brand {code}" for code in range(len(counts))],
        "wave": ["first", "second"],
        "template": ["a", "b"],
    }
    return columns_of(
        len(brand),
        labels,
        brand=brand,
        wave=waves or np.zeros(len(brand)),
        template=np.arange(len(brand)) % 2,
        t0_s=np.full(len(brand), T0.timestamp()),
        human_s=wait,
        substantive_s=wait,
    )


def seen(columns: OutcomeColumns) -> Observed:
    return observe(columns, OLD, Windows())


def test_shares_differ_with_newcombes_interval() -> None:
    first, second = seen(answers((56, 70))), seen(answers((48, 80)))

    comparison = compare(first, second, edition_formula(first, Weights()))

    assert comparison.differences["within_24h"] == newcombe(56, 70, 48, 80)
    score = comparison.differences["score"]
    assert score.value == pytest.approx(0.85 * (56 / 70 - 48 / 80))
    assert comparison.curves.p < 0.05


def test_equal_curves_do_not_differ() -> None:
    assert curves_differ([seen(answers((5, 10))), seen(answers((5, 10)))]).chi2 == pytest.approx(0)


def test_nothing_to_compare_gives_no_difference() -> None:
    nothing = seen(columns_of(0))

    comparison = compare(nothing, nothing, edition_formula(nothing, Weights()))

    assert comparison.differences["score"].value is None
    assert comparison.curves.p == 1


def test_the_change_since_the_last_wave_has_an_interval() -> None:
    columns = answers((5, 10), (10, 10), waves=(0,) * 5 + (1,) * 5 + (1,) * 10)
    observed = seen(columns)

    change = changes(observed, "brand", "first", "second", edition_formula(observed, Weights()))

    assert list(change) == ["brand 0"]
    assert change["brand 0"].value == pytest.approx(-0.85)
    assert change["brand 0"].high is not None
    assert change["brand 0"].high < 0


def test_a_brand_that_is_best_at_everything_is_on_top_whatever_the_weights() -> None:
    observed = seen(answers((20, 20), (10, 20), (2, 20), (1, 20), (0, 20)))
    formula = edition_formula(observed, Weights())

    panel = sensitivity(
        observed, formula, by=By.BRAND, ranked=frozenset(observed.columns.labels["brand"]), seed=7, draws=50
    )

    assert [row.brand for row in panel] == list(observed.columns.labels["brand"])
    assert panel[0].top_share == panel[0].tier_share == 1
    assert panel[4].top_share == 0
    without = {"acknowledged", "answered", "speed", "followed", "a", "b"}
    assert set(panel[0].ranks) == {"business time"} | {f"without {name}" for name in without}
    assert set(panel[0].ranks.values()) == {1}


def test_the_same_seed_gives_the_same_panel() -> None:
    observed = seen(answers((12, 20), (11, 20), (9, 20)))
    formula = edition_formula(observed, Weights())
    ranked = frozenset(observed.columns.labels["brand"])

    first, second = (sensitivity(observed, formula, by=By.BRAND, ranked=ranked, seed=3, draws=20) for _ in range(2))

    assert first == second
