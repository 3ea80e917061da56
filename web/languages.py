"""German and English: chosen by ?lang=, then by cookie, then by what the browser asks for."""

from __future__ import annotations

from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, get_locale

from web.parameters import BadParameter
from web.security import settings

LANGUAGES = {"en": "English", "de": "Deutsch"}
A_YEAR_S = 31_536_000


def add_to(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=chosen_language)
    app.before_request(_refuse_unknown)
    app.after_request(_remember)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.globals.update(languages=LANGUAGES, language=language)


def chosen_language() -> str:
    if not has_request_context():
        return "en"
    for wanted in (request.args.get("lang"), request.cookies.get(_cookie())):
        if wanted in LANGUAGES:
            return wanted
    return request.accept_languages.best_match(list(LANGUAGES), "en") or "en"


def language() -> str:
    """The language of this answer, as `<html lang>` wants it."""
    return str(get_locale() or "en")


def _cookie() -> str:
    return "__Host-lang" if settings().https else "lang"


def _refuse_unknown() -> None:
    wanted = request.args.get("lang")
    if request.routing_exception is None and wanted is not None and wanted not in LANGUAGES:
        raise BadParameter("lang", wanted)


def _remember(response: Response) -> Response:
    wanted = request.args.get("lang")
    if wanted in LANGUAGES and wanted != request.cookies.get(_cookie()):
        response.set_cookie(_cookie(), wanted, max_age=A_YEAR_S, secure=settings().https, httponly=True, samesite="Lax")
    if response.mimetype == "text/html":
        response.vary.update(("Accept-Language", "Cookie"))
    return response
