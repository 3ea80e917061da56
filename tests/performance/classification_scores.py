"""Precision and recall of the classification per kind, from a folder of raw mails with a labels.csv.

    .venv/bin/python tests/performance/classification_scores.py FOLDER [--half 0|1] [--errors]

labels.csv needs the columns file and label; `followup_survey` and `newsletter_or_spam` are words of the labelled
collection for followup and unsolicited, `unsure` rows are left out. `--half` scores every other row, to see whether
rules written on one half hold on the other. Confidence is shown by bands, to check its calibration.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmark.core.classification import classify
from benchmark.core.messages import read_message
from benchmark.core.vocabulary import ReplyKind

WORDS = {"followup_survey": "followup", "newsletter_or_spam": "unsolicited"}
AUTOMATIC = frozenset({ReplyKind.AUTO_ACK, ReplyKind.OUT_OF_OFFICE})
BANDS = (0.0, 0.6, 0.8, 0.9, 0.95, 1.01)


@dataclass(frozen=True)
class Scored:
    file: str
    label: ReplyKind
    kind: ReplyKind
    confidence: float
    rules: str


def scored(folder: Path, half: int | None) -> list[Scored]:
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] != "unsure"]
    chosen = rows if half is None else rows[half::2]
    return [_scored(folder, row) for row in chosen]


def _scored(folder: Path, row: dict[str, str]) -> Scored:
    verdict = classify(read_message((folder / row["file"]).read_bytes()))
    label = ReplyKind(WORDS.get(row["label"], row["label"]))
    return Scored(row["file"], label, verdict.kind, verdict.confidence, ";".join(hit.rule for hit in verdict.rules))


def shares(pairs: Iterable[tuple[bool, bool]]) -> str:
    """Precision and recall of (is, said) pairs."""
    known = list(pairs)
    right = known.count((True, True))
    said, real = right + known.count((False, True)), right + known.count((True, False))
    precision = f"{right / said:.3f}" if said else "  -  "
    recall = f"{right / real:.3f}" if real else "  -  "
    return f"precision {precision}  recall {recall}  n {real}"


def report(results: list[Scored]) -> None:
    for kind in ReplyKind:
        print(f"{kind.value:20s} {shares((item.label is kind, item.kind is kind) for item in results)}")
    together = shares((item.label in AUTOMATIC, item.kind in AUTOMATIC) for item in results)
    print(f"{'auto_ack + away':20s} {together}")
    right = sum(item.label is item.kind for item in results)
    print(f"{'all kinds':20s} accuracy {right / len(results):.3f}  n {len(results)}")
    for low, high in pairwise(BANDS):
        band = [item.label is item.kind for item in results if low <= item.confidence < high]
        if band:
            print(f"confidence {low:.2f}-{min(high, 1):.2f}: right {sum(band) / len(band):.3f}  n {len(band)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--errors", action="store_true")
    arguments = parser.parse_args()
    results = scored(arguments.folder, arguments.half)
    report(results)
    if arguments.errors:
        for item in (item for item in results if item.label is not item.kind):
            print(f"{item.file}: {item.label} taken for {item.kind} ({item.confidence}) by {item.rules}")


if __name__ == "__main__":
    main()
