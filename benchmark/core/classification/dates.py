"""Return dates of absence notices, in the ways German and English (and some others) write dates."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import islice

from benchmark.core.classification import date_words as forms
from benchmark.core.classification.wording import TABLES

_HOUR = re.compile(r"\d{1,2}(?::\d\d)?(?:am|pm|h)?(?![\d/])")
_SENTENCE = 120  # characters before a word that may belong to its sentence
_NEAR = 60  # characters a date may stand behind the word it belongs to
_BEHIND = 45  # or before a word of return: "on Monday I am back"
# "the 9th to the 13th", from its first day on: what stands behind must look like a day, too.
_SPAN = re.compile(
    r".{1,18}?(?: - | ?–|\b(?:to|bis|until|till?|au|al|tot)\b) ?(?:\w{3,10}(?:day|tag),? )?"
    r"(?:(?:the|zum|den|dem) \d{1,2}|\d{1,2}(?:st|nd|rd|th|[.,])(?! (?:uhr|am|pm|h)\b))"
)
_WORDS = 20  # words of one kind that are looked at
_ABOUT_NOW = timedelta(days=7)
_LONG = timedelta(days=120)  # no closure lasts longer: the day is the first one, and was last year
_SOON = timedelta(days=14)  # between the last day of absence and the day of being back
_AT_ONCE = 4  # nights behind the last day away, over a week-end and a holiday: then work begins again
_WINDOW = 400  # days within which an absence ends


def return_date(text: str, written_on: date | None) -> date | None:
    """The last day named behind a word of return or at the end of a span, not before the letter was written. `text` as
    rows see it.

    Beside the last day of absence often stands the day of being back: that one is given. Without a year the next such
    day after `written_on` is meant; without either the date is not known.
    """
    read = text[:2_000]
    reader = _Reader(written_on, _is_american(read, written_on))
    found = [*reader.behind_words(read), *reader.before_ends(read), *reader.ends_of_spans(read)]
    found += reader.in_eastern_forms(read)
    before = list(reader.before_words(read))
    if not found:
        return max(before, default=None)
    last = max(found)
    before += replace(reader, written_on=last).numbered_return(read)
    behind = [] if reader.names_return(read) else [day for day in reader.named(read) if _follows(last, day)]
    return max((*behind, *(day for day in before if last < day <= last + _SOON)), default=last)


def _follows(last: date, day: date) -> bool:
    """Is it the next day, or the next one but Saturday and Sunday? A holiday may lie in between."""
    nights = (day - last).days
    return nights == 1 or (1 < nights <= _AT_ONCE and day.isoweekday() <= 2 and last.isoweekday() >= 4)


def _is_american(text: str, on: date | None) -> bool:
    """One date that can only be read month first tells how the others are meant, and so does one that month first is
    about the day of writing and day first lies well behind it."""
    slashed = [(match[1], match[5], match[6]) for match in forms.NUMERIC.finditer(text) if match[5]]
    if any(int(first) > 12 for first, _, _ in slashed):
        return False
    return any(
        int(second) > 12 or (on is not None and _is_now(first, second, year, on)) for first, second, year in slashed
    )


def _is_now(month: str, day: str, year: str | None, on: date) -> bool:
    full = str(on.year) if year is None else year if len(year) == 4 else f"20{year}"
    now, before = _day(full, month, day, on), _day(full, day, month, on)
    return bool(now and before and abs(now - on) <= _ABOUT_NOW and on - before > _SOON)


@dataclass(frozen=True)
class _Reader:
    """Reads dates as a letter written on that day means them."""

    written_on: date | None
    is_american: bool

    def behind_words(self, text: str) -> Iterator[date]:
        """A day from which on something happens says less than a day of being back: that may be of goods."""
        is_back_known = False
        for words, is_until in ((forms.UNTIL, True), (forms.BACK, False), (forms.NOT_BEFORE, False)):
            for word in islice(words.finditer(text), _WORDS):
                near = _sentence_behind(text, word.end())
                is_of_hours = is_until and _is_of_hours(text[: word.start()], near)
                found = self._explicit(near) if is_of_hours else self._dates(near, is_until)
                days = [day for _, day in found][:1]
                is_back_known = is_back_known or (words is forms.BACK and bool(days))
                yield from days
        for word in islice(forms.FROM.finditer(text), _WORDS):
            near = _sentence_behind(text, word.end())
            back, away = forms.BACK.search(near), forms.AWAY.search(near)
            if (away is None and (back or not is_back_known)) or (back and away and back.start() < away.start()):
                first = self._dates(near, False)[:1]  # "from the 9th to the 13th": that one is none of return
                yield from (day for at, day in first if not _SPAN.match(near, at))

    def names_return(self, text: str) -> bool:
        """Does a day stand behind a word of return?"""
        return any(self._dates(_sentence_behind(text, word.end()), False) for word in forms.BACK.finditer(text))

    def numbered_return(self, text: str) -> Iterator[date]:
        """Behind the last day away "the 17th" is the next one after it: "from 3 to 14 August, back on the 17th"."""
        for word in islice(forms.BACK.finditer(text), _WORDS):
            for near in (_sentence_behind(text, word.end()), _sentence_before(text, word.start())):
                if self.written_on and not self._explicit(near):
                    yield from [day for _, day in self._sorted(_numbered(near, self.written_on))][-1:]

    def named(self, text: str) -> list[date]:
        """All days that are named by their date, but for those of fairs and deadlines."""
        return [
            day for at, day in self._explicit(text) if not forms.OCCASION.search(text[max(at - _NEAR, 0) : at + _NEAR])
        ]

    def in_eastern_forms(self, text: str) -> list[date]:
        """Chinese, Japanese and Korean notices: the first day that is marked as the last one away, else the latest."""
        on = self.written_on
        found = ((seen, _in_eastern_form(seen, on)) for seen in forms.YEAR_MONTH_DAY.finditer(text))
        days = [(seen, day) for seen, maybe in found for day in self._plausible(maybe) if on and day - on <= _LONG]
        ends = [day for seen, day in days if seen["until"] or seen["to"]]
        return ends[:1] or [day for _, day in days]

    def before_ends(self, text: str) -> Iterator[date]:
        for word in islice(forms.UP_TO.finditer(text), _WORDS):
            yield from [day for _, day in self._dates(_sentence_before(text, word.start()), True)][-1:]

    def ends_of_spans(self, text: str) -> Iterator[date]:
        for middle in forms.TO.finditer(text):
            near = text[middle.end() : middle.end() + _NEAR]
            start = forms.WEEKDAY_OR_ARTICLE.match(near)
            if _is_day(text[max(middle.start() - 24, 0) : middle.start()].rstrip()):
                reach = start.end() if start else 0
                yield from [day for at, day in self._explicit(near) if at <= reach][:1]
        for span in forms.MONTH_DAYS.finditer(text):
            yield from self._plausible(_named(span[3], span[1], span[2], self.written_on))

    def before_words(self, text: str) -> Iterator[date]:
        for word in islice(forms.BACK.finditer(text), _WORDS):
            if not self._dates(_sentence_behind(text, word.end()), False):
                near = _sentence_before(text, word.start())
                days = self._dates(near, False)[-1:]
                yield from (day for at, day in days if not forms.AWAY.search(near, at))
        for word in islice(forms.READS.finditer(text), _WORDS):
            yield from [day for _, day in self._explicit(_sentence_before(text, word.start()))][-1:]

    def _plausible(self, day: date | None) -> Iterator[date]:
        if day and (self.written_on is None or -1 <= (day - self.written_on).days <= _WINDOW):
            yield day

    def _dates(self, text: str, is_until: bool) -> list[tuple[int, date]]:
        """The plausible dates of the most exact kind that is named at all, in their order."""
        if explicit := self._explicit(text):
            return explicit
        ends = ((found.start(), _end_of(found[1], found[2], self.written_on)) for found in forms.END_OF.finditer(text))
        if by_month := self._sorted(ends):
            return by_month
        if self.written_on is None:
            return []
        kinds = (
            self._weeks(text, self.written_on, is_until),
            _numbered(text, self.written_on),
            _relative(text, self.written_on),
        )
        return next((found for kind in kinds if (found := self._sorted(kind))), [])

    def _explicit(self, text: str) -> list[tuple[int, date]]:
        on = self.written_on
        named = (
            *((seen, _day(seen[1], seen[2], seen[3], on)) for seen in forms.ISO.finditer(text)),
            *((seen, self._numeric(seen)) for seen in forms.NUMERIC.finditer(text)),
            *((seen, _in_eastern_form(seen, on)) for seen in forms.YEAR_MONTH_DAY.finditer(text)),
            *((seen, _named(seen[3], seen[2], seen[1], on)) for seen in forms.DAY_MONTH.finditer(text)),
            *((seen, _named(seen[3], seen[1], seen[2], on)) for seen in forms.MONTH_DAY.finditer(text)),
        )
        return self._sorted((seen.start(), day) for seen, day in named)

    def _sorted(self, named: Iterable[tuple[int, date | None]]) -> list[tuple[int, date]]:
        return sorted((at, day) for at, maybe in named for day in self._plausible(maybe))

    def _numeric(self, match: re.Match[str]) -> date | None:
        """5.1. and 5/1: the day comes first, unless only the other reading is a date (1/25), which no dots can be."""
        short = match[3] or match[6] or match[8]
        year = short if short is None or len(short) == 4 else f"20{short}"
        first, second = match[1], match[2] or match[4] or match[5] or match[7]
        day_first, month_first = _day(year, second, first, self.written_on), _day(year, first, second, self.written_on)
        if not match[5] and "-" not in match.group():
            return day_first
        return month_first or day_first if self.is_american and match[5] else day_first or month_first

    def _weeks(self, text: str, on: date, is_until: bool) -> Iterator[tuple[int, date | None]]:
        """Weeks by their number: away until its Sunday, back on its Monday."""
        for found in forms.WEEK.finditer(text):
            yield found.start(), _day_of_week(int(found[1] or found[2]), 7 if is_until else 1, on)


def _sentence_behind(text: str, at: int) -> str:
    """What stands near behind a word, in its own sentence."""
    return forms.ENDS.split(text[at : at + _NEAR], maxsplit=1)[0]


def _sentence_before(text: str, at: int) -> str:
    """The same before it."""
    return forms.ENDS.split(text[max(at - _BEHIND, 0) : at])[-1]


def _is_of_hours(before: str, behind: str) -> bool:
    """ "Monday to Wednesday" and "9 till 5" are working hours, unless somebody is away meanwhile."""
    sentence = forms.ENDS.split(before[-_SENTENCE:])[-1]
    last = sentence.rstrip(" ").rpartition(" ")[2]
    if last not in _weekdays() and not (_HOUR.fullmatch(last) and _HOUR.match(behind.lstrip(" "))):
        return False
    return not (forms.ABSENT.search(sentence) or forms.ABSENT.search(behind))


def _is_day(text: str) -> bool:
    last = text.rpartition(" ")[2].strip(".,")
    return last in _months() or last in _weekdays() or bool(forms.DAY_BEFORE.search(text))


def _day_of_week(week: int, weekday: int, on: date) -> date | None:
    try:
        this_year = date.fromisocalendar(on.isocalendar().year, week, weekday)
        return (
            this_year if (on - this_year).days < 60 else date.fromisocalendar(on.isocalendar().year + 1, week, weekday)
        )
    except ValueError:
        return None


def _numbered(text: str, on: date) -> Iterator[tuple[int, date | None]]:
    """Days named by their number alone."""
    for found in forms.DAY_ONLY.finditer(text):
        yield found.start(), _next_numbered(int(found[1] or found[2] or found[3]), on)
    for found in forms.WEEKDAY_AND_DAY.finditer(text):
        if found[1] in _weekdays():
            yield found.start(), _next_numbered(int(found[2]), on)


def _relative(text: str, on: date) -> Iterator[tuple[int, date | None]]:
    """Days that are named by their distance from the day of writing."""
    for found in forms.WORD.finditer(text):
        number = _weekdays().get(found.group())
        if number and not _is_feast(text, found):
            yield found.start(), on + timedelta(days=(number - on.isoweekday() - 1) % 7 + 1)
    for found in forms.TOMORROW.finditer(text):
        yield found.start(), on + timedelta(days=2 if found["later"] else 1)
    if not any(word in _weekdays() for word in forms.WORD.findall(text)):
        for found in forms.NEXT_WEEK.finditer(text):
            yield found.start(), on + timedelta(days=8 - on.isoweekday())


def _is_feast(text: str, day: re.Match[str]) -> bool:
    """Easter Monday is no Monday of this week, and "after Monday" is no day at all."""
    return bool(forms.FEAST_BEFORE.search(text[: day.start()]) or forms.FEAST_BEHIND.match(text, day.end()))


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


def _in_eastern_form(seen: re.Match[str], written_on: date | None) -> date | None:
    return _day(seen["year"], seen["month"], seen["day"], written_on)


def _named(year: str | None, month: str, day: str, written_on: date | None) -> date | None:
    return _day(year, _months().get(month), day, written_on)


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


def _months() -> dict[str, int]:
    return _numbers("month")


def _weekdays() -> dict[str, int]:
    return _numbers("weekday")


@cache
def _numbers(of: str) -> dict[str, int]:
    """The words for months or weekdays, with their numbers."""
    source = files(TABLES).joinpath(f"{of}s.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(source.splitlines())
    return {word: int(row[of]) for row in rows for word in row["words"].split()}
