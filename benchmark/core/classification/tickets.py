"""Ticket numbers in subject and own text. A number that stood in our own inquiry is no ticket."""

from __future__ import annotations

import re
from collections.abc import Iterator

from benchmark.core.classification.wording import Place, folded, table
from benchmark.core.quoting import own_text
from benchmark.core.values import InboundMessage

_MAX_TICKETS = 8
_MAX_TEXT = 6_000
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d\S*")
_BEFORE, _AFTER = 90, 12  # characters around a number
_DATE_LIKE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}")
_TRAILING = ".:/-"


def tickets_of(message: InboundMessage, our_text: str = "", own: str | None = None) -> tuple[str, ...]:
    """The ticket numbers a mail names, as written there; `own` is its cut text where the caller has it already."""
    text = (own if own is not None else own_text(message.text, our_text))[:_MAX_TEXT]
    ours = folded(our_text)
    written = f"{message.subject}\n{text}"
    found = (ticket for ticket in _found(folded(message.subject), folded(text)) if not _said_by_us(ticket, ours))
    return tuple(dict.fromkeys(_as_written(ticket, written) for ticket in found))[:_MAX_TICKETS]


def _said_by_us(ticket: str, ours: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(ticket)}(?!\w)", ours)) if ours else False


def _found(subject: str, text: str) -> Iterator[str]:
    places = {
        "subject": Place("subject", subject if _DIGIT.search(subject) else ""),
        "text": Place("text", _around_numbers(text)),
    }
    for row in table("tickets"):
        for match in row.matches(places[row.where]):
            ticket = match["id"].strip(_TRAILING)
            if ticket and not _DATE_LIKE.fullmatch(ticket):
                yield ticket


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


def _as_written(ticket: str, written: str) -> str:
    """The number in its own case: rules look at lower case."""
    match = re.search(re.escape(ticket), written, re.IGNORECASE)
    return match.group() if match else ticket
