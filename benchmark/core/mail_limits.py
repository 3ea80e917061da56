"""Limits that are checked on the bytes of a mail before anything parses them.

The parser of the standard library is quadratic in several places: in the parameters of a Content-Type, in the depth of
nested parts, in the number of headers that are looked up. So a mail is cut to a size at which none of that hurts, and
the cut is noted as a defect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BYTES = 4 * 1024 * 1024  # the readable text of a mail comes first; what follows are attachments
MAX_LINES = 120_000
MAX_HEADER_BYTES = 128 * 1024
MAX_HEADER_LINES = 2_000
MAX_PARAMETER_BYTES = 1_500  # of one Content-Type or Content-Disposition, folded lines included
MAX_PARTS = 400
MAX_DELIMITERS = 1_500  # lines that begin with "--"; parts may come without any header
MAX_DEPTH = 30

_HEADER_END = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")
_PART_HEADER = re.compile(rb"[\r\n][Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[TtDd][YyIi][^\r\n]*(?:\r?\n[ \t][^\r\n]*)*")
_CONTAINER = re.compile(rb"multipart/|message/", re.IGNORECASE)


@dataclass(frozen=True)
class LimitedMail:
    """The bytes that may be parsed, and what had to be cut."""

    content: bytes
    defects: tuple[str, ...]


def limited(raw: bytes) -> LimitedMail:
    """`raw` without leading blank lines and within all limits; the ordinary mail passes unchanged."""
    defects: list[str] = []
    content = raw.lstrip(b"\r\n\t ")
    for limit in (_limit_size, _limit_lines, _limit_delimiters, _limit_header, _limit_parts):
        shorter = limit(content)
        if shorter is not content:
            defects.append(limit.__name__.removeprefix("_limit_"))
            content = shorter
    named = tuple(f"truncated: {name}" for name in defects)
    return LimitedMail(content, ("truncated", *named) if named else ())


def _limit_size(content: bytes) -> bytes:
    return content if len(content) <= MAX_BYTES else content[:MAX_BYTES]


def _limit_lines(content: bytes) -> bytes:
    # A lone carriage return ends a line for the parser too.
    if content.count(b"\n") + content.count(b"\r") <= MAX_LINES:
        return content
    lines = content.splitlines(keepends=True)
    return content if len(lines) <= MAX_LINES else b"".join(lines[:MAX_LINES])


def _limit_delimiters(content: bytes) -> bytes:
    if content.count(b"\n--") + content.count(b"\r--") <= MAX_DELIMITERS:
        return content
    starts = [match.start() for match in re.finditer(rb"(?:\r\n|\n|\r)--", content)]
    return content if len(starts) <= MAX_DELIMITERS else content[: starts[MAX_DELIMITERS]]


def _limit_header(content: bytes) -> bytes:
    """Cuts the first header block after a whole line and keeps the body."""
    end = _HEADER_END.search(content)
    size = end.start() if end else len(content)
    header = content[:size]
    if size <= MAX_HEADER_BYTES and header.count(b"\n") <= MAX_HEADER_LINES:
        return content
    lines = header[:MAX_HEADER_BYTES].splitlines()[:MAX_HEADER_LINES]
    return b"\n".join(lines[:-1] if len(lines) > 1 else lines) + content[size:]


def _limit_parts(content: bytes) -> bytes:
    """Shortens overlong part headers and ends the mail where parts become too many or too deep."""
    pieces: list[bytes] = []
    done = depth = 0
    for count, match in enumerate(_part_headers(content)):
        depth += bool(_CONTAINER.search(match.group()[:200]))
        if count >= 2 * MAX_PARTS or depth > MAX_DEPTH:
            return b"".join([*pieces, content[done : match.start()]])
        if match.end() - match.start() > MAX_PARAMETER_BYTES:
            pieces += [content[done : match.start()], _first_lines(match.group())]
            done = match.end()
    return b"".join([*pieces, content[done:]]) if done else content


def _part_headers(content: bytes) -> Iterator[re.Match[bytes]]:
    """Each header of that form, one behind the other; looking for the word first is far quicker than for the form."""
    lowered = content.lower()
    at = lowered.find(b"content-", 1)
    while at > 0:
        match = _PART_HEADER.match(content, at - 1)
        if match:
            yield match
        at = lowered.find(b"content-", match.end() if match else at + 1)


def _first_lines(header: bytes) -> bytes:
    """The beginning of an overlong header, cut behind a whole parameter where there is one."""
    beginning = header[:MAX_PARAMETER_BYTES]
    return beginning.rpartition(b";")[0] or beginning
