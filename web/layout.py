"""What every page stands in: navigation, ribbon, addresses of static files, permalinks of other states of a page."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, g, request, url_for
from flask_babel import lazy_gettext as _

from benchmark.store import queries_inbox
from benchmark.store.session import UNREADABLE
from web import security
from web.page import Audience
from web.record import record

log = logging.getLogger("replymark.web")

STATIC = Path(__file__).parent / "static"
STYLES = ("vendor/bootstrap-5.3.9/bootstrap.min.css", "vendor/bootstrap-5.3.9/dark.css", "replymark.css")
SCRIPTS = ("vendor/htmx.org-2.0.11/htmx.min.js", "keys.js")
NAVIGATION = (
    ("leaderboard", _("Leaderboard")),
    ("campaigns", _("Campaigns")),
    ("data", _("Data")),
    ("methodology", _("Methodology")),
    ("glossary", _("Glossary")),
)
WORKSHOP = (
    ("inbox", _("Inbox")),
    ("mailboxes", _("Mailboxes")),
    ("health", _("Health")),
)
"""Shown to those who may use them."""


def add_to(app: Flask) -> None:
    app.jinja_env.globals.update(
        asset=asset,
        here=here,
        mode=lambda: security.settings().mode.value,
        navigation=NAVIGATION,
        request_id=security.request_id,
        scripts=SCRIPTS,
        styles=STYLES,
        waiting=waiting,
        workshop=workshop,
    )


def workshop() -> tuple[tuple[str, object], ...]:
    return WORKSHOP if security.may_see(Audience.RESEARCHERS, security.settings()) else ()


def waiting() -> int | None:
    """Mails in the inbox that only a person can settle; None where the record cannot be asked, as on error pages."""
    if g.get("in_trouble"):
        return None
    try:
        return queries_inbox.waiting_count(record())
    except UNREADABLE:  # a page that needs no record is shown without it
        log.debug("the inbox was not counted", exc_info=True)
        return None


def asset(name: str) -> str:
    """The file's address with its hash, so that browsers may keep it for a year."""
    return url_for("static", filename=name, v=_digest(name))


@lru_cache(maxsize=64)
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def here(**changes: Any) -> str:
    """This page's address with some parameters changed; None leaves one out. A page that is not there has none."""
    if request.endpoint is None:
        return "/?" + urlencode({name: value for name, value in changes.items() if value})
    kept: Mapping[str, Any] = {**request.args, **changes}
    query = urlencode({name: value for name, value in kept.items() if value not in (None, "")})
    return f"{request.path}?{query}" if query else request.path
