"""What a campaign can tell apart."""

from __future__ import annotations

import pytest

from benchmark.core.estimators import detectable_difference, half_width, probes_per_brand
from benchmark.core.planning import plan
from benchmark.core.planning_box import planning_box
from tests.samples import design


@pytest.mark.parametrize(("n", "points"), [(10, 26), (20, 20), (30, 17), (50, 13), (100, 10), (200, 7), (400, 5)])
def test_half_widths_are_those_of_the_methodology_page(n: int, points: int) -> None:
    assert round(100 * half_width(n)) == points


@pytest.mark.parametrize(("p", "higher", "n"), [(0.3, 0.4, 356), (0.5, 0.6, 388), (0.7, 0.8, 294), (0.5, 0.8, 39)])
def test_the_detectable_difference_turns_the_number_of_probes_round(p: float, higher: float, n: int) -> None:
    found = detectable_difference(n, p)

    assert found is not None
    assert found <= higher - p + 1e-6
    assert probes_per_brand(p, p + found - 1e-4) > n - 1


def test_a_handful_of_probes_tells_nothing_apart() -> None:
    assert detectable_difference(5) is None


def test_the_box_speaks_of_the_brand_with_the_fewest_probes() -> None:
    waves = [{"starts_on": f"2026-0{month}-02", "days": 5} for month in range(3, 9)]

    box = planning_box(plan(design(waves=waves)), correlation=0.1)

    assert (box.brands, box.fewest, box.most, box.per_template) == (2, 6, 6, 6.0)
    assert box.effect == pytest.approx(1.5)
    assert box.effective_n == 4
    assert box.difference is None
