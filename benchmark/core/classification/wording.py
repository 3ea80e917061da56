"""Reads the wording tables: rows of (id, topic, language, where, weight, pattern, example, counter-example).

A pattern is a regular expression over text in lower case with single blanks and straight quotes. `where` is the place
it is asked in: subject, opening (the first words of a letter), text (own words, quotes cut), sentence (a single one of
that text), sender or a header name; with "and" between them it is asked in several.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TypeAlias

from benchmark.core.classification.anchors import Branch, Vocabulary, branches_of
from benchmark.core.values import RuleHit

TABLES = "benchmark.core.classification.tables"
TABLE_NAMES = (
    *("absence", "acknowledgement", "asking", "delivery", "flags", "followup", "handoffs", "machine", "notices"),
    *("systems", "tickets", "unsolicited"),
)
# Hand-offs and tickets are looked for sentence by sentence and number by number; elsewhere their rows only cost time.
ASKED_OF_PLACES = tuple(name for name in TABLE_NAMES if name not in ("handoffs", "tickets"))
Tables: TypeAlias = tuple[str, ...]
Speakers: TypeAlias = "dict[tuple[str, str], list[tuple[Row, Place]]]"
_SHORT_VALUE = 100
SEEN = 60  # characters of matched text kept as evidence

_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‑": "-"}
)

_QUOTE = re.compile(f"[{''.join(map(chr, _QUOTES))}]")
_AND_IN = " and "
_IN_SENTENCES = ("text", "opening", "sentence")
_DIGIT_DOT = re.compile(r"(?<=\d)\.(?=.)")


@dataclass(frozen=True, eq=False)
class Row:
    """One rule, its pattern split into branches that are only tried where they may match."""

    id: str
    table: str
    number: int  # in its table
    topic: str
    language: str
    where: str
    weight: float
    branches: tuple[Branch, ...]
    example: str
    counter_example: str

    def search(self, place: Place) -> re.Match[str] | None:
        """The first match of the first branch that has one."""
        for branch in place.likely.get(self, ()):
            match = branch.pattern.search(place.text)
            if match:
                return match
        return None

    def matches(self, place: Place) -> Iterator[re.Match[str]]:
        """All matches, branch by branch."""
        for branch in place.likely.get(self, ()):
            yield from branch.pattern.finditer(place.text)


class Place:
    """A text in the form of `as_asked`, and which rows for its kind of place may speak there."""

    def __init__(
        self,
        where: str,
        text: str | Callable[[], str],  # called when the text is wanted
        longer: Place | None = None,
        *,
        tables: Tables = ASKED_OF_PLACES,
    ) -> None:
        self.where = where
        self._given = text
        self._tables = tables  # whose rows may be asked here; a place for few of them is made ready sooner
        self._longer = longer  # a place that holds this one lends its words
        self._words: frozenset[int] | None = None
        self._likely: dict[Row, list[Branch]] | None = None

    @property
    def text(self) -> str:
        if not isinstance(self._given, str):
            self._given = self._given()
        return self._given

    @property
    def words(self) -> frozenset[int]:
        """Words the tables need that stand here (or in the place that holds this one)."""
        if self._words is None:
            self._words = self._longer.words if self._longer else _vocabulary().in_text(self.text)
        return self._words

    @property
    def likely(self) -> dict[Row, list[Branch]]:
        """The rows that may speak here, each with those of its branches that may match, all in their order."""
        if self._likely is None:
            longer = self._longer
            self._likely = longer.likely if longer and longer.where == self.where else self._found_likely()
        return self._likely

    def _found_likely(self) -> dict[Row, list[Branch]]:
        if not self.text:
            return {}
        index, words = _index(self.where, self._tables), self.words
        begun = index.always.union(*map(index.by_word.__getitem__, words & index.words))
        lacking = [number for number in begun & index.needs.keys() if any(map(words.isdisjoint, index.needs[number]))]
        found: dict[Row, list[Branch]] = {}
        for row, branch in map(index.branches.__getitem__, sorted(begun.difference(lacking))):
            if row in found:
                found[row].append(branch)
            else:
                found[row] = [branch]
        return found


@lru_cache(maxsize=2_000)
def _kept_place(where: str, text: str) -> Place:
    return Place(where, text)


def place_of(where: str, text: str) -> Place:
    """The place of a header; most values of headers come again and again."""
    return _kept_place(where, text) if len(text) <= _SHORT_VALUE else Place(where, text)


@dataclass(frozen=True)
class Hits:
    """The rows of one topic that spoke, and their weight together."""

    weight: float = 0.0
    rules: tuple[RuleHit, ...] = ()

    def __add__(self, other: Hits) -> Hits:
        return Hits(self.weight + other.weight, self.rules + other.rules)


NOTHING = Hits()


def folded(text: str) -> str:
    """The form wording is compared in."""
    lowered = text.lower()
    return " ".join((lowered.translate(_QUOTES) if _QUOTE.search(lowered) else lowered).split())


def as_asked(where: str, text: str) -> str:
    """`text` as a row with this `where` sees it: in sentences a dot behind a digit is a date's and ends nothing."""
    return _DIGIT_DOT.sub(",", folded(text)) if where in _IN_SENTENCES else folded(text)


