"""The application: settings in, Flask out. Pages are listed in `web.pages.PAGES`; nothing else may be routed."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from benchmark.settings import Settings, load_settings
from web import errors, form_words, formats, languages, layout, mail_words, record, security, words
from web.page import Audience, Page
from web.pages import PAGES

LOOPBACK = ("127.0.0.1", "localhost")
A_YEAR_S = 31_536_000  # static addresses carry their hash or version


def create_app(settings: Settings | None = None) -> Flask:
    """Raises BadInput when a setting cannot be used, RuntimeError for a route nobody declared."""
    chosen = settings or load_settings()
    app = Flask("web", root_path=str(Path(__file__).parent))
    app.config.update(
        SECRET_KEY=chosen.secret_key or secrets.token_hex(32),
        TRUSTED_HOSTS=[*LOOPBACK, *chosen.trusted_host_names],
        SESSION_COOKIE_NAME="__Host-session" if chosen.https else "session",
        SESSION_COOKIE_SECURE=chosen.https,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=A_YEAR_S,
        MAX_CONTENT_LENGTH=2_000_000,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["replymark"] = chosen
    CSRFProtect(app)
    for part in (security, record, languages, formats, words, form_words, mail_words, layout, errors):
        part.add_to(app)
    for page in PAGES:
        app.add_url_rule(page.rule, page.name, page.view, methods=list(page.methods))
    check_routes(app, PAGES)
    return app


def check_routes(app: Flask, pages: Iterable[Page]) -> None:
    """Every route must say who may see it; raises RuntimeError naming the one that does not."""
    declared = {page.name: page.seen_by for page in pages} | {"static": Audience.EVERYONE}
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in declared:
            raise RuntimeError(f"the route {rule.rule} is not in PAGES, so nobody said who may see it")
    security.open_to(app, declared)
