"""Bytes of a page as text, whatever they were written in."""

from __future__ import annotations

import codecs
import re

_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
# Python codecs that are no charsets of pages; some of them are slow on purpose-made input.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(raw: bytes) -> str:
    """Byte order mark, then the page's own word, then UTF-8, then Windows-1252."""
    named = _CHARSET.search(raw[:4096])
    tries = [name for mark, name in _MARKS if raw.startswith(mark)]
    tries += [named.group(1).decode("ascii", "replace")] if named else []
    for name in (*tries, "utf-8"):
        try:
            if codecs.lookup(name).name not in _NO_CHARSETS:
                return raw.decode(name)
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Elements that hold nothing or that HTML closes by itself: they do not nest.
_FLAT = re.compile(
    r"area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|p|li|dt|dd|option|optgroup|tr|td|th|thead|"
    r"tbody|tfoot|colgroup|body|html|head",
    re.IGNORECASE,
)


def shallow(html: str, depth: int = 2000) -> str:
    """The page up to where its elements nest deeper than any honest page's: parsers take quadratic time there."""
    open_now = 0
    for tag in _TAG.finditer(html):
        if not _FLAT.fullmatch(tag.group(2)):
            open_now = max(0, open_now - 1) if tag.group(1) else open_now + 1
            if open_now > depth:
                return html[: tag.start()]
    return html
