"""Rows as rows: where many are meant, or one often, a session's way with objects costs more than the database."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    Boolean,
    ColumnElement,
    Dialect,
    Executable,
    Table,
    TypeDecorator,
    bindparam,
    column,
    insert,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel

_DIALECTS: dict[str, Dialect] = {
    "postgresql": postgresql.dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy does not say
    "sqlite": sqlite.dialect(),
}


def table_of(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel does not tell of it
    return table


def ask(session: Session, statement: Executable, **values: Any) -> Any:
    """A CursorResult in this session's transaction; objects that wait to be written are not flushed before."""
    return session.connection().execute(statement, values)


class _OneOf(FunctionElement[bool]):
    """`column IN (many values)` whose text is the same however many there are: drivers read long texts slowly."""

    name = "one_of"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> _OneOf:
        """A comparison already: without this, SQLite would be asked whether it equals 1, and look into no index."""
        return self


class _Many(TypeDecorator[Any]):
    """Numbers or words as one value."""

    impl = NullType
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))


def many(name: str) -> Any:
    """A parameter of that name that stands for many values, for `one_of`."""
    return bindparam(name, type_=_Many())


def one_of(column: Any, values: Any) -> ColumnElement[bool]:
    """Is the column's value among these numbers or words? `values` are they, or the parameter of `many`."""
    given = values if isinstance(values, BindParameter) else bindparam(None, values, type_=_Many(), unique=True)
    return _OneOf(column, given)


@compiles(_OneOf, "postgresql")
def _any_of_array(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **how)} = ANY ({compiler.process(values, **how)})"


@compiles(_OneOf)
def _in_json(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **how)} IN (SELECT value FROM json_each({compiler.process(values, **how)}))"


class Meeting(StrEnum):
    """What becomes of a new row whose key is there already."""

    FAILS = "fails"
    LEAVES = "leaves"  # the old row stays as it is
    REPLACES = "replaces"  # known by its primary key, the old row takes the new values


def write_rows(
    session: Session, model: type[SQLModel], values: Sequence[dict[str, Any]], meeting: Meeting = Meeting.FAILS
) -> None:
    """Rows with the same columns; every column without a default in the database must be given.

    PostgreSQL takes them all in one question, as JSON: one for each costs it and its driver several times as much.
    """
    if not values:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql" and len(values) > 1:
        statement = _insert_together(model, connection.dialect.name, tuple(values[0]), meeting)
        connection.execute(statement, {"rows": _as_json(model, connection.dialect.name, values)})
    else:
        connection.execute(_insert(model, connection.dialect.name, meeting), values)


def write_rows_for(
    session: Session,
    model: type[SQLModel],
    values: Sequence[dict[str, Any]],
    key: str,
    meeting: Meeting = Meeting.FAILS,
) -> dict[Any, int]:
    """The same in one question; gives the id of each row that was written, by its value of the column `key`."""
    if not values:
        return {}
    connection = session.connection()
    statement = _insert_together(model, connection.dialect.name, tuple(values[0]), meeting, key)
    written = connection.execute(statement, {"rows": _as_json(model, connection.dialect.name, values)})
    return {row[0]: row[1] for row in written}


def write_row(session: Session, model: type[SQLModel], values: dict[str, Any]) -> int:
    """The same for one row; gives its id."""
    written = session.connection().execute(_insert_for_id(model), values).scalar_one()
    return int(written)


def _dialect(name: str) -> Any:
    return postgresql if name == "postgresql" else sqlite


@cache
def _insert(model: type[SQLModel], dialect: str, meeting: Meeting) -> Any:
    return met(_dialect(dialect).insert(table_of(model)), model, tuple(table_of(model).c.keys()), meeting)


@cache
def _insert_together(
    model: type[SQLModel], dialect: str, names: tuple[str, ...], meeting: Meeting, returning: str = ""
) -> Any:
    """An INSERT of the rows in the parameter `rows` (JSON); `returning` names a column to give with the ids."""
    table = table_of(model)
    chosen: Any
    if dialect == "postgresql":
        given = text(f"json_populate_recordset(CAST(NULL AS {table.name}), CAST(:rows AS json))")
        chosen = select(*map(column, names)).select_from(given)
    else:
        members: list[Any] = [literal_column(f"json_extract(value, '$.{name}')") for name in names]
        # Without WHERE, SQLite takes ON CONFLICT for a join.
        chosen = select(*members).select_from(text("json_each(:rows)")).where(text("true"))
    statement = _dialect(dialect).insert(table).from_select(names, chosen, include_defaults=False)
    statement = met(statement, model, names, meeting)
    return statement.returning(table.c[returning], table.c.id) if returning else statement


def met(statement: Any, model: type[SQLModel], names: Sequence[str], meeting: Meeting) -> Any:
    """An INSERT of these columns with what becomes of rows whose key is there already."""
    if meeting is Meeting.FAILS:
        return statement
    if meeting is Meeting.LEAVES:
        return statement.on_conflict_do_nothing()
    keys = [key.name for key in table_of(model).primary_key]
    changes = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changes)


def _as_json(model: type[SQLModel], dialect: str, values: Sequence[dict[str, Any]]) -> str:
    """Rows as the database reads them from JSON."""
    prepared = [(name, _prepared(model, dialect, name)) for name in values[0]]
    rows = [{name: prepare(row[name]) if prepare else row[name] for name, prepare in prepared} for row in values]
    return json.dumps(rows, ensure_ascii=False, default=_as_text)


@cache
def _prepared(model: type[SQLModel], dialect: str, name: str) -> Callable[[Any], Any] | None:
    """What makes a column's value one the database knows; PostgreSQL has JSON within JSON as it is."""
    kind = table_of(model).c[name].type
    is_given = dialect == "postgresql" and isinstance(kind, JSON)
    return None if is_given else kind.dialect_impl(_DIALECTS[dialect]).bind_processor(_DIALECTS[dialect])


def _as_text(value: date | datetime) -> str:
    return value.isoformat()


@cache
def _insert_for_id(model: type[SQLModel]) -> Any:
    return insert(table_of(model)).returning(table_of(model).c.id)
