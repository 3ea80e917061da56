"""Rows as rows: where many are meant, or one often, a session's way with objects costs more than the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Dialect,
    Executable,
    Table,
    TypeDecorator,
    bindparam,
    insert,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel


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
