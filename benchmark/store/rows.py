"""Rows as rows: where many are meant, or one often, a session's way with objects costs more than the database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def table_of(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel does not tell of it
    return table


def ask(session: Session, statement: Executable, **values: Any) -> Any:
    """A CursorResult in this session's transaction; objects that wait to be written are not flushed before."""
    return session.connection().execute(statement, values)


def insert_into(session: Session, model: type[SQLModel]) -> Any:
    """An INSERT that may say what to do about rows that are there."""
    dialect = postgresql if session.connection().dialect.name == "postgresql" else sqlite
    return dialect.insert(table_of(model))


def write_rows(session: Session, model: type[SQLModel], values: Sequence[dict[str, Any]]) -> None:
    """Every column without a default in the database must be given."""
    if values:
        session.connection().execute(_insert(model), values)


def write_row(session: Session, model: type[SQLModel], values: dict[str, Any]) -> int:
    """The same for one row; gives its id."""
    written = session.connection().execute(_insert_for_id(model), values).scalar_one()
    return int(written)


@cache
def _insert(model: type[SQLModel]) -> Any:
    return insert(table_of(model))


@cache
def _insert_for_id(model: type[SQLModel]) -> Any:
    return insert(table_of(model)).returning(table_of(model).c.id)
