"""Waiting times with the unanswered among them: Kaplan-Meier, Greenwood, log-log limits, RMST, log-rank.

Conventions are those of R's `survival`: an event at the time of a censoring comes first; limits are undefined (NaN)
where S is 0 or 1; a quantile on a flat of exactly 1 - p is the middle of that flat.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.core.estimators.proportions import Z95, Estimate

Floats = NDArray[np.float64]
TOLERANCE = math.sqrt(np.finfo(np.float64).eps)
"""R's tolerance for "exactly one half"."""


@dataclass(frozen=True)
class SurvivalCurve:
    """The curve at its distinct event times. `last` is the longest time observed, event or not."""

    n: int
    times: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    variance_sum: Floats  # Greenwood's sum of d/(n(n-d)); inf after the last one at risk
    last: float

    @property
    def standard_errors(self) -> Floats:
        with np.errstate(invalid="ignore"):
            return np.where(self.survival > 0, self.survival * np.sqrt(self.variance_sum), np.nan)

    def limits(self, z: float = Z95) -> tuple[Floats, Floats]:
        """Log-log limits at the event times; NaN where S is 0 or 1."""
        return log_log_limits(self.survival, self.variance_sum, z)

    def survival_at(self, moment: float) -> float:
        """S(t): the share that still waits after t."""
        index = int(np.searchsorted(self.times, moment, side="right")) - 1
        return 1.0 if index < 0 else float(self.survival[index])

    def estimate_at(self, moment: float, z: float = Z95) -> Estimate:
        """S(t) with its log-log limits."""
        index = int(np.searchsorted(self.times, moment, side="right")) - 1
        if self.n == 0:
            return Estimate(None, None, None, 0)
        if index < 0:
            return Estimate(1.0, None, None, self.n)
        low, high = self.limits(z)
        return Estimate(float(self.survival[index]), _known(low[index]), _known(high[index]), self.n)

    def quantile(self, p: float = 0.5, z: float = Z95) -> Estimate:
        """Time by which a share p has its event; None where it is not reached. Limits as R's `quantile.survfit`."""
        low, high = self.limits(z)
        return Estimate(
            first_crossing(self.times, self.survival, 1 - p, self.last),
            first_crossing(self.times, low, 1 - p, self.last),
            first_crossing(self.times, high, 1 - p, self.last),
            self.n,
        )

    def restricted_mean(self, tau: float, z: float = Z95) -> Estimate:
        """Area under the curve to tau: the average wait, counting tau for those who never replied.

        Where nobody was watched until tau the curve is carried on flat, as R does.
        """
        if self.n == 0:
            return Estimate(None, None, None, 0)
        value, error = self.restricted_mean_with_error(tau)
        return Estimate(value, max(0.0, value - z * error), min(tau, value + z * error), self.n)

    def restricted_mean_with_error(self, tau: float) -> tuple[float, float]:
        """(RMST, standard error); variance = sum of (area right of t_i)^2 d_i/(n_i(n_i - d_i))."""
        kept = self.times < tau
        edges = np.concatenate(([0.0], self.times[kept], [tau]))
        areas = np.concatenate(([1.0], self.survival[kept])) * np.diff(edges)
        right = np.cumsum(areas[::-1])[::-1][1:]
        left_over = self.at_risk[kept] - self.events[kept]
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(left_over > 0, right**2 * self.events[kept] / (self.at_risk[kept] * left_over), 0.0)
        return float(areas.sum()), math.sqrt(float(terms.sum()))


def kaplan_meier(times: ArrayLike, events: ArrayLike) -> SurvivalCurve:
    """Product-limit curve from times and whether each ended in its event (False: still waiting then)."""
    durations, happened = np.asarray(times, dtype=np.float64), np.asarray(events, dtype=bool)
    distinct, counts = np.unique(durations[happened], return_counts=True)
    ordered = np.sort(durations)
    at_risk = (len(ordered) - np.searchsorted(ordered, distinct, side="left")).astype(np.float64)
    deaths = counts.astype(np.float64)
    with np.errstate(divide="ignore"):
        variance_sum = np.cumsum(deaths / (at_risk * (at_risk - deaths)))
    return SurvivalCurve(
        n=len(durations),
        times=distinct,
        at_risk=at_risk,
        events=deaths,
        survival=np.asarray(np.cumprod((at_risk - deaths) / at_risk), dtype=np.float64),
        variance_sum=variance_sum,
        last=float(ordered[-1]) if len(ordered) else 0.0,
    )


