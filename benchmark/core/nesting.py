"""How much probes of one brand and template resemble each other, and how many independent ones they are worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.core.columns import Codes, Floats
from benchmark.core.estimators import design_effect
from benchmark.core.observed import Observed


@dataclass(frozen=True)
class Nesting:
    """Of all brands together; `correlation` is None where no brand has two templates with two probes in one of them."""

    per_template: float  # probes per brand and template, as a randomly chosen probe sees them
    correlation: float | None  # ICC of "a person replied within W_resp" within brand and template
    effect: float  # 1 + (m - 1)·ICC, never below 1

    def effective(self, n: float) -> float:
        """The number of independent probes that n nested ones are worth."""
        return n / self.effect


def nesting(observed: Observed) -> Nesting:
    """Design effect of the response rate over mature probes, clusters being brand x template.

    The correlation comes from a nested analysis of variance pooled over brands (Donner 1986; Searle, Casella &
    McCulloch 1992, ch. 3): templates within brands against probes within templates. Cluster sizes are weighted by
    their probes, sum(m²)/sum(m), as Kish (1965) does for unequal ones.
    """
    mature = observed.mature(observed.windows.response)
    replied = (observed.human_s <= observed.windows.response.total_seconds())[mature].astype(np.float64)
    columns = observed.columns
    brands = columns.brand[mature]
    _names, cells = np.unique(
        brands * np.int64(len(columns.labels["template"])) + columns.template[mature], return_inverse=True
    )
    if not len(cells):
        return Nesting(0.0, None, 1.0)
    sizes = np.bincount(cells).astype(np.float64)
    per_template = float((sizes**2).sum() / sizes.sum())
    correlation = _correlation(cells, sizes, brands, replied)
    return Nesting(per_template, correlation, design_effect(per_template, correlation or 0.0))


def _correlation(cells: Codes, sizes: Floats, brands: Codes, values: Floats) -> float | None:
    """(between - within) / (between + (m0 - 1)·within) of the mean squares."""
    brand_of_cell = np.zeros(len(sizes), dtype=np.int64)
    brand_of_cell[cells] = brands
    k = int(brand_of_cell.max()) + 1
    totals = np.bincount(brands, minlength=k).astype(np.float64)
    used = totals > 0
    between_df = len(sizes) - int(used.sum())
    within_df = len(values) - len(sizes)
    if between_df < 1 or within_df < 1:
        return None
    means = np.bincount(cells, values) / sizes
    brand_means = np.bincount(brands, values, k) / np.maximum(totals, 1)
    between = float((sizes * (means - brand_means[brand_of_cell]) ** 2).sum()) / between_df
    within = float(((values - means[cells]) ** 2).sum()) / within_df
    squares = np.bincount(brand_of_cell, sizes**2, k)
    typical = float((totals[used] - squares[used] / totals[used]).sum()) / between_df
    spread = between + (typical - 1) * within
    return None if spread <= 0 else (between - within) / spread
