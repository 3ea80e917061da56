"""Error pages: what happened, the request id and what to do; they work without the database."""

from __future__ import annotations

import logging

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from benchmark.core.problems import BadInput
from web.parameters import BadParameter
from web.security import request_id

log = logging.getLogger("replymark.web")

RESETS = {"inbox": _l("Show the inbox from its start")}
"""What the way out of an invalid parameter is called on pages that have no filters."""


def add_to(app: Flask) -> None:
    app.register_error_handler(BadParameter, _bad_parameter)
    app.register_error_handler(BadInput, _bad_input)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(Exception, _unexpected)


def _page(status: int, title: str, sentence: str, reset: str = "") -> ResponseReturnValue:
    g.in_trouble = True
    way_out = RESETS.get(request.endpoint or "", _l("Reset the filters"))
    page = render_template("error.html", status=status, title=title, sentence=sentence, reset=reset, way_out=way_out)
    return page, status


def _bad_parameter(problem: BadParameter) -> ResponseReturnValue:
    sentence = _(
        "The parameter “%(name)s” cannot be “%(value)s” here.", name=problem.name[:60], value=problem.value[:120]
    )
    return _page(400, _("This address asks for something that is not there"), sentence, reset=_same_page())


def _bad_input(problem: BadInput) -> ResponseReturnValue:
    return _page(400, _("This cannot be shown"), str(problem), reset=_same_page())


def _http_error(problem: HTTPException) -> ResponseReturnValue:
    titles = {
        403: _("This page is not open to you"),
        404: _("There is no such page"),
        405: _("This page cannot be used that way"),
    }
    sentences = {
        404: _("It may have been named differently; the leaderboard leads to every brand and probe."),
        403: _("Evidence is shown to researchers who have logged in."),
    }
    code = problem.code or 500
    title = titles.get(code, _("This request could not be answered"))
    return _page(code, title, sentences.get(code, ""))


def _foreign_host(_problem: SecurityError) -> ResponseReturnValue:
    """No page can be drawn: under a name that is not ours no address may be built."""
    return (
        f"This server does not answer under that name.\nRequest {request_id()}\n",
        400,
        {"Content-Type": "text/plain"},
    )


def _unexpected(problem: Exception) -> ResponseReturnValue:
    log.error("request %s to %s failed", request_id(), request.path, exc_info=problem)
    title = _("Something went wrong on our side")
    sentence = _("Nothing was lost: what is recorded stays recorded. Try again, or run “replymark doctor”.")
    return _page(InternalServerError.code, title, sentence)


def _same_page() -> str:
    """The page without its parameters; a path that leads to no page is never made into a link."""
    return request.path if request.endpoint else "/"
