"""Competing endings (a reply, a bounce, a closure): Aalen-Johansen cumulative incidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CumulativeIncidence:
    """Share ended by each cause up to each distinct event time; rows of `incidence` follow `causes`."""

    n: int
    times: Floats
    causes: tuple[int, ...]
    incidence: Floats  # shape (causes, times)
    survival: Floats  # still waiting

    def at(self, cause: int, moment: float) -> float:
        index = int(np.searchsorted(self.times, moment, side="right")) - 1
        return 0.0 if index < 0 or cause not in self.causes else float(self.incidence[self.causes.index(cause), index])


def aalen_johansen(times: ArrayLike, causes: ArrayLike) -> CumulativeIncidence:
    """Cumulative incidence per cause; cause 0 is a censored probe. Ties are taken as they are, never jittered."""
    durations, endings = np.asarray(times, dtype=np.float64), np.asarray(causes, dtype=np.int64)
    distinct = np.unique(durations[endings != 0])
    ordered = np.sort(durations)
    at_risk = (len(ordered) - np.searchsorted(ordered, distinct, side="left")).astype(np.float64)
    kinds = tuple(int(cause) for cause in np.unique(endings[endings != 0]))
    counts = np.zeros((len(kinds), len(distinct)))
    for row, cause in enumerate(kinds):
        np.add.at(counts[row], np.searchsorted(distinct, durations[endings == cause]), 1.0)
    survival = np.cumprod(1 - counts.sum(axis=0) / at_risk) if len(distinct) else np.empty(0)
    before = np.concatenate(([1.0], survival[:-1])) if len(distinct) else np.empty(0)
    return CumulativeIncidence(len(durations), distinct, kinds, np.cumsum(before * counts / at_risk, axis=1), survival)
