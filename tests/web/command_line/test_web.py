"""`replymark web` says in one line why it does not start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark.core.problems import BadInput
from benchmark.settings import Settings
from benchmark.store.session import engine_for, upgrade
from web.command_line.web import web


def started(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> BaseException | None:
    monkeypatch.setenv("REPLYMARK_DATA_DIR", str(folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return CliRunner().invoke(web, list(arguments)).exception


def test_tables_of_an_older_version_are_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    problem = started(monkeypatch, tmp_path, "--port", "0")

    assert isinstance(problem, BadInput)
    assert "replymark db upgrade" in str(problem)


def test_a_taken_port_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    upgrade(engine_for(Settings(data_dir=tmp_path).database))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        problem = started(monkeypatch, tmp_path, "--port", str(port))

    assert isinstance(problem, BadInput)
    assert str(problem).startswith(f"127.0.0.1:{port}: ")
    assert "--port" in str(problem)
