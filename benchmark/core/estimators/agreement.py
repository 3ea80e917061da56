"""Agreement of coders: Cohen's kappa (Fleiss, Cohen & Everitt 1969) and Krippendorff's alpha (2004)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.core.estimators.proportions import Z95, Estimate

Floats = NDArray[np.float64]


class AgreementLevel(StrEnum):
    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


def cohens_kappa(table: ArrayLike, z: float = Z95) -> Estimate:
    """Kappa of a square table of counts (rows: first coder) with its large-sample interval.

    Undefined (None) for an empty table and where both coders know only one word.
    """
    counts = np.asarray(table, dtype=np.float64)
    n = counts.sum()
    if n == 0:
        return Estimate(None, None, None, 0)
    shares = counts / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, chance = float(np.trace(shares)), float(rows @ columns)
    if math.isclose(chance, 1.0):
        return Estimate(None, None, None, int(n))
    kappa = (observed - chance) / (1 - chance)
    error = math.sqrt(_kappa_variance(shares, rows, columns, kappa, chance) / n)
    return Estimate(kappa, max(-1.0, kappa - z * error), min(1.0, kappa + z * error), int(n))


def _kappa_variance(shares: Floats, rows: Floats, columns: Floats, kappa: float, chance: float) -> float:
    """Fleiss, Cohen & Everitt (1969), equation 13, times n."""
    agreed = float(np.sum(np.diag(shares) * (1 - (rows + columns) * (1 - kappa)) ** 2))
    crossed = shares * (columns[:, None] + rows[None, :]) ** 2
    differed = (1 - kappa) ** 2 * float(crossed.sum() - np.trace(crossed))
    return max(0.0, agreed + differed - (kappa - chance * (1 - kappa)) ** 2) / (1 - chance) ** 2


def krippendorffs_alpha(
    ratings: Sequence[Sequence[float | None]], level: AgreementLevel = AgreementLevel.NOMINAL
) -> float | None:
    """Alpha of coders (rows) over units (columns); None = not coded.

    Undefined (None) where no unit has two codes or only one value occurs.
    """
    values = np.array([[np.nan if code is None else code for code in coder] for coder in ratings], dtype=np.float64)
    words = np.unique(values[~np.isnan(values)])
    if len(words) < 2:
        return None
    per_unit = np.array([(values == word).sum(axis=0) for word in words], dtype=np.float64)
    sizes = per_unit.sum(axis=0)
    paired, pairs = per_unit[:, sizes >= 2], sizes[sizes >= 2]
    coincidences = (paired / (pairs - 1)) @ paired.T - np.diag((paired / (pairs - 1)).sum(axis=1))
    margins = coincidences.sum(axis=1)
    total = margins.sum()
    distance = _DISTANCES[level](words, margins)
    expected = float((np.outer(margins, margins) * distance).sum())
    if total <= 1 or expected == 0:
        return None
    return 1 - (float(total) - 1) * float((coincidences * distance).sum()) / expected


def _nominal(words: Floats, _margins: Floats) -> Floats:
    return np.asarray(words[:, None] != words[None, :], dtype=np.float64)


def _ordinal(_words: Floats, margins: Floats) -> Floats:
    """Values between two codes, each code itself by half, squared."""
    middle = np.cumsum(margins) - margins / 2
    return np.asarray((middle[:, None] - middle[None, :]) ** 2)


def _interval(words: Floats, _margins: Floats) -> Floats:
    return np.asarray((words[:, None] - words[None, :]) ** 2)


def _ratio(words: Floats, _margins: Floats) -> Floats:
    total = words[:, None] + words[None, :]
    return np.where(total == 0, 0.0, (words[:, None] - words[None, :]) / np.where(total == 0, 1.0, total)) ** 2


_DISTANCES: dict[AgreementLevel, Callable[[Floats, Floats], Floats]] = {
    AgreementLevel.NOMINAL: _nominal,
    AgreementLevel.ORDINAL: _ordinal,
    AgreementLevel.INTERVAL: _interval,
    AgreementLevel.RATIO: _ratio,
}
