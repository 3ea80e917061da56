"""Letters without helpful headers, by wording alone: help desks, absences, mail systems, receipts, and people."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmark.core.classification import classify
from benchmark.core.values import InboundMessage

# One letter a row; its lines are parted by a written "\\n".
LETTERS = list(csv.DictReader((Path(__file__).parent / "world_wordings.csv").open(encoding="utf-8")))


@pytest.mark.parametrize("row", LETTERS, ids=[f"{row['kind']}-{number}" for number, row in enumerate(LETTERS, 2)])
def test_a_letter_is_known_by_its_words(row: dict[str, str]) -> None:
    name, _, address = row["sender"].rpartition(" <")
    text = row["text"].replace("\\n", "\n")
    message = InboundMessage(
        sha256="0",
        size=len(text),
        subject=row["subject"],
        from_name=name,
        from_address=address.rstrip(">"),
        to=("anna@study.example",),
        in_reply_to=("<probe-1@study.example>",) if row["subject"].startswith(("Re:", "AW:")) else (),
        text=text,
    )

    verdict = classify(message)

    assert verdict.kind == row["kind"], verdict.rules
