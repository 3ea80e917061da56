"""Reads the wording tables: rows of (id, topic, language, where, weight, pattern, example, counter-example).

A pattern is a regular expression over text in lower case with single blanks and straight quotes. `where` is the place
it is asked in: subject, opening (the first words of a letter), text (own words, quotes cut), sender or a header name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import TypeAlias

from benchmark.core.classification.anchors import Branch, branches_of, grams_of
from benchmark.core.values import RuleHit

TABLES = "benchmark.core.classification.tables"
TABLE_NAMES = (
    *("absence", "acknowledgement", "asking", "delivery", "flags", "followup", "machine", "notices", "systems"),
    *("tickets", "unsolicited"),
)
Tables: TypeAlias = tuple[str, ...]
SEEN = 60  # characters of matched text kept as evidence

_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‑": "-"}
)

_DIGIT_DOT = re.compile(r"(?<=\d)\.(?=.)")


@dataclass(frozen=True, eq=False)
class Row:
    """One rule, its pattern split into branches that are only tried where they may match."""

    id: str
    topic: str
    language: str
    where: str
    weight: float
    branches: tuple[Branch, ...]
    example: str
    counter_example: str

    def search(self, place: Place) -> re.Match[str] | None:
        """The first match of the first branch that has one."""
        for branch in place.branches(self):
            match = branch.pattern.search(place.text)
            if match:
                return match
        return None

    def matches(self, place: Place) -> Iterator[re.Match[str]]:
        """All matches, branch by branch."""
        if place.likely.isdisjoint(self.branches):
            return
        for branch in place.branches(self):
            yield from branch.pattern.finditer(place.text)


class Place:
    """A text in the form of `as_asked`, and which branches of the rows for its kind of place may match there."""

    def __init__(self, where: str, text: str, longer: Place | None = None, *, tables: Tables = TABLE_NAMES) -> None:
        self.where = where
        self.text = text
        self._tables = tables  # whose rows may be asked here; a place for few of them is made ready sooner
        self._longer = longer  # a place that holds this one lends its pieces

    @cached_property
    def grams(self) -> frozenset[str]:
        return self._longer.grams if self._longer else grams_of(self.text)

    @cached_property
    def is_plain(self) -> bool:
        return self.text.isascii()

    @cached_property
    def likely(self) -> frozenset[Branch]:
        """The branches whose rarest piece is in the text, and those that need nothing."""
        if not self.text:
            return frozenset()
        if self._longer and self._longer.where == self.where:
            return self._longer.likely
        index = _index(self.where, self._tables)
        always = index.always if self.is_plain else index.always_foreign
        return always.union(*map(index.by_gram.__getitem__, self.grams & index.grams))

    def branches(self, row: Row) -> Iterator[Branch]:
        """The branches of a row that may match here, in their order; each is looked at only when its row is asked."""
        likely = self.likely
        for branch in row.branches:
            if branch in likely and branch.may_match(self.text, self.grams):
                yield branch


@dataclass(frozen=True)
class Hits:
    """The rows of one topic that spoke, and their weight together."""

    weight: float = 0.0
    rules: tuple[RuleHit, ...] = ()

    def __add__(self, other: Hits) -> Hits:
        return Hits(self.weight + other.weight, self.rules + other.rules)


def folded(text: str) -> str:
    """The form wording is compared in."""
    return " ".join(text.lower().translate(_QUOTES).split())


def as_asked(where: str, text: str) -> str:
    """`text` as a row with this `where` sees it: in sentences a dot behind a digit is a date's and ends nothing."""
    return _DIGIT_DOT.sub(",", folded(text)) if where in ("text", "opening") else folded(text)


@cache
def table(name: str) -> tuple[Row, ...]:
    """All rows of a table of this package, e.g. `table("absence")`."""
    source = files(TABLES).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(_row(fields) for fields in csv.DictReader(source.splitlines()))


@dataclass(frozen=True)
class _Index:
    """For each piece of text the branches that need it or its like."""

    by_gram: dict[str, frozenset[Branch]]
    grams: frozenset[str]
    always: frozenset[Branch]  # they need nothing nameable
    always_foreign: frozenset[Branch]  # the same, and those that can only match in other scripts


@cache
def _index(where: str, tables: Tables) -> _Index:
    by_gram: dict[str, set[Branch]] = {}
    always: set[Branch] = set()
    foreign: set[Branch] = set()
    asked_here = (row for name in tables for row in table(name) if row.where == where)
    for branch in (branch for row in asked_here for branch in row.branches):
        if not branch.needs:
            (foreign if branch.is_foreign else always).add(branch)
        for gram in branch.rarest_need:
            by_gram.setdefault(gram, set()).add(branch)
    frozen = {gram: frozenset(branches) for gram, branches in by_gram.items()}
    return _Index(frozen, frozenset(frozen), frozenset(always), frozenset(always | foreign))


@cache
def places_asked() -> frozenset[str]:
    """All words of the column `where`."""
    return frozenset(row.where for name in TABLE_NAMES for row in table(name))


@cache
def rows(name: str, topic: str, only: str = "") -> tuple[Row, ...]:
    """The rows of one topic, in the order of the file, or only those that look in one place."""
    return tuple(row for row in table(name) if row.topic == topic and only in ("", row.where))


def hits(name: str, topic: str, places: Mapping[str, Place], only: str = "") -> Hits:
    """Asks every row of a topic once, or only those that look in one place."""
    found = list(_found(rows(name, topic, only), places))
    return Hits(sum(weight for weight, _ in found), tuple(rule for _, rule in found))


def _found(asked: Iterable[Row], places: Mapping[str, Place]) -> Iterator[tuple[float, RuleHit]]:
    for row in asked:
        place = places.get(row.where)
        if place is None or place.likely.isdisjoint(row.branches):
            continue
        match = row.search(place)
        if match:
            yield row.weight, RuleHit(row.id, row.where, match.group()[:SEEN])


def _row(fields: dict[str, str]) -> Row:
    return Row(
        id=fields["id"],
        topic=fields["topic"],
        language=fields["language"],
        where=fields["where"],
        weight=float(fields["weight"]),
        branches=branches_of(fields["pattern"]),
        example=fields["example"],
        counter_example=fields["counter_example"],
    )
