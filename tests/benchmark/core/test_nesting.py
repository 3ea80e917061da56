"""Nesting: how many independent probes are those of one brand and template worth?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmark.core.columns import OutcomeColumns, columns_of
from benchmark.core.estimators import intraclass_correlation
from benchmark.core.nesting import Nesting, nesting
from benchmark.core.observed import observe
from benchmark.core.values import Windows

T0 = datetime(2026, 1, 5, tzinfo=UTC)


def columns(brand: list[int], template: list[int], replied: list[bool]) -> OutcomeColumns:
    labels = {"brand": [f"b{code}" for code in range(9)], "template": [f"t{code}" for code in range(9)]}
    waits = np.where(replied, 3600.0, np.nan)
    t0_s = np.full(len(brand), T0.timestamp())
    return columns_of(len(brand), labels, brand=brand, template=template, t0_s=t0_s, human_s=waits)


def nested(brand: list[int], template: list[int], replied: list[bool]) -> Nesting:
    return nesting(observe(columns(brand, template, replied), T0 + timedelta(days=60), Windows()))


def test_of_one_brand_it_is_the_usual_correlation_of_its_templates() -> None:
    template, replied = [0, 0, 0, 1, 1, 1, 2, 2, 2], [True, True, False, False, False, False, True, True, True]

    found = nested([0] * 9, template, replied)

    assert found.correlation == pytest.approx(intraclass_correlation(template, replied), abs=1e-12)
    assert found.per_template == 3
    assert found.effect == pytest.approx(1 + 2 * (found.correlation or 0))
    assert found.effective(90) == pytest.approx(90 / found.effect)


def test_brands_that_differ_are_no_reason_for_a_correlation_within_brands() -> None:
    chance = np.random.default_rng(1)
    brand = np.repeat([0, 1], 3000)
    replied = chance.random(6000) < np.where(brand == 0, 0.1, 0.9)

    found = nested(brand.tolist(), np.tile([0, 1, 2], 2000).tolist(), replied.tolist())

    assert found.correlation == pytest.approx(0, abs=0.005)


def test_templates_that_decide_everything_leave_one_probe_each() -> None:
    found = nested([0] * 8 + [1] * 8, [0, 0, 0, 0, 1, 1, 1, 1] * 2, [True] * 4 + [False] * 8 + [True] * 4)

    assert found.correlation == pytest.approx(1)
    assert found.effective(8) == pytest.approx(2)


def test_templates_of_unequal_size_are_weighted_by_their_probes() -> None:
    assert nested([0] * 6, [0, 1, 1, 1, 1, 1], [True] * 6).per_template == pytest.approx(26 / 6)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_too_little_to_tell_means_no_correction(size: int) -> None:
    found = nested([0] * size, list(range(size)), [True] * size)

    assert found.correlation is None
    assert found.effect == 1
