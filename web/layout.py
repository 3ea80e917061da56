"""What every page stands in: navigation, ribbon, addresses of static files, permalinks of other states of a page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request, url_for
from flask_babel import lazy_gettext as _

from web import security

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


def add_to(app: Flask) -> None:
    app.jinja_env.globals.update(
        asset=asset,
        here=here,
        mode=lambda: security.settings().mode.value,
        navigation=NAVIGATION,
        request_id=security.request_id,
        scripts=SCRIPTS,
        styles=STYLES,
    )


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
