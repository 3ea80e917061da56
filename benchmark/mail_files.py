"""Files that hold mail: which of them are mbox files, and the mails in them, never more than one in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

_MBOX_SUFFIXES = (".mbox", ".mbx")
_HEADER_LINE = re.compile(rb"^(?:\xef\xbb\xbf)?[A-Za-z0-9][A-Za-z0-9_.-]*[ \t]*:", re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")


def is_mail(content: bytes) -> bool:
    """Has it a header line before its first blank one? Every mail has, however broken."""
    head = _BLANK_LINE.split(content.strip(), maxsplit=1)[0]
    return _HEADER_LINE.search(head.replace(b"\r", b"\n")) is not None


def is_mbox(path: Path) -> bool:
    """An mbox by its name, or by a second "From " line behind a blank one: a single mail may begin with one too."""
    if path.suffix.lower() in _MBOX_SUFFIXES:
        return True
    with path.open("rb") as file:
        return _begins_twice(file)


def _begins_twice(file: IO[bytes]) -> bool:
    return file.read(5) == b"From " and any(_mbox_starts(file))


def _mbox_starts(file: IO[bytes]) -> Iterator[bytes]:
    blank = False
    for line in file:
        if blank and _is_from_line(line):
            yield line
        blank = not line.strip()


def _is_from_line(line: bytes) -> bool:
    """`From sender Thu Apr 29 23:34:45 2004`: a sentence that begins with "From" has no time of day."""
    return line.startswith(b"From ") and line.count(b":") >= 2 and line[:200].rstrip()[-4:].isdigit()


def mails_of_mbox(path: Path) -> Iterator[bytes]:
    """The mails of an mbox one after the other, never more than one in memory."""
    with path.open("rb") as file:
        yield from _mails_of(file)


def mails_piped(content: bytes) -> list[bytes]:
    """Those of an mbox, else the one mail it is: an MTA may write a "From " line before a single one too."""
    return list(_mails_of(BytesIO(content))) if _begins_twice(BytesIO(content)) else [content]


def _mails_of(file: IO[bytes]) -> Iterator[bytes]:
    lines: list[bytes] = []
    blank = True
    for line in file:
        if blank and _is_from_line(line) and lines:
            yield _without_separator(lines)
            lines = []
        lines.append(line[1:] if line.startswith(b">From ") else line)
        blank = not line.strip()
    if lines:
        yield _without_separator(lines)


def _without_separator(lines: list[bytes]) -> bytes:
    """One blank line behind each mail is the mbox's own (RFC 4155), so that a mail has the bytes it has elsewhere."""
    is_separated = lines[0].startswith(b"From ") and lines[-1] in (b"\n", b"\r\n")
    return b"".join(lines[:-1] if is_separated else lines)
