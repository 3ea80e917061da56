"""Answers that a machine wrote and says so, against receipts, lists of links and people who mention a machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmark.core.classification import classify
from benchmark.core.values import InboundMessage, MatchContext
from benchmark.core.vocabulary import FollowUpKind, ReplyKind

T0 = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
CONTEXT = MatchContext(t0=T0, received_at=T0 + timedelta(minutes=4), our_subject="Frage")
MAIL = InboundMessage(
    sha256="0",
    size=1,
    from_address="hilfe@brand.example",
    from_name="Sonnenrad Hilfe",
    subject="AW: Frage",
    to=("anna@study.example",),
    in_reply_to=("<probe-1@study.example>",),
)
AUTO = (("auto-submitted", "auto-replied"),)


def kind(text: str, headers: tuple[tuple[str, str], ...] = AUTO) -> ReplyKind:
    return classify(replace(MAIL, text=text, headers=headers), CONTEXT).kind


@pytest.mark.parametrize(
    "text",
    [
        "Hallo Anna,\n\nich bin Sola, der virtuelle Assistent von Sonnenrad. Taschen tauschen wir 30 Tage lang um, der"
        " Rückversand ist frei.\n\nMöchten Sie lieber mit einem Menschen sprechen? Antworten Sie auf diese E-Mail.",
        "Guten Tag,\n\ndie Reparatur einer Nabe dauert etwa eine Woche und kostet 40 Euro.\n\nDiese Auskunft wurde mit"
        " künstlicher Intelligenz erstellt. Eine Mitarbeiterin prüft sie auf Wunsch gern.",
        "Hallo,\n\nunser Chatbot hat für Sie die passende Antwort gefunden:\n\nDie Räder werden samstags von 9 bis 13"
        " Uhr ausgegeben.\n\nNicht zufrieden? Dann hilft unser Team weiter.",
        "Hi Anna,\n\nThe panniers hold 20 litres each and fit every rack up to 16 mm.\n\nThis reply was drafted by our"
        " AI agent. Write back if you would rather talk to a person.",
        "Hello,\n\nI'm Sola, the virtual assistant at Sonnenrad. Bikes can be collected on Saturdays between nine and"
        " one, and the fee is paid on the spot.\n\nA colleague will take over if you reply.",
        "Bonjour,\n\nLes sacoches peuvent être échangées pendant trente jours, le retour est gratuit.\n\nCette réponse"
        " a été générée par notre assistant virtuel.",
    ],
)
def test_a_complete_answer_by_a_declared_machine_is_an_automated_answer(text: str) -> None:
    assert kind(text) is ReplyKind.AUTOMATED_ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "Hallo Anna,\n\nich bin Sola, der digitale Assistent von Sonnenrad. Ihre Anfrage ist bei uns eingegangen. Wir"
        " melden uns innerhalb von zwei Werktagen bei Ihnen.",
        "Hi Anna,\n\nI'm Sola, your virtual assistant. We have received your request. Our team will get back to you"
        " within two business days.",
        "Hi Anna,\n\nThank you for contacting us. We have received your message. While you wait, our AI assistant has"
        " found these articles:\n\n- Returns https://brand.example/returns\n- Delivery https://brand.example/delivery",
        "Hallo Anna,\n\nvielen Dank für Ihre Nachricht, sie ist bei uns eingegangen. Unser Chatbot hat vielleicht schon"
        " eine Antwort gefunden:\n\n- Rückgabe: https://brand.example/rueckgabe\n- Versand: https://brand.example/versand",
    ],
)
def test_a_machine_that_only_confirms_or_lists_links_acknowledges(text: str) -> None:
    assert kind(text) is ReplyKind.AUTO_ACK


@pytest.mark.parametrize(
    "text",
    [
        "Hallo Anna,\n\ndie Tasche passt an jeden Träger bis 16 mm. Wenn Sie abends noch etwas wissen möchten, fragen"
        " Sie gern auch unseren Chatbot auf der Seite.\n\nViele Grüße\nJo Brandt",
        "Hi Anna,\n\nThe panniers fit every rack up to 16 mm, so yours is fine. Sorry our chatbot got it wrong.\n\n"
        "Best\nTom Field",
    ],
)
def test_a_person_who_mentions_a_machine_is_a_person(text: str) -> None:
    later = replace(CONTEXT, received_at=T0 + timedelta(hours=5))

    assert classify(replace(MAIL, text=text), later).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize(
    "text",
    [
        "Hallo Frau Probe,\n\nletzte Woche hatte ich Ihnen zur Tasche geschrieben. Hat bei Ihnen alles geklappt?\n\n"
        "Viele Grüße\nJo Brandt",
        "Hallo Frau Probe,\n\nich wollte mich noch einmal erkundigen, ob der Umtausch geklappt hat und Sie zufrieden"
        " sind.\n\nViele Grüße\nJo Brandt",
        "Hi Anna,\n\nI'm just checking in to see whether the new panniers fit.\n\nBest\nTom Field",
        "Dear Anna,\n\nyou asked us about panniers last week. Is everything sorted now?\n\nBest\nTom Field",
        "Hi Anna,\n\nI wanted to make sure that everything worked out with the exchange.\n\nBest\nTom Field",
    ],
)
def test_asking_some_days_later_whether_all_is_well_checks_back(text: str) -> None:
    context = replace(CONTEXT, received_at=T0 + timedelta(days=6), answered_before=True)

    verdict = classify(replace(MAIL, text=text), context)

    assert (verdict.kind, verdict.followup_kind) == (ReplyKind.FOLLOWUP, FollowUpKind.CHECKS_BACK)


@pytest.mark.parametrize(
    "text",
    [
        "Hallo Frau Probe,\n\ndie blaue Tasche ist jetzt auch da und kostet 60 Euro. Ich hoffe, ich konnte Ihnen"
        " weiterhelfen.\n\nViele Grüße\nJo Brandt",
        "Hi Anna,\n\nno, the blue one is sold out. I hope this helps.\n\nBest\nTom Field",
    ],
)
def test_a_second_answer_is_no_check_back(text: str) -> None:
    context = replace(CONTEXT, received_at=T0 + timedelta(days=2), answered_before=True)

    assert classify(replace(MAIL, text=text), context).kind is ReplyKind.HUMAN_REPLY
