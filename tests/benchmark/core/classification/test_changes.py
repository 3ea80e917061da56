"""Notes of changed fields, as trackers' own templates write them, and people's words in the same templates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmark.core.classification import classify
from benchmark.core.values import InboundMessage, MatchContext
from benchmark.core.vocabulary import FollowUpKind, ReplyKind

T0 = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
CONTEXT = MatchContext(t0=T0, received_at=T0 + timedelta(days=1), our_subject="Question", answered_before=True)

RULE = "-" * 40
NOTES = {
    "roundup": "Change by admin <admin@lampworks.example>:\n\n\n----------\nstatus: chatting -> resolved\n",
    "roundup in German": "Änderung von Tom <t@lampworks.example>:\n\n\n----------\nstatus: chatting -> resolved\n",
    "redmine": f"Issue #3 has been updated by Tom Field.\n\nStatus changed from New to Closed\n\n{RULE}\n",
    "redmine in German": "Anfrage #3 wurde von Tom aktualisiert.\n\nStatus wurde von Neu auf Erledigt geändert\n",
    "trac": "Changes (by tom):\n\n * status:  new => closed\n * resolution:   => fixed\n\n-- \nTicket URL: <#1>",
    "bugzilla": "https://bugs.example/show_bug.cgi?id=3\n\nTom Field <tom@bugs.example> changed:\n\n"
    f"           What    |Removed    |Added\n{RULE}\n             Status|NEW        |RESOLVED\n",
}


def mail(text: str) -> InboundMessage:
    return InboundMessage(
        sha256="0",
        size=1,
        from_address="service@brand.example",
        from_name="Service",
        subject="[issue3] Question",
        to=("anna@study.example",),
        in_reply_to=("<probe-1@study.example>",),
        headers=(("precedence", "bulk"),),
        text=text,
    )


@pytest.mark.parametrize("text", NOTES.values(), ids=NOTES)
def test_a_note_that_it_is_resolved_is_no_persons_reply(text: str) -> None:
    verdict = classify(mail(text), CONTEXT)

    assert (verdict.kind, verdict.followup_kind) == (ReplyKind.FOLLOWUP, FollowUpKind.CHECKS_BACK)


def test_a_note_that_work_goes_on_reports_progress() -> None:
    text = "Change by Tom:\n\n----------\nassignedto:  -> tom\nstatus: unread -> in-progress\n"

    assert classify(mail(text), CONTEXT).followup_kind is FollowUpKind.PROGRESS


def test_a_note_before_any_answer_shows_only_that_the_inquiry_arrived() -> None:
    unanswered = MatchContext(t0=T0, received_at=T0 + timedelta(days=1), our_subject="Question")

    assert classify(mail(NOTES["roundup"]), unanswered).kind is ReplyKind.AUTO_ACK


@pytest.mark.parametrize(
    "text",
    [
        "Tom Field added the comment:\n\nIt takes two weeks.\n\n----------\nstatus: unread -> resolved\n",
        f"Issue #3 has been updated by Tom.\n\nStatus changed from New to Closed\n\nIt takes two weeks.\n\n{RULE}\n",
        "Changes (by tom):\n\n * status:  new => closed\n\nComment:\n\n It takes two weeks.\n",
        "Hello,\n\nDelivery: Monday -> Friday\n\nKind regards\nTom Field\n",
        "The price list:\n\nLamp: 149 euros\n",
        "Samstags haben wir bis 14 Uhr auf und sonntags zu.",
        "Wir kommen auf Sie zu.",
        "Das finden Sie alles auf unserer Homepage unter Kontakt.",
        "Ich freue mich auf Ihren Besuch!",
        "Der Tarif ist auf 24 Monate festgelegt.\nDie Kaution wird auf Ihr Konto überwiesen.",
        "Your tariff was changed from Basic to Plus.",
        "Ihr Tarif wurde von Basis auf Plus geändert.",
        "The alarm is set to ring at eight.",
    ],
)
def test_a_person_who_says_something_beside_the_note_has_replied(text: str) -> None:
    assert classify(mail(text), CONTEXT).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize(
    "text",
    [
        "Umzug: Kundenkonto -> Verträge -> Adresse ändern",
        "Phone: 8am -> 8pm",
        "Öffnungszeiten: 8 Uhr => 20 Uhr",
        "Version: Help -> About",
        "Due date changed from 3 March to 5 March.",
        "Preis wurde von 10 Euro auf 12 Euro geändert.",
    ],
)
def test_arrows_beside_no_field_of_a_tracker_are_a_persons(text: str) -> None:
    reply = replace(mail(text), headers=(), subject="Re: Question")

    assert classify(reply, CONTEXT).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize("heading", ["Neue Nachricht von", "Nouvel envoi de", "New submission from"])
def test_our_own_mail_given_back_under_a_heading_is_a_receipt(heading: str) -> None:
    ours = "Hello,\n\nhow long does the delivery of the floor lamp take?\n\nKind regards\nAnna Berg\n"
    context = MatchContext(t0=T0, received_at=T0 + timedelta(hours=2), our_subject="Question", our_text=ours)
    text = f"{heading} Anna Berg <anna@study.example>:\n\n{ours}\n----------\nmessages: 1\nstatus: unread\n"

    assert classify(mail(text), context).kind is ReplyKind.AUTO_ACK


def test_words_under_a_heading_that_names_us_are_a_persons() -> None:
    text = "Your mail of Monday, Anna Berg <anna@study.example>:\n\nIt takes two weeks.\n\nTom Field\n"

    assert classify(mail(text), CONTEXT).kind is ReplyKind.HUMAN_REPLY
