"""Fixtures of all tests: an engine on each kind of database, freshly migrated."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmark.settings import Settings
from benchmark.store.session import engine_for, upgrade
from tests import databases


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    engine = engine_for(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def study(sqlite_template: Path) -> Callable[..., Settings]:
    """Sets up a study in a folder: its settings, with a database that was migrated once and copied."""

    def set_up(folder: Path, **values: object) -> Settings:
        chosen = Settings(data_dir=folder, **values)  # type: ignore[arg-type]
        shutil.copy(sqlite_template, chosen.database.removeprefix("sqlite:///"))
        return chosen

    return set_up


@pytest.fixture(scope="session")
def cluster() -> Iterator[databases.PostgreSQL]:
    with databases.postgresql() as running:
        yield running


@pytest.fixture(scope="session")
def postgresql_template(cluster: databases.PostgreSQL) -> str:
    url = cluster.database()
    engine = engine_for(url)
    upgrade(engine)
    engine.dispose()
    return url.rpartition("/")[2]


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "test.sqlite")
    return f"sqlite:///{tmp_path / 'test.sqlite'}"


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    engine = engine_for(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The verbs and the store are tested on both databases."""
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        cluster, template = request.getfixturevalue("cluster"), request.getfixturevalue("postgresql_template")
        url = cluster.database(template)
    made = engine_for(url)
    yield made
    made.dispose()
