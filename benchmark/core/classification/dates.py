"""Return dates of absence notices, in the ways German and English (and some others) write dates."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from benchmark.core.classification.wording import TABLES

_NUMERIC = re.compile(r"\b(\d{1,2})[.,/-] ?(\d{1,2})[.,/-] ?(\d{4}|\d{2})?\b")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_MONTH = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|[.,]|er|º|°)? ?(?:of |de |d')?([^\W\d_]{3,10})[.,]?,? ?(?:de )?(\d{4})?\b"
)
_MONTH_DAY = re.compile(r"\b([^\W\d_]{3,9})[.,]? (\d{1,2})(?:st|nd|rd|th)?(?!\d|[:.]\d),? ?(\d{4})?")
# Without a month: the 23rd, dem 30.; a weekday; tomorrow; the end of a month.
_DAY_ONLY = re.compile(
    r"(?:\b(?:the|dem|den|am|le|el|il|dia|día) (\d{1,2})(?:st|nd|rd|th|[.,])?"
    r"|^ (\d{1,2})(?:st|nd|rd|th|[.,]))(?![\d:/-])"
)
_WEEKDAYS = (
    *("monday|mon|montag|lundi|lunes|lunedì|maandag", "tuesday|tue|dienstag|mardi|martes|martedì|dinsdag"),
    *("wednesday|wed|mittwoch|mercredi|miércoles|mercoledì|woensdag", "thursday|thu|donnerstag|jeudi|jueves|giovedì"),
    *("freitag|friday|fri|vendredi|viernes|venerdì|vrijdag", "samstag|sonnabend|saturday|samedi|sábado|sabato"),
    "sonntag|sunday|dimanche|domingo|domenica",
)
_WEEKDAY = re.compile("|".join(rf"\b(?P<d{number}>{names})\b" for number, names in enumerate(_WEEKDAYS)))
_TOMORROW = re.compile(r"\b(?:tomorrow|morgen|demain|mañana|domani)\b(?! (?:früh|abend) um)")
_END_OF = re.compile(r"\b(?:(?:the )?end of|ende|fin|finales de|fine|eind) ([^\W\d_]{3,10}) ?(\d{4})?")
_BACK = re.compile(
    r"(?:until|till|through|return(?:ing|s)?|back|bis|ab dem|ab|wieder|zur(?:ü|ue)ck|einschl\w*|jusqu'au|retour"
    r"|hasta|regres\w+|fino al|rientr\w+|tot(?: en met)?|terug|at(?:é|e)|retorn\w+|do|till|til|tilbage|tilbake"
    r"|tillbaka|åter|asti|до)\b"
)
_NEAR = 60  # characters a date may stand behind the word it belongs to
_WINDOW = 400  # days within which an absence ends


def return_date(text: str, written_on: date | None) -> date | None:
    """The last day named behind a word of return, not before the letter was written. `text` as rows see it.

    Without a year the next such day after `written_on` is meant; without either the date is not known.
    """
    found: list[date] = []
    for word in _BACK.finditer(text[:2_000]):
        near = text[word.end() : word.end() + _NEAR]
        found += [day for day in _dates(near, written_on) if _is_plausible(day, written_on)][:1]
    return max(found, default=None)


def _is_plausible(day: date, written_on: date | None) -> bool:
    return written_on is None or -1 <= (day - written_on).days <= _WINDOW


def _dates(text: str, written_on: date | None) -> Iterator[date]:
    named: list[tuple[int, date | None]] = [
        *((found.start(), _day(found[1], found[2], found[3], written_on)) for found in _ISO.finditer(text)),
        *((found.start(), _numeric(found, written_on)) for found in _NUMERIC.finditer(text)),
        *((found.start(), _named(found[3], found[2], found[1], written_on)) for found in _DAY_MONTH.finditer(text)),
        *((found.start(), _named(found[3], found[1], found[2], written_on)) for found in _MONTH_DAY.finditer(text)),
        *((found.start(), _end_of(found[1], found[2], written_on)) for found in _END_OF.finditer(text)),
    ]
    if not any(day for _, day in named) and written_on is not None:
        named = list(_relative(text, written_on))
    yield from (day for _, day in sorted(named, key=lambda item: item[0]) if day is not None)


def _relative(text: str, written_on: date) -> Iterator[tuple[int, date | None]]:
    """Days that are named by their distance from the day of writing."""
    for found in _DAY_ONLY.finditer(text):
        yield found.start(), _next_numbered(int(found[1] or found[2]), written_on)
    for found in _WEEKDAY.finditer(text):
        number = int((found.lastgroup or "d0")[1:])
        yield found.start(), written_on + timedelta(days=(number - written_on.weekday() - 1) % 7 + 1)
    for found in _TOMORROW.finditer(text):
        yield found.start(), written_on + timedelta(days=1)


def _next_numbered(number: int, written_on: date) -> date | None:
    """The next day of that number, in this month or one of the two after it (not every month has a 31st)."""
    following = (written_on + timedelta(days=ahead) for ahead in range(1, 63))
    return next((day for day in following if day.day == number), None)


def _end_of(month: str, year: str | None, written_on: date | None) -> date | None:
    number = _months().get(month)
    if number is None or (year is None and written_on is None):
        return None
    if year is not None:
        return _last_of_month(date(int(year), number, 1))
    assert written_on is not None
    this_year = _last_of_month(date(written_on.year, number, 1))
    return this_year if this_year >= written_on else _last_of_month(date(written_on.year + 1, number, 1))


def _last_of_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _named(year: str | None, month: str, day: str, written_on: date | None) -> date | None:
    return _day(year, _months().get(month), day, written_on)


def _numeric(match: re.Match[str], written_on: date | None) -> date | None:
    """5.1. and 5/1: the day comes first, unless only the other reading is a date (1/25)."""
    year = match[3] if match[3] is None or len(match[3]) == 4 else f"20{match[3]}"
    return _day(year, match[2], match[1], written_on) or _day(year, match[1], match[2], written_on)


def _day(year: str | None, month: str | int | None, day: str, written_on: date | None) -> date | None:
    if month is None or (year is None and written_on is None):
        return None
    try:
        if year is not None:
            return date(int(year), int(month), int(day))
        assert written_on is not None
        this_year = date(written_on.year, int(month), int(day))
        # A day that lies well behind us is meant in the coming year.
        return this_year if (written_on - this_year).days < 60 else date(written_on.year + 1, int(month), int(day))
    except ValueError:
        return None


@cache
def _months() -> dict[str, int]:
    source = files(TABLES).joinpath("months.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(source.splitlines())
    return {word: int(row["month"]) for row in rows for word in row["words"].split()}
