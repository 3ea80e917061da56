"""Clock time, business time and maturity. All instants are aware; business time is the time inside one calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import numpy as np

from benchmark.core.columns import Floats
from benchmark.core.problems import BadInput
from benchmark.core.values import Calendar, Closure, Windows

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def clock_time(t0: datetime, moment: datetime) -> timedelta:
    """Elapsed time between two aware instants, whatever the zones say in between."""
    return moment.astimezone(UTC) - t0.astimezone(UTC)


def is_mature(t0: datetime, window: timedelta, as_of: datetime, windows: Windows) -> bool:
    """Old enough to be counted: a bounce may come as late as `windows.bounce`, so no probe enters earlier."""
    return as_of >= t0 + max(window, windows.bounce)


def business_time(calendar: Calendar, t0: datetime, moment: datetime) -> timedelta:
    """The part of [t0, moment] inside the calendar; zero when the moment is not later than t0."""
    if moment <= t0:
        return timedelta(0)
    clock = BusinessClock.over(calendar, t0, moment)
    return timedelta(seconds=float(clock.elapsed_s(_epoch_s([t0]), _epoch_s([moment]))[0]))


def with_closures(calendar: Calendar, closures: Iterable[Closure], t0: datetime) -> Calendar:
    """The calendar as the sender could know it: a holiday announced by auto-reply is silence to the customer."""
    known = tuple((closure.first, closure.last) for closure in closures if closure.published_at < t0)
    return replace(calendar, closures=calendar.closures + known)


@lru_cache(maxsize=4096)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Public holidays of a country or subdivision in one year; none for an empty country.

    Raises BadInput for a country or subdivision the library does not know.
    """
    if not country:
        return frozenset()
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
    except NotImplementedError:
        place = f"{country}-{subdivision}" if subdivision else country
        raise BadInput("calendar", f"no public holidays are known for {place!r}", "use ISO 3166 codes") from None


@dataclass(frozen=True)
class BusinessClock:
    """The open hours of one calendar over a span, with prefix sums: business time of whole columns at once."""

    opens_s: Floats  # epoch seconds, ascending, not overlapping
    closes_s: Floats
    before_s: Floats  # open time before each opening

    @classmethod
    def over(cls, calendar: Calendar, first: datetime, last: datetime) -> BusinessClock:
        """The clock for instants in [first, last]; a day more on each side covers every zone."""
        spans = _merged(_open_spans(calendar, first.date() - 2 * DAY, last.date() + 2 * DAY))
        opens_s = np.array([span[0] for span in spans], dtype=np.float64)
        closes_s = np.array([span[1] for span in spans], dtype=np.float64)
        before_s = np.concatenate(([0.0], np.cumsum(closes_s - opens_s)))[: len(spans)]
        return cls(opens_s, closes_s, before_s)

    def reading(self, at_s: Floats) -> Floats:
        """Open seconds between the start of the span and each instant; NaN stays NaN."""
        if len(self.opens_s) == 0:
            return np.where(np.isnan(at_s), np.nan, 0.0)
        known = np.nan_to_num(at_s)
        last = np.searchsorted(self.opens_s, known, side="right") - 1
        inside = np.minimum(known, self.closes_s[last]) - self.opens_s[last]
        total = np.where(last < 0, 0.0, self.before_s[last] + inside)
        return np.where(np.isnan(at_s), np.nan, total)

    def elapsed_s(self, from_s: Floats, to_s: Floats) -> Floats:
        """Open seconds in each [from, to]; NaN where either is unknown."""
        return np.maximum(self.reading(to_s) - self.reading(from_s), 0.0)


def _open_spans(calendar: Calendar, first: date, last: date) -> list[tuple[float, float]]:
    zone = ZoneInfo(calendar.zone)
    days = (first + DAY * offset for offset in range((last - first).days + 1))
    return [
        (_instant_s(day, opens, zone), _instant_s(day, closes, zone))
        for day in days
        if _is_open(calendar, day)
        for opens, closes in calendar.hours[day.weekday()]
    ]


def _is_open(calendar: Calendar, day: date) -> bool:
    return day not in public_holidays(calendar.country, calendar.subdivision, day.year) and not any(
        first <= day <= last for first, last in calendar.closures
    )


def _instant_s(day: date, minute: int, zone: ZoneInfo) -> float:
    """The local wall time is fixed and its offset is asked afterwards, so a day of a clock change comes out right."""
    local = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - the zone follows
    return (local.replace(tzinfo=zone) - EPOCH).total_seconds()


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Overlapping hours (a brand open past midnight) count once."""
    merged: list[tuple[float, float]] = []
    for opens, closes in sorted(span for span in spans if span[0] < span[1]):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return merged


def _epoch_s(moments: list[datetime]) -> Floats:
    return np.array([(moment - EPOCH).total_seconds() for moment in moments])
