"""`replymark demo`: the whole instrument in a rehearsal world, from the first inquiry to the leaderboard."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from benchmark import campaigns
from benchmark.core.problems import BadInput
from benchmark.settings import Settings, load_settings
from benchmark.wall_clock import monotonic
from probes.runtime import Runtime
from probes.sandbox import rehearsal
from probes.supervisor import Supervisor, free_port

# The pace of the rehearsal in real seconds: short dwell (the sites' time traps match it), quick looks.
QUICK = {
    "REPLYMARK_DWELL_S": "0.3",
    "REPLYMARK_DWELL_JITTER_S": "0",
    "REPLYMARK_MAIL_PER_HOUR": "600",  # one mailbox stands for the dozen a study of this size would use
    "REPLYMARK_FIND_S": "1.5",
    "REPLYMARK_POLL_S": "0.5",
    "REPLYMARK_TICK_S": "0.005",
}
WIDTH_IN_FILES = 132
SHOWN = (
    ("rank", "#"),
    ("brand", "brand"),
    ("n", "n"),
    ("ack_rate", "acknowledged"),
    ("within_24h", "within 24 h"),
    ("median_hours", "median h"),
    ("answered_rate", "answered"),
    ("followup_rate", "followed up"),
    ("score", "score"),
)


@click.command()
@click.option("--once", is_flag=True, help="End by itself after the results.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the summary here.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="Seed of plan and world.  [default: the campaign's]")
@click.option("--brands", type=click.IntRange(1), help="Only the first so many brands.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the dashboard.  [default: a free one]")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="New or empty folder for all data.")
def demo(
    once: bool, json_file: Path | None, seed: int | None, brands: int | None, port: int, data: Path | None
) -> None:
    """Send real inquiries to fictional brands that really answer, and rank them.

    Nothing leaves this machine. Exit status 1 when an inquiry was sent twice or got lost.
    """
    if json_file is not None and not json_file.parent.is_dir():
        raise BadInput("--json", f"there is no folder {json_file.parent}", "name a file in an existing folder")
    _let_signals_interrupt()
    folder = _empty_folder(data)
    settings = _demo_settings(folder)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_IN_FILES
    started = monotonic()
    try:
        with Supervisor(folder) as supervisor:
            runtime = Runtime(supervisor, settings, folder, overrides=QUICK)
            facts = _rehearse(runtime, console, seed, brands, port, started)
            if json_file is not None:
                json_file.write_text(json.dumps(facts, indent=2, default=str) + "\n", encoding="utf-8")
            if not once:
                console.print("The dashboard keeps serving. Ctrl-C ends everything.")
                runtime.keep()
    except KeyboardInterrupt:
        console.print("\nStopped; every process has ended.")
        sys.exit(130 if once else 0)
    sys.exit(1 if facts["duplicates"] or facts["lost"] else 0)


def _rehearse(
    runtime: Runtime, console: Console, seed: int | None, brands: int | None, port: int, started: float
) -> dict[str, Any]:
    with_forms = runtime.look_for_browser()
    rehearsed = rehearsal.prepare(runtime.settings, runtime.folder, seed=seed, brands=brands, with_forms=with_forms)
    address = runtime.start_web("127.0.0.1", port or free_port())
    print(f"Dashboard: {address}/leaderboard", flush=True)  # noqa: T201  # plain, also when the output is a file
    if not with_forms:
        console.print("No browser starts here, so web forms are left out; `replymark doctor` says how to mend it.")
    runtime.start_redis()
    runtime.start_world(rehearsed.design.seed)
    runtime.start_hands()
    _follow(rehearsed, runtime, console)
    facts = rehearsal.summary(rehearsed, monotonic() - started)
    _print_board(console, facts)
    _print_check(console, facts)
    print(f"Dashboard: {address}/leaderboard\nCSV:       {address}/leaderboard.csv", flush=True)  # noqa: T201
    print(f"Data:      {runtime.folder}", flush=True)  # noqa: T201
    return facts


def _follow(rehearsed: rehearsal.Rehearsal, runtime: Runtime, console: Console) -> None:
    columns = (
        TextColumn("{task.fields[day]}"),
        BarColumn(),
        TextColumn(
            "planned {task.fields[planned]} · sent {task.fields[sent]} · acknowledged {task.fields[acknowledged]}"
            " · answered {task.fields[answered]} · closed {task.fields[closed]}"
        ),
    )
    with Progress(*columns, console=console, transient=False) as bar:
        task = bar.add_task("", total=None, day="", planned=0, sent=0, acknowledged=0, answered=0, closed=0)

        def show(progress: campaigns.Progress, now: datetime) -> None:
            done = progress.closed + progress.not_sent + progress.unconfirmed
            bar.update(
                task,
                total=2 * progress.total,
                completed=done + progress.sent + progress.not_sent + progress.unconfirmed,
                day=f"{now:%Y-%m-%d %H:%M}",
                planned=progress.planned + progress.due,
                sent=progress.sent,
                acknowledged=progress.acknowledged,
                answered=progress.answered,
                closed=progress.closed,
            )

        rehearsal.watch(rehearsed, runtime, show)


def _print_board(console: Console, facts: dict[str, Any]) -> None:
    table = Table(title="Leaderboard (rank with its range, score with its 95 % interval)", box=SIMPLE_HEAD)
    for name, heading in SHOWN:
        table.add_column(heading, justify="left" if name == "brand" else "right", no_wrap=True)
    for row in facts["leaderboard"]:
        table.add_row(*(_cell(row, name) for name, _ in SHOWN), style="" if row["rank"] else "dim")
    console.print(table)


def _cell(row: dict[str, Any], name: str) -> str:
    value = row[name]
    if name == "rank":
        return f"{value} ({row['rank_low']}–{row['rank_high']})" if value else str(row["class"]).replace("_", " ")
    if value is None:
        return "–"
    if name == "score":
        return f"{value:.0f} ({row['score_low']:.0f}–{row['score_high']:.0f})"
    if name == "median_hours":
        return f"{value:.1f}"
    return f"{value:.0%}" if isinstance(value, float) else str(value)


def _print_check(console: Console, facts: dict[str, Any]) -> None:
    error = facts["time_error_minutes"]
    console.print(
        f"Self-check against the truth ledger: {facts['sent']} of {facts['probes']} probes sent, "
        f"{facts['received_by_brands']} received, {facts['duplicates']} duplicates, {facts['lost']} lost; "
        f"{facts['found']} of {facts['planted']} planted events found, {facts['misclassified']} misclassified, "
        f"{facts['unmatched']} unmatched; largest error of time {error['max']:.2f} study minutes; "
        f"{facts['seconds']:.0f} s."
    )


def _demo_settings(folder: Path) -> Settings:
    """The demo's own values: a database of its own whatever DATABASE_URL says, short dwell, quick looks."""
    url = f"sqlite:///{folder / 'replymark.sqlite'}"
    return load_settings().model_copy(update={"data_dir": folder, "database_url": url, "redis_url": ""})


def _empty_folder(wanted: Path | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="replymark-demo-"))
    if wanted.exists() and any(wanted.iterdir()):
        raise BadInput("--data", f"{wanted} is not empty", "name a new folder; each demo starts afresh")
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted.resolve()


def _let_signals_interrupt() -> None:
    """SIGTERM and SIGHUP end the demo as Ctrl-C does, so that no process is left behind."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupt)
