"""Processes start in order, are watched, and all end, also the stubborn ones."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from benchmark.core.problems import BadInput
from benchmark.wall_clock import monotonic, pause
from probes.supervisor import Supervisor, redis_server

pytestmark = pytest.mark.real
SLEEP = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
WITH_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); {SLEEP}"


def words_of(supervisor: Supervisor, name: str) -> str:
    log = supervisor.log_of(name)
    return log.read_text() if log.exists() else ""


def is_up(supervisor: Supervisor, name: str) -> bool:
    return "up" in words_of(supervisor, name)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("code", [SLEEP, STUBBORN])
def test_leaving_the_block_ends_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr("probes.supervisor.GRACE_S", 0.5)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start("one", [sys.executable, "-c", code])
        supervisor.wait_for("one", lambda: is_up(supervisor, "one"))
        pid = supervisor.running[0][1].pid

    assert not alive(pid)


def test_grandchildren_end_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.supervisor.GRACE_S", 0.5)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start("one", [sys.executable, "-c", WITH_CHILD])
        supervisor.wait_for("one", lambda: supervisor.log_of("one").read_text().count("up") == 2)
        group = supervisor.running[0][1].pid
    deadline = monotonic() + 5
    while _group_members(group) and monotonic() < deadline:
        pause(0.05)

    assert _group_members(group) == []


def _group_members(group: int) -> list[str]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            pid, _, rest = status.read_text(encoding="utf-8", errors="replace").partition(" ")
            state, _, process_group = rest.rpartition(") ")[2].split()[:3]
            if int(process_group) == group and state != "Z":
                found.append(pid)
    return found


def test_a_process_that_dies_is_named_with_its_last_words(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start("bad", [sys.executable, "-c", "import sys; sys.exit('no room on the disk')"])

        with pytest.raises(BadInput, match="bad: ended with status 1: no room on the disk"):
            supervisor.wait_for("bad", lambda: False)


def test_a_forked_process_gets_its_environment_and_log(tmp_path: Path) -> None:
    with Supervisor(tmp_path, {"GREETING": "hello"}) as supervisor:
        supervisor.fork("child", "tests.probes.forked_child:main", "world")
        supervisor.wait_for("child", lambda: "hello world" in words_of(supervisor, "child"))
        pid = supervisor.running[0][1].pid
        assert os.getsid(pid) == pid

    assert not alive(pid)


def test_a_missing_redis_names_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    with pytest.raises(BadInput, match="apt-get install redis-server"):
        redis_server()
