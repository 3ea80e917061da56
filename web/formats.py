"""How figures and moments are written: by Babel, in the reader's language; what is undefined is a dash."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from flask import Flask

from web.languages import in_language, language

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
        ago=ago,
        seconds=seconds,
        number=number,
        signed=signed,
        moment=moment,
        iso_moment=iso_moment,
        local_moment=local_moment,
        day=day,
        size=size,
        capitalize_first=capitalize_first,
    )


def share(value: float | None) -> str:
    """0.7 → 70 %"""
    return DASH if value is None else _percent(value, language())


def points(value: float | None) -> str:
    """0.4012 → 40, for the ends of an interval behind a share that carries the sign."""
    return DASH if value is None else _decimal(value * 100, "0", language())


def score(value: float | None) -> str:
    return DASH if value is None else _decimal(value, "0", language())


def number(value: float | None, digits: int = 0) -> str:
    if value is None:
        return DASH
    return _decimal(value, "#,##0" + ("." + "#" * digits if digits else ""), language())


def signed(value: float | None) -> str:
    """A change in points, with its sign: +3, −2, ±0."""
    if value is None:
        return DASH
    rounded = round(value)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else "±"
    return sign + _decimal(abs(rounded), "#,##0", language())


def hours(value: float | None) -> str:
    """A wait in the unit a reader would use: 35 min, 9.3 h, 3.2 days."""
    return DASH if value is None else _hours(value, language())


def seconds(value: float | None) -> str:
    return hours(None if value is None else value / 3600)


# A leaderboard writes hundreds of numbers, many of them alike, and Babel takes its time for each.
@lru_cache(maxsize=8192)
def _percent(value: float, locale: str) -> str:
    return format_percent(value, locale=locale)


@lru_cache(maxsize=8192)
def _decimal(value: float, pattern: str, locale: str) -> str:
    return format_decimal(value, format=pattern, locale=locale)


@lru_cache(maxsize=8192)
def _hours(value: float, locale: str) -> str:
    if 0 <= value * 60 < 1:
        return in_language(locale, _("under 1 min"))
    if value < MINUTES_BELOW_H:
        return in_language(locale, _("%(number)s min")) % {"number": _short(value * 60, locale)}
    if value < HOURS_BELOW_H:
        return in_language(locale, _("%(number)s h")) % {"number": _short(value, locale)}
    return in_language(locale, _("%(number)s days")) % {"number": _short(value / 24, locale)}


def _short(value: float, locale: str) -> str:
    """Two figures are enough to tell waits apart."""
    return _decimal(value, "#,##0.#" if value < 10 else "#,##0", locale)


def _(message: str) -> str:
    """Marks a message for the catalogue; it is looked up where the language is known."""
    return message


def moment(value: datetime | None) -> str:
    """A UTC moment for the record: 21 Nov 2026, 14:00 UTC."""
    return DASH if value is None else f"{_minutes(value, UTC)} UTC"


def iso_moment(value: str) -> str:
    """A moment as JSON keeps it."""
    return moment(datetime.fromisoformat(value))


def local_moment(value: datetime | None, zone: str) -> str:
    """The moment where the brand is, with its zone's short name."""
    if value is None:
        return DASH
    place = ZoneInfo(zone)
    return f"{_minutes(value, place)} {value.astimezone(place).tzname()}"


def ago(value: datetime, now: datetime) -> str:
    """12 seconds ago, vor 3 Tagen."""
    return str(format_timedelta(value - now, add_direction=True, threshold=1.2, locale=language()))


def local_day(value: datetime, zone: str) -> str:
    """The day where the brand is, short enough for a label: 3 Mar 2026."""
    return format_date(value.astimezone(ZoneInfo(zone)).date(), _DAYS.get(language(), "medium"), locale=language())


def _minutes(value: datetime, zone: tzinfo) -> str:
    pattern = "EEE, d. MMM y, HH:mm" if language().startswith("de") else "EEE d MMM y, HH:mm"
    return format_datetime(value.astimezone(zone), pattern, tzinfo=zone, locale=language())


def day(value: date | None) -> str:
    return DASH if value is None else format_date(value, _DAYS.get(language(), "long"), locale=language())


def size(count: int) -> str:
    """Bytes as a reader of file lists expects them."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= factor:
            return f"{_short(count / factor, language())} {unit}"
    return f"{number(count)} B"


def capitalize_first(text: str) -> str:
    """Only the first letter: names within stay as they are."""
    return text[:1].upper() + text[1:]
