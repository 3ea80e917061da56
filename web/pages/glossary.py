"""The words of the field, each in one sentence."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue


def page() -> ResponseReturnValue:
    return render_template("glossary.html")
