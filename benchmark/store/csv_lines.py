"""Probes as finished CSV lines, put together by the database itself: several times as fast as cell by cell in Python.

The lines are those that `csv.writer` makes of the rows of `queries_exports.stream`, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sqlmodel import Session

from benchmark.core.formula_guard import guarded
from benchmark.store.packs import Extent, extent_of
from benchmark.store.queries_exports import BATCH, FROM_PROBES, Cells, PostgreSql, Sqlite, probe_cells, pyformat
from benchmark.store.queries_results import BrandFacts, wave_names

PLAIN = re.compile(r"(?:[0-9A-Za-z][^,\"\r\n\0]*)?", re.DOTALL)
"""A text that is neither guarded nor quoted."""


def probe_lines(
    session: Session, campaign_id: int, as_of: datetime, brands: Mapping[int, BrandFacts]
) -> Iterator[bytes]:
    """Blocks of lines, each with its CRLF, in order of the probes' ids."""
    as_of_s = as_of.timestamp()
    dialect = _LINES[session.connection().dialect.name](session)
    dialect.learn(extent_of(session, campaign_id), wave_names(session, campaign_id).values(), as_of_s)
    dialect.name_brands(brands)
    given = {"campaign": campaign_id, "as_of_s": as_of_s}
    yield from dialect.blocks(f"SELECT {dialect.line(probe_cells(dialect))} {FROM_PROBES}", given)


def csv_cell(cell: str) -> str:
    """Guarded, and in quotes around commas, quotes and line breaks (RFC 4180)."""
    text = guarded(cell)
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text


class _Lines(Cells):
    """What need not be asked of each row, because it holds for all of them, is left out of the query."""

    plain: frozenset[str] = frozenset()  # columns whose every word goes into the line as it is
    whole = False
    over = False  # nothing was recorded after `as_of`
    waiting = True  # some brand may still wait for us

    def learn(self, extent: Extent | None, waves: Iterable[str], as_of_s: float) -> None:
        words = {"wave": frozenset(waves), **(extent.words if extent else {})}
        self.plain = frozenset(name for name, found in words.items() if all(map(PLAIN.fullmatch, found)))
        self.whole = extent is not None and extent.whole
        self.over = extent is not None and extent.latest_s <= as_of_s
        self.waiting = extent is None or extent.waiting

    def word(self, name: str, column: str) -> str:
        return column if name in self.plain else self.guard(column)

    def until(self, column: str, written: str, delay: str = "") -> str:
        return written if self.over else super().until(column, written, delay)

    def delay(self) -> str:
        return super().delay() if self.waiting else "coalesce(o.tester_delay_s, 0.0)"

    def exclusion(self) -> str:
        return "o.exclusion" if self.over else super().exclusion()


class _SqliteLines(_Lines, Sqlite):
    """`printf` puts a line together in one go and prints NULL as nothing."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.driver.create_function("csv_cell", 1, csv_cell, deterministic=True)

    def line(self, cells: list[str]) -> str:
        return f"printf('{','.join(['%s'] * len(cells))}', {', '.join(cells)})"

    def brand_cell(self, word: str) -> str:
        return csv_cell(word)

    def blocks(self, query: str, given: Mapping[str, Any]) -> Iterator[bytes]:
        for batch in self.rows(query, given):
            yield ("\r\n".join([line for (line,) in batch]) + "\r\n").encode()

    def guard(self, column: str) -> str:
        """Python is asked only about texts that begin with a sign, or hold what CSV has to quote."""
        plain = f"{column} GLOB '[0-9A-Za-z]*' AND {column} NOT GLOB '*[,\"\r\n]*'"
        return f"CASE WHEN NOT ({plain}) THEN csv_cell({column}) ELSE {column} END"

    def seconds_as_instant(self, column: str) -> str:
        """`replace(datetime(…))` costs half of `strftime`."""
        if self.whole:
            return f"replace(datetime({column}, 'unixepoch'), ' ', 'T') || 'Z'"
        return super().seconds_as_instant(column)

    def number(self, column: str) -> str:
        """Writing an integer costs a tenth of writing a float."""
        whole = f"CAST({column} AS INTEGER) || '.0'"
        return whole if self.whole else f"CASE WHEN {column} = CAST({column} AS INTEGER) THEN {whole} ELSE {column} END"


class _PostgreSqlLines(_Lines, PostgreSql):
    """`COPY` makes the lines; it would write an empty text as "", but NULL as nothing."""

    def line(self, cells: list[str]) -> str:
        return ", ".join(f"nullif({cell}, '')" for cell in cells)

    def blocks(self, query: str, given: Mapping[str, Any]) -> Iterator[bytes]:
        driver: Any = self.session.connection().connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY ({pyformat(query)}) TO STDOUT (FORMAT csv)", given) as lines:
            while block := b"".join([bytes(line)[:-1] + b"\r\n" for line in islice(lines, BATCH)]):
                yield block

    def number(self, column: str) -> str:
        """As Python writes a float."""
        whole = f"CAST({column} AS BIGINT) || '.0'"
        if self.whole:
            return whole
        return f"CASE WHEN {column} = trunc({column}) THEN {whole} ELSE CAST({column} AS TEXT) END"


_LINES: dict[str, type[_SqliteLines] | type[_PostgreSqlLines]] = {
    "sqlite": _SqliteLines,
    "postgresql": _PostgreSqlLines,
}
