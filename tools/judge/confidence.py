"""Fits how often a verdict of such support has proved right, and writes it as the table confidence.csv.

    .venv/bin/python -m tools.judge.confidence [LABELLED_FOLDER]

Each whole letter and each round is judged by a judge that learnt from all the others (folds by file), the mails of the
folder (with labels.csv, as `./run bench classification_scores` reads it) by one that learnt from all. Letters of files
with nothing but the kinds that are hard to tell count HARD: mailboxes hold them about so much more seldom. Isotonic
regression (pool adjacent violators) of right on support, per group; each step is (right + 1.5) / (n + 2), at most .99,
stands at the mean of its supports, and is joined with its neighbour where it holds fewer than FEW verdicts.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from benchmark.core.classification import judging
from benchmark.core.classification.deciding import found_by_all
from benchmark.core.classification.findings import CONFIDENCE, group_of
from benchmark.core.classification.reading import Reading
from benchmark.core.messages import read_message
from benchmark.core.vocabulary import ReplyKind
from tools.judge.learning import counted, fitted, pruned
from tools.judge.mails import ROOT, LabelledMail, rounds, samples, whole_letters
from tools.judge.making import made_letters
from tools.judge.public_corpus import public_lessons

TABLE = ROOT / "benchmark/core/classification/tables" / CONFIDENCE
WORDS = {"followup_survey": "followup", "newsletter_or_spam": "unsolicited"}
FOLDS, FEW, PIECES = 4, 12, 30_000
HARD = 0.25
Point = tuple[float, bool, float]  # support, right, how much it counts
Judged = tuple[str, Point]  # group


def judged(mails: Iterable[LabelledMail]) -> Iterator[Judged]:
    for mail in mails:
        [found] = found_by_all([Reading(read_message(mail.raw))])
        counts = HARD if mail.name.startswith("weak_kinds") else 1.0
        yield group_of(found), (found.support, found.kind is mail.kind, counts)


def labelled(folder: Path) -> Iterator[LabelledMail]:
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["label"] != "unsure":
                kind = ReplyKind(WORDS.get(row["label"], row["label"]))
                yield LabelledMail(row["file"], kind, (folder / row["file"]).read_bytes(), 1.0)


def out_of_fold() -> Iterator[Judged]:
    own = [*whole_letters(), *rounds()]
    files = sorted({_file(mail.name) for mail in own})
    fold = {name: number % FOLDS for number, name in enumerate(files)}
    seen = counted(own)
    always = counted([*samples(), *made_letters(14_000), *public_lessons()])
    for number in range(FOLDS):
        learnt = [mail for mail in seen if fold[_file(mail.name)] != number]
        judging.WEIGHTS.append(pruned(fitted([*learnt, *always]), PIECES))
        yield from judged(mail for mail in own if fold[_file(mail.name)] == number)
        judging.WEIGHTS.pop()


def _file(letter: str) -> str:
    return letter.rsplit("-", 2)[0]


def steps(points: list[Point]) -> list[tuple[float, float]]:
    """(support, share right), rising in both."""
    blocks: list[list[float]] = []  # sum of supports, right, n
    for support, of_it in groupby(sorted(points), key=itemgetter(0)):
        counted_in = [(right * counts, counts) for _, right, counts in of_it]
        rights, n = map(sum, zip(*counted_in, strict=True))
        blocks.append([support * n, rights, n])
        while len(blocks) > 1 and (_share(blocks[-2]) >= _share(blocks[-1]) or blocks[-2][2] < FEW):
            _join_last(blocks)
    if len(blocks) > 1 and blocks[-1][2] < FEW:
        _join_last(blocks)
    return [(block[0] / block[2], min(_share(block), 0.99)) for block in blocks]


def _join_last(blocks: list[list[float]]) -> None:
    last = blocks.pop()
    blocks[-1] = [sum(pair) for pair in zip(blocks[-1], last, strict=True)]


def _share(block: list[float]) -> float:
    return (block[1] + 1.5) / (block[2] + 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    arguments = parser.parse_args()
    groups: dict[str, list[Point]] = defaultdict(list)
    others = judged(labelled(arguments.folder)) if arguments.folder else iter(())
    for group, point in (*out_of_fold(), *others):
        groups[group].append(point)
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["group", "support", "share", "n"])
        for group, points in sorted(groups.items()):
            for support, share in steps(points):
                table.writerow([group, round(support, 3), round(share, 2), len(points)])
                print(f"{group:10} at {support:5.3f}: {share:.2f}  n {len(points)}")


if __name__ == "__main__":
    main()
