"""Keeps a text from being run as a formula by whoever opens the download."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"(?:^|[\r\n])[ \ufeff\0\u200b-\u200f\u2060\u00ad]*[=+\-@\t\r＝＋－＠]")


def guarded(text: str) -> str:
    """The text, with a leading apostrophe where it begins like a formula, also after an embedded line break."""
    return f"'{text}" if _FORMULA.search(text) else text
