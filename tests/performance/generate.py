"""Writes an import file of made-up probes: seeded, messy as the world is (ties, silence, bounces, late replies).

python tests/performance/generate.py OUT.csv --probes 1000000 --brands 500 --seed 1
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmark.core.import_cells import IMPORT_COLUMNS

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
CHANNELS = ("email", "web_form", "facebook", "instagram", "mastodon")
SECTORS = ("banks", "shops", "energy", "telecoms", "travel", "insurance", "cities", "transport")
COUNTRIES = ("DE", "AT", "CH", "FR", "GB", "US")
WAVES = 4
BLOCK = 50_000


def rows(probes: int, brands: int, seed: int) -> Iterator[list[str]]:
    """Rows in blocks; every brand has its own speed and share of silence."""
    chance = np.random.default_rng(seed)
    pace_h, silent = chance.lognormal(3, 1, brands), chance.beta(2, 3, brands)
    for start in range(0, probes, BLOCK):
        yield from _block(chance, start, min(BLOCK, probes - start), pace_h, silent)


def _block(
    chance: np.random.Generator, start: int, size: int, pace_h: np.ndarray, silent: np.ndarray
) -> Iterator[list[str]]:
    brand = chance.integers(0, len(pace_h), size)
    sent_min = chance.integers(0, 60 * 24 * 90, size) // 15 * 15  # batches: many ties
    acknowledged = chance.random(size) < 0.4
    replies = chance.random(size) > silent[brand]
    wait_min = (chance.exponential(pace_h[brand]) * 60).astype(int)
    answers = chance.random(size) < 0.85
    follows = chance.random(size) < 0.1
    fate = chance.random(size)
    for index in range(size):
        code, sent = int(brand[index]), START + timedelta(minutes=int(sent_min[index]))
        human = sent + timedelta(minutes=int(wait_min[index])) if replies[index] else None
        answer = human + timedelta(hours=int(answers[index]) * 2) if human and answers[index] else None
        followed = answer + timedelta(days=6) if answer and follows[index] else None
        bounced = sent + timedelta(minutes=3) if fate[index] < 0.01 else None
        yield [
            f"p{start + index:08d}",
            f"Brand {code:04d}",
            f"Company {code // 3:04d}",
            SECTORS[code % len(SECTORS)],
            COUNTRIES[code % len(COUNTRIES)],
            CHANNELS[(start + index) % len(CHANNELS)],
            "question" if index % 3 else "complaint",
            f"wave {int(sent_min[index]) * WAVES // (60 * 24 * 90) + 1}",
            _text(sent),
            _text(sent + timedelta(minutes=1)) if acknowledged[index] else "",
            "auto" if acknowledged[index] else "",
            _text(human),
            _text(answer),
            _text(followed),
            _text(bounced),
            "barrier" if fate[index] > 0.99 else "",
        ]


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def write(path: Path, probes: int, brands: int, seed: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(IMPORT_COLUMNS)
        writer.writerows(rows(probes, brands, seed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--probes", type=int, default=1_000_000)
    parser.add_argument("--brands", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    write(given.out, given.probes, given.brands, given.seed)
