"""`replymark leaderboard`: the ranking of a campaign as a table, CSV or JSON."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from datetime import datetime
from io import TextIOWrapper
from typing import TextIO

import click
from rich.console import Console
from rich.table import Table

from benchmark import results
from benchmark.command_line.times import INSTANT
from benchmark.core.formula_guard import guarded
from benchmark.core.leaderboard import LEADERBOARD_COLUMNS, By, Denominators, Leaderboard, LeaderboardRow
from benchmark.core.observed import Clock
from benchmark.core.vocabulary import LeaderboardClass
from benchmark.settings import load_settings
from benchmark.store.session import check_current, engine_for, reading

CLOCKS = {Clock.CALENDAR: "clock time", Clock.BUSINESS: "business time", Clock.PUBLISHED: "time in published hours"}


def write_csv(table: Leaderboard, out: TextIO) -> None:
    """RFC 4180: comma, CRLF, empty = undefined; numbers are not rounded, texts are guarded as in every download."""
    writer = csv.writer(out)
    writer.writerow(LEADERBOARD_COLUMNS)
    writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row.values()] for row in table.rows)


def write_json(table: Leaderboard, out: TextIO) -> None:
    """What was asked, how the probes came down to those that count, and the rows."""
    counts = table.denominators
    json.dump(
        {
            "as_of": table.as_of.isoformat(),
            "by": table.by,
            "clock": table.clock,
            "rank_by": table.rank_by,
            "min_n": table.min_n,
            "formula": table.formula.text,
            "denominators": {
                "assigned": counts.assigned,
                "waiting": counts.waiting,
                **counts.excluded,
                "delivered": counts.delivered,
                "mature": counts.mature,
            },
            "rows": [dict(zip(LEADERBOARD_COLUMNS, row.values(), strict=True)) for row in table.rows],
        },
        out,
        ensure_ascii=False,
        allow_nan=False,
        indent=1,
    )
    out.write("\n")


def write_table(table: Leaderboard, out: TextIO) -> None:
    """What fits a terminal: estimates with their intervals; the rest is in the CSV."""
    grid = Table(title=_title(table), caption=_caption(table), caption_justify="left", title_justify="left")
    for head, justify in _HEADS:
        grid.add_column(head, justify="right" if justify else "left", overflow="fold")
    for row in table.rows:
        grid.add_row(*_cells(row, table.rank_by))
    width = None if out.isatty() else 160
    Console(file=out, width=width, highlight=False).print(grid)


FORMATS: dict[str, Callable[[Leaderboard, TextIO], None]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
}

_HEADS = (
    ("rank", True),
    ("brand", False),
    ("n", True),
    ("acknowledged", True),
    ("within 24 h", True),
    ("median h", True),
    ("answered", True),
    ("followed up", True),
    ("score", True),
)


def _cells(row: LeaderboardRow, rank_by: str) -> tuple[str, ...]:
    return (
        _rank(row),
        row.brand,
        f"{row.mature}/{row.n}",
        _percent(row.ack_rate, row.ack_rate_low, row.ack_rate_high),
        _percent(row.within_24h, row.within_24h_low, row.within_24h_high),
        _number(row.median_hours, row.median_low, row.median_high, "not reached") if row.n else "",
        _percent(row.answered_rate, row.answered_rate_low, row.answered_rate_high),
        _percent(row.followup_rate, row.followup_rate_low, row.followup_rate_high),
        _number(row.score, row.score_low, row.score_high, ""),
    )


def _rank(row: LeaderboardRow) -> str:
    if row.rank is None:
        return row.class_.replace("_", " ")
    return str(row.rank) if row.rank_low == row.rank_high else f"{row.rank} ({row.rank_low}–{row.rank_high})"


def _percent(value: float | None, low: float | None, high: float | None) -> str:
    if value is None or low is None or high is None:
        return ""
    return f"{100 * value:.0f}% ({100 * low:.0f}–{100 * high:.0f})"


def _number(value: float | None, low: float | None, high: float | None, missing: str) -> str:
    if value is None:
        return missing
    if low is None and high is None:
        return f"{value:.1f}"
    return f"{value:.1f} ({_limit(low)}–{_limit(high)})"


def _limit(limit: float | None) -> str:
    return "…" if limit is None else f"{limit:.1f}"


def _title(table: Leaderboard) -> str:
    return f"by {table.by}, as of {table.as_of:%Y-%m-%d %H:%M} UTC, {CLOCKS[table.clock]}"


def _caption(table: Leaderboard) -> str:
    few = sum(row.class_ is LeaderboardClass.TOO_FEW for row in table.rows)
    note = f"\n{few} with fewer than {table.min_n} mature probes stand below, unranked." if few else ""
    return f"score = {table.formula.text}\n{denominators_text(table.denominators)}{note}"


def denominators_text(counts: Denominators) -> str:
    """E.g. "assigned 60 · send error 1 · barrier 4 · bounced 2 · delivered 53 · mature 48"."""
    parts = [("assigned", counts.assigned), ("waiting", counts.waiting)]
    parts += [(reason.replace("_", " "), count) for reason, count in counts.excluded.items()]
    shown = [f"{name} {count}" for name, count in parts if count or name == "assigned"]
    return " · ".join([*shown, f"delivered {counts.delivered}", f"mature {counts.mature}"])


@click.command()
@click.option("--campaign", required=True, metavar="NAME", help="Which campaign.")
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), default="table", show_default=True)
@click.option("--as-of", type=INSTANT, help="Moment asked about, with its zone; later events have not happened.")
@click.option("--by", type=click.Choice([word.value for word in By]), default="brand", show_default=True)
@click.option("--clock", type=click.Choice([word.value for word in Clock]), default="calendar", show_default=True)
@click.option("--rank-by", default="score", show_default=True, metavar="COLUMN", help="Score or a share column.")
@click.option("--min-n", type=click.IntRange(min=1), help="Fewest mature probes for a rank (default: the campaign's).")
@click.option("--sector", multiple=True, help="Only these; may be given several times. So may the next ones.")
@click.option("--country", multiple=True)
@click.option("--channel", multiple=True)
@click.option("--wave", multiple=True)
@click.option("--inquiry", multiple=True)
def leaderboard(
    campaign: str,
    kind: str,
    as_of: datetime | None,
    by: str,
    clock: str,
    rank_by: str,
    min_n: int | None,
    sector: tuple[str, ...],
    country: tuple[str, ...],
    channel: tuple[str, ...],
    wave: tuple[str, ...],
    inquiry: tuple[str, ...],
) -> None:
    """The ranking of a campaign. Shares are 0..1, scores 0..100, times hours."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    with reading(engine) as session:
        table = results.leaderboard(
            session,
            results.find_campaign(session, campaign),
            as_of,
            by=By(by),
            clock=Clock(clock),
            rank_by=rank_by,
            min_n=min_n,
            filters=results.Filters(sector, country, channel, wave, inquiry),
        )
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    FORMATS[kind](table, sys.stdout)
