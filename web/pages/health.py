"""For people and programs: is this our server, does everything work, and what waits?"""

from __future__ import annotations

import logging
from datetime import datetime
from importlib.metadata import version

from flask import jsonify, render_template
from flask.typing import ResponseReturnValue

from benchmark import mail_accounts
from benchmark.core.problems import BadInput
from benchmark.store import queries_health
from benchmark.store.queries_inbox import MailboxStanding, mailbox_standings
from benchmark.store.session import check_current, engine_for
from benchmark.wall_clock import real_now
from web import life
from web.record import record, stand
from web.security import settings

RESISTING_SHOWN = 10
log = logging.getLogger("replymark.web")


def page() -> ResponseReturnValue:
    """In plain words, for who looks after a study."""
    now, given = real_now(), life.tasks(life.signs())
    known = mail_accounts.all_of(record(), settings())
    accounts = {account.name for account in known if account.imap.port}
    boxes = [found for found in mailbox_standings(record()) if found.way or found.error or found.name in accounts]
    return render_template(
        "health.html",
        as_of=stand().as_of,
        backlog=queries_health.backlog(record(), stand().as_of),
        fresh_since=now - life.QUIET_AFTER,
        mailboxes=boxes,
        now=now,
        only_sending=[account.name for account in known if account.only_sends],
        resisting=queries_health.resisting_mails(record(), RESISTING_SHOWN),
        silent=[task for task in given if not task.is_alive],
        tasks=given,
        troubled=[found for found in boxes if found.error],
    )


def healthz() -> ResponseReturnValue:
    """Carries the token of this run, so that a stranger's server on the port is recognised."""
    return jsonify(status="ok", run_token=settings().run_token, version=version("replymark"))


def readyz() -> ResponseReturnValue:
    """Ready when the tables are there; a mailbox that is away is told and keeps nobody from reading."""
    try:
        check_current(engine_for(settings().database))
    except BadInput as problem:
        return jsonify(status="not ready", reason=str(problem)), 503
    only_sending = {account.name for account in mail_accounts.all_of(record(), settings()) if account.only_sends}
    boxes = [_mailbox(found, found.name in only_sending) for found in mailbox_standings(record())]
    return jsonify(status="ready", mailboxes=boxes)


def _mailbox(found: MailboxStanding, only_sends: bool) -> dict[str, object]:
    return {
        "name": found.name,
        "state": "only sends" if only_sends else _state(found),
        "way": found.way,
        "looked_at": _iso(found.looked_at),
        "last_uid": found.last_uid,
        "error": found.error,
        "error_at": _iso(found.error_at),
        "next_try_at": _iso(found.next_try_at),
    }


def _state(found: MailboxStanding) -> str:
    if found.next_try_at:
        return "away"
    return "read" if found.looked_at or found.fetched_at else "not read yet"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
