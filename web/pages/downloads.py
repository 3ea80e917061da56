"""Downloads with the same parameters as the pages they belong to, in the columns of the codebook."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from flask import Response
from flask.typing import ResponseReturnValue
from pydantic import field_validator

from benchmark import exports, results
from benchmark.core.codebook import CODEBOOK, Level
from benchmark.core.formula_guard import guarded
from benchmark.downloads import DOWNLOADS, Wish
from benchmark.exports import Batches
from benchmark.store import queries_pages
from benchmark.store.session import engine_for, reading
from web.boards import BoardQuery, board, chosen_campaign
from web.conditional import conditional
from web.parameters import BadParameter, Query, parsed
from web.record import record, stand
from web.security import settings

BLOCK = 262_144


class ProbesQuery(Query):
    """One campaign, or one brand of it."""

    campaign: str = ""
    brand: str = ""


class DownloadQuery(Query):
    """One file. Without a moment it is the newest state; with one it is the same bytes again."""

    campaign: str = ""
    level: Level = Level.LEADERBOARD
    kind: str = "csv"
    as_of: datetime | None = None

    @field_validator("kind")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in DOWNLOADS:
            raise ValueError("is no kind of download")
        return value

    @field_validator("as_of")
    @classmethod
    def _with_zone(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("has no zone")
        return value


@conditional
def leaderboard_csv() -> ResponseReturnValue:
    """Numbers are not rounded; an empty cell is undefined, not reached or not recorded."""
    shown = board(parsed(BoardQuery))
    rows = shown.table.rows if shown else ()
    cells = [tuple(guarded(cell) if isinstance(cell, str) else cell for cell in row.values()) for row in rows]
    return _csv("leaderboard.csv", exports.write_csv(CODEBOOK[Level.LEADERBOARD], [cells]))


@conditional
def probes_csv() -> ResponseReturnValue:
    """One row per probe, the silent ones too; streamed, so that a large campaign fits."""
    query = parsed(ProbesQuery)
    line = chosen_campaign(query.campaign)
    brand = queries_pages.brand_by_slug(record(), query.brand) if query.brand else None
    if query.brand and brand is None:
        raise BadParameter("brand", query.brand)
    if line is None:
        return _csv("probes.csv", exports.write_csv(CODEBOOK[Level.PROBES], []))
    engine = engine_for(settings().database)
    pieces = _probes(engine, line.name, line.as_of or stand().as_of, brand.name if brand else "")
    return _csv("probes.csv", pieces)


def _probes(engine: Any, campaign: str, as_of: datetime, brand: str) -> Iterator[bytes]:
    """Reads in a transaction of its own: the request's ends before the last piece is sent."""
    with reading(engine) as session:
        found = results.find_campaign(session, campaign)
        batches = exports.rows_of(session, found, Level.PROBES, as_of)
        yield from exports.write_csv(CODEBOOK[Level.PROBES], _of_brand(batches, brand) if brand else batches)


def _of_brand(batches: Batches, brand: str) -> Batches:
    place = [column.name for column in CODEBOOK[Level.PROBES]].index("brand")
    name = guarded(brand)
    return ([row for row in batch if row[place] == name] for batch in batches)


def _csv(name: str, pieces: Iterator[bytes]) -> Response:
    response = Response(pieces, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def download() -> ResponseReturnValue:
    """Streamed where rows can be written as they come; a workbook and a package are made first."""
    query = parsed(DownloadQuery)
    line = chosen_campaign(query.campaign)
    if line is None:
        raise BadParameter("campaign", query.campaign)
    found = DOWNLOADS[query.kind]
    as_of = query.as_of or line.as_of or stand().as_of
    stem = "replymark" if query.kind == "zip" else query.level.value
    if query.kind in exports.EXPORTS:
        pieces = _streamed(engine_for(settings().database), line.name, query, as_of)
    else:
        pieces = _made(line.name, query, as_of)
    response = Response(pieces, content_type=found.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}{found.suffix}"'
    return response


def _streamed(engine: Any, campaign: str, query: DownloadQuery, as_of: datetime) -> Iterator[bytes]:
    """Reads in a transaction of its own: the request's ends before the last piece is sent."""
    with reading(engine) as session:
        yield from exports.export(session, results.find_campaign(session, campaign), query.kind, query.level, as_of)


def _made(campaign: str, query: DownloadQuery, as_of: datetime) -> Iterator[bytes]:
    """Made whole before the first piece, so that what cannot be made is said on a page; the file has lost its name."""
    with tempfile.TemporaryDirectory(prefix="replymark-download-") as folder:
        path = Path(folder) / "file"
        wish = Wish(record(), results.find_campaign(record(), campaign), query.level, as_of)
        DOWNLOADS[query.kind].write(wish, path)
        stream = path.open("rb")
    return _blocks(stream)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while block := stream.read(BLOCK):
            yield block
