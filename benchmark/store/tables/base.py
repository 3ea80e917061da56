"""How constraints are named, which has to be said before the first table, and how words of the field are stored."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Enum as SqlEnum
from sqlalchemy import MetaData
from sqlmodel import SQLModel

__all__ = ["SQLModel", "word"]

SQLModel.metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def word(kind: type[StrEnum]) -> Any:
    """Text by value without a CHECK, so that a new word needs no migration."""
    return SqlEnum(kind, values_callable=lambda words: [w.value for w in words], native_enum=False, length=32)
