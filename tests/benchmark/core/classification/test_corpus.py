"""Scores on labelled real mails, where REPLYMARK_CORPUS says they lie (they are not part of the project)."""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from benchmark.core.classification import classify
from benchmark.core.messages import read_message
from benchmark.core.vocabulary import ReplyKind

MAILS = Path(os.environ.get("REPLYMARK_CORPUS", "/nowhere")) / "mail"
WORDS = {"followup_survey": "followup", "newsletter_or_spam": "unsolicited"}
AUTOMATIC = {ReplyKind.AUTO_ACK, ReplyKind.OUT_OF_OFFICE}

pytestmark = pytest.mark.skipif(not (MAILS / "labels.csv").exists(), reason="no labelled mails here")


def decided() -> list[tuple[ReplyKind, ReplyKind]]:
    """(label, verdict) of each labelled mail; those a person was unsure of are left out."""
    with (MAILS / "labels.csv").open(encoding="utf-8") as file:
        labels = [row for row in csv.DictReader(file) if row["label"] != "unsure"]
    return [
        (
            ReplyKind(WORDS.get(row["label"], row["label"])),
            classify(read_message((MAILS / row["file"]).read_bytes())).kind,
        )
        for row in labels
    ]


def test_nearly_all_labelled_mails_are_understood() -> None:
    pairs = decided()
    counts = Counter(label is kind for label, kind in pairs)

    assert counts[True] / len(pairs) >= 0.93


def test_bounces_are_neither_missed_nor_invented() -> None:
    pairs = decided()
    found = [label for label, kind in pairs if kind is ReplyKind.BOUNCE]
    kept = [kind for label, kind in pairs if label is ReplyKind.BOUNCE]

    assert found.count(ReplyKind.BOUNCE) >= 0.99 * len(found)
    assert kept.count(ReplyKind.BOUNCE) >= 0.97 * len(kept)


def test_automatic_replies_are_told_from_people() -> None:
    pairs = [(label in AUTOMATIC, kind in AUTOMATIC) for label, kind in decided()]
    right = pairs.count((True, True))

    assert right >= 0.95 * (right + pairs.count((False, True)))
    assert right >= 0.95 * (right + pairs.count((True, False)))
