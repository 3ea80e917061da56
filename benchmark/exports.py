"""EXPORTS: rows of a level → CSV and its kin, streamed; numbers are not rounded, text is guarded."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from benchmark import results
from benchmark.core.codebook import CODEBOOK, Column, Kind, Level
from benchmark.core.formula_guard import guarded
from benchmark.store.csv_lines import probe_lines
from benchmark.store.queries_exports import stream
from benchmark.store.tables import Campaign

Batches = Iterable[list[tuple[Any, ...]]]
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Export:
    """One kind of download; `write` turns rows into bytes as they come."""

    kind: str
    suffix: str
    media_type: str
    write: Callable[[tuple[Column, ...], Batches], Iterator[bytes]]


def export(session: Session, campaign: Campaign, kind: str, level: Level, as_of: datetime) -> Iterator[bytes]:
    """The bytes of one download, piece by piece. The same `as_of` gives the same bytes."""
    if kind == "csv" and level is Level.PROBES:
        facts = results.brand_facts_of(session, campaign)
        return _finished(CODEBOOK[level], probe_lines(session, campaign.id or 0, as_of, facts))
    return EXPORTS[kind].write(CODEBOOK[level], rows_of(session, campaign, level, as_of))


def _finished(columns: tuple[Column, ...], blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield (",".join(column.name for column in columns) + "\r\n").encode()
    yield from blocks


def rows_of(session: Session, campaign: Campaign, level: Level, as_of: datetime) -> Batches:
    """Rows of a level in the order of its codebook, text guarded, in batches."""
    if level is Level.LEADERBOARD:
        table = results.leaderboard(session, campaign, as_of)
        return [[tuple(_guarded_cell(cell) for cell in row.values()) for row in table.rows]]
    facts = results.brand_facts_of(session, campaign)
    return stream(session, level, campaign.id or 0, as_of, facts)


def _guarded_cell(cell: object) -> object:
    return guarded(cell) if isinstance(cell, str) else cell


def _csv(columns: tuple[Column, ...], batches: Batches, **dialect: Any) -> Iterator[bytes]:
    """RFC 4180 with CRLF; each batch is one piece."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, **dialect)
    writer.writerow([column.name for column in columns])
    for batch in batches:
        writer.writerows(batch)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue().encode()


def write_csv(columns: tuple[Column, ...], batches: Batches) -> Iterator[bytes]:
    return _csv(columns, batches)


def write_excel_en(columns: tuple[Column, ...], batches: Batches) -> Iterator[bytes]:
    """Comma and a byte-order mark, so that Excel reads UTF-8."""
    yield BOM
    yield from _csv(columns, batches)


def write_excel_de(columns: tuple[Column, ...], batches: Batches) -> Iterator[bytes]:
    """Semicolon, decimal comma, dd.mm.yyyy hh:mm (UTC)."""
    yield BOM
    shapers = [_GERMAN.get(column.kind, _same) for column in columns]
    shaped = (
        [tuple(shape(cell) for shape, cell in zip(shapers, row, strict=True)) for row in batch] for batch in batches
    )
    yield from _csv(columns, shaped, delimiter=";")


def _same(cell: object) -> object:
    return cell


def _german_number(cell: object) -> object:
    return repr(cell).replace(".", ",") if isinstance(cell, float) else cell


def _german_instant(cell: object) -> object:
    return datetime.fromisoformat(cell).strftime("%d.%m.%Y %H:%M") if isinstance(cell, str) and cell else cell


def _german_date(cell: object) -> object:
    return date.fromisoformat(cell).strftime("%d.%m.%Y") if isinstance(cell, str) and cell else cell


_GERMAN: dict[Kind, Callable[[object], object]] = {
    Kind.NUMBER: _german_number,
    Kind.INSTANT: _german_instant,
    Kind.DATE: _german_date,
}

EXPORTS: dict[str, Export] = {
    row.kind: row
    for row in (
        Export("csv", ".csv", "text/csv; charset=utf-8", write_csv),
        Export("csv-excel-de", ".csv", "text/csv; charset=utf-8", write_excel_de),
        Export("csv-excel-en", ".csv", "text/csv; charset=utf-8", write_excel_en),
    )
}
"""Kinds that hold one level. A new one is one row here; `xlsx` and `zip` hold several and live beside."""
