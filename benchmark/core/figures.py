"""All figures of all brands from columns, counted in one go; the leaderboard's cells before they are rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from benchmark.core.columns import EXCLUSIONS, Codes, Floats, Mask
from benchmark.core.estimators import GroupedSurvival, grouped_survival, wilson_limits
from benchmark.core.observed import Observed
from benchmark.core.scoring import ACKNOWLEDGED, FOLLOWED, ComponentEvents, Formula, component_events
from benchmark.core.vocabulary import Exclusion

HOUR_S = 3600.0
WITHIN: dict[str, timedelta] = {
    "within_1h": timedelta(hours=1),
    "within_4h": timedelta(hours=4),
    "within_24h": timedelta(hours=24),
    "within_48h": timedelta(hours=48),
    "within_7d": timedelta(days=7),
}
SHARES = ("ack_rate", *WITHIN, "answered_rate", "followup_rate", "score")
"""Columns a ranking can be made by."""

MANY_GROUPS = 4096
"""Above this, counting by bits would need more cells than it saves passes."""

UNREACHABLE = tuple(EXCLUSIONS.index(reason) for reason in (Exclusion.BOUNCED, Exclusion.BARRIER))


@dataclass(frozen=True)
class Share:
    """A share per brand in 0..1 with Wilson limits and its own denominator; NaN where nothing can be said."""

    value: Floats
    low: Floats
    high: Floats
    n: Floats


@dataclass(frozen=True)
class Figures:
    """One entry per label of the dimension; times in hours."""

    assigned: Floats
    delivered: Floats
    mature: Floats
    excluded: Floats
    unreachable: Floats
    shares: dict[str, Share]
    components: Floats  # shape (components, brands)
    median_hours: tuple[Floats, Floats, Floats]
    rmst_hours: Floats
    median_answer_hours: Floats


def figures_of(observed: Observed, groups: Codes, k: int, formula: Formula) -> Figures:
    """Counts, shares, curves and scores for groups 0 … k-1."""
    columns, windows = observed.columns, observed.windows
    mature = observed.mature(windows.response)
    bounced = ~np.isnan(columns.bounced_s)
    left_out = (columns.exclusion >= 0) | bounced
    shares, parts = share_masks(observed), component_events(observed)
    masks = {
        "delivered": observed.delivered,
        "mature": mature,
        "excluded": left_out,
        "unreachable": np.isin(columns.exclusion, UNREACHABLE) | bounced,
    }
    for name, (hit, base) in shares.items():
        masks |= {f"{name} hit": hit & base, f"{name} base": base}
    for place, events in enumerate(parts):
        masks |= {f"part {place} {step}": mask & mature for step, (_, mask) in enumerate(events)}
    counts = tally(groups, k, masks)
    components = _components(observed, parts, counts)
    responses = _curves(observed.human_s, observed.watched_s, observed.delivered, groups, k)
    answers = _curves(observed.answered_s, observed.watched_for_answer_s, observed.delivered, groups, k)
    median, low, high = responses.quantile()
    return Figures(
        assigned=np.bincount(groups, minlength=k).astype(np.float64),
        delivered=counts["delivered"],
        mature=counts["mature"],
        excluded=counts["excluded"],
        unreachable=counts["unreachable"],
        shares=_shares(observed, counts) | {"score": _share(formula.score(components), counts["mature"])},
        components=components,
        median_hours=(median / HOUR_S, low / HOUR_S, high / HOUR_S),
        rmst_hours=responses.restricted_mean(windows.response.total_seconds()) / HOUR_S,
        median_answer_hours=answers.quantile()[0] / HOUR_S,
    )


def tally(groups: Codes, k: int, masks: Mapping[str, Mask]) -> dict[str, Floats]:
    """How many rows of each group lie under each mask. Masks travel as bits, so one pass counts several of them."""
    width = 8 if k <= MANY_GROUPS else 1
    names = list(masks)
    counts: dict[str, Floats] = {}
    for start in range(0, len(names), width):
        batch = names[start : start + width]
        bits = np.zeros(len(groups), dtype=np.uint8)
        for place, name in enumerate(batch):
            bits |= masks[name].view(np.uint8) << np.uint8(place)
        size = 1 << len(batch)
        cells = np.bincount(groups * np.int64(size) + bits, minlength=k * size).reshape(k, size)
        for place, name in enumerate(batch):
            counts[name] = cells[:, (np.arange(size) >> place & 1) == 1].sum(axis=1).astype(np.float64)
    return counts


def _share(value: Floats, n: Floats) -> Share:
    known = np.where(n > 0, value, np.nan)
    low, high = wilson_limits(known, n)
    return Share(known, low, high, n)


def _ratio(x: Floats, n: Floats) -> Share:
    return _share(x / np.maximum(n, 1), n)


def share_masks(observed: Observed) -> dict[str, tuple[Mask, Mask]]:
    """(numerator, denominator) of each share column; a numerator counts only inside its denominator."""
    columns, windows = observed.columns, observed.windows
    first_word_s = np.fmin(np.fmin(columns.acknowledged_s, columns.human_s), columns.substantive_s)
    masks = {"ack_rate": (first_word_s <= windows.ack.total_seconds(), observed.mature(windows.ack))}
    for name, window in WITHIN.items():
        masks[name] = (observed.human_s <= window.total_seconds(), observed.mature_on_clock(window))
    masks["answered_rate"] = (columns.substantive_s <= windows.long.total_seconds(), observed.mature(windows.long))
    masks["followup_rate"] = (
        columns.followed_up_s <= windows.followup.total_seconds(),
        observed.mature(windows.followup) & ~np.isnan(columns.substantive_s),
    )
    return masks


def _shares(observed: Observed, counts: Mapping[str, Floats]) -> dict[str, Share]:
    seen = {"ack_rate": observed.columns.acknowledgements_seen, "followup_rate": observed.columns.followups_seen}
    return {
        name: _ratio(counts[f"{name} hit"], counts[f"{name} base"] * seen.get(name, True))
        for name in SHARES
        if name != "score"
    }


def _components(observed: Observed, parts: tuple[ComponentEvents, ...], counts: Mapping[str, Floats]) -> Floats:
    """Mean of each component over the mature probes of each group; NaN where nothing is known."""
    n = np.where(counts["mature"] > 0, counts["mature"], np.nan)
    means = np.array(
        [
            sum(share * counts[f"part {place} {step}"] for step, (share, _) in enumerate(events)) / n
            for place, events in enumerate(parts)
        ]
    )
    unseen = (
        (ACKNOWLEDGED, observed.columns.acknowledgements_seen),
        (FOLLOWED, observed.columns.followups_seen),
    )
    for index, was_seen in unseen:
        if not was_seen:
            means[index] = np.nan
    return means


def _curves(wait_s: Floats, watched_s: Floats, delivered: Mask, groups: Codes, k: int) -> GroupedSurvival:
    happened = wait_s <= watched_s
    durations = np.where(happened, wait_s, watched_s)
    return grouped_survival(groups[delivered], k, durations[delivered], happened[delivered])
