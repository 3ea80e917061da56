"""The command line as a user meets it: one line for every mistake, exit status 2, nothing half written."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest

from benchmark.command_line import Subcommands, main
from benchmark.store.session import engine_for, upgrade

REPLYMARK = Path(sys.executable).parent / "replymark"
ROOT = Path(__file__).resolve().parents[3]
CAMPAIGN = ROOT / "probes/sandbox/rehearsal.yaml"

pytestmark = pytest.mark.real  # each test starts the command


def replymark(*words: object, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {"REPLYMARK_DATA_DIR": str(folder), "PATH": os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run(
        [REPLYMARK, *map(str, words)],
        capture_output=True,
        text=True,
        env={**own, **environment},
        check=False,
        cwd=folder,
    )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "replymark.sqlite"
    upgrade(engine_for(f"sqlite:///{path}"))
    return path


def test_a_campaign_is_checked_planned_launched_steered(tmp_path: Path, database: Path) -> None:
    assert "can be launched" in replymark("campaign", "check", CAMPAIGN, folder=tmp_path).stdout
    assert "248 probes" in replymark("campaign", "plan", CAMPAIGN, folder=tmp_path).stdout
    assert "launched rehearsal" in replymark("campaign", "launch", CAMPAIGN, folder=tmp_path).stdout
    assert "rehearsal paused" in replymark("campaign", "pause", "rehearsal", folder=tmp_path).stdout
    assert "rehearsal resumed" in replymark("campaign", "resume", "rehearsal", folder=tmp_path).stdout
    assert "stopped for good" in replymark("campaign", "stop", "rehearsal", folder=tmp_path).stdout
    status = replymark("campaign", "status", "rehearsal", folder=tmp_path)
    assert status.stdout.splitlines()[0] == "rehearsal: stopped"


def test_planning_writes_nothing(tmp_path: Path) -> None:
    replymark("campaign", "plan", CAMPAIGN, folder=tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("campaign", "check", "nowhere.yaml"), "nowhere.yaml"),
        (("campaign", "status", "nobody"), "campaign nobody: there is none of this name"),
        (("campaign", "launch", CAMPAIGN), "is there already"),
        (("leaderboard", "--campaign", "nobody"), "nobody"),
        (("frobnicate",), "No such command"),
        (("demo", "--json", "no/such/folder/s.json"), "--json"),
        (("demo", "--data", "."), "is not empty"),
        (("campaign", "resume", "rehearsal"), "it cannot resume"),
    ],
)
def test_a_mistake_gets_one_clear_line(tmp_path: Path, database: Path, words: tuple[object, ...], told: str) -> None:
    replymark("campaign", "launch", CAMPAIGN, folder=tmp_path)

    answer = replymark(*words, folder=tmp_path)

    assert answer.returncode == 2
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_locked_database_is_one_line(tmp_path: Path, database: Path) -> None:
    with sqlite3.connect(database, isolation_level=None) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        answer = replymark("campaign", "launch", CAMPAIGN, folder=tmp_path)
        blocker.execute("ROLLBACK")

    assert answer.returncode == 2
    assert "database" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_newer_database_is_one_line(tmp_path: Path, database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    answer = replymark("db", "upgrade", folder=tmp_path)

    assert answer.returncode == 2
    assert "newer Replymark" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_the_doctor_names_each_remedy(tmp_path: Path) -> None:
    answer = replymark("doctor", folder=tmp_path, REDIS_URL="redis://127.0.0.1:1/0", CHROMIUM="/no/such/browser")

    assert answer.returncode == 1
    assert answer.stdout.count("MISSING") == 2
    assert answer.stdout.count("→") == 2
    assert "Traceback" not in answer.stderr


def test_recompute_and_reclassify_repeat_without_change(tmp_path: Path, database: Path) -> None:
    replymark("campaign", "launch", CAMPAIGN, folder=tmp_path)

    assert "outcomes derived" in replymark("recompute", folder=tmp_path).stdout
    assert replymark("reclassify", folder=tmp_path).stdout == "0 verdicts added, 0 mails matched\n"


def test_the_exit_status_a_command_chose_is_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def stops() -> None:
        raise click.exceptions.Exit(3)

    monkeypatch.setattr(Subcommands, "get_command", lambda *_: stops)
    monkeypatch.setattr("sys.argv", ["replymark", "stops"])

    with pytest.raises(SystemExit) as stop:
        main()

    assert stop.value.code == 3
