"""The estimators against scipy, statsmodels and lifelines, and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa as kappa_oracle
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from benchmark.core.estimators import (
    aalen_johansen,
    cohens_kappa,
    expected_rates,
    fit_beta_prior,
    grouped_survival,
    intraclass_correlation,
    kaplan_meier,
    krippendorffs_alpha,
    log_rank,
    newcombe,
    probes_per_brand,
    wilson,
)
from benchmark.core.estimators.shrinkage import BetaPrior, incomplete_beta
from benchmark.core.estimators.survival import chi2_tail

COUNTS = st.tuples(st.integers(1, 400), st.integers(0, 400)).map(lambda pair: (min(pair), max(pair)))
PROBES = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=60)


def split(probes: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([t for t, _ in probes], dtype=float), np.array([e for _, e in probes], dtype=bool)


@given(COUNTS)
def test_wilson_agrees_with_statsmodels(counts: tuple[int, int]) -> None:
    x, n = counts

    estimate = wilson(x, n)

    low, high = proportion_confint(x, n, method="wilson")
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-9)


@given(COUNTS, COUNTS)
def test_newcombe_agrees_with_statsmodels(first: tuple[int, int], second: tuple[int, int]) -> None:
    estimate = newcombe(*first, *second)

    low, high = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff")
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-8)


@pytest.mark.slow
@given(PROBES)
def test_kaplan_meier_agrees_with_lifelines_ties_and_all(probes: list[tuple[int, bool]]) -> None:
    times, events = split(probes)

    curve = kaplan_meier(times, events)

    oracle = KaplanMeierFitter().fit(times, events)
    assert curve.survival == pytest.approx(oracle.predict(curve.times), abs=1e-9)


@pytest.mark.slow
@given(st.tuples(PROBES, PROBES, PROBES))
def test_log_rank_agrees_with_lifelines(groups: tuple[list[tuple[int, bool]], ...]) -> None:
    arrays = [split(group) for group in groups]
    if not any(events.any() for _, events in arrays):
        return

    test = log_rank(arrays)

    codes = np.repeat([0, 1, 2], [len(group) for group in groups])
    oracle = multivariate_logrank_test(
        np.concatenate([t for t, _ in arrays]), codes, np.concatenate([e for _, e in arrays])
    )
    if np.isfinite(oracle.test_statistic):
        assert test.chi2 == pytest.approx(oracle.test_statistic, abs=1e-6)


@given(PROBES)
def test_incidences_and_survival_make_a_whole(probes: list[tuple[int, bool]]) -> None:
    causes = [0 if not ended else 1 + time % 2 for time, ended in probes]

    curves = aalen_johansen([time for time, _ in probes], causes)

    assert curves.incidence.sum(axis=0) + curves.survival == pytest.approx(np.ones(len(curves.times)), abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8), st.booleans()), max_size=80))
def test_many_curves_at_once_agree_with_one_at_a_time(rows: list[tuple[int, int, bool]]) -> None:
    groups = np.array([row[0] for row in rows], dtype=np.int32)
    times = np.array([row[1] for row in rows], dtype=float)
    events = np.array([row[2] for row in rows], dtype=bool)

    together = grouped_survival(groups, 4, times, events)

    value, low, high = together.quantile()
    means = together.restricted_mean(5)
    for group in range(4):
        mine = groups == group
        alone = kaplan_meier(times[mine], events[mine])
        got = [None if np.isnan(x) else x for x in (value[group], low[group], high[group], means[group])]
        median = alone.quantile()
        assert got == pytest.approx([median.value, median.low, median.high, alone.restricted_mean(5).value])


def test_a_span_too_long_to_pack_is_sorted_all_the_same() -> None:
    groups = np.arange(100_000, dtype=np.int64)
    durations = np.full(100_000, 3e9)
    durations[7] = 5.0

    curves = grouped_survival(groups, 100_000, durations, durations < 10)

    assert curves.quantile()[0][7] == 5.0
    assert np.isnan(curves.quantile()[0][8])


def test_the_median_of_one_two_three_four_is_between_two_and_three() -> None:
    assert kaplan_meier([1, 2, 3, 4], [True] * 4).quantile().value == 2.5


def test_a_flat_of_one_half_that_never_ends_is_halved_at_the_last_look_as_r_does() -> None:
    assert kaplan_meier([1, 2, 10, 10], [True, True, False, False]).quantile().value == 6


def test_nobody_replied_means_not_reached_and_not_zero() -> None:
    curve = kaplan_meier([5, 6, 7], [False] * 3)

    assert curve.quantile().value is None
    assert curve.restricted_mean(168).value == 168


def test_nothing_observed_has_no_estimate() -> None:
    curve = kaplan_meier([], [])

    assert curve.quantile().value is None
    assert curve.restricted_mean(168).value is None
    assert wilson(0, 0).value is None
    assert newcombe(0, 0, 1, 2).value is None
    assert cohens_kappa([[0, 0], [0, 0]]).value is None
    assert krippendorffs_alpha([[None, None], [None, None]]) is None
    assert krippendorffs_alpha([]) is None
    assert len(aalen_johansen([], []).times) == 0
    assert log_rank([([], []), ([], [])]).p == 1


def test_limits_are_undefined_where_everybody_was_answered() -> None:
    low, high = kaplan_meier([1, 2], [True, True]).limits()

    assert np.isnan(low[-1])
    assert np.isnan(high[-1])


def test_a_hundred_million_probes_do_not_upset_wilson() -> None:
    estimate = wilson(30_000_000, 100_000_000)

    assert estimate.low == pytest.approx(0.2999102, abs=1e-6)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 12, 29, 60])
@pytest.mark.parametrize("chi2", [0.0, 0.3, 3.84, 17.0, 80.0])
def test_chi_squared_tails_agree_with_scipy(freedom: int, chi2: float) -> None:
    assert chi2_tail(chi2, freedom) == pytest.approx(stats.chi2.sf(chi2, freedom), abs=1e-12)


@given(st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), min_size=3, max_size=3))
def test_kappa_agrees_with_statsmodels(table: list[list[int]]) -> None:
    estimate = cohens_kappa(table)
    if estimate.value is None or estimate.low is None:
        return

    oracle = kappa_oracle(np.array(table, dtype=float))

    assert estimate.value == pytest.approx(oracle.kappa, abs=1e-9)
    assert estimate.low == pytest.approx(max(-1, oracle.kappa - stats.norm.ppf(0.975) * oracle.std_kappa), abs=1e-6)


def test_two_coders_with_one_word_agree_by_chance_alone() -> None:
    assert cohens_kappa([[9, 0], [0, 0]]).value is None


@given(st.floats(0.001, 0.999), st.floats(0.1, 300), st.floats(0.1, 300))
def test_the_incomplete_beta_agrees_with_scipy(x: float, a: float, b: float) -> None:
    assert incomplete_beta(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), abs=1e-9)


def test_expected_rates_lie_between_the_brand_and_the_field() -> None:
    prior = fit_beta_prior([9, 1, 50, 70], [10, 10, 100, 100])

    assert prior is not None
    field = prior.alpha / (prior.alpha + prior.beta)
    small, large = expected_rates([9, 90], [10, 100], prior)
    assert field < (small.value or 0) < (large.value or 0) < 0.9
    assert small.low == pytest.approx(stats.beta.ppf(0.025, prior.alpha + 9, prior.beta + 1), abs=1e-9)


def test_brands_that_differ_only_by_chance_share_one_expected_rate() -> None:
    prior = fit_beta_prior([5, 5, 5], [10, 10, 10])

    assert prior is not None
    assert expected_rates([0], [10], prior)[0].value == pytest.approx(0.5, abs=1e-4)


def test_no_prior_without_two_brands_or_without_any_difference() -> None:
    assert fit_beta_prior([5], [10]) is None
    assert fit_beta_prior([0, 0], [10, 10]) is None


def test_a_known_prior_is_recovered_from_many_brands() -> None:
    chance = np.random.default_rng(7)
    sizes = np.full(20_000, 20)
    hits = chance.binomial(sizes, chance.beta(2, 3, size=20_000))

    prior = fit_beta_prior(hits, sizes)

    assert prior == BetaPrior(pytest.approx(2, rel=0.05), pytest.approx(3, rel=0.05))


def test_the_icc_of_identical_clusters_is_one_and_of_noise_about_zero() -> None:
    clusters = np.repeat(np.arange(200), 5)

    assert intraclass_correlation(clusters, np.repeat(np.arange(200) % 2, 5)) == pytest.approx(1)
    assert intraclass_correlation(clusters, np.random.default_rng(1).random(1000)) == pytest.approx(0, abs=0.07)
    assert intraclass_correlation([1, 1], [0, 1]) is None


def test_equal_shares_can_never_be_told_apart() -> None:
    with pytest.raises(ValueError, match="equal"):
        probes_per_brand(0.5, 0.5)
