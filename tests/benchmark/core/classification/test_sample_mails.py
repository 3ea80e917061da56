"""Mails of our own making, with all that is to be said of them in `mails/expected.csv`."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmark.core.classification import classify
from benchmark.core.messages import read_message
from benchmark.core.vocabulary import ReplyKind

MAILS = Path(__file__).parents[1] / "mails"
EXPECTED = list(csv.DictReader((MAILS / "expected.csv").open(encoding="utf-8")))


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row["file"])
def test_a_sample_mail_is_understood(row: dict[str, str]) -> None:
    verdict = classify(read_message((MAILS / row["file"]).read_bytes()))

    assert verdict.kind.value == row["kind"]
    assert ";".join(verdict.ticket_ids) == row["ticket_ids"]
    assert {flag.value for flag in verdict.flags} == set(filter(None, row["flags"].split(";")))
    assert (verdict.followup_kind or "") == row["followup_kind"]
    assert (verdict.return_date.isoformat() if verdict.return_date else "") == row["return_date"]
    assert verdict.language == row["language"] or not row["language"]
    assert verdict.rules
    assert all(len(hit.matched) <= 60 for hit in verdict.rules)


def test_every_mail_is_listed_and_every_kind_has_several_in_german_and_english() -> None:
    listed = {row["file"] for row in EXPECTED}
    counts = {(kind, language): 0 for kind in ReplyKind for language in ("de", "en")}
    for row in EXPECTED:
        if row["language"] in ("de", "en"):
            counts[ReplyKind(row["kind"]), row["language"]] += 1

    assert listed == {path.name for path in MAILS.glob("*.eml")}
    assert min(counts.values()) >= 2
