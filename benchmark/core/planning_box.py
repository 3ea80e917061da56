"""The planning box: what can this campaign tell apart?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.core.design import AssignedProbe
from benchmark.core.estimators import design_effect, detectable_difference, half_width

CORRELATION = 0.05
"""ICC within brand and template where nobody has measured it yet."""


@dataclass(frozen=True)
class PlanningBox:
    """Of the brand with the fewest probes; shares in 0..1."""

    brands: int
    fewest: int
    most: int
    per_template: float  # probes per brand and template
    effect: float  # design effect 1 + (m - 1)·ICC
    effective_n: int
    half_width: float  # of the 95 % interval of a share of one half
    difference: float | None  # from one half upwards, two-sided .05, power .8; None: not even 1


def planning_box(probes: Sequence[AssignedProbe], correlation: float = CORRELATION) -> PlanningBox:
    """Of a plan. Raises ValueError for an empty one."""
    sizes = Counter(probe.brand for probe in probes)
    brand, _fewest = min(sizes.items(), key=lambda item: (item[1], item[0]))
    templates = {(probe.inquiry, probe.version) for probe in probes if probe.brand == brand}
    return box_of(tuple(sizes.values()), len(templates), correlation)


def box_of(sizes: Sequence[int], templates: int, correlation: float = CORRELATION) -> PlanningBox:
    """From the probes of each brand and the number of templates that the brand with the fewest gets.

    Raises ValueError without brands.
    """
    fewest = min(sizes)
    per_template = fewest / max(1, templates)
    effect = design_effect(per_template, correlation)
    effective = max(1, math.floor(fewest / effect))
    return PlanningBox(
        len(sizes),
        fewest,
        max(sizes),
        per_template,
        effect,
        effective,
        half_width(effective),
        detectable_difference(effective),
    )
