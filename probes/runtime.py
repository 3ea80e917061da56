"""Which processes make up a running Replymark, and how they find each other."""

from __future__ import annotations

import json
import secrets
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

from redis import Redis
from redis.exceptions import RedisError

from benchmark.core.problems import BadInput
from benchmark.settings import Settings
from benchmark.store.session import engine_for
from benchmark.wall_clock import pause
from probes.browser import find_browser
from probes.mail.workers import LOOK_S, MailWorkers
from probes.queues import QueueName, queue_of
from probes.ready_file import read_ready
from probes.sandbox.world import READY_FILE
from probes.supervisor import Supervisor, free_port, redis_command

REPLYMARK = "benchmark.command_line:main"
STUDY_USER = "study"
FORM_WORKERS = 2


@dataclass
class Runtime:
    """Starts the processes of one installation under a supervisor, each told by environment where the others are."""

    supervisor: Supervisor
    settings: Settings
    folder: Path
    token: str = ""
    has_browser: bool = False
    overrides: dict[str, str] = field(default_factory=dict)
    mail_workers: MailWorkers = field(init=False)

    def __post_init__(self) -> None:
        self.token = secrets.token_hex(8)
        engine = engine_for(self.settings.database)
        self.mail_workers = MailWorkers(engine, self._start_mail_worker, self._end_mail_worker)
        self.supervisor.environment = {
            "DATABASE_URL": self.settings.database,
            "REPLYMARK_DATA_DIR": str(self.folder),
            "REPLYMARK_RUN_TOKEN": self.token,
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "",  # ten processes that each compile everything start very slowly
            # numpy and its kin would start a thread a core in each process
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            **self.overrides,
        }

    def tell(self, **facts: str) -> None:
        """Adds to the environment of every process started from now on."""
        self.supervisor.environment = {**self.supervisor.environment, **facts}

    def start_redis(self) -> None:
        """The shared one of REDIS_URL, or one of our own on a free loopback port."""
        if self.settings.redis_url:
            self.tell(REDIS_URL=self.settings.redis_url)
            return
        port = free_port()
        self.supervisor.start("redis", redis_command(port, self.folder / "redis", self.settings.redis_server))
        self.supervisor.wait_for("redis", lambda: _redis_answers(port))
        self.tell(REDIS_URL=f"redis://127.0.0.1:{port}/0")

    def start_world(self, seed: int) -> None:
        """The rehearsal world: the study's IMAP server, the brands, and the guard that leads to their sites."""
        imap_port, password = free_port(), secrets.token_hex(8)
        self.tell(REPLYMARK_IMAP_PORT=str(imap_port), REPLYMARK_IMAP_PASSWORD=password)
        pymap = [
            str(Path(sys.executable).parent / "pymap"),
            "--host",
            "127.0.0.1",
            "--port",
            str(imap_port),
            "--no-tls",
        ]
        self.supervisor.start("imap", [*pymap, "dict", "--demo-user", STUDY_USER, "--demo-password", password])
        world = self.folder / READY_FILE
        self.supervisor.fork("world", "probes.sandbox.world:main", str(self.folder), str(seed))
        self.supervisor.wait_for("world", world.exists)
        self.tell(REPLYMARK_SMTP_PORT=str(read_ready(world)["smtp_port"]))
        self.start_egress(world)

    def start_egress(self, hosts: Path | None = None) -> None:
        ready = self.folder / "egress.json"
        ready.unlink(missing_ok=True)
        names = ["--hosts", str(hosts)] if hosts else []
        self.supervisor.fork("egress", REPLYMARK, "egress", "--ready", str(ready), *names)
        self.supervisor.wait_for("egress", ready.exists)
        self.tell(REPLYMARK_EGRESS_PROXY=read_ready(ready)["url"])

    def start_web(self, host: str, port: int) -> str:
        """Gives the dashboard's address once it answers with this run's own token."""
        address = f"http://{host}:{port}"
        self.supervisor.fork("web", REPLYMARK, "web", "--host", host, "--port", str(port))
        self.supervisor.wait_for("web", lambda: _is_ours(address, self.token))
        return address

    def start_hands(self) -> None:
        """Scheduler, mailboxes, a worker per queue and mailbox (two for forms: a browser waits more than it works)."""
        self.supervisor.fork("scheduler", REPLYMARK, "scheduler")
        self.supervisor.fork("mailbox", REPLYMARK, "mailbox")
        self.supervisor.fork("worker-upkeep", REPLYMARK, "worker", QueueName.UPKEEP)
        self.mail_workers.follow()
        self.supervisor.fork("errands", REPLYMARK, "errands")
        if self.has_browser:
            for number in range(1, FORM_WORKERS + 1):
                arguments = ("worker", QueueName.FORMS, "--number", str(number))
                self.supervisor.fork(f"worker-forms-{number}", REPLYMARK, *arguments)

    def keep(self) -> None:
        """Until somebody interrupts: sees to it that all run, and each mailbox has its worker."""
        while True:
            self.supervisor.check()
            self.mail_workers.follow()
            pause(LOOK_S)

    def _start_mail_worker(self, mailbox: str) -> None:
        name = f"worker-{queue_of(QueueName.EMAIL, mailbox)}"
        self.supervisor.fork(name, REPLYMARK, "worker", QueueName.EMAIL, "--mailbox", mailbox)

    def _end_mail_worker(self, mailbox: str) -> None:
        self.supervisor.release(f"worker-{queue_of(QueueName.EMAIL, mailbox)}")

    def look_for_browser(self) -> bool:
        """Finds the browser that launches here and tells all; without one form probes wait."""
        try:
            known = self.settings.browser and Path(self.settings.browser).is_file()  # set-up has seen it start
            self.tell(REPLYMARK_BROWSER=self.settings.browser if known else find_browser(self.settings.browser).path)
        except BadInput:
            return False
        self.has_browser = True
        return True


def _redis_answers(port: int) -> bool:
    try:
        connection: Redis = Redis(host="127.0.0.1", port=port, socket_connect_timeout=1)
        connection.ping()
        connection.close()
    except RedisError:
        return False
    return True


def _is_ours(address: str, token: str) -> bool:
    """A stranger's server on that port would answer too; only ours knows the token of this run."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
            return bool(json.load(answer).get("run_token") == token)
    except (URLError, OSError, ValueError):
        return False
