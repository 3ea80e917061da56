"""Runs migrations over the engine handed in, in one transaction; batch mode because SQLite alters no columns."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from benchmark.store import tables  # noqa: F401  # filling the metadata


def run() -> None:
    engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
