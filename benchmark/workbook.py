"""The xlsx download: typed cells, frozen heads, codebook and method on sheets of their own, no formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from benchmark.core.codebook import CODEBOOK, GUARD_RULE, Column, Kind, Level
from benchmark.core.problems import BadInput
from benchmark.exports import Batches

MOST_ROWS = 1_048_575
SAFE = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}


def write_workbook(path: Path, sheets: Mapping[Level, Batches], method: Sequence[tuple[str, str]]) -> None:
    """Writes one sheet a level. Raises BadInput where a level has more rows than a sheet can hold."""
    with xlsxwriter.Workbook(str(path), SAFE) as book:
        book.set_properties({"title": "Replymark", "created": datetime(2000, 1, 1)})  # noqa: DTZ001 - same bytes again
        head = book.add_format({"bold": True, "bottom": 1})
        times = {
            Kind.INSTANT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            Kind.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for level, batches in sheets.items():
            _write_level(book.add_worksheet(level.value), level, batches, head, times)
        _write_codebook(book.add_worksheet("codebook"), list(sheets), head)
        _write_method(book.add_worksheet("method"), method, head)


def _write_level(sheet: Any, level: Level, batches: Batches, head: Any, times: Mapping[Kind, Any]) -> None:
    columns = CODEBOOK[level]
    _write_head(sheet, [column.name for column in columns], head)
    line = 0
    for batch in batches:
        for row in batch:
            line += 1
            if line > MOST_ROWS:
                raise BadInput(level.value, "has more rows than a spreadsheet can hold", "use --kind csv or zip")
            for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
                _write_cell(sheet, line, place, column, cell, times)


def _write_cell(sheet: Any, line: int, place: int, column: Column, cell: object, times: Mapping[Kind, Any]) -> None:
    if cell is None or cell == "":
        return
    if column.kind in times:
        moment = datetime.fromisoformat(str(cell)).replace(tzinfo=None)
        sheet.write_datetime(line, place, moment, times[column.kind])
    elif isinstance(cell, bool):
        sheet.write_boolean(line, place, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(line, place, cell)
    else:
        sheet.write_string(line, place, str(cell))


def _write_head(sheet: Any, names: Sequence[str], head: Any) -> None:
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(names):
        sheet.write_string(0, place, name, head)


def _write_codebook(sheet: Any, levels: Sequence[Level], head: Any) -> None:
    _write_head(sheet, ["level", "column", "type", "unit", "meaning", "Bedeutung"], head)
    rows = [(level, column) for level in levels for column in CODEBOOK[level]]
    for line, (level, column) in enumerate(rows, start=1):
        words = (level.value, column.name, column.kind.value, column.unit, column.meaning.en, column.meaning.de)
        for place, word in enumerate(words):
            sheet.write_string(line, place, word)
    for place, word in ((4, GUARD_RULE.en), (5, GUARD_RULE.de)):
        sheet.write_string(len(rows) + 1, place, word)


def _write_method(sheet: Any, method: Sequence[tuple[str, str]], head: Any) -> None:
    _write_head(sheet, ["setting", "value"], head)
    for line, (name, value) in enumerate(method, start=1):
        sheet.write_string(line, 0, name)
        sheet.write_string(line, 1, value)
