"""Reports about mail: the fields of delivery and disposition reports, and the returned mail (RFC 3461-3464, 8098)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import Message
from typing import Any

from benchmark.core.decoding import header_text

REPORT_TYPES = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/xdelivery-status",
        "message/disposition-notification",
        "message/global-disposition-notification",
        "message/feedback-report",
    }
)
RETURNED_TYPES = frozenset(
    {
        "message/rfc822",
        "message/global",
        "message/partial",
        "message/rfc822-headers",
        "text/rfc822-headers",
        "text/rfc822",
        "message/global-headers",
    }
)

_MAX_FIELDS = 400
_MAX_VALUE = 2_000
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)

# How mail systems announce the copy of our mail inside their own text.
_COPY_FOLLOWS = re.compile(
    r"^[\s>*|#-]*(?:"
    r"(?:this is a copy of (?:the|your) message|below this line is a copy of the message"
    r"|(?:--- )?the header of the original message is following"
    r"|original message (?:follows|headers?|text)|(?:your )?original message(?: follows)?"
    r"|(?:unsent|returned|undelivered|bounced|failed) message(?: (?:follows|below|text|headers?))?"
    r"|message (?:text|header|headers|contents?)(?: follows?)?|the (?:first|text|body) .{0,40} (?:follows?|message)"
    r"|returned (?:mail|message|content)|headers? (?:of the original message )?follows?"
    r"|included is a copy of the message(?: header)?"
    r"|start of (?:the )?returned message|forwarded message|mail message follows"
    r"|kopie der (?:e-?mail|nachricht)|urspr(?:ü|ue)ngliche nachricht"
    r"|(?:der )?header der (?:urspr(?:ü|ue)nglichen )?nachricht)"
    r")[^\n]{0,80}$",
    re.IGNORECASE | re.MULTILINE,
)
_BARE_HEADERS = re.compile(r"^(?:Return-Path|Received|DKIM-Signature|Message-ID|X-Originating-IP):\s?\S", re.MULTILINE)


def report_fields_of(part: Message[Any, Any]) -> tuple[tuple[str, str], ...]:
    """All fields of all blocks of a machine-readable report part, names in lower case."""
    return tuple(_limited(_fields_below(part, 0)))


def _fields_below(part: Message[Any, Any], depth: int) -> Iterator[tuple[str, str]]:
    payload = part.get_payload()
    if isinstance(payload, str):
        yield from fields_in_text(payload)
    elif isinstance(payload, list) and depth < 4:
        for block in payload:
            if isinstance(block, str):
                yield from fields_in_text(block)
                continue
            yield from ((name.lower(), header_text(str(value))) for name, value in block.raw_items())
            yield from _fields_below(block, depth + 1)


def fields_in_text(text: str) -> Iterator[tuple[str, str]]:
    """`Name: value` lines, folded ones joined."""
    for match in _FIELD.finditer(text[:60_000].replace("\r\n", "\n")):
        yield match[1].lower(), header_text(match[2][:_MAX_VALUE])


def _limited(fields: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for count, (name, value) in enumerate(fields):
        if count >= _MAX_FIELDS:
            return
        yield name, value[:_MAX_VALUE]


def returned_mail_of(part: Message[Any, Any]) -> tuple[tuple[tuple[str, str], ...], Message[Any, Any] | None]:
    """Headers of the returned mail, and the mail itself where the report carries it whole."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and not isinstance(payload[0], str):
        inner = payload[0]
        return tuple(_limited((name.lower(), header_text(str(value))) for name, value in inner.raw_items())), inner
    return tuple(_limited(fields_in_text(str(payload)))), None


def split_returned(text: str) -> tuple[str, str]:
    """The words of the mail system, and the copy of our mail it put below them ("" when there is none)."""
    announced = _COPY_FOLLOWS.search(text)
    bare = _BARE_HEADERS.search(text)
    starts = [match.start() for match in (announced, bare) if match and match.start() > 0]
    if not starts:
        return text, ""
    cut = min(starts)
    return text[:cut], text[cut:]
