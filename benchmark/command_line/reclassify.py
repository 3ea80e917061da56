"""`replymark reclassify` and `replymark recompute`: everything after the raw reply can be computed again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

import click
from sqlalchemy import Engine

from benchmark import intake
from benchmark.outcome_keeping import refresh_outcome
from benchmark.settings import load_settings
from benchmark.store import queries, queries_second_looks
from benchmark.store.session import check_current, engine_for, reading, transaction
from benchmark.wall_clock import study_now

BATCH = 500  # outcomes derived in one transaction
MAILS = 50  # classified again in one


@click.command()
def reclassify() -> None:
    """Run the present rules over all stored mail; new verdicts are added, none is overwritten."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    matched = verdicts = 0
    with reading(engine) as session:
        total = queries_second_looks.mail_count(session)
    with progress(total, sys.stderr) as advance:
        for reply_ids in _batches(engine):
            with transaction(engine) as session:
                done = intake.reclassify(session, reply_ids, now=study_now(session))
            matched, verdicts = matched + done.matched, verdicts + done.verdicts
            advance(len(reply_ids))
    click.echo(f"{verdicts} verdicts added, {matched} mails matched")


@contextmanager
def progress(total: int, out: TextIO) -> Iterator[Callable[[int], None]]:
    """Gives what is called with the number of mails that are done; a bar is drawn on a terminal only."""
    if not out.isatty():
        yield lambda _done: None
        return
    with click.progressbar(length=total, label="mails", file=out, show_pos=True) as bar:
        yield bar.update


def _batches(engine: Engine) -> Iterator[Sequence[int]]:
    """Replies by mail, a few at a time, so that nobody else waits long for the database."""
    last = 0
    while True:
        with reading(engine) as session:
            reply_ids = queries_second_looks.mail_ids_after(session, last, MAILS)
        if not reply_ids:
            return
        yield reply_ids
        last = reply_ids[-1]


@click.command()
def recompute() -> None:
    """Derive every outcome again from what is recorded."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    with reading(engine) as session:
        probes = queries.measured_probe_ids(session)
    for start in range(0, len(probes), BATCH):
        with transaction(engine) as session:
            for probe_id in probes[start : start + BATCH]:
                refresh_outcome(session, probe_id)
    click.echo(f"{len(probes)} outcomes derived")
