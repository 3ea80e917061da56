"""Reads the wording tables: rows of (id, topic, language, where, weight, pattern, example, counter-example).

A pattern is a regular expression over text in lower case with single blanks and straight quotes. `where` is the place
it is asked in: subject, opening (the first words of a letter), text (own words, quotes cut), sender or a header name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from benchmark.core.classification.anchors import anchors_of
from benchmark.core.vocabulary import RuleHit

TABLES = "benchmark.core.classification.tables"
SEEN = 60  # characters of matched text kept as evidence

_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‑": "-"}
)

_DIGIT_DOT = re.compile(r"(?<=\d)\.(?=.)")


@dataclass(frozen=True)
class Row:
    """One rule. One of its `anchors` is in every match; where all are missing the pattern need not be tried."""

    id: str
    topic: str
    language: str
    where: str
    weight: float
    pattern: re.Pattern[str]
    anchors: tuple[str, ...]
    example: str
    counter_example: str

    def search(self, text: str) -> re.Match[str] | None:
        """The first match in a text in the form of `as_asked`."""
        if self.anchors and not any(anchor in text for anchor in self.anchors):
            return None
        return self.pattern.search(text) if text else None


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


@cache
def rows(name: str, topic: str) -> tuple[Row, ...]:
    """The rows of one topic, in the order of the file."""
    return tuple(row for row in table(name) if row.topic == topic)


def hits(name: str, topic: str, places: Mapping[str, str]) -> Hits:
    """Asks every row of a topic once; places are folded texts by name."""
    found = list(_found(rows(name, topic), places))
    return Hits(sum(weight for weight, _ in found), tuple(rule for _, rule in found))


def _found(asked: Iterable[Row], places: Mapping[str, str]) -> Iterator[tuple[float, RuleHit]]:
    for row in asked:
        text = places.get(row.where, "")
        match = row.search(text)
        if match:
            yield row.weight, RuleHit(row.id, row.where, match.group()[:SEEN])


def _row(fields: dict[str, str]) -> Row:
    pattern = fields["pattern"]
    return Row(
        id=fields["id"],
        topic=fields["topic"],
        language=fields["language"],
        where=fields["where"],
        weight=float(fields["weight"]),
        pattern=re.compile(pattern),
        anchors=anchors_of(pattern),
        example=fields["example"],
        counter_example=fields["counter_example"],
    )
