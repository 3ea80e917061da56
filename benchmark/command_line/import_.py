"""`replymark import`: measurements collected elsewhere."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from benchmark import imports
from benchmark.command_line.times import INSTANT
from benchmark.core.import_cells import RowError
from benchmark.core.problems import BadInput
from benchmark.settings import load_settings
from benchmark.store.session import engine_for, upgrade
from benchmark.wall_clock import real_now

MOST_TOLD = 1000


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--campaign", required=True, metavar="NAME", help="Name of the campaign that is created.")
@click.option("--as-of", type=INSTANT, help="When the rows were last looked at (default: now).")
@click.option("--timezone", metavar="ZONE", help="Zone of times that carry none, e.g. Europe/Berlin.")
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
def import_(file: Path, campaign: str, as_of: datetime | None, timezone: str | None, dry_run: bool) -> None:
    """Imports a CSV of probes as a campaign of its own: all rows or none.

    Columns: probe_id, brand, company, sector, country, channel, inquiry, wave, sent_at, acknowledged_at,
    acknowledged_by, first_human_reply_at, answered_at, followed_up_at, bounced_at, exclusion.
    """
    _check_name(campaign)
    engine = engine_for(load_settings().database)
    upgrade(engine)
    done = imports.import_file(
        engine,
        file,
        campaign,
        as_of=as_of or real_now(),
        zone=_zone(timezone),
        dry_run=dry_run,
        tell=_Teller(),
    )
    said = "would be imported" if dry_run else "imported"
    click.echo(f"{done.rows} probes of {done.brands} brands {said} as campaign {done.campaign}")
    for reason, count in sorted(done.exclusions.items()):
        click.echo(f"  {count} excluded from the figures: {reason.replace('_', ' ')}")


class _Teller:
    """Says each fault on a line of its own, and stops when the screen has had enough."""

    def __init__(self) -> None:
        self.told = 0

    def __call__(self, error: RowError) -> None:
        self.told += 1
        if self.told <= MOST_TOLD:
            click.echo(str(error), err=True)
        elif self.told == MOST_TOLD + 1:
            click.echo("… and more", err=True)


def _check_name(name: str) -> None:
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise BadInput("--campaign", f"{name[:60]!r} is no name", "use up to 100 printable characters")


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadInput("--timezone", f"{name!r} is no IANA zone", "write e.g. Europe/Berlin") from None
