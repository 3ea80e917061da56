"""German and English: chosen by ?lang=, then by cookie, then by what the browser asks for."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import cast

from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel

from web.parameters import BadParameter
from web.security import settings

LANGUAGES = {"en": "English", "de": "Deutsch"}
A_YEAR_S = 31_536_000
TRANSLATIONS = Path(__file__).parent / "translations"


def add_to(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=language)
    app.before_request(_refuse_unknown)
    app.after_request(_remember)
    # Flask-Babel's own look-up asks for the locale at every word; a leaderboard has hundreds.
    app.jinja_env.install_gettext_callables(sentence, _plural, newstyle=True)  # type: ignore[attr-defined]  # of i18n
    app.jinja_env.globals.update(languages=LANGUAGES, language=language)


def sentence(message: str) -> str:
    """A message in the language of this answer, its placeholders still in it."""
    return in_language(language(), message)


def _plural(one: str, many: str, number: int) -> str:
    return str(_catalogue(language()).ngettext(one, many, number))


@lru_cache(maxsize=4096)
def in_language(code: str, message: str) -> str:
    return str(_catalogue(code).gettext(message))


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(code: str) -> NullTranslations:
    return Translations.load(str(TRANSLATIONS), [code])


def language() -> str:
    """The language of this answer, as `<html lang>` wants it; chosen once a request."""
    try:
        return cast("str", g.language)  # asked for hundreds of times a page
    except (AttributeError, RuntimeError):
        pass
    if not has_request_context():
        return "en"
    g.language = _chosen()
    return cast("str", g.language)


def _chosen() -> str:
    for wanted in (request.args.get("lang"), request.cookies.get(_cookie())):
        if wanted in LANGUAGES:
            return wanted
    return request.accept_languages.best_match(list(LANGUAGES), "en") or "en"


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
