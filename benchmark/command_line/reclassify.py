"""`replymark reclassify` and `replymark recompute`: everything after the raw reply can be computed again."""

from __future__ import annotations

import click

from benchmark import intake
from benchmark.outcome_keeping import refresh_outcome
from benchmark.settings import load_settings
from benchmark.store import queries
from benchmark.store.session import check_current, engine_for, reading, transaction
from benchmark.wall_clock import study_now

BATCH = 500


@click.command()
def reclassify() -> None:
    """Run the present rules over all stored mail; new verdicts are added, none is overwritten."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    with transaction(engine) as session:
        added = intake.reclassify(session, now=study_now(session))
    click.echo(f"{added} verdicts added")


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
