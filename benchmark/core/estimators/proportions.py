"""Proportions and their differences: Wilson (1927) and Newcombe (1998, method 10)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

Z95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval and the number of probes behind it; None = undefined or not reached."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def wilson_limits(p: ArrayLike, n: ArrayLike, z: float = Z95) -> tuple[Floats, Floats]:
    """Limits for shares p of n, whole columns at once; exactly 0 at p = 0 and 1 at p = 1, NaN where n is 0."""
    share, size = np.asarray(p, dtype=np.float64), np.asarray(n, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        stretch = 1 + z * z / size
        centre = (share + z * z / (2 * size)) / stretch
        half = z * np.sqrt(np.maximum(share * (1 - share), 0) / size + z * z / (4 * size * size)) / stretch
    low = np.where(share <= 0, 0.0, centre - half)
    high = np.where(share >= 1, 1.0, centre + half)
    unknown = (size <= 0) | np.isnan(share)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def wilson(x: float, n: int, z: float = Z95) -> Estimate:
    """Share x/n with Wilson's limits. x need not be whole: a mean score of n probes has the same limits."""
    if n <= 0:
        return Estimate(None, None, None, 0)
    low, high = wilson_limits(x / n, n, z)
    return Estimate(x / n, float(low), float(high), n)


def newcombe_limits(
    p1: ArrayLike, n1: ArrayLike, p2: ArrayLike, n2: ArrayLike, z: float = Z95
) -> tuple[Floats, Floats]:
    """Limits of p1 - p2 from the Wilson limits of both (Newcombe 1998, method 10); columns broadcast."""
    first, second = np.asarray(p1, dtype=np.float64), np.asarray(p2, dtype=np.float64)
    low1, high1 = wilson_limits(first, n1, z)
    low2, high2 = wilson_limits(second, n2, z)
    difference = first - second
    return (
        difference - np.hypot(first - low1, high2 - second),
        difference + np.hypot(high1 - first, second - low2),
    )


def newcombe(x1: float, n1: int, x2: float, n2: int, z: float = Z95) -> Estimate:
    """Difference of two shares with its interval; n is the smaller of the two."""
    if n1 <= 0 or n2 <= 0:
        return Estimate(None, None, None, 0)
    low, high = newcombe_limits(x1 / n1, n1, x2 / n2, n2, z)
    return Estimate(x1 / n1 - x2 / n2, float(low), float(high), min(n1, n2))
