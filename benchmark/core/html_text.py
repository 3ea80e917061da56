"""HTML to plain lines, for reading by rules (pages show HTML another way)."""

from __future__ import annotations

import re
from html import unescape

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

MAX_HTML = 400_000  # characters
_MANY_TAGS = 3_000
_MAX_DEPTH = 1_000

_INVISIBLE = re.compile(r"<(style|script|head|title)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
# What no reader sees: previews for the list of mails, texts for another screen.
_HIDDEN = (
    "[hidden], [style*='display:none' i], [style*='display: none' i], [style*='visibility:hidden' i],"
    " [style*='visibility: hidden' i]"
)
_MAY_HIDE = re.compile(r"\bhidden\b|display: ?none", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table|/blockquote|/pre|hr)\b[^>]{0,500}>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<(?:p|h[1-6]|blockquote|table)\b", re.IGNORECASE)
_PREFORMATTED = re.compile(r"<pre\b[^>]{0,500}>.*?</pre\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_OPENING = re.compile(r"<(/?)(?!br|img|hr|meta|link|input|col|p\b|li\b|td|tr|[!?])[a-z]", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\xa0\u200b\u200c\ufeff\u00ad]+")
_MANY_LINES = re.compile(r"\n{3,}")


def text_of_html(html: str) -> str:
    """The visible text with a line break where a block ends. Never raises; deep nesting is read without a parser."""
    source = _with_line_breaks(html[:MAX_HTML])
    text = _without_tags(source) if _too_deep(source) else _parsed_text(source)
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _with_line_breaks(html: str) -> str:
    """White space of the source is one space; ends of blocks become the only line breaks."""
    if "<pre" in html or "<PRE" in html:
        html = _PREFORMATTED.sub(lambda match: match.group().replace("\n", "<br>"), html)
    flat = html.replace("\r", " ").replace("\n", " ")
    return _BREAK.sub(lambda match: match.group() + "\n", _PARAGRAPH.sub(lambda match: "\n" + match.group(), flat))


def _too_deep(html: str) -> bool:
    """Nested deeper than `_MAX_DEPTH` the parser needs seconds (measured: 100,000 nested divs take 33 s)."""
    if html.count("<") < _MANY_TAGS:
        return False
    depth = deepest = 0
    for match in _OPENING.finditer(html):
        depth += -1 if match[1] else 1
        deepest = max(deepest, depth)
    return deepest > _MAX_DEPTH


def _parsed_text(html: str) -> str:
    try:
        tree = LexborHTMLParser(html)
        tree.strip_tags(["style", "script", "head", "title", "noscript"])
        if tree.body is None:
            return ""
        whole = tree.body.text()
        for element in tree.body.css(_HIDDEN) if _MAY_HIDE.search(html) else ():
            if element.tag not in ("html", "body"):
                element.decompose()
        seen = tree.body.text() if tree.body else ""
        return seen if seen.strip() else whole
    except (ValueError, RuntimeError, UnicodeError, SelectolaxError):
        return _without_tags(html)


def _without_tags(html: str) -> str:
    return unescape(_TAG.sub("", _INVISIBLE.sub(" ", html)))
