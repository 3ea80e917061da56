"""Brand against brand, wave against wave: differences with their interval, never two figures side by side alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.core.columns import Codes, Floats, Mask
from benchmark.core.estimators import Estimate, LogRank, log_rank, newcombe, newcombe_limits
from benchmark.core.figures import share_masks
from benchmark.core.observed import Observed
from benchmark.core.scoring import Formula, probe_scores


@dataclass(frozen=True)
class Comparison:
    """First minus second: each share and the score (0..1) with Newcombe's interval, the curves by log-rank."""

    differences: dict[str, Estimate]
    curves: LogRank


def compare(first: Observed, second: Observed, formula: Formula) -> Comparison:
    """Two sets of probes seen as of one moment on one clock."""
    ours, theirs = share_masks(first), share_masks(second)
    differences = {
        name: newcombe(*_counts(*ours[name]), *_counts(*theirs[name]))
        for name in ours
        if first.columns.acknowledgements_seen or name != "ack_rate"
    }
    differences["score"] = score_difference(first, second, formula)
    return Comparison(differences, curves_differ([first, second]))


def curves_differ(groups: Sequence[Observed]) -> LogRank:
    """Do the response curves of two or more sets of probes differ? (log-rank)"""
    return log_rank([_waits(group) for group in groups])


def score_difference(first: Observed, second: Observed, formula: Formula) -> Estimate:
    """Difference of mean scores (0..1) over mature probes."""
    (mean1, n1), (mean2, n2) = _mean_score(first, formula), _mean_score(second, formula)
    if n1 == 0 or n2 == 0:
        return Estimate(None, None, None, 0)
    low, high = newcombe_limits(mean1, n1, mean2, n2)
    return Estimate(mean1 - mean2, float(low), float(high), min(n1, n2))


def changes(observed: Observed, dimension: str, before: str, last: str, formula: Formula) -> dict[str, Estimate]:
    """Per label: mean score (0..1) of the wave `last` minus that of the wave `before`, with Newcombe's interval.

    Only labels with mature probes in both waves.
    """
    columns = observed.columns
    codes, k = getattr(columns, dimension), len(columns.labels[dimension])
    scores, mature = probe_scores(observed, formula), observed.mature(observed.windows.response)
    sums = [_per_label(codes, k, scores, mature & columns.label_mask("wave", [wave])) for wave in (last, before)]
    (total1, n1), (total2, n2) = sums
    both = np.flatnonzero((n1 > 0) & (n2 > 0))
    mean1, mean2 = total1[both] / n1[both], total2[both] / n2[both]
    low, high = newcombe_limits(mean1, n1[both], mean2, n2[both])
    return {
        columns.labels[dimension][code]: Estimate(
            float(mean1[place] - mean2[place]),
            float(low[place]),
            float(high[place]),
            int(min(n1[code], n2[code])),
        )
        for place, code in enumerate(both.tolist())
    }


def _per_label(codes: Codes, k: int, values: Floats, mask: Mask) -> tuple[Floats, Floats]:
    """(sum, count) of the values under the mask, per label."""
    chosen = codes[mask]
    return np.bincount(chosen, values[mask], k).astype(np.float64), np.bincount(chosen, minlength=k).astype(np.float64)


def _counts(hit: Mask, base: Mask) -> tuple[int, int]:
    return int((hit & base).sum()), int(base.sum())


def _mean_score(observed: Observed, formula: Formula) -> tuple[float, int]:
    mature = observed.mature(observed.windows.response)
    n = int(mature.sum())
    return (float(probe_scores(observed, formula)[mature].mean()), n) if n else (0.0, 0)


def _waits(observed: Observed) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], Mask]:
    happened = observed.human_s <= observed.watched_s
    waits = np.where(happened, observed.human_s, observed.watched_s)
    return waits[observed.delivered], happened[observed.delivered]
