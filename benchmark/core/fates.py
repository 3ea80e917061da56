"""What becomes of probes as time goes on, each ending competing with the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.core.columns import BOUNCED
from benchmark.core.estimators import CumulativeIncidence, aalen_johansen
from benchmark.core.observed import Observed

REPLIED, RETURNED, CLOSED = 1, 2, 3


@dataclass(frozen=True)
class Fate:
    """Shares 0..1 of the accepted probes by so many hours after t0; they add up to one."""

    hours: float
    replied: float  # a person replied
    bounced: float
    closed: float  # removed by the platform or closed early
    waiting: float


def fates(observed: Observed, hours: Sequence[float]) -> tuple[Fate, ...]:
    """Cumulative incidences by Aalen and Johansen (1978) over all probes the channel accepted; empty without any.

    Those still waiting are censored where observation ends, and nothing is said of a time nobody was watched for.
    Probes left out for another reason than a bounce stay out.
    """
    columns = observed.columns
    accepted = ~np.isnan(columns.t0_s) & ((columns.exclusion < 0) | (columns.exclusion == BOUNCED))
    ends = np.stack([observed.human_s, columns.bounced_s, columns.closed_s, observed.watched_s])[:, accepted]
    if not ends.shape[1]:
        return ()
    first = np.nanargmin(ends, axis=0)
    times = np.nanmin(ends, axis=0) / 3600
    found = aalen_johansen(times, np.array([REPLIED, RETURNED, CLOSED, 0])[first])
    return tuple(_at(found, hour) for hour in hours if hour <= times.max())


def _at(found: CumulativeIncidence, hour: float) -> Fate:
    replied, bounced, closed = (found.at(cause, hour) for cause in (REPLIED, RETURNED, CLOSED))
    return Fate(hour, replied, bounced, closed, 1 - replied - bounced - closed)
