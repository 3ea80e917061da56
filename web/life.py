"""Which processes live, told by what they last said of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _

from benchmark.store import queries_health
from benchmark.store.queries_health import SignOfLife
from benchmark.wall_clock import real_now
from web.record import record

QUIET_AFTER = timedelta(minutes=4)  # a form may keep its worker busy for three
FORGOTTEN_AFTER = timedelta(days=1)

TASKS = {
    "scheduler": (_("Planning"), _("says what is due and calls the others")),
    "mailbox": (_("Receiving"), _("fetches mail, places it and tells what it is")),
    "worker-email": (_("Sending e-mail"), _("hands inquiries to the mail server")),
    "worker-forms": (_("Filling in forms"), _("goes through web forms with a browser")),
    "worker-upkeep": (_("Upkeep"), _("looks after what was left behind, and prepares the tables")),
    "errands": (_("Wishes of pages"), _("tests mailboxes, searches web sites, rehearses forms")),
}


@dataclass(frozen=True)
class Task:
    """What has to be done all the time, and who does it; several may share it."""

    key: str
    name: str
    what: str
    signs: tuple[SignOfLife, ...]
    is_alive: bool

    @property
    def seen_at(self) -> datetime | None:
        return max((sign.seen_at for sign in self.signs), default=None)


def signs() -> list[SignOfLife]:
    return queries_health.signs_of_life(record(), real_now() - FORGOTTEN_AFTER)


def is_alive(given: Sequence[SignOfLife], task: str) -> bool:
    return any(sign.seen_at >= real_now() - QUIET_AFTER for sign in given if _does(sign, task))


def tasks(given: Sequence[SignOfLife]) -> list[Task]:
    return [
        Task(key, str(name), str(what), tuple(sign for sign in given if _does(sign, key)), is_alive(given, key))
        for key, (name, what) in TASKS.items()
    ]


def _does(sign: SignOfLife, task: str) -> bool:
    """Workers carry their queue, their mailbox and their number in their names."""
    return sign.name == task or sign.name.startswith((f"{task}-", f"{task}:"))
