"""What a campaign can tell apart: probes per brand, design effect, half-widths."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from benchmark.core.estimators.proportions import wilson_limits


def probes_per_brand(p1: float, p2: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Probes each brand needs so that p1 and p2 are told apart (two-sided), as R's `power.prop.test`.

    Raises ValueError where the shares are equal: no number of probes tells them apart.
    """
    if p1 == p2:
        raise ValueError("equal shares cannot be told apart")
    mean = (p1 + p2) / 2
    chance = NormalDist().inv_cdf(1 - alpha / 2) * math.sqrt(2 * mean * (1 - mean))
    spread = NormalDist().inv_cdf(power) * math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    return math.ceil(((chance + spread) / (p1 - p2)) ** 2)


def half_width(n: int, p: float = 0.5) -> float:
    """Half the Wilson interval of a share p of n probes."""
    low, high = wilson_limits(p, n)
    return float(high - low) / 2


def detectable_difference(n: int, p: float = 0.5, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """The smallest step up from a share p that n probes per brand tell apart; None where not even p against 1 does."""
    if n < 1 or probes_per_brand(p, 1.0, alpha, power) > n:
        return None
    low, high = p, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if probes_per_brand(p, middle, alpha, power) <= n else (middle, high)
    return high - p


def design_effect(per_cluster: float, correlation: float) -> float:
    """1 + (m - 1)·ICC for m probes per brand and template; the effective n is n divided by it."""
    return 1 + max(0.0, per_cluster - 1) * max(0.0, correlation)


def intraclass_correlation(clusters: ArrayLike, values: ArrayLike) -> float | None:
    """ICC from a one-way analysis of variance (Donner 1986); None with fewer than two clusters or no spread."""
    codes, scores = np.asarray(clusters), np.asarray(values, dtype=np.float64)
    names, inverse = np.unique(codes, return_inverse=True)
    k, n = len(names), len(scores)
    if k < 2 or n <= k:
        return None
    sizes = np.bincount(inverse).astype(np.float64)
    means = np.bincount(inverse, weights=scores) / sizes
    between = float((sizes * (means - scores.mean()) ** 2).sum()) / (k - 1)
    within = float(((scores - means[inverse]) ** 2).sum()) / (n - k)
    typical = (n - float((sizes**2).sum()) / n) / (k - 1)
    spread = between + (typical - 1) * within
    return None if spread <= 0 else (between - within) / spread
