"""`replymark db`: the tables and their versions."""

from __future__ import annotations

import click

from benchmark.settings import load_settings
from benchmark.store.session import engine_for, schema_version
from benchmark.store.session import upgrade as upgrade_tables


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables to this version; safe to repeat."""
    engine = engine_for(load_settings().database)
    upgrade_tables(engine)
    click.echo(f"{engine.url.render_as_string(hide_password=True)}: schema {schema_version(engine)}")
