"""Engines and transactions for SQLite (default) and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, OperationalError, SQLAlchemyError
from sqlmodel import Session

from benchmark.core.problems import BadInput
from benchmark.wall_clock import monotonic

T = TypeVar("T")
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 15_000
RESTED_S = 2.0
_TRIES = 3
_DEADLOCK = "40P01"
_CHOOSE_LZ4 = """SELECT set_config(name, 'lz4', false) FROM pg_settings
    WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"""
UNREADABLE = (SQLAlchemyError, BadInput)
"""What asking raises where the database is away or locked, has no such tables, or has no usable address."""


@lru_cache(maxsize=8)
def engine_for(url: str) -> Engine:
    """One engine per URL and process. Raises BadInput for an address that is no database URL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise BadInput("DATABASE_URL", f"{url!r} is no database address", "e.g. postgresql://user@host/name") from None
    try:
        if parsed.get_backend_name() == "sqlite":
            return _sqlite_engine(url, parsed.database)
        engine = create_engine(url)
    except ImportError:
        raise BadInput("DATABASE_URL", "PostgreSQL needs a driver", "pip install 'replymark[postgresql]'") from None
    except ArgumentError:
        words = f"{parsed.drivername} is no kind of database we know"
        raise BadInput("DATABASE_URL", words, "use sqlite or postgresql") from None
    _try_what_rested(engine)
    _pack_quickly(engine)
    return engine


def _pack_quickly(engine: Engine) -> None:
    """Raw mail is packed by lz4 where PostgreSQL has it (14 and newer, nearly all builds): its own way costs double."""

    @event.listens_for(engine, "connect")
    def _choose(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_CHOOSE_LZ4)
        connection.commit()  # a choice within a transaction that is rolled back is forgotten


def _try_what_rested(engine: Engine) -> None:
    """A connection that was used a moment ago is taken for alive: a trial costs as much as a question."""

    @event.listens_for(engine, "checkin")
    def _rests(_connection: Any, record: Any) -> None:
        record.info["since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def _wakes(connection: Any, record: Any, _proxy: Any) -> None:
        if monotonic() - record.info.get("since", monotonic()) > RESTED_S and not _is_alive(engine, connection):
            raise DisconnectionError("the server has closed it")


def _is_alive(engine: Engine, connection: Any) -> bool:
    try:
        return engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False


def _sqlite_engine(url: str, path: str | None) -> Engine:
    if path and path != ":memory:":
        _make_folder(Path(path).parent)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN is deferred: two writers then meet "locked" in the middle. We begin ourselves.
        connection.isolation_level = None
        # FULL: a claim that a power failure forgot would be sent a second time.
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        remedy = "check its permissions, or set REPLYMARK_DATA_DIR (or DATABASE_URL) to another place"
        raise BadInput(str(folder), f"cannot be made ({problem.strerror})", remedy) from None


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A writing transaction: commits at the end, rolls back on any exception."""
    with _turn(engine), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def retried(engine: Engine, work: Callable[[Session], T]) -> T:
    """What `work` gives in a writing transaction. Where it and another one wait for each other, PostgreSQL ends one of
    them (SQLSTATE 40P01): nothing of it was kept, so it is done again."""
    tries_left = _TRIES
    while True:
        try:
            with transaction(engine) as session:
                return work(session)
        except OperationalError as problem:
            tries_left -= 1
            if not tries_left or getattr(problem.orig, "sqlstate", None) != _DEADLOCK:
                raise


@contextmanager
def one_statement(engine: Engine) -> Iterator[Session]:
    """A writing transaction of nothing but one statement: PostgreSQL is spared the words before and behind it."""
    if engine.dialect.name == "sqlite":  # where it must stand in the line of writers
        with transaction(engine) as session:
            yield session
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection, Session(connection) as session:
        yield session


def _turn(engine: Engine) -> AbstractContextManager[object]:
    """SQLite lets one write and the others sleep longer and longer; threads of one process need not find out so."""
    return _writer_of(engine) if engine.dialect.name == "sqlite" else nullcontext()


@lru_cache(maxsize=8)
def _writer_of(_engine: Engine) -> AbstractContextManager[object]:
    return threading.RLock()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A reading transaction: sees one state of the database and never waits for a writer."""
    with engine.connect().execution_options(reading=True) as connection, Session(connection) as session:
        yield session


class ChangeWatcher:
    """Tells for almost nothing whether anybody has committed since the last look (SQLite; elsewhere always yes).

    SQLite's `PRAGMA data_version` changes for a connection when another one commits; this one never writes.
    """

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.raw_connection() if engine.dialect.name == "sqlite" else None
        self._seen: int | None = None

    def changed(self) -> bool:
        if self._connection is None:
            return True
        cursor = self._connection.cursor()
        version: int = cursor.execute("PRAGMA data_version").fetchone()[0]
        cursor.close()
        seen, self._seen = self._seen, version
        return version != seen


def _alembic(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine) -> None:
    """Brings the tables to this software's version. Raises BadInput when the database is newer or cannot be opened."""
    check_not_newer(engine)
    command.upgrade(_alembic(engine), "head")


def schema_version(engine: Engine) -> str | None:
    try:
        with engine.connect().execution_options(reading=True) as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except OperationalError as problem:
        raise BadInput("database", _first_line(problem), "see `replymark doctor`") from None


def check_not_newer(engine: Engine) -> None:
    current = schema_version(engine)
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if current is not None and current not in known:
        raise BadInput(
            "database",
            f"was written by a newer Replymark (schema {current})",
            "install that version, or restore a backup made before the upgrade",
        )


def check_current(engine: Engine) -> None:
    """Raises BadInput unless the tables are exactly those of this version."""
    check_not_newer(engine)
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    version = schema_version(engine)
    if version is None:
        raise BadInput("database", "is empty", "`replymark db upgrade` (or `replymark serve`) fills it")
    if version != head:
        raise BadInput("database", "its tables are of an older version", "run `replymark db upgrade`")


def _first_line(problem: OperationalError) -> str:
    return str(problem.orig).strip().splitlines()[0]
