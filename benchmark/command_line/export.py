"""`replymark export`: downloads."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
from sqlmodel import Session

from benchmark import results
from benchmark.command_line.times import INSTANT
from benchmark.core.codebook import Level
from benchmark.core.problems import BadInput
from benchmark.data_package import write_package
from benchmark.exports import EXPORTS, export, rows_of
from benchmark.method import method_of
from benchmark.settings import load_settings
from benchmark.store.session import check_current, engine_for, reading
from benchmark.store.tables import Campaign
from benchmark.workbook import write_workbook


@dataclass(frozen=True)
class Wish:
    """What is to be written where."""

    session: Session
    campaign: Campaign
    level: Level
    as_of: datetime
    out: Path


def _one_level(kind: str) -> Callable[[Wish], None]:
    def write(wish: Wish) -> None:
        pieces = export(wish.session, wish.campaign, kind, wish.level, wish.as_of)
        if wish.out == Path("-"):
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            return
        with wish.out.open("wb") as stream:
            for piece in pieces:
                stream.write(piece)

    return write


def _workbook(wish: Wish) -> None:
    levels = dict.fromkeys((Level.LEADERBOARD, wish.level))
    sheets = {level: rows_of(wish.session, wish.campaign, level, wish.as_of) for level in levels}
    method = method_of(wish.session, wish.campaign, wish.as_of)
    write_workbook(_a_file(wish.out), sheets, [(name, str(value)) for name, value in method.items()])


def _package(wish: Wish) -> None:
    write_package(_a_file(wish.out), wish.session, wish.campaign, wish.as_of)


def _a_file(out: Path) -> Path:
    if out == Path("-"):
        raise BadInput("--out", "this kind cannot be written to the screen", "name a file")
    return out


KINDS: dict[str, Callable[[Wish], None]] = {
    **{kind: _one_level(kind) for kind in EXPORTS},
    "xlsx": _workbook,
    "zip": _package,
}


@click.command("export")
@click.option("--campaign", required=True, metavar="NAME", help="Which campaign.")
@click.option("--kind", type=click.Choice(list(KINDS)), default="csv", show_default=True)
@click.option("--level", type=click.Choice([level.value for level in Level]), default="leaderboard", show_default=True)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File, or - for the screen."
)
@click.option("--as-of", type=INSTANT, help="Moment asked about, with its zone.")
def export_(campaign: str, kind: str, level: str, out: Path, as_of: datetime | None) -> None:
    """Writes a download: one level as CSV, a workbook, or the whole data package (zip)."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    with reading(engine) as session:
        found = results.find_campaign(session, campaign)
        try:
            KINDS[kind](Wish(session, found, Level(level), as_of or results.default_as_of(session, found), out))
        except OSError as problem:
            raise BadInput(str(out), f"cannot be written: {problem.strerror}", "choose another place") from None
