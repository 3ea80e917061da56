"""Sessions and migrations on both databases."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, func, select

from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import ChannelKind
from benchmark.store import session as session_module
from benchmark.store.session import (
    ChangeWatcher,
    check_current,
    engine_for,
    one_statement,
    reading,
    retried,
    schema_version,
    transaction,
    upgrade,
)
from benchmark.store.tables import Brand, ContactPoint, RawMessage
from tests.databases import PostgreSQL

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_the_migrations_build_exactly_the_tables_of_the_code() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "tools/check_migrations"], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    before = schema_version(engine)

    upgrade(engine)

    assert schema_version(engine) == before
    check_current(engine)


def test_a_database_of_a_newer_version_is_refused(engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(BadInput, match="newer Replymark"):
        check_current(engine)


def test_an_empty_database_names_the_command_that_fills_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"is empty.*replymark db upgrade"):
        check_current(engine_for(f"sqlite:///{tmp_path / 'empty.sqlite'}"))


def test_an_address_that_is_no_database_is_refused() -> None:
    with pytest.raises(BadInput, match="DATABASE_URL"):
        engine_for("nonsense")


def test_an_exception_rolls_everything_back(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(engine)

    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(Brand)).one() == 0


def test_one_statement_is_kept_at_once(engine: Engine) -> None:
    with one_statement(engine) as session:
        session.execute(sqlalchemy.insert(Brand).values(slug="kept", name="Kept"))
        if engine.dialect.name == "postgresql":  # before it is left
            with reading(engine) as other:
                assert other.exec(select(func.count()).select_from(Brand)).one() == 1

    with pytest.raises(ZeroDivisionError):
        _write_and_fail(engine)  # the connection that was lent knows transactions again
    with reading(engine) as session:
        assert session.exec(select(Brand.slug)).all() == ["kept"]


def _write_and_fail(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(Brand(slug="a", name="A"))
        session.flush()
        _ = 1 / 0


def test_foreign_keys_hold(engine: Engine) -> None:
    with pytest.raises(IntegrityError), transaction(engine) as session:
        session.add(ContactPoint(brand_id=99, channel=ChannelKind.EMAIL, address="a@a.example"))


def test_many_writers_wait_for_each_other(engine: Engine) -> None:
    """With the driver's deferred BEGIN about half of these commits fail with "database is locked"."""
    with transaction(engine) as session:
        session.add(Brand(slug="count", name="0"))

    def add_one_25_times() -> None:
        for _ in range(25):
            with transaction(engine) as session:
                row = session.exec(select(Brand).where(Brand.slug == "count").with_for_update()).one()
                row.name = str(int(row.name) + 1)

    threads = [threading.Thread(target=add_one_25_times) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with reading(engine) as session:
        assert session.exec(select(Brand.name)).one() == "100"


def test_a_watcher_sees_the_commits_of_others(sqlite_engine: Engine) -> None:
    watcher = ChangeWatcher(sqlite_engine)
    watcher.changed()

    quiet = watcher.changed()
    with transaction(sqlite_engine) as session:
        session.add(Brand(slug="a", name="A"))
    loud = watcher.changed()

    assert (quiet, loud) == (False, True)


@pytest.mark.real
def test_a_connection_that_the_server_closed_while_it_rested_is_opened_again(
    cluster: PostgreSQL, postgresql_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "RESTED_S", 0.0)
    engine = engine_for(cluster.database(postgresql_template))
    with reading(engine) as session:
        pid = session.execute(sqlalchemy.text("SELECT pg_backend_pid()")).scalar_one()
    admin = sqlalchemy.create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
    admin.dispose()

    with transaction(engine) as session:
        again = session.execute(sqlalchemy.text("SELECT pg_backend_pid()")).scalar_one()

    assert again != pid
    engine.dispose()


@pytest.mark.real
def test_raw_mail_is_packed_the_quick_way(cluster: PostgreSQL, postgresql_template: str) -> None:
    engine = engine_for(cluster.database(postgresql_template))
    with reading(engine) as session:
        session.rollback()  # the choice holds for the connection, not for a transaction
    with transaction(engine) as session:
        session.add(RawMessage(sha256="ab", size=40_000, content=b"Guten Tag, " * 4_000))

    with reading(engine) as session:
        used = session.scalar(sqlalchemy.text("SELECT pg_column_compression(content) FROM raw_message"))
        kept = session.exec(select(RawMessage.content)).one()
    engine.dispose()

    assert used == "lz4"
    assert kept == b"Guten Tag, " * 4_000


@pytest.mark.real
def test_of_two_that_wait_for_each_other_both_come_through(cluster: PostgreSQL, postgresql_template: str) -> None:
    engine = engine_for(cluster.database(postgresql_template))
    with transaction(engine) as session:
        session.add_all([Brand(slug="a", name="A"), Brand(slug="b", name="B")])
    met = threading.Barrier(2, timeout=20)
    tries: list[str] = []

    def rename(first: str, second: str) -> None:
        def work(session: Session) -> None:
            tries.append(first)
            for slug in (first, second):
                session.execute(sqlalchemy.update(Brand).where(col(Brand.slug) == slug).values(company=first))
                if slug == first and len(tries) <= 2:
                    met.wait()

        retried(engine, work)

    threads = [threading.Thread(target=rename, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with reading(engine) as session:
        companies = session.exec(select(Brand.company)).all()
    engine.dispose()
    assert len(tries) == 3  # PostgreSQL ended one of them, which was done again
    assert companies == [tries[2]] * 2


def test_what_fails_otherwise_is_not_tried_again(sqlite_engine: Engine) -> None:
    tries: list[int] = []

    def work(session: Session) -> None:
        tries.append(1)
        session.execute(sqlalchemy.text("SELECT nothing FROM nowhere"))

    with pytest.raises(OperationalError):
        retried(sqlite_engine, work)
    assert len(tries) == 1