def log_log_limits(survival: Floats, variance_sum: Floats, z: float = Z95) -> tuple[Floats, Floats]:
    """exp(-exp(log(-log S) ± z·sqrt(v)/log S)); NaN where S is 0 or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_survival = np.log(survival)
        shift = z * np.sqrt(variance_sum) / log_survival
        level = np.log(-log_survival)
        low, high = np.exp(-np.exp(level - shift)), np.exp(-np.exp(level + shift))
    undefined = (survival <= 0) | (survival >= 1)
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)


def first_crossing(times: Floats, curve: Floats, level: float, last: float) -> float | None:
    """Smallest t with curve(t) < level, or the middle of the flat at exactly the level (a last flat ends at `last`)."""
    below = np.flatnonzero(curve < level + TOLERANCE)
    if not len(below):
        return None
    first = below[0]
    if curve[first] < level - TOLERANCE:
        return float(times[first])
    later = np.flatnonzero(curve < level - TOLERANCE)
    end = float(times[later[0]]) if len(later) else last
    return (float(times[first]) + end) / 2


@dataclass(frozen=True)
class LogRank:
    """Do groups wait equally long? chi-squared with `freedom` degrees and its p."""

    chi2: float
    freedom: int
    p: float
    observed: tuple[float, ...]
    expected: tuple[float, ...]


def log_rank(groups: Sequence[tuple[ArrayLike, ArrayLike]]) -> LogRank:
    """Log-rank test of two or more groups of (times, events), as R's `survdiff` with rho = 0."""
    curves = [(np.asarray(t, dtype=np.float64), np.asarray(e, dtype=bool)) for t, e in groups]
    distinct = np.unique(np.concatenate([times[events] for times, events in curves] or [np.empty(0)]))
    risk = np.array([len(t) - np.searchsorted(np.sort(t), distinct, side="left") for t, _ in curves], dtype=np.float64)
    deaths = np.array([_counts_at(t[e], distinct) for t, e in curves], dtype=np.float64)
    all_risk, all_deaths = risk.sum(axis=0), deaths.sum(axis=0)
    expected = (risk * all_deaths / np.maximum(all_risk, 1)).sum(axis=1)
    spread = all_deaths * np.maximum(all_risk - all_deaths, 0) / np.maximum(all_risk - 1, 1)
    shares = risk / np.maximum(all_risk, 1)
    covariance = np.diag((shares * spread).sum(axis=1)) - np.einsum("it,jt,t->ij", shares, shares, spread)
    present = np.flatnonzero(expected > 0)[:-1]
    difference = (deaths.sum(axis=1) - expected)[present]
    chi2 = 0.0
    if len(present) and len(distinct):
        chi2 = float(difference @ np.linalg.pinv(covariance[np.ix_(present, present)]) @ difference)
    return LogRank(
        chi2,
        len(present),
        chi2_tail(chi2, len(present)),
        tuple(float(count) for count in deaths.sum(axis=1)),
        tuple(float(count) for count in expected),
    )


def chi2_tail(chi2: float, freedom: int) -> float:
    """P(X > chi2): closed forms for whole degrees of freedom (Abramowitz & Stegun 26.4.4-5)."""
    if freedom <= 0:
        return 1.0
    half = chi2 / 2
    if freedom % 2 == 0:
        total, term = 0.0, math.exp(-half)
        for index in range(freedom // 2):
            total, term = total + term, term * half / (index + 1)
        return min(1.0, total)
    total, term = math.erfc(math.sqrt(half)), math.sqrt(2 * chi2 / math.pi) * math.exp(-half)
    for index in range((freedom - 1) // 2):
        total, term = total + term, term * chi2 / (2 * index + 3)
    return min(1.0, total)


def _counts_at(times: Floats, distinct: Floats) -> Floats:
    ordered = np.sort(times)
    return np.asarray(
        np.searchsorted(ordered, distinct, side="right") - np.searchsorted(ordered, distinct, side="left"),
        dtype=np.float64,
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
