"""One small finished campaign for all page tests, and a client that asks for its pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache, StrictUndefined
from sqlalchemy import Engine
from sqlmodel import Session

from benchmark.settings import Settings
from benchmark.store.session import engine_for, reading
from tests.web import sample_data
from web.app import create_app


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once_and_strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Many tests make an app of their own, and each would compile every template anew.

    A name no page was given fails here; for readers it stays empty, since a page with a gap is better than none.
    """
    kept = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": kept, "undefined": StrictUndefined}
        )
        yield


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    chosen = Settings(data_dir=Path(tmp_path_factory.mktemp("pages")), run_token="token-of-this-run")
    sample_data.write(chosen)
    return chosen


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def record(settings: Settings) -> Iterator[Session]:
    with reading(engine_for(settings.database)) as session:
        yield session


@pytest.fixture
def engine(own: Settings) -> Engine:
    """Of a study that the test writes itself; its module says as `own` how it is set up."""
    return engine_for(own.database)


@pytest.fixture
def pages(own: Settings) -> Iterator[FlaskClient]:
    with create_app(own).test_client() as client:
        yield client
