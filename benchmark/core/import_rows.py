"""Rows of measurements collected elsewhere, read in batches, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from benchmark.core.import_cells import (
    EARLIEST,
    IMPORT_COLUMNS,
    LATEST,
    TIMES,
    WORD_READERS,
    CellFault,
    RowError,
    microseconds_of,
    text_of,
)
from benchmark.core.values import Windows
from benchmark.core.vocabulary import Exclusion

MOST_KNOWN = 50_000  # spellings remembered of a column
WORDS = tuple(name for name in IMPORT_COLUMNS if name not in TIMES)
NEVER = np.iinfo(np.int64).min

Waits = NDArray[np.float64]
"""Shape (rows,): seconds, NaN where it did not happen."""


@dataclass(frozen=True)
class ImportedBatch:
    """Rows without a fault, as columns of one length; waits in seconds from t0, as in the table `outcome`."""

    lines: Sequence[int]
    words: Mapping[str, Sequence[str]]  # by the name of the column; "" where nothing was said
    waits: Mapping[str, Waits]

    def __len__(self) -> int:
        return len(self.lines)


@dataclass
class BatchReader:
    """Turns rows of cells into an ImportedBatch, or into the list of all faults of the batch, in their order."""

    header: tuple[str, ...]
    zone: ZoneInfo | None = None
    windows: Windows = field(default_factory=Windows)

    def __post_init__(self) -> None:
        self._readers = {name: _reader(name, self.zone) for name in self.header}
        self._known: dict[str, dict[str, Any]] = {name: {} for name in self.header}

    def read(self, lines: Sequence[int], rows: Sequence[Sequence[str]]) -> ImportedBatch | list[RowError]:
        try:
            columns = dict(zip(self.header, zip(*rows, strict=True), strict=True))
            found = {name: self._column(name, cells) for name, cells in columns.items()}
        except ValueError:  # a CellFault, or rows of unequal length
            return list(self._faults(lines, rows))
        words = {name: found.get(name) or [""] * len(lines) for name in WORDS}
        sent = found["sent_at"]
        untold = np.flatnonzero(sent == NEVER).tolist()
        if not all(words["probe_id"]) or not all(words["brand"]) or not all(words["exclusion"][at] for at in untold):
            return list(self._faults(lines, rows))
        times = {name: found[name] if name in found else np.full(len(lines), NEVER) for name in TIMES}
        waits, reasons = waits_of(times, self.windows)
        words["exclusion"] = [said or reason for said, reason in zip(words["exclusion"], reasons, strict=True)]
        nobody = np.isnan(waits["acknowledged_s"]).tolist()
        words["acknowledged_by"] = [
            "" if none else said for none, said in zip(nobody, words["acknowledged_by"], strict=True)
        ]
        return ImportedBatch(lines, words, waits)

    def _column(self, name: str, cells: Sequence[str]) -> Any:
        """Values of a column, in the order of its cells: times as an array, words as a list. Raises CellFault."""
        if name not in TIMES:
            return self._values(name, cells)
        try:
            return utc_instants(cells)
        except ValueError:  # written in another way, or wrong
            return np.array([NEVER if at is None else at for at in self._values(name, cells)], dtype=np.int64)

    def _values(self, name: str, cells: Sequence[str]) -> list[Any]:
        reader, known = self._readers[name], self._known[name]
        if name == "probe_id":
            return list(map(reader, cells))
        try:
            return list(map(known.__getitem__, cells))
        except KeyError:
            spellings = set(cells)
            if len(known) + len(spellings) > MOST_KNOWN:
                known.clear()
            known.update((cell, reader(cell)) for cell in spellings - known.keys())
            return list(map(known.__getitem__, cells))

    def _faults(self, lines: Sequence[int], rows: Sequence[Sequence[str]]) -> Iterator[RowError]:
        for line, row in zip(lines, rows, strict=True):
            if len(row) != len(self.header):
                problem = f"has {len(row)} cells, the header names {len(self.header)}"
                yield RowError(line, "row", ",".join(row[:3]), problem, "check commas and quotes")
            else:
                yield from self._faults_of_row(line, row)

    def _faults_of_row(self, line: int, row: Sequence[str]) -> Iterator[RowError]:
        found: dict[str, Any] = {}
        faulty: set[str] = set()
        for name, cell in zip(self.header, row, strict=True):
            try:
                found[name] = self._readers[name](cell)
            except CellFault as fault:
                faulty.add(name)
                yield RowError(line, name, cell, fault.problem, fault.remedy)
        for name, remedy in (("probe_id", "give each row its own id"), ("brand", "name the brand")):
            if not found.get(name) and name not in faulty:
                yield RowError(line, name, "", "is empty", remedy)
        told = _told(found.get("sent_at"), found.get("exclusion", ""))
        if not told and not {"sent_at", "exclusion"} & faulty:
            yield RowError(line, "sent_at", "", "is empty", "give the time, or the reason in 'exclusion'")


def _reader(name: str, zone: ZoneInfo | None) -> Callable[[str], Any]:
    if name in TIMES:
        return lambda cell: microseconds_of(cell, zone)
    return WORD_READERS.get(name, text_of)


def _told(sent: int | None, exclusion: str) -> bool:
    """A row says when the probe was sent, or why it was not."""
    return sent is not None or bool(exclusion)


def utc_instants(cells: Sequence[str]) -> NDArray[np.int64]:
    """Microseconds since 1970 of cells that are all like 2026-05-01T12:00:00Z or empty (NEVER), all at once.

    Raises ValueError for any other cell, a date that does not exist, and a year out of range.
    """
    filled = [cell for cell in cells if cell]
    if not all(len(cell) == 20 and cell[10] == "T" and cell[19] == "Z" for cell in filled):
        raise ValueError("not all are whole seconds in UTC")
    found = np.full(len(cells), NEVER)
    if filled:
        at = np.array([cell[:19] for cell in filled], dtype="datetime64[us]")
        if at.min() < np.datetime64(f"{EARLIEST}-01-01") or at.max() >= np.datetime64(f"{LATEST}-01-01"):
            raise ValueError("a year lies out of range")
        found[np.fromiter(map(bool, cells), bool, len(cells))] = at.astype(np.int64)
    return found


def waits_of(times: Mapping[str, NDArray[np.int64]], windows: Windows) -> tuple[dict[str, Waits], list[str]]:
    """The rules of `outcomes.py` for rows that tell only first times: seconds from t0, and why a row is excluded.

    `times` has the columns TIMES of shape (rows,) in microseconds since 1970, NEVER where empty. A person's reply
    without further detail counts as substantive; a follow-up counts only after an answer; a bounce is terminal,
    within its window; a reply before the sending excludes the row and keeps its times on record.
    """
    sent = times["sent_at"]
    acknowledged, human, answered, followed, bounced = (_after(times[name], sent) for name in _LATER)
    answered = np.where(np.isnan(answered), human, answered)
    # Whole seconds, as receipts have them: a reply in the second of sending came with it.
    grace = -np.where(sent == NEVER, 0, sent % 1_000_000) / 1e6
    invalid = np.logical_or.reduce([wait < grace for wait in (acknowledged, human, answered, followed, bounced)])
    bounces = ~invalid & (bounced <= windows.bounce.total_seconds())
    waits = {"t0_s": np.where(sent == NEVER, np.nan, sent / 1e6)}
    for name, wait in (("acknowledged_s", acknowledged), ("human_s", human), ("substantive_s", answered)):
        counted = np.where(bounces & (wait > bounced), np.nan, np.maximum(wait, 0.0))
        waits[name] = np.where(invalid, wait, counted)
    counts = ~bounces & (followed > waits["substantive_s"])
    waits["followed_up_s"] = np.where(invalid | counts, followed, np.nan)
    waits["bounced_s"] = np.where(invalid, bounced, np.where(bounces, np.maximum(bounced, 0.0), np.nan))
    reasons = np.where(invalid, Exclusion.REPLY_BEFORE_T0.value, np.where(bounces, Exclusion.BOUNCED.value, ""))
    return waits, reasons.tolist()


_LATER = ("acknowledged_at", "first_human_reply_at", "answered_at", "followed_up_at", "bounced_at")


def _after(at: NDArray[np.int64], sent: NDArray[np.int64]) -> Waits:
    known = (at != NEVER) & (sent != NEVER)
    return np.where(known, np.subtract(at, sent, where=known, out=np.zeros_like(at)) / 1e6, np.nan)
