"""Reads mail from the world: the ordinary at once, what may be a bomb in a child process that may die of it."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from benchmark.core.messages import bare_message, read_message
from benchmark.core.problems import TemporaryFailure
from benchmark.core.values import Attachment, InboundMessage

# Measured at the shapes of the tests: below these sizes no mail takes longer than a few hundredths of a second.
_ORDINARY_BYTES = 1024 * 1024
_ORDINARY_HEADER = 32 * 1024
_ORDINARY_LINES = 20_000
_ORDINARY_DELIMITERS = 200
_ORDINARY_CONTAINERS = 10


@dataclass(frozen=True)
class Limits:
    """What one doubtful mail may cost."""

    cpu_s: int = 8
    wall_s: float = 15.0
    memory: int = 1024 * 1024 * 1024  # bytes of address space, the interpreter's own included


LIMITS = Limits()


@dataclass(frozen=True)
class CarefullyRead:
    """`is_broken` says that the mail broke its reader: only what plain patterns find in its head is known of it."""

    message: InboundMessage
    is_broken: bool = False


def read_carefully(content: bytes, limits: Limits = LIMITS) -> CarefullyRead:
    """Never raises over the mail; TemporaryFailure when this machine cannot start the child."""
    return CarefullyRead(read_message(content)) if looks_ordinary(content) else _read_by_child(content, limits)


def broken(content: bytes, reason: str) -> CarefullyRead:
    """A mail that is kept and shown though nothing could be made of it."""
    return CarefullyRead(bare_message(content, reason), is_broken=True)


def looks_ordinary(content: bytes) -> bool:
    """By a few counts over the bytes, which cost some microseconds."""
    if len(content) > _ORDINARY_BYTES:
        return False
    lowered = content.lower()
    return (
        _header_size(content) <= _ORDINARY_HEADER
        and content.count(b"\n") + content.count(b"\r") <= 2 * _ORDINARY_LINES
        and content.count(b"\n--") + content.count(b"\r--") <= _ORDINARY_DELIMITERS
        and lowered.count(b"multipart/") + lowered.count(b"message/rfc822") <= _ORDINARY_CONTAINERS
    )


def _header_size(content: bytes) -> int:
    ends = [end for sign in (b"\n\n", b"\r\n\r\n") if (end := content.find(sign)) >= 0]
    return min(ends, default=len(content))


def _read_by_child(content: bytes, limits: Limits) -> CarefullyRead:
    command = [sys.executable, "-I", "-m", "benchmark.mail_child", str(limits.cpu_s), str(limits.memory)]
    try:
        child = subprocess.run(command, input=content, capture_output=True, timeout=limits.wall_s, env={}, check=False)
    except subprocess.TimeoutExpired:
        return broken(content, "quarantined: took too long")
    except OSError as problem:
        raise TemporaryFailure(f"no process for reading a doubtful mail: {problem}") from problem
    if child.returncode != 0:
        return broken(content, f"quarantined: reader ended with {child.returncode}")
    try:
        return CarefullyRead(_OnlyMessages(io.BytesIO(child.stdout)).load())
    except (pickle.UnpicklingError, EOFError):
        return broken(content, "quarantined: reader wrote no message")


class _OnlyMessages(pickle.Unpickler):
    """Builds messages and nothing else, whatever a child that was taken over may write."""

    _known = {  # noqa: RUF012  # a table, never changed
        (kind.__module__, kind.__name__): kind for kind in (InboundMessage, Attachment, datetime, timedelta, timezone)
    }

    def find_class(self, module: str, name: str) -> type:
        if (module, name) not in self._known:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a message")
        return self._known[module, name]
