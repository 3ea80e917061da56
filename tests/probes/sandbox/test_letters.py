"""The brands' letters, read by the real rules: what a brand means is what the study understands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from benchmark.core.classification import classify
from benchmark.core.design import BrandIn
from benchmark.core.messages import read_message
from benchmark.core.placeholders import fill, values_for
from benchmark.core.values import MatchContext
from benchmark.core.vocabulary import ChannelGroup, ChannelKind, ReplyFlag
from probes.sandbox import letters
from probes.sandbox.characters import CHARACTERS, Act, Asked
from probes.sandbox.letters import Inquiry, Sender
from probes.sandbox.world import rehearsal_design

DESIGN = rehearsal_design()
T0 = datetime(2026, 3, 16, 9, tzinfo=UTC)
TOLD = frozenset({ReplyFlag.ASKS_FOR_INFO, ReplyFlag.HANDOFF})


def asked(brand: BrandIn, turn: int) -> Asked:
    return Asked(brand.key, ChannelGroup.EMAIL, ChannelKind.EMAIL, turn, T0, brand.zone, DESIGN.seed)


def cases() -> list[tuple[BrandIn, int, Act]]:
    """Every act of every brand by mail, each inquiry asked once."""
    return [
        (brand, turn, act)
        for brand in DESIGN.brands
        for turn in range(len(DESIGN.inquiries))
        for act in CHARACTERS[brand.key](asked(brand, turn))
        if not act.by_telephone
    ]


@pytest.mark.parametrize(
    ("brand", "turn", "act"), [pytest.param(*case, id=f"{case[0].key}-{case[1]}-{case[2].letter}") for case in cases()]
)
def test_a_letter_is_read_as_it_was_meant(brand: BrandIn, turn: int, act: Act) -> None:
    wanted = DESIGN.inquiries[turn]
    text = next(text for text in wanted.texts if text.language == brand.language)
    persona = next(persona for persona in DESIGN.personas if persona.language == brand.language).persona()
    body = fill(text.body, values_for(brand.name, persona))
    inquiry = Inquiry(
        wanted.key, text.subject, "jana.4eentqp5q44n@study.example", persona.name, persona.salutation, turn,
        f"service@{brand.key}.example", "<abc@study.example>", body.encode(),
    )  # fmt: skip
    at = T0 + act.after
    content = letters.mail_of(Sender(brand.key, brand.name, brand.language, brand.country), inquiry, act, at)
    context = MatchContext(
        t0=T0, received_at=at, our_subject=text.subject, our_text=body, our_address=inquiry.reply_address,
        language=brand.language, answered_before=act.after > timedelta(days=1),
    )  # fmt: skip

    verdict = classify(read_message(content), context)

    assert verdict.kind is act.kind, verdict.rules
    assert verdict.flags & TOLD == act.flags & TOLD, verdict.rules


def test_the_truth_is_drawn_from_the_seed_alone() -> None:
    first = [CHARACTERS[brand.key](asked(brand, 0)) for brand in DESIGN.brands]
    again = [CHARACTERS[brand.key](asked(brand, 0)) for brand in DESIGN.brands]

    assert first == again
