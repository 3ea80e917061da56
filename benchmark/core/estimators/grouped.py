"""Kaplan-Meier of many brands at once: one sort over all probes, then prefix sums. Agrees with `survival.py`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.core.estimators.proportions import Z95
from benchmark.core.estimators.survival import TOLERANCE, log_log_limits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

TICKS = 1_000_000
"""Times are sorted as whole microseconds, the resolution of every recorded instant."""


@dataclass(frozen=True)
class GroupedSurvival:
    """Curves of `k` groups, laid end to end; row i is one event, tied events are rows of their own."""

    n: Ints  # probes per group
    first: Ints  # rows [first, end) belong to a group
    end: Ints
    times: Floats
    survival: Floats
    variance_sum: Floats
    last: Floats  # longest time observed per group, NaN for an empty group

    def quantile(self, p: float = 0.5, z: float = Z95) -> tuple[Floats, Floats, Floats]:
        """(value, low, high) per group; NaN where not reached. Limits as R's `quantile.survfit`."""
        low, high = log_log_limits(self.survival, self.variance_sum, z)
        tie_goes_on = np.zeros(len(self.times), dtype=bool)
        tie_goes_on[:-1] = self.times[1:] == self.times[:-1]
        tie_goes_on[self.end[self.end > self.first] - 1] = False
        low[tie_goes_on], high[tie_goes_on] = np.nan, np.nan
        level = 1 - p
        return self._crossing(self.survival, level), self._crossing(low, level), self._crossing(high, level)

    def restricted_mean(self, tau: float) -> Floats:
        """Area under each curve to tau, carried on flat where nobody was watched so long; NaN for an empty group."""
        cut = np.minimum(self.times, tau)
        following = np.full(len(cut), float(tau))
        following[:-1] = cut[1:]
        filled = self.end > self.first
        following[self.end[filled] - 1] = tau
        area = np.full(len(self.n), float(tau))
        if filled.any():
            steps = np.add.reduceat(self.survival * (following - cut), self.first[filled])
            area[filled] = cut[self.first[filled]] + steps
        return np.where(self.n > 0, area, np.nan)

    def _crossing(self, curve: Floats, level: float) -> Floats:
        reached = self._first_row(curve < level + TOLERANCE)
        found = reached >= 0
        value = np.full(len(self.n), np.nan)
        value[found] = self.times[reached[found]]
        flat = found.copy()
        flat[found] = curve[reached[found]] >= level - TOLERANCE
        if flat.any():
            below = self._first_row(curve < level - TOLERANCE)
            flat_end = np.where(below >= 0, self.times[below], self.last)
            value[flat] = (value[flat] + flat_end[flat]) / 2
        return value

    def _first_row(self, mask: Mask) -> Ints:
        """First row of each group under the mask, -1 where there is none."""
        rows = np.append(np.flatnonzero(mask), len(mask))
        candidate = rows[np.searchsorted(rows, self.first).clip(max=len(rows) - 1)]
        return np.where((candidate >= self.first) & (candidate < self.end), candidate, -1)


def grouped_survival(groups: NDArray[np.integer], k: int, durations: Floats, happened: Mask) -> GroupedSurvival:
    """Curves for groups 0 … k-1 from durations in seconds and whether each ended in its event."""
    group, ticks, events = _sorted(groups, durations, happened)
    starts = np.searchsorted(group, np.arange(k + 1))
    rows = np.flatnonzero(events)
    at_risk = (starts[1:][group[rows]] - rows).astype(np.float64)
    first, end = np.searchsorted(rows, starts[:-1]), np.searchsorted(rows, starts[1:])
    survival = (at_risk - 1) / at_risk
    with np.errstate(divide="ignore"):
        variance_sum = 1 / (at_risk * (at_risk - 1))
    _accumulate(survival, variance_sum, first, end)
    n = np.diff(starts)
    last = np.full(k, np.nan)
    last[n > 0] = ticks[starts[1:][n > 0] - 1] / TICKS
    return GroupedSurvival(
        n=n,
        first=first,
        end=end,
        times=ticks[rows] / TICKS,
        survival=survival,
        variance_sum=variance_sum,
        last=last,
    )


def _accumulate(survival: Floats, variance_sum: Floats, first: Ints, end: Ints) -> None:
    """Products and sums in place, each group by itself: another brand must not change this one's last digit."""
    for start, stop in zip(first.tolist(), end.tolist(), strict=True):
        if stop > start:
            np.cumprod(survival[start:stop], out=survival[start:stop])
            np.cumsum(variance_sum[start:stop], out=variance_sum[start:stop])


def _sorted(groups: NDArray[np.integer], durations: Floats, happened: Mask) -> tuple[Ints, Ints, Mask]:
    """(group, ticks, event) by group, time, events before censorings: packed into one integer where it fits."""
    group = groups.astype(np.int64)
    ticks = np.rint(np.maximum(durations, 0.0) * TICKS).astype(np.int64)
    bits = int(ticks.max(initial=1)).bit_length() + 1
    if bits + int(group.max(initial=1)).bit_length() > 62:
        order = np.lexsort((~happened, ticks, group))
        return group[order], ticks[order], happened[order]
    key = (group << bits) | (ticks << 1) | ~happened
    key.sort()
    return key >> bits, (key & ((1 << bits) - 1)) >> 1, (key & 1) == 0
