"""The study's mailboxes: how each stands, a button that tries it, and the records its domain needs."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from benchmark import errands, mail_accounts
from benchmark.core.mail_accounts import MailAccount
from benchmark.core.mail_records import records_to_publish
from benchmark.core.problems import Refused
from benchmark.core.vocabulary import ErrandKind
from benchmark.store import queries_errands, queries_inbox
from benchmark.store.queries_errands import ErrandFacts
from benchmark.store.queries_inbox import MailboxStanding
from benchmark.store.session import engine_for, transaction
from benchmark.wall_clock import real_now
from web.life import is_alive, signs
from web.record import record
from web.security import settings


@dataclass(frozen=True)
class Line:
    account: MailAccount
    standing: MailboxStanding | None
    trial: ErrandFacts | None
    needed: dict[str, str]  # records of its domain


def page() -> ResponseReturnValue:
    return _page()


def try_one() -> ResponseReturnValue:
    """Asks the hands to log in and to look the domain up."""
    name = request.form.get("mailbox", "")
    if name not in {account.name for account in mail_accounts.all_of(record(), settings())}:
        abort(404)
    try:
        with transaction(engine_for(settings().database)) as session:
            errands.ask_mailbox(session, name, now=real_now())
    except Refused as problem:
        return _page(str(problem)), 400
    return redirect(url_for("mailboxes"), 303)


def _page(problem: str = "") -> str:
    standings = {standing.name: standing for standing in queries_inbox.mailbox_standings(record())}
    accounts = mail_accounts.all_of(record(), settings())
    lines = [
        Line(account, standings.pop(account.name, None), _trial(account.name), records_to_publish(account))
        for account in accounts
    ]
    return render_template(
        "mailboxes.html",
        hands_live=is_alive(signs(), "errands"),
        lines=lines,
        now=real_now(),
        others=list(standings.values()),
        problem=problem,
    )


def _trial(name: str) -> ErrandFacts | None:
    return queries_errands.newest_errand(record(), ErrandKind.MAILBOX, {"mailbox": name})
