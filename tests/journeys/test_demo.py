"""The main job end to end with everything real: SMTP, IMAP, browser, Redis, workers, dashboard."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmark.wall_clock import monotonic, pause

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]
REPLYMARK = Path(sys.executable).parent / "replymark"


def environment(folder: Path) -> dict[str, str]:
    """A DATABASE_URL that must be ignored: each demo has its own database."""
    return {**os.environ, "DATABASE_URL": f"sqlite:///{folder / 'never.sqlite'}", "REDIS_URL": "redis://127.0.0.1:1/0"}


@dataclass(frozen=True)
class Run:
    """A demo that has shown its results and still serves."""

    process: subprocess.Popen[str]
    address: str
    printed: str
    summary: dict[str, Any]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("demo")
    command = [REPLYMARK, "demo", "--json", folder / "summary.json", "--data", folder / "data"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(folder))
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith("The dashboard keeps serving"):
            break
    address = re.findall(r"^Dashboard: (http://127\.0\.0\.1:\d+)/", printed, re.MULTILINE)
    assert address, printed
    yield Run(process, address[0], printed, json.loads((folder / "summary.json").read_text()))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def test_the_first_line_is_the_dashboards_address(demo: Run) -> None:
    assert demo.printed.startswith("Dashboard: http://127.0.0.1:")


def test_nothing_is_sent_twice_and_nothing_is_lost(demo: Run) -> None:
    assert (demo.summary["duplicates"], demo.summary["lost"]) == (0, 0)
    assert demo.summary["sent"] == demo.summary["received_by_brands"] >= 200


def test_every_channel_took_part(demo: Run) -> None:
    channels = demo.summary["by_channel"]

    assert channels["web_form"]["sent"] >= 40
    assert channels["email"]["sent"] >= 40
    assert channels["social"]["sent"] >= 40


def test_every_planted_event_is_found_at_its_time_and_read_as_what_it_was(demo: Run) -> None:
    summary = demo.summary

    assert summary["found"] == summary["planted"] > 300
    assert summary["misclassified"] <= 0.03 * summary["planted"]
    assert summary["unmatched"] == 0
    assert summary["time_error_minutes"]["max"] <= 1


def test_at_least_twelve_brands_are_ranked(demo: Run) -> None:
    ranked = [row for row in demo.summary["leaderboard"] if row["rank"]]

    assert len(ranked) >= 12
    assert all(row["rank_low"] <= row["rank"] <= row["rank_high"] for row in ranked)
    assert all(row["mature"] >= 10 for row in ranked)


def test_characters_stand_where_they_should(demo: Run) -> None:
    rows = {row["brand"]: row for row in demo.summary["leaderboard"]}

    assert rows["Lindenhof Energie"]["rank"] < rows["Seewind"]["rank"]
    assert rows["Lindenhof Energie"]["followup_rate"] > 0
    assert rows["Seewind"]["answered_rate"] == 0
    assert rows["Oakridge Outfitters"]["class"] == "too_few"


def test_the_dashboard_shows_the_board_and_hands_out_the_same_csv(demo: Run) -> None:
    page = fetch(f"{demo.address}/leaderboard?lang=en")
    rows = list(csv.DictReader(io.StringIO(fetch(f"{demo.address}/leaderboard.csv"))))

    assert "Lindenhof Energie" in page
    by_brand = {row["brand"]: row for row in rows}
    for row in demo.summary["leaderboard"]:
        if row["score"] is not None:
            assert float(by_brand[row["brand"]]["score"]) == pytest.approx(row["score"], abs=1e-9)


def test_probes_can_be_downloaded_the_silent_ones_too(demo: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(fetch(f"{demo.address}/probes.csv"))))

    assert len(rows) == demo.summary["probes"]


def test_ctrl_c_ends_every_process(tmp_path: Path) -> None:
    """Also in the middle of the run."""
    command = [REPLYMARK, "demo", "--brands", "2", "--data", tmp_path / "data"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(tmp_path))
    assert process.stdout is not None
    process.stdout.readline()
    deadline = monotonic() + 30
    while len(processes_of(tmp_path)) < 8 and monotonic() < deadline:
        pause(0.1)

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode == 0
    assert processes_of(tmp_path) == []


def processes_of(folder: Path) -> list[str]:
    """Command lines of all processes that carry this run's data folder in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"REPLYMARK_DATA_DIR={folder}".encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def test_two_demos_side_by_side_with_one_seed_give_the_same_leaderboard(tmp_path: Path) -> None:
    runs = []
    for name in ("first", "second"):
        files = ["--json", tmp_path / f"{name}.json", "--data", tmp_path / name]
        command = [REPLYMARK, "demo", "--once", "--brands", "5", "--seed", "11", *files]
        runs.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(tmp_path)))
    printed = [run.communicate(timeout=500)[0] for run in runs]

    assert [run.returncode for run in runs] == [0, 0], printed
    boards = [json.loads((tmp_path / f"{name}.json").read_text())["leaderboard"] for name in ("first", "second")]
    assert boards[0] == boards[1]
    assert len(boards[0]) == 5
