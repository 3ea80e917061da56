"""What guards every request: who may see the page, headers of the answer, the id that error pages name."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import cast

from flask import Flask, Response, abort, current_app, g, request

from benchmark.core.vocabulary import Mode
from benchmark.settings import Settings
from web.page import Audience

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def settings() -> Settings:
    """The settings the application was made with."""
    return cast("Settings", current_app.extensions["replymark"])


def add_to(app: Flask) -> None:
    app.before_request(_name_request)
    app.after_request(_add_headers)


def open_to(app: Flask, declared: Mapping[str, Audience]) -> None:
    """From now on each request is held against who may see its page; an undeclared one is seen by nobody."""

    @app.before_request
    def _check() -> None:
        if request.endpoint is not None and not may_see(declared.get(request.endpoint), settings()):
            abort(403)


def may_see(audience: Audience | None, chosen: Settings) -> bool:
    """The rehearsal world has no accounts, and its brands are fictional: what researchers may see is open there."""
    if audience is Audience.RESEARCHERS:
        return chosen.mode is Mode.SANDBOX
    return audience is Audience.EVERYONE


def request_id() -> str:
    return cast("str", g.get("request_id", ""))


def _name_request() -> None:
    g.request_id = secrets.token_hex(6)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request_id()
    if settings().https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-cache, private")
    return response
