"""What was observed of many probes as of a moment, on one clock: the common ground of all metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.core.clocks import BusinessClock
from benchmark.core.columns import Floats, Mask, OutcomeColumns
from benchmark.core.values import Calendar, PublishedHours, Windows

SLACK_S = 1e-6
"""Epoch seconds as float64 resolve a quarter of a microsecond; maturity must not depend on it."""


class Clock(StrEnum):
    CALENDAR = "calendar"
    BUSINESS = "business"  # one reference calendar for all brands
    PUBLISHED = "published"  # each brand's own published hours; the reference calendar where it has none


@dataclass(frozen=True)
class Observed:
    """Outcomes cut at `as_of`, with every wait in seconds on the chosen clock (NaN = not happened).

    `watched_s` and `watched_for_answer_s` are how long each probe was watched on that clock; the second leaves out
    the time in which the brand waited for us.
    """

    columns: OutcomeColumns
    as_of: datetime
    windows: Windows
    clock: Clock
    delivered: Mask  # accepted, valid, no permanent bounce
    acknowledged_s: Floats  # an answer acknowledges too
    human_s: Floats
    answered_s: Floats
    watched_s: Floats
    watched_for_answer_s: Floats
    _ripe: dict[timedelta, Mask] = field(default_factory=dict, repr=False, compare=False)

    def mature(self, window: timedelta) -> Mask:
        """Delivered, old enough for the window and for a late bounce, and not closed before the window's end."""
        if window not in self._ripe:
            latest_s = self.as_of.timestamp() - max(window, self.windows.bounce).total_seconds() + SLACK_S
            closed_early = self.columns.closed_s < window.total_seconds()
            self._ripe[window] = self.delivered & (self.columns.t0_s <= latest_s) & ~closed_early
        return self._ripe[window]

    def mature_on_clock(self, window: timedelta) -> Mask:
        """Mature, and watched that long on the chosen clock: 24 business hours take three working days."""
        ripe = self.mature(window)
        if self.clock is Clock.CALENDAR:
            return ripe
        return np.asarray(ripe & (self.watched_s >= window.total_seconds() - SLACK_S))


def observe(columns: OutcomeColumns, as_of: datetime, windows: Windows, clock: Clock = Clock.CALENDAR) -> Observed:
    """The columns as of a moment on one clock. On the business clock each row needs its calendar."""
    cut = columns.as_of(as_of)
    watched_s = np.fmin(as_of.timestamp() - cut.t0_s, cut.closed_s)
    waits: dict[str, Any] = {"human_s": cut.human_s, "answered_s": cut.substantive_s, "watched_s": watched_s}
    waits["watched_for_answer_s"] = np.maximum(watched_s - cut.tester_delay_s, 0.0)
    waits["acknowledged_s"] = np.fmin(np.fmin(cut.acknowledged_s, cut.human_s), cut.substantive_s)
    if clock is not Clock.CALENDAR:
        waits = _in_business_time(cut, waits, as_of, _calendars(cut, clock))
    return Observed(
        columns=cut,
        as_of=as_of,
        windows=windows,
        clock=clock,
        delivered=(cut.exclusion < 0) & ~np.isnan(cut.t0_s) & np.isnan(cut.bounced_s),
        **waits,
    )


Rows = NDArray[np.int64]


def _calendars(cut: OutcomeColumns, clock: Clock) -> Iterator[tuple[Calendar, Rows]]:
    """Each calendar with the rows it is the clock of; a probe without calendar has the default one in UTC."""
    left = np.ones(len(cut), dtype=bool)
    if clock is Clock.PUBLISHED:
        for brand, hours in cut.published.items():
            rows = np.flatnonzero(cut.brand == brand)
            left[rows] = False
            yield from _known_at_t0(hours, cut, rows)
    for code in np.unique(cut.calendar[left]):
        calendar = cut.calendars[code] if 0 <= code < len(cut.calendars) else Calendar("UTC")
        yield calendar, np.flatnonzero(left & (cut.calendar == code))


def _known_at_t0(hours: PublishedHours, cut: OutcomeColumns, rows: Rows) -> Iterator[tuple[Calendar, Rows]]:
    """A closure that was published only after a probe was sent is silence to who sent it."""
    closures = sorted(hours.closures, key=lambda closure: closure.published_at)
    published_s = [closure.published_at.timestamp() for closure in closures]
    known = np.searchsorted(published_s, np.nan_to_num(cut.t0_s[rows]), side="left")
    for count in np.unique(known).tolist():
        spans = tuple((closure.first, closure.last) for closure in closures[:count])
        yield replace(hours.calendar, closures=hours.calendar.closures + spans), rows[known == count]


def _in_business_time(
    cut: OutcomeColumns, waits: dict[str, Floats], as_of: datetime, calendars: Iterable[tuple[Calendar, Rows]]
) -> dict[str, Floats]:
    """Each wait as the open time of its own calendar."""
    converted = {name: np.full(len(cut), np.nan) for name in waits}
    if not np.isfinite(cut.t0_s).any():
        return converted
    first = datetime.fromtimestamp(float(np.nanmin(cut.t0_s)), UTC)
    for calendar, rows in calendars:
        clock = BusinessClock.over(calendar, first, as_of)
        t0_s = cut.t0_s[rows]
        idle_s = _open_delay(clock, cut, rows)
        for name, wait_s in waits.items():
            left_out = name in ("answered_s", "watched_for_answer_s")
            delay_s, idle = (cut.tester_delay_s[rows], idle_s) if left_out else (0.0, 0.0)
            converted[name][rows] = np.maximum(clock.elapsed_s(t0_s, t0_s + wait_s[rows] + delay_s) - idle, 0.0)
    return converted


def _open_delay(clock: BusinessClock, cut: OutcomeColumns, rows: Rows) -> Floats:
    """Open time within the wait for us, which begins with the brand's first human word: its question back."""
    asked_s = cut.t0_s[rows] + np.nan_to_num(cut.human_s[rows])
    return np.nan_to_num(clock.elapsed_s(asked_s, asked_s + cut.tester_delay_s[rows]))
