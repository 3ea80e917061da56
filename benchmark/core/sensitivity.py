"""How much does the ranking hang on our choices? Other weights, a component dropped, another clock, a template less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from benchmark.core.columns import Floats
from benchmark.core.estimators import wilson_limits
from benchmark.core.figures import Figures, figures_of
from benchmark.core.leaderboard import By
from benchmark.core.observed import Clock, Observed, observe
from benchmark.core.ranking import competition_ranks, tiers
from benchmark.core.scoring import COMPONENTS, Formula, formula_of
from benchmark.core.values import Weights

DRAWS = 1000
TOP = 3


@dataclass(frozen=True)
class Robustness:
    """One brand under other choices. Shares of the random weightings; ranks under each single change."""

    brand: str
    top_share: float  # of the weightings in which it is among the first three
    tier_share: float  # … in which it stays in its tier
    ranks: Mapping[str, int] = field(default_factory=dict)  # "without speed", "business time", "without template x" …


def sensitivity(
    observed: Observed, formula: Formula, *, by: By, ranked: frozenset[str], seed: int, draws: int = DRAWS
) -> tuple[Robustness, ...]:
    """The panel for the brands that stand in the table; `seed` is stored with the campaign.

    `observed` is on calendar time. Weightings are drawn from a flat Dirichlet over the components that count.
    """
    labels = [label for label in observed.columns.labels[by.value] if label in ranked]
    codes = [observed.columns.labels[by.value].index(label) for label in labels]
    figures = _figures(observed, by, formula)
    shares, n = figures.components[:, codes], figures.mature[codes]
    top, same_tier = _weightings(shares, n, formula, np.random.default_rng(seed), draws)
    single = {name: competition_ranks(score) for name, score in _single_changes(observed, by, formula, codes).items()}
    return tuple(
        Robustness(
            label,
            float(top[place]),
            float(same_tier[place]),
            {name: int(ranks[place]) for name, ranks in single.items()},
        )
        for place, label in enumerate(labels)
    )


def _figures(observed: Observed, by: By, formula: Formula) -> Figures:
    groups = getattr(observed.columns, by.value)
    return figures_of(observed, groups, len(observed.columns.labels[by.value]), formula)


def _weightings(
    shares: Floats, n: Floats, formula: Formula, chance: np.random.Generator, draws: int
) -> tuple[Floats, Floats]:
    """(share of weightings in the top three, share in its own tier) per brand."""
    used = [index for index, weight in enumerate(formula.weights) if weight > 0]
    own = _tiers_of(formula.score(shares), n)
    top, same = np.zeros(len(n)), np.zeros(len(n))
    for weights in chance.dirichlet(np.ones(len(used)), draws):
        score = np.asarray(sum(weight * shares[index] for weight, index in zip(weights, used, strict=True)))
        top += competition_ranks(score) <= TOP
        same += _tiers_of(score, n) == own
    return top / draws, same / draws


def _tiers_of(score: Floats, n: Floats) -> Floats:
    return tiers(*wilson_limits(score, n)).astype(np.float64)


def _single_changes(observed: Observed, by: By, formula: Formula, codes: list[int]) -> dict[str, Floats]:
    """Scores under each single change; -1 where a brand has nothing left, so that it ranks last."""
    shares = _figures(observed, by, formula).components[:, codes]
    changed = {
        f"without {name}": _without(formula, index).score(shares)
        for index, name in enumerate(COMPONENTS)
        if 0 < formula.weights[index] < 1
    }
    business = observe(observed.columns, observed.as_of, observed.windows, Clock.BUSINESS)
    changed["business time"] = formula.score(_figures(business, by, formula).components[:, codes])
    templates = observed.columns.labels["template"]
    for code, template in enumerate(templates if len(templates) > 1 else ()):
        rest = observed.columns.where(observed.columns.template != code)
        fewer = _figures(observe(rest, observed.as_of, observed.windows), by, formula)
        changed[f"without {template}"] = formula.score(fewer.components[:, codes])
    return {name: np.nan_to_num(score, nan=-1.0) for name, score in changed.items()}


def _without(formula: Formula, index: int) -> Formula:
    weights = Weights(**dict(zip(COMPONENTS, formula.weights, strict=True)))
    return formula_of(weights, frozenset({COMPONENTS[index]}))
