"""Desks tell that a ticket is closed: what that is where nobody had answered yet, and after an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmark.core.classification import classify
from benchmark.core.values import InboundMessage, MatchContext
from benchmark.core.vocabulary import ReplyKind

T0 = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
UNANSWERED = MatchContext(t0=T0, received_at=T0 + timedelta(days=3), our_subject="Frage zum Tarif")
ANSWERED = replace(UNANSWERED, answered_before=True)
BY_MACHINE = (("auto-submitted", "auto-generated"),)

CLOSED = {
    "Ticket #991 wurde geschlossen": "Guten Tag,\n\nIhr Ticket #991 wurde geschlossen.\n\n"
    "Diese Nachricht wurde automatisch erstellt.",
    "Ticket #992 status changed": "The status of your ticket #992 has been changed to Pending. "
    "This is an automated notification.",
    "Your request has been solved [#12]": "Hello Anna,\n\nYour request (12) has been solved. "
    "You can reopen it by replying to this email.",
}
ANSWERS = {
    "Your request has been solved: Tariffs": "Hi Anna,\nOur tariffs run for a year, and you may end them with a "
    "month's notice on any working day.\nKim\n"
    "Your request has been solved. You can reopen it by replying to this email.",
    "Ticket gelöst - Frage zum Tarif [#8812]": "Guten Tag Frau Berg,\n\nder Tarif läuft zwölf Monate und ist danach "
    "monatlich kündbar.\n\nIhr Ticket wurde damit gelöst.\n\nViele Grüße\nTina Weiß",
    "Re: Frage zum Tarif": "##- Please type your reply above this line -##\n\nRavi (Lampworks)\n"
    "Mar 10, 2026, 9:31 GMT+1\n\nHi Anna,\n\nIt runs for a year.\n\n"
    "Your request (8812) has been solved. To reopen, reply to this email.",
}


def mail(subject: str, text: str) -> InboundMessage:
    return InboundMessage(
        sha256="0",
        size=1,
        from_address="support@lampworks.example",
        from_name="Support",
        subject=subject,
        to=("anna@study.example",),
        headers=BY_MACHINE,
        text=text,
    )


@pytest.mark.parametrize("subject", CLOSED)
def test_a_closed_ticket_without_anybodys_words_is_no_persons_reply(subject: str) -> None:
    letter = mail(subject, CLOSED[subject])

    assert classify(letter, UNANSWERED).kind is ReplyKind.AUTO_ACK
    assert classify(letter, ANSWERED).kind is ReplyKind.FOLLOWUP


SHORT_ANSWERS = (
    "Hallo Frau Berg,\n\nIhre Anfrage ist noch in Bearbeitung, ich warte auf die Kollegen.\n\nViele Grüße\nTina Weiß",
    "Hi Anna,\n\nYes, for a year.\n\nYour request has been solved.\n\nKim",
    "Hi Anna,\n\n- term: 12 months\n- price: 20 euros\n\nYour request has been solved.\n\nKind regards\nKim Wu",
)


@pytest.mark.parametrize("text", SHORT_ANSWERS)
def test_agents_answer_through_desks_that_call_all_mail_automatic(text: str) -> None:
    assert classify(mail("Re: Frage zum Tarif", text), UNANSWERED).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize(
    "line",
    ["Opening hours: Mon-Fri 9:00 - 17:00", "Erstellt am 10.03.2026 um 09:00 Uhr", "Horaires : de 9h00 à 17h00"],
)
def test_a_clock_time_in_a_notice_is_nobodys_word(line: str) -> None:
    text = f"Hello,\n\nYour request (12) has been solved.\n\n{line}\n\nYou can reopen it by replying to this email."

    assert classify(mail("Your request has been solved", text), UNANSWERED).kind is not ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize("subject", ANSWERS)
def test_words_beside_it_are_the_reply(subject: str) -> None:
    assert classify(mail(subject, ANSWERS[subject]), UNANSWERED).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize(
    "text",
    [
        "Wir haben vom 3. bis 14. August Betriebsferien und sind ab dem 17. wieder da.",
        "We are closed from 3 April to 6 April and open again on the 7th.",
    ],
)
def test_who_is_asked_for_opening_hours_answers_with_a_closure(text: str) -> None:
    asked = replace(UNANSWERED, our_subject="Öffnungszeiten im August / opening hours at Easter")
    reply = replace(mail(f"Re: {asked.our_subject}", text), headers=(), in_reply_to=("<1@study.example>",))

    assert classify(reply, asked).kind is ReplyKind.HUMAN_REPLY
    assert classify(replace(reply, headers=BY_MACHINE), asked).kind is ReplyKind.OUT_OF_OFFICE


@pytest.mark.parametrize("asked", ["Ist Ihre Schnittstelle open source?", "Haben Sie am Feiertag geöffnet?"])
def test_who_is_away_themselves_answers_nothing(asked: str) -> None:
    text = "Ich bin vom 3. bis 20. März im Urlaub und habe keinen Zugriff auf meine E-Mails.\n\nTina Weiß"
    context = replace(UNANSWERED, our_subject="Frage", our_text=asked)

    assert classify(replace(mail("Re: Frage", text), headers=()), context).kind is ReplyKind.OUT_OF_OFFICE


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Mancata consegna: domanda", "Il messaggio non è stato recapitato, casella piena."),
        ("Échec de la livraison", "Le destinataire n'existe pas, votre message n'a pas pu être remis."),
        ("Unzustellbar: Frage", "Wir waren nicht in der Lage, Ihre Nachricht zuzustellen. Das Postfach ist voll."),
    ],
)
def test_mail_is_delivered_too(subject: str, text: str) -> None:
    letter = replace(mail(subject, text), return_path="", from_address="gateway@lampworks.example")

    assert classify(letter, UNANSWERED).kind is ReplyKind.BOUNCE


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "Zustellung fehlgeschlagen: Ihr Paket",
            "Hallo Frau Berg, der Bote konnte Ihr Paket nicht zustellen. Wir senden es nächste Woche erneut.\n\nLisa",
        ),
        ("Ihre Bestellung verzögert sich", "Leider verzögert sich die Lieferung Ihrer Bestellung um drei Tage."),
        ("Your parcel could not be delivered", "Your parcel could not be delivered today. When are you in?"),
    ],
)
def test_parcels_are_no_mail(subject: str, text: str) -> None:
    letter = replace(mail(subject, text), headers=())

    for context in (UNANSWERED, None):
        assert classify(letter, context).kind not in (ReplyKind.BOUNCE, ReplyKind.DELIVERY_DELAY)
