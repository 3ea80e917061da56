"""The published reference values, to 1e-6 (computed with R 4.2 and `survival`)."""

from __future__ import annotations

import numpy as np
import pytest
from lifelines.datasets import load_lung

from benchmark.core.estimators import (
    AgreementLevel,
    aalen_johansen,
    cohens_kappa,
    design_effect,
    half_width,
    kaplan_meier,
    krippendorffs_alpha,
    log_rank,
    newcombe,
    probes_per_brand,
    wilson,
)

HOURS = np.array([1, 2, 2, 4, 7, 9, 10, 12, 24, 30.0])
EVENTS = np.array([1, 1, 0, 1, 1, 0, 1, 0, 1, 0], dtype=bool)
CURVE = [
    (1, 10, 0.900000000, 0.0948683298, 0.4730092714, 0.985281393),
    (2, 9, 0.800000000, 0.1264911064, 0.4086907816, 0.945872646),
    (4, 7, 0.685714286, 0.1514940174, 0.3045850742, 0.887148495),
    (7, 6, 0.571428571, 0.1637747155, 0.2171927024, 0.814572138),
    (10, 4, 0.428571429, 0.1743375634, 0.1140417777, 0.718453425),
    (24, 2, 0.214285714, 0.1748072658, 0.0129166012, 0.579490711),
]
WILSON = [
    (0, 10, 0, 0.2775327999),
    (1, 10, 0.0178762131, 0.4041500268),
    (5, 13, 0.1770970780, 0.6447710849),
    (8, 10, 0.4901624715, 0.9433178485),
    (10, 10, 0.7224672001, 1),
    (81, 263, 0.2552885199, 0.3662095770),
    (187, 1000, 0.1640478150, 0.2123477358),
]
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524314724, 0.3338726540),
    (9, 10, 3, 10, 0.1705227239, 0.8090179735),
    (10, 10, 0, 10, 0.6075093504, 1),
]
N = None
CODERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]


def test_the_hand_checkable_curve() -> None:
    curve = kaplan_meier(HOURS, EVENTS)
    low, high = curve.limits()

    columns = (curve.times, curve.at_risk, curve.survival, curve.standard_errors, low, high)
    for row, expected in zip(zip(*columns, strict=True), CURVE, strict=True):
        assert row == pytest.approx(expected, abs=1e-9)


def test_its_quartiles_median_limits_and_average_wait() -> None:
    curve = kaplan_meier(HOURS, EVENTS)

    assert [curve.quantile(p).value for p in (0.25, 0.5, 0.75)] == [4, 10, 24]
    assert (curve.quantile().low, curve.quantile().high) == (1, None)
    assert curve.restricted_mean_with_error(24) == pytest.approx((13.27142857, 3.27508618), abs=1e-8)


def test_the_first_five_against_the_last_five() -> None:
    test = log_rank([(HOURS[:5], EVENTS[:5]), (HOURS[5:], EVENTS[5:])])

    assert test.chi2 == pytest.approx(8.06839658, abs=1e-8)
    assert test.freedom == 1


def test_replies_and_bounces_compete() -> None:
    curves = aalen_johansen(HOURS, [1, 1, 0, 1, 2, 0, 1, 0, 1, 2])

    replies = [curves.at(1, hour) for hour in (4, 10, 24, 30)]
    bounces = [curves.at(2, hour) for hour in (4, 10, 24, 30)]
    assert replies == pytest.approx([0.314285714, 0.457142857, 0.671428571, 0.671428571], abs=1e-9)
    assert bounces == pytest.approx([0, 0.114285714, 0.114285714, 0.328571429], abs=1e-9)


def test_the_lung_data() -> None:
    lung = load_lung()
    times, events = lung["time"].to_numpy(float), lung["status"].to_numpy(bool)

    curve = kaplan_meier(times, events)

    assert (curve.n, int(events.sum())) == (228, 165)
    quartiles = [curve.quantile(p) for p in (0.25, 0.5, 0.75)]
    assert [(q.value, q.low, q.high) for q in quartiles] == [(170, 144, 194), (310, 284, 361), (550, 457, 643)]
    half_year = curve.estimate_at(180)
    assert (half_year.value, half_year.low, half_year.high) == pytest.approx(
        (0.7216706534, 0.6583045284, 0.7753146907), abs=1e-9
    )
    index = np.searchsorted(curve.times, 180, side="right") - 1
    assert curve.standard_errors[index] == pytest.approx(0.0298124195, abs=1e-9)
    assert curve.restricted_mean_with_error(365) == pytest.approx((263.221866482, 7.798859086), abs=1e-8)
    by_sex = log_rank([(times[lung["sex"] == sex], events[lung["sex"] == sex]) for sex in (1, 2)])
    assert by_sex.chi2 == pytest.approx(10.32674195, abs=1e-7)


@pytest.mark.parametrize(("x", "n", "low", "high"), WILSON)
def test_wilson(x: int, n: int, low: float, high: float) -> None:
    estimate = wilson(x, n)

    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(("x1", "n1", "x2", "n2", "low", "high"), NEWCOMBE)
def test_newcombe(x1: int, n1: int, x2: int, n2: int, low: float, high: float) -> None:
    estimate = newcombe(x1, n1, x2, n2)

    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-9)


def test_kappa() -> None:
    kappa = cohens_kappa([[20, 5], [10, 15]])

    assert (kappa.value, kappa.low, kappa.high) == pytest.approx((0.4, 0.1510923, 0.6489077), abs=1e-6)


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)]
)
def test_alpha(level: str, alpha: float) -> None:
    assert krippendorffs_alpha(CODERS, AgreementLevel(level)) == pytest.approx(alpha, abs=1e-6)


@pytest.mark.parametrize(
    ("p1", "p2", "n"), [(0.3, 0.4, 356), (0.5, 0.6, 388), (0.7, 0.8, 294), (0.8, 0.9, 199), (0.5, 0.8, 39)]
)
def test_probes_needed_to_tell_brands_apart(p1: float, p2: float, n: int) -> None:
    assert probes_per_brand(p1, p2) == n


@pytest.mark.parametrize(("n", "points"), [(10, 26), (20, 20), (30, 17), (50, 13), (100, 10), (200, 7), (400, 5)])
def test_half_widths(n: int, points: int) -> None:
    assert round(100 * half_width(n)) == points


def test_the_design_effect_of_single_probes_is_one() -> None:
    assert design_effect(1, 0.3) == 1
    assert design_effect(5, 0.1) == pytest.approx(1.4)
