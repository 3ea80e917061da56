"""Real databases for the tests: a SQLite file, and a PostgreSQL that is started on a free port as an ordinary user."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy

UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root


@dataclass
class PostgreSQL:
    """A running cluster; `database()` gives the URL of a new database, a copy of `template` where one is named."""

    port: int
    names: list[str] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def database(self, template: str = "template1") -> str:
        self.names.append(f"test_{len(self.names)}")
        admin = sqlalchemy.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE {self.names[-1]} TEMPLATE "{template}"')
        admin.dispose()
        return self.url(self.names[-1])


def binary(name: str) -> str:
    """A PostgreSQL program from Debian's folder or PATH; raises FileNotFoundError with the remedy."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"{name} is missing: apt-get install postgresql (./run test does it)")
    return path


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    folder = Path(tempfile.mkdtemp(prefix="replymark-pg-"))
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    as_user = {}
    if os.geteuid() == 0:
        shutil.chown(folder, UNPRIVILEGED)
        shutil.chown(data, UNPRIVILEGED)
        as_user = {"user": UNPRIVILEGED, "cwd": str(folder)}
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    initdb = [
        binary("initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, capture_output=True, **as_user)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60"
    control = [binary("pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
    subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True, **as_user)
    try:
        yield PostgreSQL(port)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True, **as_user)
        shutil.rmtree(folder, ignore_errors=True)
