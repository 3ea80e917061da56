"""The labelled mails of this project that the judge learns from: whole letters, rounds of the tests, sample mails."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmark.core.vocabulary import ReplyKind
from tools.letters.own_letters import FOLDER, letters, written

ROOT = Path(__file__).resolve().parents[2]
WHOLE = ROOT / "tools/letters/whole"
WORDINGS = ROOT / "tests/benchmark/core/classification/world_wordings.csv"
SAMPLES = ROOT / "tests/benchmark/core/mails"
_WRITTEN_WHOLE = 6.0  # a letter that somebody wrote as one counts as much as so many made of sentences


@dataclass(frozen=True)
class LabelledMail:
    """`weight` is how much it counts beside others when the judge learns."""

    name: str
    kind: ReplyKind
    raw: bytes
    weight: float


def whole_letters(folder: Path = WHOLE) -> Iterator[LabelledMail]:
    for path in sorted(folder.glob("*.txt")):
        for name, kind, raw in letters(path):
            yield LabelledMail(name, kind, raw, _WRITTEN_WHOLE)


def rounds() -> Iterator[LabelledMail]:
    """The rounds of the tests that were learnt from after their first pass; the others stay an examination."""
    for path in sorted(FOLDER.glob("round_[a-d].txt")):
        for name, kind, raw in letters(path):
            yield LabelledMail(name, kind, raw, _WRITTEN_WHOLE)


def samples() -> Iterator[LabelledMail]:
    """The sample mails of the tests, and their letters known by wording alone."""
    with (SAMPLES / "expected.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield LabelledMail(row["file"], ReplyKind(row["kind"]), (SAMPLES / row["file"]).read_bytes(), 2.0)
    with WORDINGS.open(encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file)):
            profile = "reply" if row["subject"].startswith(("Re:", "AW:")) else "plain"
            text = row["text"].replace("\\n", "\n")
            raw = written(profile, f"From: {row['sender']}\nSubject: {row['subject']}\n\n{text}\n", number)
            yield LabelledMail(f"wording-{number}", ReplyKind(row["kind"]), raw, 2.0)
