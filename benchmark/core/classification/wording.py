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

from benchmark.core.vocabulary import RuleHit

TABLES = "benchmark.core.classification.tables"
SEEN = 60  # characters of matched text kept as evidence

_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‑": "-"}
)

# One step of a pattern: an escape, a class, a sign; and what says how often it comes.
_TOKEN = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[:=!<]+|.)((?:[?*+]|\{[\d,]+\})?\??)", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One rule. `anchor` is text every match contains; where it is missing the pattern need not be tried."""

    id: str
    topic: str
    language: str
    where: str
    weight: float
    pattern: re.Pattern[str]
    anchor: str
    example: str
    counter_example: str


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
        if row.anchor in text:
            match = row.pattern.search(text)
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
        anchor=anchor_of(pattern),
        example=fields["example"],
        counter_example=fields["counter_example"],
    )


def anchor_of(pattern: str) -> str:
    """The longest run of plain characters that any match of this pattern must contain, "" when there is none."""
    runs: list[str] = []
    run, depth = "", 0
    for token in _TOKEN.finditer(pattern):
        text, count = token[1], token[2]
        depth += text.startswith("(") - (text == ")")
        if text == "|" and depth == 0:
            return ""
        if depth == 0 and len(text) == 1 and text not in ".^$|)(" and not count.startswith(("?", "*", "{")):
            run += text
            continue
        runs.append(run)
        run = ""
    return max([*runs, run], key=len)
