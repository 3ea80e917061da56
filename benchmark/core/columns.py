"""Outcomes in columns: one row a probe, one numpy array a column, so that a million probes are counted at once.

The SQL table `outcome` holds the same columns under the same names. Columns named `*_s` are seconds as float64:
`t0_s` since 1970-01-01T00:00Z, all others since t0; NaN = has not happened. Codes are small integers into `labels`
(dimensions) or into the tuples `EXCLUSIONS`, `ACKNOWLEDGED_BY`, `HANDOFFS`; -1 = none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.core.values import Calendar, Outcome, PublishedHours
from benchmark.core.vocabulary import (
    AcknowledgedBy,
    Exclusion,
    FollowUpKind,
    HandOffState,
)

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Small = NDArray[np.int8]
Mask = NDArray[np.bool_]

EXCLUSIONS = tuple(Exclusion)
ACKNOWLEDGED_BY = tuple(AcknowledgedBy)
HANDOFFS = tuple(HandOffState)
FOLLOWUP_KINDS = tuple(FollowUpKind)
"""Bit i of `followup_kinds` is set where FOLLOWUP_KINDS[i] was seen after the answer."""

OPEN, LOST = HANDOFFS.index(HandOffState.OPEN), HANDOFFS.index(HandOffState.LOST)
BOUNCED = EXCLUSIONS.index(Exclusion.BOUNCED)
DIMENSIONS = ("brand", "company", "sector", "country", "channel", "wave", "inquiry", "template")
CLOCKS = ("acknowledged_s", "human_s", "substantive_s", "followed_up_s")
MARKS = ("bounced_s", "closed_s", "ticket_s", "out_of_office_s")

_DELAYED = frozenset({"substantive_s", "followed_up_s"})
"""Clocks from which time spent waiting for us (`tester_delay_s`) was taken out."""


WAITING_S = 1e12
"""A brand that asked back and never heard from us waits for ever; as of a moment it has waited since its first word."""


@dataclass(frozen=True)
class OutcomeColumns:
    """Equally long columns. The order of rows means nothing.

    `acknowledgements_seen` and `followups_seen` are False for an import that brings none at all: then these
    figures are unknown, not zero.
    """

    t0_s: Floats  # NaN: never accepted by the channel
    acknowledged_s: Floats
    human_s: Floats
    substantive_s: Floats
    followed_up_s: Floats
    bounced_s: Floats  # permanent notice within the bounce window
    closed_s: Floats  # removed or closed early: nothing later was observed
    ticket_s: Floats
    out_of_office_s: Floats
    handoff_lost_s: Floats  # an open hand-off counts as lost from then on; NaN: it waits for nothing
    tester_delay_s: Floats  # 0 = the brand never waited for us, WAITING_S = it waits still
    promised_s: Floats  # the brand's own promise on record
    acknowledged_by: Small
    handoff: Small
    exclusion: Small
    followup_kinds: Small  # bit mask
    first_contact_resolved: Mask
    brand: Codes
    company: Codes
    sector: Codes
    country: Codes
    channel: Codes
    wave: Codes
    inquiry: Codes
    template: Codes  # inquiry and version of its text
    calendar: Codes  # into `calendars`
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict.fromkeys(DIMENSIONS, ()))
    calendars: tuple[Calendar, ...] = ()
    published: Mapping[int, PublishedHours] = field(default_factory=dict)  # by the code of the brand
    acknowledgements_seen: bool = True
    followups_seen: bool = True

    def __len__(self) -> int:
        return len(self.t0_s)

    def where(self, mask: Mask) -> OutcomeColumns:
        """The rows under the mask; labels stay, so codes keep their meaning."""
        return replace(self, **{name: getattr(self, name)[mask] for name in ARRAYS})

    def label_mask(self, dimension: str, wanted: Iterable[str]) -> Mask:
        """Rows whose label in a dimension is one of those wanted."""
        codes = [code for code, label in enumerate(self.labels[dimension]) if label in set(wanted)]
        return np.isin(getattr(self, dimension), codes)

    def as_of(self, moment: datetime) -> OutcomeColumns:
        """The same probes with everything later than the moment not yet happened."""
        left_s = moment.timestamp() - self.t0_s
        later = {name: _late(self, name, left_s) for name in (*CLOCKS, *MARKS)}
        changed: dict[str, Any] = {
            name: np.where(mask, np.nan, getattr(self, name)) for name, mask in later.items() if mask.any()
        }
        if later["bounced_s"].any():
            unbounced = later["bounced_s"] & (self.exclusion == BOUNCED)
            changed["exclusion"] = np.where(unbounced, np.int8(-1), self.exclusion)
        waiting = ~np.isnan(self.handoff_lost_s)
        if waiting.any():
            state = np.where(self.handoff_lost_s <= left_s, np.int8(LOST), np.int8(OPEN))
            changed["handoff"] = np.where(waiting, state, self.handoff)
        waits = self.tester_delay_s >= WAITING_S
        if waits.any():
            waited_s = np.maximum(left_s - np.nan_to_num(self.human_s), 0.0)
            changed["tester_delay_s"] = np.where(waits, waited_s, self.tester_delay_s)
        unsent = left_s < 0
        if unsent.any():
            changed["t0_s"] = np.where(unsent, np.nan, self.t0_s)
        return replace(self, **changed) if changed else self


def _late(columns: OutcomeColumns, name: str, left_s: Floats) -> Mask:
    happened_s = getattr(columns, name)
    shift = columns.tester_delay_s if name in _DELAYED else 0.0
    return np.asarray(happened_s + shift > left_s)


ARRAYS = tuple(column.name for column in fields(OutcomeColumns))[:-5]
"""Names of the array columns, in order."""

_TYPES: Mapping[str, Any] = MappingProxyType(
    {name: np.float64 for name in ARRAYS if name.endswith("_s")}
    | dict.fromkeys(("acknowledged_by", "handoff", "exclusion", "followup_kinds"), np.int8)
    | {"first_contact_resolved": np.bool_}
    | dict.fromkeys((*DIMENSIONS, "calendar"), np.int32)
)
_DEFAULTS: Mapping[str, float | bool] = MappingProxyType(
    {name: np.nan for name in ARRAYS if name.endswith("_s")}
    | {"tester_delay_s": 0.0, "acknowledged_by": -1, "handoff": 0, "exclusion": -1, "followup_kinds": 0}
    | {"first_contact_resolved": False}
    | dict.fromkeys((*DIMENSIONS, "calendar"), 0)
)


def columns_of(n: int, labels: Mapping[str, Sequence[str]] | None = None, **given: Any) -> OutcomeColumns:
    """Columns from arrays by name; a column not given is empty, a dimension not given has the one label ""."""
    arrays: dict[str, Any] = {
        name: np.asarray(given.pop(name), dtype=_TYPES[name])
        if name in given
        else np.full(n, _DEFAULTS[name], dtype=_TYPES[name])
        for name in ARRAYS
    }
    named = labels or {}
    return OutcomeColumns(**arrays, labels={name: tuple(named.get(name, ("",))) for name in DIMENSIONS}, **given)


@dataclass(frozen=True)
class ProbeLabels:
    """Where one probe belongs; `promised` is the brand's own promise on record."""

    brand: str
    company: str = ""
    sector: str = ""
    country: str = ""
    channel: str = ""
    wave: str = ""
    inquiry: str = ""
    template: str = ""
    calendar: Calendar | None = None
    promised: timedelta | None = None


