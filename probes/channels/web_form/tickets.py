"""Ticket numbers as pages and acknowledgements write them."""

from __future__ import annotations

import re

_WORDS = (
    r"ticket(?:[ -]?(?:nummer|number|nr|no|id))?|vorgangs?(?:[ -]?(?:nummer|nr))?|anfrage[ -]?(?:nummer|nr)|"
    r"fall(?:nummer|[ -]nr)|"
    r"case(?: (?:number|no|id))?|reference(?: (?:number|no|code))?|referenz(?:nummer|[ -]nr)?|ref|"
    r"request(?: (?:number|no|id))?|"
    r"aktenzeichen|bearbeitungsnummer|inquiry (?:number|no)|enquiry (?:number|no)"
)
_ID = r"[A-Z0-9](?:[A-Z0-9]|[-_./](?=[A-Z0-9])){2,30}"
_PATTERNS = (
    re.compile(rf"\b(?:{_WORDS})\b\s*(?:ist|is|lautet)?\s*[:.#]*\s*[\[(]?#?({_ID})", re.IGNORECASE),
    re.compile(rf"\[#({_ID})\]", re.IGNORECASE),
    re.compile(rf"\((#?{_ID})\)"),
    re.compile(r"(?<![\w&])#(\d{4,12})\b"),
)


def ticket_ids(text: str, pattern: str = "") -> tuple[str, ...]:
    """Every ticket number in a text, first mention first. `pattern` is a recipe's own; its group 1 is the number."""
    patterns = (re.compile(pattern),) if pattern else _PATTERNS
    found = (match for each in patterns for match in each.finditer(text))
    ids = ((match.start(), (match.group(1) if match.re.groups else match.group(0)).lstrip("#")) for match in found)
    return tuple(dict.fromkeys(ticket for _, ticket in sorted(ids) if any(char.isdigit() for char in ticket)))
