"""Starts the processes in order and ends them in reverse; Redis comes first and goes last."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.core.problems import BadInput
from benchmark.wall_clock import monotonic, pause
from probes.forking import Forked, die_with_parent

GRACE_S = 8.0
READY_S = 40.0
STREAMS_IN_LOG = 400  # characters of a dead process' last words that are shown


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def redis_server(preferred: str = "") -> str:
    """The Redis to embed: the configured one, the one in this Python's environment, else one on PATH."""
    own = Path(sys.prefix) / "bin" / "redis-server"
    for candidate in (preferred, str(own), "redis-server", "valkey-server"):
        if candidate and (found := shutil.which(candidate)):
            return found
    raise BadInput("Redis", "no redis-server is here", "apt-get install redis-server, or set REDIS_URL to a shared one")


def redis_command(port: int, folder: Path, preferred: str = "") -> list[str]:
    """Bound to loopback, appending to disk: without it a restart loses every job."""
    folder.mkdir(parents=True, exist_ok=True)
    options = {"bind": "127.0.0.1", "port": str(port), "dir": str(folder), "appendonly": "yes", "save": ""}
    options |= {"maxmemory-policy": "noeviction", "loglevel": "warning", "daemonize": "no"}
    return [redis_server(preferred), *(word for name, value in options.items() for word in (f"--{name}", value))]


Child = subprocess.Popen[bytes] | Forked


@dataclass
class Supervisor:
    """Use as a context manager: whatever ends the block ends every process that was started in it."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    running: list[tuple[str, Child]] = field(default_factory=list)

    def __enter__(self) -> Supervisor:
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], **environment: str) -> None:
        """Starts one process in a session of its own, so that Ctrl-C reaches only the supervisor."""
        with self.log_of(name).open("ab") as log:
            process = subprocess.Popen(
                command,
                env={**os.environ, **self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.running.append((name, process))

    def fork(self, name: str, target: str, *arguments: str) -> None:
        """Starts `module:function` in a child forked from the process server."""
        words = [str(word) for word in arguments]
        self.running.append((name, Forked(target, words, self.environment, self.log_of(name))))

    def log_of(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def wait_for(self, name: str, ready: Callable[[], bool], within_s: float = READY_S) -> None:
        """Raises BadInput with the process' last words when it dies or is not ready in time."""
        deadline = monotonic() + within_s
        while not ready():
            self.check()
            if monotonic() > deadline:
                raise BadInput(name, f"was not ready after {within_s:.0f} s", f"see {self.log_of(name)}")
            pause(0.02)

    def check(self) -> None:
        """Raises BadInput when a process has ended that should be running."""
        for name, process in self.running:
            if process.poll() is not None:
                words = self.log_of(name).read_text(errors="replace").strip()[-STREAMS_IN_LOG:].splitlines()
                problem = f"ended with status {process.returncode}: {words[-1] if words else 'no last words'}"
                raise BadInput(name, problem, f"see {self.log_of(name)}")

    def release(self, name: str) -> None:
        """SIGTERM to one of them, which is no longer looked after: it ends when its work is done."""
        for known, process in [*self.running]:
            if known == name:
                _signal(process, signal.SIGTERM)
                self.running.remove((known, process))

    def stop(self) -> None:
        """SIGTERM in reverse order, all but Redis at once; SIGKILL to the whole session after the grace time."""
        for name, process in reversed(self.running):
            if name != "redis":
                _signal(process, signal.SIGTERM)
        for _, process in reversed(self.running):
            _end(process)
        self.running.clear()


def _signal(process: Child, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def _end(process: Child) -> None:
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_S)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # a browser or a forked job that outlived its parent
    process.wait()
