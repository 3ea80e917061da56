"""Every download by its kind: one level as CSV, a workbook, or the whole data package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from benchmark.core.codebook import Level
from benchmark.data_package import write_package
from benchmark.exports import EXPORTS, export, rows_of
from benchmark.method import method_of
from benchmark.store.tables import Campaign
from benchmark.workbook import write_workbook


@dataclass(frozen=True)
class Wish:
    """What of a campaign is wanted, as of which moment."""

    session: Session
    campaign: Campaign
    level: Level
    as_of: datetime


@dataclass(frozen=True)
class Download:
    """A kind of file. `write` needs a real file, for it goes back to its beginning."""

    kind: str
    suffix: str
    media_type: str
    write: Callable[[Wish, Path], None]


def _one_level(kind: str) -> Callable[[Wish, Path], None]:
    def write(wish: Wish, out: Path) -> None:
        with out.open("wb") as stream:
            for piece in export(wish.session, wish.campaign, kind, wish.level, wish.as_of):
                stream.write(piece)

    return write


def _workbook(wish: Wish, out: Path) -> None:
    levels = dict.fromkeys((Level.LEADERBOARD, wish.level))
    sheets = {level: rows_of(wish.session, wish.campaign, level, wish.as_of) for level in levels}
    method = method_of(wish.session, wish.campaign, wish.as_of)
    write_workbook(out, sheets, [(name, str(value)) for name, value in method.items()])


def _package(wish: Wish, out: Path) -> None:
    write_package(out, wish.session, wish.campaign, wish.as_of)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOWNLOADS: dict[str, Download] = {
    row.kind: row
    for row in (
        *(Download(found.kind, found.suffix, found.media_type, _one_level(kind)) for kind, found in EXPORTS.items()),
        Download("xlsx", ".xlsx", XLSX, _workbook),
        Download("zip", ".zip", "application/zip", _package),
    )
}
