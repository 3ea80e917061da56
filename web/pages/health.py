"""For the operator: is this our server, and can it work?"""

from __future__ import annotations

import logging
from importlib.metadata import version

from flask import jsonify
from flask.typing import ResponseReturnValue

from benchmark.core.problems import BadInput
from benchmark.store.session import check_current, engine_for
from web.security import settings

log = logging.getLogger("replymark.web")


def healthz() -> ResponseReturnValue:
    """Carries the token of this run, so that a stranger's server on the port is recognised."""
    return jsonify(status="ok", run_token=settings().run_token, version=version("replymark"))


def readyz() -> ResponseReturnValue:
    try:
        check_current(engine_for(settings().database))
    except BadInput as problem:
        return jsonify(status="not ready", reason=str(problem)), 503
    return jsonify(status="ready")