def from_outcomes(rows: Iterable[tuple[ProbeLabels, Outcome]]) -> OutcomeColumns:
    """Columns from single outcomes; labels are sorted, so that the order of rows leaves no trace."""
    pairs = list(rows)
    labels = {name: tuple(sorted({getattr(label, name) for label, _ in pairs})) for name in DIMENSIONS}
    calendars = tuple(dict.fromkeys(label.calendar for label, _ in pairs if label.calendar is not None))
    given: dict[str, Any] = {
        name: [labels[name].index(getattr(label, name)) for label, _ in pairs] for name in DIMENSIONS
    }
    given["calendar"] = [-1 if label.calendar is None else calendars.index(label.calendar) for label, _ in pairs]
    given["promised_s"] = [_seconds(label.promised) for label, _ in pairs]
    values = [outcome_values(outcome) for _, outcome in pairs]
    given |= {name: [row[name] for row in values] for name in (values[0] if values else ())}
    return columns_of(len(pairs), labels, calendars=calendars, **given)


def outcome_values(outcome: Outcome) -> dict[str, float | int | bool]:
    """One outcome as a row of the columns (and of the table `outcome`)."""
    return {
        "t0_s": _epoch(outcome.t0),
        "acknowledged_s": _seconds(outcome.acknowledged_after),
        "human_s": _seconds(outcome.human_after),
        "substantive_s": _seconds(outcome.substantive_after),
        "followed_up_s": _seconds(outcome.followed_up_after),
        "bounced_s": _seconds(outcome.bounced_after),
        "closed_s": _seconds(outcome.closed_after),
        "ticket_s": _seconds(outcome.ticket_after),
        "out_of_office_s": _seconds(outcome.out_of_office_after),
        "handoff_lost_s": _seconds(outcome.handoff_lost_after),
        "tester_delay_s": outcome.tester_delay.total_seconds(),
        "acknowledged_by": -1 if outcome.acknowledged_by is None else ACKNOWLEDGED_BY.index(outcome.acknowledged_by),
        "handoff": HANDOFFS.index(outcome.handoff),
        "exclusion": -1 if outcome.exclusion is None else EXCLUSIONS.index(outcome.exclusion),
        "followup_kinds": sum(1 << FOLLOWUP_KINDS.index(kind) for kind in outcome.followup_kinds),
        "first_contact_resolved": outcome.first_contact_resolved,
    }


def _seconds(after: timedelta | None) -> float:
    return np.nan if after is None else after.total_seconds()


def _epoch(moment: datetime | None) -> float:
    return np.nan if moment is None else moment.astimezone(UTC).timestamp()
