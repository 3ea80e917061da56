"""Learns the judge's weights and writes them as the tables judge_pieces.csv and judge_signals.csv.

    .venv/bin/python -m tools.judge [--letters 14000] [--pieces 30000]

Needs npm for the public corpus. The same letters, sentences and corpus always give the same tables.
"""

from __future__ import annotations

import argparse
import csv
from itertools import chain

import numpy as np

from benchmark.core.classification.judging import KINDS, SCALE, Weights
from tools.judge.learning import counted, fitted, pruned
from tools.judge.mails import ROOT, rounds, samples, whole_letters
from tools.judge.making import made_letters
from tools.judge.public_corpus import public_lessons

TABLES = ROOT / "benchmark/core/classification/tables"


def write(weights: Weights) -> None:
    signal_rows = {"": weights.own, **dict(zip(weights.signals, weights.signal_weights, strict=True))}
    piece_rows = dict(zip(weights.pieces, weights.piece_weights, strict=True))
    for name, first, rows in (("judge_signals", "signal", signal_rows), ("judge_pieces", "piece", piece_rows)):
        with (TABLES / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow([first, *KINDS])
            table.writerows([key, *map(int, np.rint(row * SCALE))] for key, row in rows.items())
        print(f"{len(rows)} rows in {name}.csv")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=14_000)
    parser.add_argument("--pieces", type=int, default=30_000)
    arguments = parser.parse_args()
    mails = counted(chain(whole_letters(), rounds(), samples(), made_letters(arguments.letters), public_lessons()))
    print(f"{len(mails)} mails, {sum(mail.by_form for mail in mails)} of them told by their form")
    write(pruned(fitted(mails), arguments.pieces))


if __name__ == "__main__":
    main()
