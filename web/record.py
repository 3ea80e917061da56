"""One reading transaction and one moment per request: all a page shows is of the same state of the record."""

from __future__ import annotations

from contextlib import ExitStack
from typing import cast

from flask import Flask, g

from benchmark.store import queries_pages
from benchmark.store.queries_pages import Reader, Stand
from benchmark.store.session import engine_for, reading
from benchmark.wall_clock import real_now
from web.security import settings


def add_to(app: Flask) -> None:
    app.teardown_appcontext(_close)


def record() -> Reader:
    """The request's reading transaction, opened at the first question and closed with the request."""
    if "record" not in g:
        g.record_closes = ExitStack()
        g.record = g.record_closes.enter_context(reading(engine_for(settings().database)))
    return cast("Reader", g.record)


def stand() -> Stand:
    """How far the record has come, asked once a request."""
    if "stand" not in g:
        g.stand = queries_pages.stand(record(), real_now())
    return cast("Stand", g.stand)


def _close(_problem: BaseException | None) -> None:
    if closes := g.pop("record_closes", None):
        closes.close()
