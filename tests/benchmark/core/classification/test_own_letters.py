"""Rounds of own-written letters: what was understood stays understood (first-pass figures: `letters/README.md`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from benchmark.core.classification import classify
from benchmark.core.messages import read_message
from benchmark.core.vocabulary import ReplyKind
from tools.letters.own_letters import FOLDER, letters

AUTOMATIC = {ReplyKind.AUTO_ACK, ReplyKind.OUT_OF_OFFICE}
ROUNDS = sorted(FOLDER.glob("*.txt"))


@cache
def decided(path: Path) -> list[tuple[ReplyKind, ReplyKind]]:
    """(label, verdict) of each letter of a round."""
    return [(kind, classify(read_message(raw)).kind) for _, kind, raw in letters(path)]


@pytest.mark.parametrize("path", ROUNDS, ids=lambda path: path.stem)
def test_most_letters_of_a_round_are_understood(path: Path) -> None:
    pairs = decided(path)

    assert sum(label is kind for label, kind in pairs) >= 0.85 * len(pairs)


def test_machines_are_told_from_people() -> None:
    pairs = [pair for path in ROUNDS for pair in decided(path) if pair[0] in AUTOMATIC | {ReplyKind.HUMAN_REPLY}]
    right = sum(label in AUTOMATIC and kind in AUTOMATIC for label, kind in pairs)

    assert right >= 0.93 * sum(kind in AUTOMATIC for _, kind in pairs)
    assert right >= 0.93 * sum(label in AUTOMATIC for label, _ in pairs)


def test_a_letter_never_bounces_that_did_not() -> None:
    """But for spam that is made up as a bounce."""
    pairs = [pair for path in ROUNDS for pair in decided(path) if pair[0] is not ReplyKind.UNSOLICITED]
    found = [label for label, kind in pairs if kind is ReplyKind.BOUNCE]

    assert found
    assert all(label is ReplyKind.BOUNCE for label in found)
