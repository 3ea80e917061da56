"""`replymark edition`: published leaderboards that stay as they are."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from benchmark import editions, results
from benchmark.command_line.times import INSTANT
from benchmark.core.problems import BadInput
from benchmark.settings import load_settings
from benchmark.store.queries_editions import editions_of
from benchmark.store.session import check_current, engine_for, reading, transaction
from benchmark.store.tables import Edition
from benchmark.wall_clock import study_now

CAMPAIGN = click.option("--campaign", required=True, metavar="NAME", help="Which campaign.")
NUMBER = click.option("--number", required=True, type=click.IntRange(min=1), help="Which edition.")


@click.group()
def edition() -> None:
    """Publish leaderboards that stay as they are, check and export them."""


@edition.command()
@CAMPAIGN
@click.option("--as-of", type=INSTANT, help="Moment that is frozen, with its zone (default: as `leaderboard`).")
@click.option("--corrects", type=click.IntRange(min=1), metavar="N", help="Number of the edition this one replaces.")
@click.option("--because", default="", metavar="TEXT", help="What was wrong with it.")
def publish(campaign: str, as_of: datetime | None, corrects: int | None, because: str) -> None:
    """Freeze the leaderboard with its method and the SHA-256 of its data."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    with transaction(engine) as session:
        found, now = results.find_campaign(session, campaign), study_now(session)
        moment = as_of or results.default_as_of(session, found)
        made = editions.publish(session, found, moment, now=now, corrects=corrects, because=because)
        click.echo(f"{campaign}: {_line(made)}")


@edition.command("list")
@CAMPAIGN
def list_(campaign: str) -> None:
    """One line an edition."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    with reading(engine) as session:
        for found in editions_of(session, results.find_campaign(session, campaign).id or 0):
            click.echo(_line(found))


@edition.command()
@CAMPAIGN
@click.option("--number", type=click.IntRange(min=1), help="Which edition (default: all).")
def verify(campaign: str, number: int | None) -> None:
    """Rebuild editions and compare byte for byte; exit status 1 where one comes out differently."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    with reading(engine) as session:
        found = results.find_campaign(session, campaign)
        wanted = (
            editions_of(session, found.id or 0) if number is None else [editions.find_edition(session, found, number)]
        )
        checked = [editions.verify(session, found, one) for one in wanted]
    for result in checked:
        said = "the same bytes" if result.holds else f"differs: {', '.join(result.differs)}"
        click.echo(f"edition {result.edition.number}: {said}")
    if not all(result.holds for result in checked):
        sys.exit(1)


@edition.command("export")
@CAMPAIGN
@NUMBER
@click.option("--kind", type=click.Choice(["csv", "zip"]), default="csv", show_default=True)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File, or - for the screen."
)
def export_(campaign: str, number: int, kind: str, out: Path) -> None:
    """Write the leaderboard as published (csv), or the data package of the edition (zip)."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    with reading(engine) as session:
        found = results.find_campaign(session, campaign)
        wanted = editions.find_edition(session, found, number)
        try:
            if kind == "zip":
                editions.export_edition(session, found, wanted, _a_file(out))
            elif out == Path("-"):
                sys.stdout.buffer.write(wanted.leaderboard)
            else:
                out.write_bytes(wanted.leaderboard)
        except OSError as problem:
            raise BadInput(str(out), f"cannot be written: {problem.strerror}", "choose another place") from None


def _a_file(out: Path) -> Path:
    if out == Path("-"):
        raise BadInput("--out", "this kind cannot be written to the screen", "name a file")
    return out


def _line(found: Edition) -> str:
    instead = f", corrects edition {found.corrects}: {found.because}" if found.corrects else ""
    return f"edition {found.number} as of {found.as_of.isoformat()}, data {found.data_sha256}{instead}"
