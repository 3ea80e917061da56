"""CSV files of others, read as a stream in batches of rows; whatever is no CSV in UTF-8 is refused in one line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from benchmark.core.problems import BadInput

LONGEST_CELL = 131_072  # characters, the standard library's own default
LONGEST_LINE = 1_000_000
BATCH = 10_000  # rows
LARGEST_BATCH = 4_000_000  # characters
BLOCK = 250_000  # characters read at once
AT_ONCE = 50  # rows read before looking how large the batch is
FOREIGN = {
    b"\xff\xfe": "is UTF-16",
    b"\xfe\xff": "is UTF-16",
    b"PK\x03\x04": "is a spreadsheet or zip file",
    b"\x1f\x8b": "is compressed with gzip",
    b"%PDF": "is a PDF",
    b"\xd0\xcf\x11\xe0": "is an old Excel file",
    b"SQLite format 3": "is a database",
}


Stop = csv.Error | UnicodeDecodeError | BadInput
Rows = tuple[Sequence[int], list[list[str]]]  # the line each begins in, and its cells


def csv_batches(path: Path) -> Iterator[Rows]:
    """The first row that is not blank alone, then the others in batches. Raises BadInput for what is no CSV in UTF-8.

    What was read before a fault of the file is given before the fault is raised.
    """
    _refuse_foreign(path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        csv.field_size_limit(LONGEST_CELL)  # of the whole process; libraries set it to no limit at all
        source = _Lines(stream, path)
        reader = csv.reader(chain.from_iterable(source), strict=True)
        line, most = 1, 1
        while True:
            rows: list[list[str]] = []
            problem = _fill(rows, reader, source, most)
            lines = _lines_of(rows, line, reader.line_num)
            line = lines.pop()
            if all(rows):
                found: Rows = lines, rows
            else:
                found = [number for number, row in zip(lines, rows, strict=True) if row], [row for row in rows if row]
            if found[1]:
                most = BATCH
                yield found
            if problem is not None:
                raise _file_problem(path, line, problem)
            if not rows:
                return


def _fill(rows: list[list[str]], reader: Iterator[list[str]], source: _Lines, most: int) -> Stop | None:
    """Reads on until the batch is full, by rows or by characters; gives what stopped it before."""
    full_at = source.characters + LARGEST_BATCH
    try:
        while len(rows) < most and source.characters <= full_at:
            before = len(rows)
            rows.extend(islice(reader, min(AT_ONCE, most - before)))  # keeps what came before a fault
            if len(rows) == before:
                break
    except (csv.Error, UnicodeDecodeError, BadInput) as problem:
        return problem
    return None


def _lines_of(rows: Sequence[Sequence[str]], first: int, last: int) -> list[int]:
    """The line each row begins in, and the one after the last: cells with line breaks take several."""
    if last - first + 1 == len(rows):
        return list(range(first, first + len(rows) + 1))
    lines = [first]
    for row in rows:
        breaks = sum(cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in row)
        lines.append(lines[-1] + 1 + breaks)
    return lines


class _Lines:
    """Blocks of lines as the CSV reader wants them, none of them endless."""

    def __init__(self, stream: TextIO, path: Path) -> None:
        self._stream, self._path = stream, path
        self.characters = 0

    def __iter__(self) -> Iterator[list[str]]:
        number, rest = 0, ""
        while block := self._stream.read(BLOCK):
            self.characters += len(block)
            lines = StringIO(rest + block, newline="").readlines()
            # The last line may go on in the next block, and a carriage return may be half of a line's end.
            rest = "" if lines[-1].endswith("\n") else lines.pop()
            self._check(number, [*lines, rest] if "\0" in block or len(rest) >= LONGEST_LINE else [])
            number += len(lines)
            yield lines
        if rest:
            yield [rest]

    def _check(self, before: int, lines: Sequence[str]) -> None:
        for number, line in enumerate(lines, start=before + 1):
            if "\0" in line:
                raise _bad_line(self._path, number, "holds a NUL character", "save the file as plain text")
            if len(line) >= LONGEST_LINE:
                raise _bad_line(self._path, number, "is longer than a million characters", "is it a CSV file?")


def _bad_line(path: Path, line: int, problem: str, remedy: str) -> BadInput:
    return BadInput(f"{path.name}, line {line}", problem, remedy)


def _file_problem(path: Path, line: int, problem: Stop) -> BadInput:
    if isinstance(problem, BadInput):
        return problem
    if isinstance(problem, UnicodeDecodeError):
        return _bad_line(path, _undecodable_line(path), "is not in UTF-8", "save the file as UTF-8")
    return _bad_line(path, line, _csv_problem(problem), _CSV_REMEDY)


_CSV_REMEDY = "close the quotes; a quote inside a cell is written twice"


def _csv_problem(problem: csv.Error) -> str:
    if "field larger" in str(problem) or "unexpected end" in str(problem):
        return "a quote is opened and never closed"
    return f"is no CSV ({problem})"


def _refuse_foreign(path: Path) -> None:
    if not path.is_file():
        raise BadInput(str(path), "there is no such file", "check the path")
    with path.open("rb") as stream:
        start = stream.read(16)
    for mark, problem in FOREIGN.items():
        if start.startswith(mark):
            raise BadInput(path.name, problem, "save it as CSV in UTF-8")
    if start[1:2] == b"\0" or start[:1] == b"\0":
        raise BadInput(path.name, "is UTF-16 or binary", "save it as CSV in UTF-8")


def _undecodable_line(path: Path) -> int:
    number = 0
    with path.open("rb") as stream:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE), b""), start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return number
