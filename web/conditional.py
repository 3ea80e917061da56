"""Pages that need not be made again: an ETag of record, moment, language and query, compared before any work."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib.metadata import version
from threading import Lock
from typing import ParamSpec

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue

from web.languages import language
from web.record import stand
from web.security import settings

P = ParamSpec("P")
MAX_PAGES = 64
MAX_BYTES = 1_000_000
SOFTWARE = version("replymark")


def conditional(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Answers 304 when the reader has the page already, else makes it and names its ETag."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        tag = _tag()
        if request.if_none_match.contains_weak(tag):
            response = make_response("", 304)
        else:
            response = _remembered(tag) or _remember(tag, make_response(view(*args, **kwargs)))
        response.set_etag(tag, weak=True)
        return response

    return answer


def _tag() -> str:
    found = stand()
    database = settings().database
    parts = (SOFTWARE, database, found.version, found.as_of.isoformat(), language(), request.full_path)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class _Made:
    body: bytes
    content_type: str
    disposition: str | None


_pages: OrderedDict[str, _Made] = OrderedDict()
_lock = Lock()


def _remembered(tag: str) -> Response | None:
    made = _pages.get(tag)
    if made is None:
        return None
    response = Response(made.body, content_type=made.content_type)
    if made.disposition:
        response.headers["Content-Disposition"] = made.disposition
    return response


def _remember(tag: str, response: Response) -> Response:
    """Keeps the last few finished pages of this process; a changed record has another tag and never meets them."""
    if response.is_streamed or response.status_code != 200:
        return response
    body = response.get_data()
    if len(body) <= MAX_BYTES:
        with _lock:
            _pages[tag] = _Made(body, response.content_type or "", response.headers.get("Content-Disposition"))
            while len(_pages) > MAX_PAGES:
                _pages.popitem(last=False)
    return response