def as_written(found: str, written: str) -> str:
    """A number or address in its own case: rules look at lower case."""
    at = written.lower().find(found)
    same = written[at : at + len(found)] if at >= 0 else ""
    if same.lower() == found:
        return same
    match = re.search(re.escape(found), written, re.IGNORECASE)  # a few signs are longer in lower case
    return match.group() if match else found


@cache
def table(name: str) -> tuple[Row, ...]:
    """All rows of a table of this package, e.g. `table("absence")`."""
    source = files(TABLES).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(
        _row(name, number, fields, where, id_)
        for number, fields in enumerate(csv.DictReader(source.splitlines()))
        for where, id_ in _places_named(fields)
    )


def _places_named(fields: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Where a line of a table is asked, each with the id of its row; the second one bears its place: `x-subject`."""
    first, *others = fields["where"].split(_AND_IN)
    yield first, fields["id"]
    yield from ((where, f"{fields['id']}-{where}") for where in others)


@cache
def _vocabulary() -> Vocabulary:
    """All words that some row of some table needs."""
    branches = (branch for name in TABLE_NAMES for row in table(name) for branch in row.branches)
    return Vocabulary(word for branch in branches for need in branch.needs for word in need)


@dataclass(frozen=True)
class _Index:
    """The branches asked in one place, numbered in the order of the tables, what some need beside their rarest need,
    and for each word the numbers of those whose rarest need it meets."""

    branches: tuple[tuple[Row, Branch], ...]
    needs: dict[int, tuple[frozenset[int], ...]]
    by_word: dict[int, frozenset[int]]
    words: frozenset[int]
    always: frozenset[int]  # they need nothing nameable


@cache
def _index(where: str, tables: Tables) -> _Index:
    asked_here = [
        (row, branch) for name in tables for row in table(name) if row.where == where for branch in row.branches
    ]
    number_of = _vocabulary().numbers
    by_word: dict[int, set[int]] = {}
    needs: dict[int, tuple[frozenset[int], ...]] = {}
    for number, (_, branch) in enumerate(asked_here):
        rarest = branch.rarest_need
        if others := tuple(number_of(need) for need in branch.needs if need is not rarest):
            needs[number] = others
        for word in number_of(rarest):
            by_word.setdefault(word, set()).add(number)
    always = frozenset(number for number, (_, branch) in enumerate(asked_here) if not branch.needs)
    frozen = {word: frozenset(numbers) for word, numbers in by_word.items()}
    return _Index(tuple(asked_here), needs, frozen, frozenset(frozen), always)


@cache
def places_asked() -> frozenset[str]:
    """All words of the column `where`."""
    return frozenset(row.where for name in TABLE_NAMES for row in table(name))


@cache
def places_of_topic(name: str, topic: str) -> frozenset[str]:
    """Where the rows of a topic look."""
    return frozenset(row.where for row in rows(name, topic))


@cache
def rows(name: str, topic: str, only: str = "") -> tuple[Row, ...]:
    """The rows of one topic, in the order of the file, or only those that look in one place."""
    return tuple(row for row in table(name) if row.topic == topic and only in ("", row.where))


def speakers(places: Mapping[str, Place]) -> Speakers:
    """By table and topic the rows that may speak in the place they look in, with that place, place by place."""
    found: Speakers = {}
    for where, place in places.items():
        if where == place.where:  # others are for special questions
            for row in place.likely:
                found.setdefault((row.table, row.topic), []).append((row, place))
    return found


def hits(likely: Iterable[tuple[Row, Place]]) -> Hits:
    """What each row finds, asked once, in the order of the tables."""
    found = [(row, match) for row, place in likely if (match := row.search(place))]
    if not found:
        return NOTHING
    found.sort(key=_number)
    rules = tuple(RuleHit(row.id, row.where, match.group()[:SEEN]) for row, match in found)
    return Hits(sum(row.weight for row, _ in found), rules)


def _number(found: tuple[Row, re.Match[str]]) -> int:
    return found[0].number


def _row(name: str, number: int, fields: dict[str, str], where: str, id_: str) -> Row:
    return Row(
        id=id_,
        table=name,
        number=number,
        topic=fields["topic"],
        language=fields["language"],
        where=where,
        weight=float(fields["weight"]),
        branches=branches_of(fields["pattern"]),
        example=fields["example"],
        counter_example=fields["counter_example"],
    )
