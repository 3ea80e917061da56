"""What a row of PAGES says: address, name, view, and who may see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from flask.typing import ResponseReturnValue


class Audience(StrEnum):
    """Who may see a page."""

    EVERYONE = "everyone"
    RESEARCHERS = "researchers"  # texts and evidence of brands; in the rehearsal world they are fictional, so open


@dataclass(frozen=True)
class Page:
    rule: str
    name: str
    view: Callable[..., ResponseReturnValue]
    seen_by: Audience
    methods: tuple[str, ...] = ("GET",)  # a page that changes something is asked by POST, with a token against forgery
