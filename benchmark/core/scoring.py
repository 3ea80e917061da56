"""The score: one published formula per edition, computed from shares that anyone can check."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

import numpy as np

from benchmark.core.columns import Floats, Mask
from benchmark.core.observed import Observed
from benchmark.core.values import Weights

SPEED_HOURS = (1, 4, 24, 48)
"""speed = mean over these of [substantive reply within so many hours]."""

COMPONENTS = tuple(part.name for part in fields(Weights))
FOLLOWED = COMPONENTS.index("followed")
ACKNOWLEDGED = COMPONENTS.index("acknowledged")


ComponentEvents = tuple[tuple[float, Mask], ...]


@dataclass(frozen=True)
class Formula:
    """Weights of the components that count, adding up to one, and the sentence that says so."""

    weights: tuple[float, ...]  # in the order of COMPONENTS; 0 = left out
    text: str

    def score(self, shares: Floats) -> Floats:
        """Mean score 0..1 from component shares, shape (components, brands). Left-out shares may be unknown."""
        used = [index for index, weight in enumerate(self.weights) if weight > 0]
        if not used:
            return np.full(shares.shape[1], np.nan)
        return np.asarray(sum(self.weights[index] * shares[index] for index in used))


def formula_of(weights: Weights, left_out: frozenset[str] = frozenset()) -> Formula:
    """The weights as published, without the components left out and scaled so that the rest adds up to one."""
    given = {name: getattr(weights, name) for name in COMPONENTS}
    kept = {name: weight for name, weight in given.items() if name not in left_out and weight > 0}
    total = sum(kept.values())
    terms = " + ".join(f"{weight:g}*{name}" for name, weight in kept.items())
    scaled = tuple(kept[name] / total if name in kept else 0.0 for name in COMPONENTS)
    return Formula(scaled, terms if abs(total - 1) < 1e-9 else f"({terms}) / {total:g}")


def edition_formula(observed: Observed, weights: Weights) -> Formula:
    """One formula for all brands: without follow-up while any window is open, without what was never recorded."""
    left_out = set()
    if follow_up_is_open(observed) or not observed.columns.followups_seen:
        left_out.add("followed")
    if not observed.columns.acknowledgements_seen:
        left_out.add("acknowledged")
    return formula_of(weights, frozenset(left_out))


def follow_up_is_open(observed: Observed) -> bool:
    """Is any delivered probe still inside its follow-up window?"""
    window = observed.windows.followup
    early = observed.columns.closed_s < window.total_seconds()
    return bool((observed.delivered & ~observed.mature(window) & ~early).any())


def component_events(observed: Observed) -> tuple[ComponentEvents, ...]:
    """Per component the masks whose weighted sum is its value in [0, 1], for every probe mature(W_resp)."""
    windows, columns = observed.windows, observed.columns
    in_time = columns.substantive_s <= windows.response.total_seconds()
    first_word_s = np.fmin(np.fmin(columns.acknowledged_s, columns.human_s), columns.substantive_s)
    followed = (columns.followed_up_s <= windows.followup.total_seconds()) & ~np.isnan(columns.substantive_s)
    return (
        ((1.0, first_word_s <= windows.ack.total_seconds()),),
        ((1.0, in_time),),
        tuple(
            (1 / len(SPEED_HOURS), in_time & (observed.answered_s <= timedelta(hours=hours).total_seconds()))
            for hours in SPEED_HOURS
        ),
        ((1.0, followed),),
    )


def probe_scores(observed: Observed, formula: Formula) -> Floats:
    """Score 0..1 of each probe; meaningful for probes mature(W_resp)."""
    total = np.zeros(len(observed.columns))
    for weight, parts in zip(formula.weights, component_events(observed), strict=True):
        for share, mask in parts:
            total += weight * share * mask
    return total
