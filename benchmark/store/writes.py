"""Several small writes as one question, where the database can: each question costs more than what it writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import bindparam, update
from sqlalchemy.dialects import postgresql
from sqlmodel import Session, SQLModel

from benchmark.store.rows import Meeting, ask, met, table_of, write_rows


@dataclass(frozen=True)
class Insert:
    """A new row; every column without a default in the database must be given."""

    model: type[SQLModel]
    values: dict[str, Any]
    meeting: Meeting = Meeting.FAILS


@dataclass(frozen=True)
class Update:
    """These columns of the row with this id."""

    model: type[SQLModel]
    id: int
    values: dict[str, Any]


Write: TypeAlias = Insert | Update
_Form: TypeAlias = tuple[type[SQLModel], tuple[str, ...], Meeting | None]  # None: an UPDATE


def write_together(session: Session, writes: Sequence[Write]) -> None:
    """All of them, or none. No two may change the same row, and none may rest on what another one changes.

    PostgreSQL takes them as the parts of one statement, each in a WITH (data-modifying statements, all of which see
    what was there before); SQLite one after the other.
    """
    if len(writes) > 1 and session.connection().dialect.name == "postgresql":
        ask(session, _together(tuple(map(_form, writes))), **dict(_parameters(writes)))
        return
    for write in writes:
        if isinstance(write, Insert):
            write_rows(session, write.model, [write.values], write.meeting)
        else:
            ask(session, _statement(0, _form(write)), **dict(_parameters([write])))


def _form(write: Write) -> _Form:
    return write.model, tuple(write.values), write.meeting if isinstance(write, Insert) else None


def _parameters(writes: Sequence[Write]) -> Iterator[tuple[str, Any]]:
    for number, write in enumerate(writes):
        yield from ((_name(number, column), value) for column, value in write.values.items())
        if isinstance(write, Update):
            yield _name(number), write.id


def _name(number: int, column: str = "") -> str:
    """Of a parameter; without a column that of the row which is changed."""
    return f"write_{number}_{column}"


@cache
def _together(forms: tuple[_Form, ...]) -> Any:
    *others, last = (_statement(number, form) for number, form in enumerate(forms))
    return last.add_cte(*(statement.cte(f"write_{number}") for number, statement in enumerate(others)))


@cache
def _statement(number: int, form: _Form) -> Any:
    model, columns, meeting = form
    table = table_of(model)
    values: dict[str, Any] = {
        column: bindparam(_name(number, column), type_=table.c[column].type) for column in columns
    }
    if meeting is None:
        return update(table).where(table.c.id == bindparam(_name(number))).values(values)
    return met(postgresql.insert(table).values(values), model, columns, meeting)
