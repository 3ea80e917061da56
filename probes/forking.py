"""Child processes forked from one server that has everything imported already."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

PR_SET_PDEATHSIG = 1


class Forked:
    """A forked child with the part of `subprocess.Popen`'s face that the supervisor needs."""

    def __init__(self, target: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a fork must not lose threads of numpy's
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["probes.preload"])
        self._process = context.Process(target=_run, args=(target, [*arguments], dict(environment), str(log)))
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Raises ProcessLookupError when the child has ended."""
        if self._process.exitcode is not None:
            raise ProcessLookupError(self.pid)
        os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> bool:
        """True when it has ended within `timeout` seconds."""
        self._process.join(timeout)
        return self._process.exitcode is not None


def _run(target: str, arguments: list[str], environment: dict[str, str], log: str) -> None:
    """In the child: a session of its own, its log, its environment; then `module:function` with these arguments."""
    os.setsid()
    die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    os.environ.update(environment)
    sys.argv = [target, *arguments]
    module, _, function = target.partition(":")
    getattr(import_module(module), function)()


def die_with_parent() -> None:
    """Linux: a supervisor that is killed takes its processes along (prctl(2), PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
