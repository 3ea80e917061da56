"""Ticket numbers in the forms help desks write them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmark.core.classification.tickets import tickets_of
from benchmark.core.values import InboundMessage

# One text a row and the whole number it names; none where no number stands.
TEXTS = list(csv.DictReader((Path(__file__).parent / "ticket_texts.csv").open(encoding="utf-8")))


def tickets(subject: str = "", text: str = "") -> tuple[str, ...]:
    return tickets_of(InboundMessage(sha256="0", size=1, subject=subject, text=text))


@pytest.mark.parametrize(
    ("subject", "ticket"),
    [
        ("[Ticket#2026031010000025] Frage", "2026031010000025"),
        ("(Ticket#12-34) Frage", "12-34"),
        ("[brand.test #7] AutoReply: Frage", "7"),
        ("[Service - Support #321] Frage", "321"),
        ("[service-1] Frage (Eröffnet)", "service-1"),
        ("[issue42] Frage", "issue42"),
        ("INC0012345: Frage", "INC0012345"),
        ("Case CS0012345 opened", "CS0012345"),
        ("Re: Frage [ ref:_00D1a0bcd._5001a2bcd3:ref ]", "ref:_00D1a0bcd._5001a2bcd3:ref"),
        ("Ticket Received - 88", "88"),
        ("HELP-77 Frage", "HELP-77"),
        ("We received your request (#48213)", "48213"),
    ],
)
def test_a_ticket_in_the_subject_is_found(subject: str, ticket: str) -> None:
    assert tickets(subject) == (ticket,)


@pytest.mark.parametrize(
    ("text", "ticket"),
    [
        ("Your ticket number is 48213.", "48213"),
        ("Your case number: CAS-00123", "CAS-00123"),
        ("Reference number: AB/1234", "AB/1234"),
        ("Ihre Vorgangsnummer lautet: 2026-4711.", "2026-4711"),
        ("Ihre Bearbeitungsnummer: 998877", "998877"),
        ("Ticket-Nr.: 5544", "5544"),
        ("Unser Zeichen: VB-2026/118", "VB-2026/118"),
        ("Aktenzeichen: 12 C 34/26, bitte angeben", "12 C 34/26"),
        ("Votre numéro de dossier est le 123456.", "123456"),
    ],
)
def test_a_ticket_in_the_text_is_found(text: str, ticket: str) -> None:
    assert ticket in tickets(text=text)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Frage zur Lieferzeit", "Die Lieferung kommt am 12.03.2026 zwischen 10:00 und 12:00 Uhr."),
        ("Re: 3 chairs", "They cost 120 euros, call 0561 4711."),
        ("Frage", "Am 1.3. schrieb Anna:\n> Meine Ticketnummer ist 99"),
        ("UTF-8 in filenames", "see RFC-2047"),
    ],
)
def test_other_numbers_are_no_tickets(subject: str, text: str) -> None:
    assert tickets(subject, text) == ()


@pytest.mark.parametrize("row", TEXTS, ids=[f"{number}" for number, _ in enumerate(TEXTS, 2)])
def test_the_whole_number_is_read_and_no_other(row: dict[str, str]) -> None:
    assert tickets(**{row["where"]: row["text"]}) == ((row["ticket"],) if row["ticket"] else ())
