"""The judge hears what no rule knows, and leaves people's mail to people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from benchmark.core.classification import classify
from benchmark.core.classification.judging import opinion, pieces_of, weights_of_tables
from benchmark.core.classification.reading import Reading
from benchmark.core.classification.signals import signals
from benchmark.core.classification.voices import greets_by_name
from benchmark.core.values import InboundMessage, MatchContext
from benchmark.core.vocabulary import ReplyKind
from tools.judge.confidence import steps

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)


def letter(text: str, subject: str = "Re: Frage", **fields: object) -> InboundMessage:
    return InboundMessage(
        sha256="0",
        size=len(text),
        subject=subject,
        from_address="service@brand.example",
        to=("anna@study.example",),
        text=text,
        **fields,  # type: ignore[arg-type]  # fields by name
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Cool, dass du dich meldest. Deine Zeilen sind sicher bei uns gelandet, bald liest du von uns.", "auto_ack"),
        ("Your note has landed on our desk and someone from the crew is going to write back in a bit.", "auto_ack"),
        ("Zurzeit genieße ich freie Tage und schaue nicht in mein Postfach. Am 18. geht es weiter.", "out_of_office"),
    ],
)
def test_unknown_wording_is_taken_for_what_it_sounds_like(text: str, kind: str) -> None:
    verdict = classify(letter(text))

    assert verdict.kind == kind
    assert verdict.confidence < 0.99


@pytest.mark.parametrize(
    "text",
    [
        "Hallo Anna, am Freitag bin ich nicht da, Montag passt mir gut. Um zehn bei Ihnen? Viele Grüße, Jo",
        "The regulator in front of the boiler leaks, so the fitter has to come twice.",
        "Yes, that works.",
        "",
    ],
)
def test_people_stay_people(text: str) -> None:
    assert classify(letter(text)).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize(
    "text",
    [
        "Guten Tag,\n\ngern. Bitte teilen Sie uns dazu noch Ihre Kundennummer mit.\n\nViele Grüße\nEva Kern",
        "Hello,\n\nour summer rates start on 1 June. You find all of them in our shop.\n\nBest,\nTom",
    ],
)
def test_who_answers_a_secret_address_was_asked(text: str) -> None:
    asked = MatchContext(t0=T0, received_at=T0 + timedelta(hours=5), our_subject="Frage", our_text="Guten Tag, ja?")

    assert classify(letter(text, subject="Frage"), asked).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize("text", ["Danke.", "Hello", "あいう", "ok", "Ja, das geht."])
def test_a_few_words_are_a_persons(text: str) -> None:
    assert classify(letter(text)).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize("text", ["A" * 5_000, "q7zx9k" * 60 + "wvj0xq2" * 80, "%§&$ 77 ((( ]]]"])
def test_noise_is_nobodys_sure_word(text: str) -> None:
    assert classify(letter(text, subject="")).confidence < 0.8


def test_shares_are_shares() -> None:
    heard = opinion(Reading(letter("We have received your message and will be in touch.")))

    assert heard.shares.sum() == pytest.approx(1)
    assert heard.kind is ReplyKind.AUTO_ACK
    assert heard.share_of(ReplyKind.AUTO_ACK) == heard.shares.max()


def test_a_judgement_names_what_spoke_for_it() -> None:
    verdict = classify(letter("Cool, dass du dich meldest. Deine Zeilen sind sicher bei uns gelandet."))

    judgement = next(hit for hit in verdict.rules if hit.rule == "judgement")
    assert judgement.matched.startswith("0.")
    assert len(judgement.matched) <= 60


def test_a_mail_without_anything_is_judged_too() -> None:
    nothing = InboundMessage(sha256="0", size=0)

    assert classify(nothing).kind in ReplyKind
    assert signals(Reading(nothing)).keys() <= weights_of_tables().signals.keys()


@pytest.mark.parametrize(
    ("words", "is_name"), [("hallo frau probe, ja", True), ("dear customer, we", False), ("hi,", False)]
)
def test_names_are_told_from_forms_of_address(words: str, is_name: bool) -> None:
    assert greets_by_name(words) is is_name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ja.",
        "ja ja ja ja ja ja",
        "guten tag frau kurz, ihre anfrage ist bei uns eingegangen und wird unter nr. 4711 bearbeitet.",
        "お問い合わせありがとうございます。担当者より折り返しご連絡いたします。",
        "thanks a lot 🎉🎉 we have received your message \ud800 and will be in touch · soon",
    ],
)
def test_pieces_looked_up_together_are_those_looked_up_one_by_one(text: str) -> None:
    weights = weights_of_tables()

    rows, count = weights.met(text)

    pieces = pieces_of(text)
    assert sorted(rows) == sorted(weights.pieces[piece] for piece in pieces if piece in weights.pieces)
    assert count == len(pieces)


def test_verdicts_of_the_same_support_are_as_sure_as_each_other() -> None:
    points = [(2.0, right, 1.0) for right in (False, True) for _ in range(20)] + [(4.0, True, 0.5)] * 40

    assert steps(points) == [(2.0, pytest.approx(21.5 / 42)), (4.0, pytest.approx(21.5 / 22))]
