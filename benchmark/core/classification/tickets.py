"""Ticket numbers in subject and own text. A number that stood in our own inquiry is no ticket."""

from __future__ import annotations

import re
from collections.abc import Iterator

from benchmark.core.classification.wording import Place, as_written, folded
from benchmark.core.quoting import own_text
from benchmark.core.values import InboundMessage

_TABLES = ("tickets",)
_MAX_TICKETS = 8
_MAX_TEXT = 6_000
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d\S*")
_BEFORE, _AFTER = 90, 12  # characters around a number
_REST = re.compile(r"[\w./:-]*", re.ASCII)  # of a number that a rule saw the beginning of: 2026 of 2026/4431
_NO_TICKET = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}[./]\d{1,2}|\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}"  # a date or a time
    r"|(?:19|20)\d\d"
    r"|\d{1,3}(?:\.\d{3})+"  # twenty thousand
)
_GOES_ON = re.compile(r"[ /-]{1,3}\d{3}")  # as telephone numbers do behind their prefix
_TRAILING = ".:/-"


def tickets_of(message: InboundMessage, our_text: str = "", own: str | None = None) -> tuple[str, ...]:
    """The ticket numbers a mail names, as written there; `own` is its cut text where the caller has it already."""
    if own is None:
        own = own_text(message.text, our_text) if our_text else message.own_words
    text = own[:_MAX_TEXT]
    ours = folded(our_text)
    written = f"{message.subject}\n{text}"
    found = (ticket for ticket in _found(folded(message.subject), folded(text)) if not _said_by_us(ticket, ours))
    return tuple(dict.fromkeys(as_written(ticket, written) for ticket in found))[:_MAX_TICKETS]


def _said_by_us(ticket: str, ours: str) -> bool:
    """As a word of its own. Looked for by hand: a pattern made for each number costs more than the search."""
    at = ours.find(ticket)
    while at >= 0:
        around = ours[max(at - 1, 0) : at], ours[at + len(ticket) : at + len(ticket) + 1]
        if not any(sign.isalnum() or sign == "_" for sign in around):
            return True
        at = ours.find(ticket, at + 1)
    return False


def _found(subject: str, text: str) -> Iterator[str]:
    places = {
        "subject": Place("subject", subject if _DIGIT.search(subject) else "", tables=_TABLES),
        "text": Place("text", _around_numbers(text), tables=_TABLES),
    }
    likely = [(row, place) for place in places.values() for row in place.likely]
    for row, place in sorted(likely, key=lambda pair: pair[0].number):
        for match in row.matches(place):
            ticket = match["id"] if row.topic == "link" else _whole(match)
            if ticket and not _is_other_number(ticket, match):
                yield ticket


def _whole(match: re.Match[str]) -> str:
    rest = _REST.match(match.string, match.end("id"))
    return (match["id"] + (rest.group() if rest else "")).strip(_TRAILING)


def _is_other_number(ticket: str, match: re.Match[str]) -> bool:
    """A link, a date, a time, a year without a sign of number before it, or the prefix of a telephone number."""
    if "://" in ticket:
        return True
    if _NO_TICKET.fullmatch(ticket):
        return match.string[match.start("id") - 1 : match.start("id")] != "#" or len(ticket) != 4
    goes_on = _GOES_ON.match(match.string, match.start("id") + len(ticket))
    return ticket.startswith("0") and ticket.isdigit() and goes_on is not None


def _around_numbers(text: str) -> str:
    """Only the surroundings of digits: letters are mostly words, and every pattern costs time."""
    pieces: list[str] = []
    end = 0
    for match in _NUMBER.finditer(text):
        start = max(match.start() - _BEFORE, end)
        if start > end:
            pieces.append("\n")
        end = max(end, match.end() + _AFTER)
        pieces.append(text[start:end])
    return "".join(pieces)
