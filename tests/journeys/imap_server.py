"""A real IMAP server (pymap) on a free loopback port."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from imap_tools import MailBoxUnencrypted

from benchmark.wall_clock import monotonic, pause
from probes.supervisor import free_port

USER, PASSWORD = "study", "secret"


@contextmanager
def imap_server() -> Iterator[int]:
    """Gives the port once a log-in works."""
    port = free_port()
    pymap = [str(Path(sys.executable).parent / "pymap"), "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    server = subprocess.Popen([*pymap, "dict", "--demo-user", USER, "--demo-password", PASSWORD])
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int, within_s: float = 20.0) -> None:
    deadline = monotonic() + within_s
    while True:
        try:
            MailBoxUnencrypted("127.0.0.1", port).login(USER, PASSWORD).logout()
        except OSError:
            if monotonic() > deadline:
                raise
            pause(0.05)
        else:
            return


def deliver(port: int, mails: Iterable[tuple[bytes, datetime]], folder: str = "INBOX") -> None:
    """Puts mails into the mailbox in this order, with these times of receipt."""
    with MailBoxUnencrypted("127.0.0.1", port).login(USER, PASSWORD) as box:
        if not box.folder.exists(folder):
            box.folder.create(folder)
        for content, at in mails:
            box.append(content, folder, dt=at, flag_set=None)
