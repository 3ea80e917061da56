"""How figures and moments are written: by Babel, in the reader's language; what is undefined is a dash."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _

DASH = "–"
MINUTES_BELOW_H = 1.0
HOURS_BELOW_H = 72.0
_DAYS = {"en": "d MMM y", "de": "d. MMM y"}


def add_to(app: Flask) -> None:
    app.jinja_env.filters.update(
        share=share,
        points=points,
        score=score,
        hours=hours,
        seconds=seconds,
        number=number,
        moment=moment,
        local_moment=local_moment,
        day=day,
        size=size,
        capitalize_first=capitalize_first,
    )


def share(value: float | None) -> str:
    """0.7 → 70 %"""
    return DASH if value is None else format_percent(value, locale=_l())


def points(value: float | None) -> str:
    """0.4012 → 40, for the ends of an interval behind a share that carries the sign."""
    return DASH if value is None else format_decimal(value * 100, format="0", locale=_l())


def score(value: float | None) -> str:
    return DASH if value is None else format_decimal(value, format="0", locale=_l())


def number(value: float | None, digits: int = 0) -> str:
    if value is None:
        return DASH
    return format_decimal(value, format="#,##0" + ("." + "#" * digits if digits else ""), locale=_l())


def hours(value: float | None) -> str:
    """A wait in the unit a reader would use: 35 min, 9.3 h, 3.2 days."""
    if value is None:
        return DASH
    if value < MINUTES_BELOW_H:
        return str(_("%(number)s min", number=_short(value * 60)))
    if value < HOURS_BELOW_H:
        return str(_("%(number)s h", number=_short(value)))
    return str(_("%(number)s days", number=_short(value / 24)))


def seconds(value: float | None) -> str:
    return hours(None if value is None else value / 3600)


def _short(value: float) -> str:
    """Two figures are enough to tell waits apart."""
    digits = "#,##0.#" if value < 10 else "#,##0"
    return format_decimal(value, format=digits, locale=_l())


def moment(value: datetime | None) -> str:
    """A UTC moment for the record: 21 Nov 2026, 14:00 UTC."""
    return DASH if value is None else f"{_minutes(value, UTC)} UTC"


def local_moment(value: datetime | None, zone: str) -> str:
    """The moment where the brand is, with its zone's short name."""
    if value is None:
        return DASH
    place = ZoneInfo(zone)
    return f"{_minutes(value, place)} {value.astimezone(place).tzname()}"


def local_day(value: datetime, zone: str) -> str:
    """The day where the brand is, short enough for a label: 3 Mar 2026."""
    return format_date(value.astimezone(ZoneInfo(zone)).date(), _DAYS.get(_l(), "medium"), locale=_l())


def _minutes(value: datetime, zone: tzinfo) -> str:
    pattern = "EEE, d. MMM y, HH:mm" if _l().startswith("de") else "EEE d MMM y, HH:mm"
    return format_datetime(value.astimezone(zone), pattern, tzinfo=zone, locale=_l())


def day(value: date | None) -> str:
    return DASH if value is None else format_date(value, _DAYS.get(_l(), "long"), locale=_l())


def size(count: int) -> str:
    """Bytes as a reader of file lists expects them."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= factor:
            return f"{_short(count / factor)} {unit}"
    return f"{number(count)} B"


def capitalize_first(text: str) -> str:
    """Only the first letter: names within stay as they are."""
    return text[:1].upper() + text[1:]


def _l() -> str:
    return str(get_locale() or "en")
