"""Hand-offs: requests and passings-on name a target; ways to reach somebody are none where a letter answers."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.core.classification import handoffs
from benchmark.core.classification.handoffs import handoff
from benchmark.core.classification.reading import Reading
from benchmark.core.values import HandOffTarget, InboundMessage, MatchContext
from benchmark.core.vocabulary import ReplyKind

# One letter a row; its lines are parted by a written "\\n". Where no channel stands, nothing is handed off.
LETTERS = list(csv.DictReader((Path(__file__).parent / "handoff_letters.csv").open(encoding="utf-8")))
MAIL = InboundMessage(sha256="0", size=1, from_address="service@brand.example", to=("anna@study.example",))


def target_of(message: InboundMessage, kind: ReplyKind = ReplyKind.HUMAN_REPLY) -> HandOffTarget | None:
    found = handoff(Reading(message, MatchContext(our_address="anna@study.example")), kind)
    return found[0] if found else None


@pytest.mark.parametrize("row", LETTERS, ids=[f"{row['channel']}-{number}" for number, row in enumerate(LETTERS, 2)])
def test_a_letter_hands_off_where_it_asks_or_passes_on(row: dict[str, str]) -> None:
    target = target_of(replace(MAIL, text=row["text"].replace("\\n", "\n")), ReplyKind(row["kind"]))

    assert (target.channel.value if target else "", target.address if target else "") == (
        row["channel"],
        row["address"],
    )


def test_looking_into_all_sentences_together_first_loses_no_hand_off(monkeypatch: pytest.MonkeyPatch) -> None:
    mails = [(replace(MAIL, text=row["text"].replace("\\n", "\n")), ReplyKind(row["kind"])) for row in LETTERS]
    together = [target_of(*mail) for mail in mails]
    monkeypatch.setattr(handoffs._Letter, "_speaks_somewhere", lambda *_: True)

    assert [target_of(*mail) for mail in mails] == together


@pytest.mark.parametrize("field", ["to", "cc", "envelope_to", "reply_to"])
def test_our_own_address_and_theirs_are_no_targets(field: str) -> None:
    letter = replace(MAIL, text="Please write to help@here.example.")
    to_here = replace(letter, **{field: ("help@here.example",)})  # type: ignore[arg-type]  # a field by its name

    assert target_of(letter) is not None
    assert target_of(to_here) is None


def test_a_link_keeps_its_capitals() -> None:
    target = target_of(replace(MAIL, text="Please use our contact form at https://Brand.example/Contact?id=A1."))

    assert target is not None
    assert target.address == "https://Brand.example/Contact?id=A1"


def test_an_address_for_orders_concerns_only_who_wrote_of_one() -> None:
    letter = replace(MAIL, text="I am away until Monday. For orders please contact orders@elsewhere.example.")
    ours = MatchContext(our_address="anna@study.example", our_subject="My order of Monday")

    found = handoff(Reading(letter, ours), ReplyKind.OUT_OF_OFFICE)

    assert target_of(letter, ReplyKind.OUT_OF_OFFICE) is None
    assert found is not None
    assert found[0].address == "orders@elsewhere.example"
