"""The study's mailboxes and the raw mail that came in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, LargeBinary, UniqueConstraint
from sqlmodel import Field

from benchmark.core.vocabulary import MailTrouble
from benchmark.store.tables.base import SQLModel, word


class MailboxRow(SQLModel, table=True):
    """A study mailbox and how far it has been read."""

    __tablename__ = "mailbox"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    uidvalidity: int = Field(default=0, sa_type=BigInteger)
    last_uid: int = Field(default=0, sa_type=BigInteger)
    fetched_at: datetime | None = None  # of the last mail
    looked_at: datetime | None = None  # real time of the last look that went well
    error: str = ""  # while it is away
    error_at: datetime | None = None  # of the last error, also when it is over
    last_error: str = ""
    trouble: MailTrouble | None = Field(default=None, sa_type=word(MailTrouble))  # kind of the last error
    next_try_at: datetime | None = None  # while it is away
    way: str = ""  # idle | polling
    # Plain fields of the settings' own MailAccount, as the process that reads it knows them; empty for all others.
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class MailAccountRow(SQLModel, table=True):
    """A study mailbox that somebody added: servers, log-in, addresses, rate; its bookmark is in `mailbox`.

    `details` are the plain fields of a MailAccount; `secret` is sealed with a key that is not in the database.
    """

    __tablename__ = "mail_account"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    domain: str = Field(index=True)
    enabled: bool = True
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    secret: bytes = Field(sa_type=LargeBinary)
    created_at: datetime


class RawMessage(SQLModel, table=True):
    __tablename__ = "raw_message"

    sha256: str = Field(primary_key=True)
    size: int
    content: bytes = Field(sa_type=LargeBinary)


class MailboxItem(SQLModel, table=True):
    """One fetched mail: the same (mailbox, uidvalidity, uid) is the same item, nothing else."""

    __tablename__ = "mailbox_item"
    __table_args__ = (UniqueConstraint("mailbox_id", "uidvalidity", "uid"),)

    id: int | None = Field(default=None, primary_key=True)
    mailbox_id: int = Field(foreign_key="mailbox.id")
    uidvalidity: int = Field(sa_type=BigInteger)
    uid: int = Field(sa_type=BigInteger)
    sha256: str = Field(foreign_key="raw_message.sha256", index=True)
    internal_at: datetime
    fetched_at: datetime
    placed_at: datetime | None = Field(default=None, index=True)
    tries: int = 0  # that failed although nothing was read any more but its head
    error: str = ""  # of the last of them
    next_try_at: datetime | None = None  # real time
