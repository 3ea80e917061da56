"""Ranks, rank ranges and tiers from estimates with intervals: what can be told apart, and what cannot."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from benchmark.core.columns import Floats
from benchmark.core.estimators import newcombe_limits

Ints = NDArray[np.int64]

STRICT_ABOVE = 30
"""With more brands than this a rank range is drawn from corrected pairs, for chance finds some gap among many."""


def competition_ranks(values: Floats) -> Ints:
    """1, 1, 3: equal estimates share a rank, the best comes first. Equal means to nine digits."""
    rounded = np.round(values, 9)
    return np.searchsorted(np.sort(-rounded), -rounded, side="left") + 1


def rank_ranges(shares: Floats, low: Floats, high: Floats, n: Floats) -> tuple[Ints, Ints]:
    """(best, worst) rank each brand can hold; shares, limits in 0..1 and n per brand."""
    if len(shares) > STRICT_ABOVE:
        return _strict_ranges(shares, n)
    above = (low[None, :] > high[:, None]).sum(axis=1)
    below = (high[None, :] < low[:, None]).sum(axis=1)
    return above + 1, len(shares) - below


def _strict_ranges(shares: Floats, n: Floats) -> tuple[Ints, Ints]:
    """Newcombe's interval of each pair at .05/(K - 1), so that one brand's K - 1 statements hold together."""
    count = len(shares)
    z = NormalDist().inv_cdf(1 - 0.025 / (count - 1))
    low, high = newcombe_limits(shares[:, None], n[:, None], shares[None, :], n[None, :], z)
    return (high < 0).sum(axis=1) + 1, count - (low > 0).sum(axis=1)


def tiers(low: Floats, high: Floats) -> Ints:
    """The highest lower limit among the rest anchors a tier; all whose upper limit reaches it belong to it; repeat."""
    tier = np.zeros(len(low), dtype=np.int64)
    number = 0
    while (tier == 0).any():
        number += 1
        rest = tier == 0
        tier[rest & (high >= low[rest].max())] = number
    return tier
