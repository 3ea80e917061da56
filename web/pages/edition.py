"""A published leaderboard as it was frozen: its table, what it depended on, and the file with its hash."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue

from benchmark.core.codebook import CODEBOOK, Kind, Level
from benchmark.core.vocabulary import LeaderboardClass
from benchmark.store.queries_editions import edition_numbered, editions_of
from benchmark.store.tables import Edition
from web.boards import chosen_campaign
from web.conditional import conditional
from web.parameters import BadParameter
from web.record import record

Cells = dict[str, Any]
_PARSED = {Kind.NUMBER: float, Kind.INTEGER: int}


@conditional
def page(name: str, number: int) -> ResponseReturnValue:
    line, edition = _found(name, number)
    rows = _rows(edition.leaderboard)
    later = [other for other in editions_of(record(), line.id) if other.corrects == number]
    return render_template(
        "edition.html",
        campaign=line,
        corrected_by=later[0] if later else None,
        edition=edition,
        method=edition.method,
        ranked=[row for row in rows if row["rank"] is not None],
        unranked=[row for row in rows if row["rank"] is None],
    )


def file(name: str, number: int) -> ResponseReturnValue:
    """The CSV, byte for byte as it was published."""
    _line, edition = _found(name, number)
    response = Response(edition.leaderboard, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="leaderboard-edition-{edition.number}.csv"'
    response.set_etag(edition.leaderboard_sha256)
    return response


def _found(name: str, number: int) -> tuple[Any, Edition]:
    try:
        line = chosen_campaign(name)
    except BadParameter:
        abort(404)
    edition = edition_numbered(record(), line.id, number) if line else None
    if edition is None:
        abort(404)
    return line, edition


def _rows(content: bytes) -> list[Cells]:
    """Rows of the published CSV with their types; empty cells are None."""
    kinds = {column.name: column.kind for column in CODEBOOK[Level.LEADERBOARD]}
    found = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    rows = [{name: _typed(kinds.get(name, Kind.TEXT), cell) for name, cell in row.items()} for row in found]
    return [row | {"class": LeaderboardClass(row["class"])} for row in rows]


def _typed(kind: Kind, cell: str) -> Any:
    return None if cell == "" else _PARSED.get(kind, str)(cell)
