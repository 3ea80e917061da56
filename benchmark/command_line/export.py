"""`replymark export`: downloads."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from benchmark import results
from benchmark.command_line.times import INSTANT
from benchmark.core.codebook import Level
from benchmark.core.problems import BadInput
from benchmark.downloads import DOWNLOADS, Wish
from benchmark.exports import EXPORTS, export
from benchmark.settings import load_settings
from benchmark.store.session import check_current, engine_for, reading


@click.command("export")
@click.option("--campaign", required=True, metavar="NAME", help="Which campaign.")
@click.option("--kind", type=click.Choice(list(DOWNLOADS)), default="csv", show_default=True)
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
        wish = Wish(session, found, Level(level), as_of or results.default_as_of(session, found))
        if out == Path("-"):
            _to_screen(wish, kind)
            return
        try:
            DOWNLOADS[kind].write(wish, out)
        except OSError as problem:
            raise BadInput(str(out), f"cannot be written: {problem.strerror}", "choose another place") from None


def _to_screen(wish: Wish, kind: str) -> None:
    if kind not in EXPORTS:
        raise BadInput("--out", "this kind cannot be written to the screen", "name a file")
    for piece in export(wish.session, wish.campaign, kind, wish.level, wish.as_of):
        sys.stdout.buffer.write(piece)
