"""Few probes: empirical-Bayes beta-binomial, shown as an "expected rate" beside the raw share, never instead of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.core.estimators.proportions import Estimate

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BetaPrior:
    """How true rates are spread over brands. `alpha + beta` is worth that many probes."""

    alpha: float
    beta: float


STRONGEST = 1e6
"""Brands that differ by no more than chance: the prior is as good as a point."""


def fit_beta_prior(x: ArrayLike, n: ArrayLike) -> BetaPrior | None:
    """Prior by moments with weights n (Kleinman 1973); None with fewer than two brands or a common rate of 0 or 1."""
    hits, sizes = np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64)
    hits, sizes = hits[sizes > 0], sizes[sizes > 0]
    total, k = float(sizes.sum()), len(sizes)
    if k < 2:
        return None
    mean = float(hits.sum()) / total
    if mean <= 0 or mean >= 1:
        return None
    spread = float((sizes * (hits / sizes - mean) ** 2).sum())
    excess = spread - mean * (1 - mean) * (k - 1)
    room = mean * (1 - mean) * (total - float((sizes**2).sum()) / total - (k - 1))
    correlation = excess / room if room > 0 else 0.0
    weight = min(STRONGEST, 1 / correlation - 1) if correlation > 0 else STRONGEST
    weight = max(weight, 1e-6)
    return BetaPrior(mean * weight, (1 - mean) * weight)


def expected_rates(x: ArrayLike, n: ArrayLike, prior: BetaPrior) -> list[Estimate]:
    """Posterior mean and equal-tailed 95 % interval of each brand's true rate."""
    return [
        _posterior(prior.alpha + hits, prior.beta + size - hits, int(size))
        for hits, size in zip(np.atleast_1d(x), np.atleast_1d(n), strict=True)
    ]


def _posterior(alpha: float, beta: float, n: int) -> Estimate:
    return Estimate(alpha / (alpha + beta), beta_quantile(0.025, alpha, beta), beta_quantile(0.975, alpha, beta), n)


def beta_quantile(p: float, alpha: float, beta: float) -> float:
    """Inverse of the regularised incomplete beta function, by bisection to the last bit that matters."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if incomplete_beta(middle, alpha, beta) < p else (low, middle)
    return (low + high) / 2


def incomplete_beta(x: float, alpha: float, beta: float) -> float:
    """I_x(a, b) by its continued fraction (Lentz's method)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(
        math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta) + alpha * math.log(x) + beta * math.log1p(-x)
    )
    if x < (alpha + 1) / (alpha + beta + 2):
        return front * _fraction(x, alpha, beta) / alpha
    return 1 - front * _fraction(1 - x, beta, alpha) / beta


def _fraction(x: float, a: float, b: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 10_000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + term * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + term / c
            c = c if abs(c) > tiny else tiny
            step = c * d
            value *= step
        if abs(step - 1) < 1e-15:
            break
    return value
