"""Simulation of the whole instrument: do the intervals cover, and how often is "clearly better" wrong?

    python tests/performance/coverage.py --campaigns 1000 --seed 1

Law of true rates (stated on the methodology page): answer rates of brands are Beta(2, 2); a template shifts its
brand's log-odds by a normal deviate with standard deviation `--spread` (0 = no clustering). Everything else goes
through the program itself: columns, maturity, shares, scores, ranges.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from benchmark.core.columns import OutcomeColumns, columns_of
from benchmark.core.estimators import design_effect, intraclass_correlation, wilson
from benchmark.core.leaderboard import Leaderboard, leaderboard
from benchmark.core.values import Windows

T0 = datetime(2026, 1, 5, tzinfo=UTC)
AS_OF = T0 + timedelta(days=60)
TEMPLATES = 6
REFERENCE = 4000  # draws that stand for a brand's true rate over templates
EQUAL_BRANDS = (12, 20, 30, 50)


@dataclass(frozen=True)
class Coverage:
    """Share of nominal 95 % intervals that hold the truth."""

    plain: float
    with_design_effect: float
    intervals: int


@dataclass(frozen=True)
class WrongPairs:
    """Among equal brands any "clearly better" is wrong."""

    brands: int
    pairs_wrong: float
    boards_wrong: float


def campaign(chance: np.random.Generator, logits: np.ndarray, probes: int, spread: float) -> OutcomeColumns:
    """One campaign: brands x templates x probes, answered or not."""
    brands = len(logits)
    brand = np.repeat(np.arange(brands), probes)
    template = np.tile(np.arange(probes) % TEMPLATES, brands)
    shift = chance.normal(0, spread, (brands, TEMPLATES)) if spread else np.zeros((brands, TEMPLATES))
    rate = 1 / (1 + np.exp(-(logits[brand] + shift[brand, template])))
    wait = np.where(chance.random(len(brand)) < rate, chance.exponential(12 * 3600, len(brand)).clip(max=6e5), np.nan)
    labels = {"brand": [f"{code:03d}" for code in range(brands)], "template": [str(code) for code in range(TEMPLATES)]}
    return columns_of(
        len(brand), labels, brand=brand, template=template, t0_s=np.full(len(brand), T0.timestamp()),
        human_s=wait, substantive_s=wait,
    )  # fmt: skip


def true_rates(chance: np.random.Generator, logits: np.ndarray, spread: float) -> np.ndarray:
    """Rate over all templates that might have been used."""
    shifts = chance.normal(0, spread, REFERENCE) if spread else np.zeros(1)
    return (1 / (1 + np.exp(-(logits[:, None] + shifts)))).mean(axis=1)


def coverage(campaigns: int, seed: int, spread: float, brands: int = 12, probes: int = 60) -> Coverage:
    """Coverage of the answer-rate interval, plain and with the effective n of the design effect."""
    chance = np.random.default_rng(seed)
    plain = corrected = total = 0
    for _ in range(campaigns):
        rates = chance.beta(2, 2, brands)
        logits = np.log(rates / (1 - rates))
        columns = campaign(chance, logits, probes, spread)
        truth = true_rates(chance, logits, spread)
        effect = _design_effect(columns, brands, probes)
        for row in leaderboard(columns, AS_OF, windows=Windows()).rows:
            target, share = truth[int(row.brand)], row.within_7d or 0.0
            size = row.n / effect
            total += 1
            plain += (row.within_7d_low or 0) <= target <= (row.within_7d_high or 0)
            corrected += _holds(share, size, target)
    return Coverage(plain / total, corrected / total, total)


def _holds(share: float, size: float, target: float) -> bool:
    whole = wilson(share * size, max(1, math.floor(size)))
    return (whole.low or 0) <= target <= (whole.high or 0)


def _design_effect(columns: OutcomeColumns, brands: int, probes: int) -> float:
    """Within brands, answers of one template resemble each other: ICC pooled over brands."""
    answered = ~np.isnan(columns.human_s)
    found = [
        intraclass_correlation(columns.template[columns.brand == code], answered[columns.brand == code])
        for code in range(brands)
    ]
    pooled = float(np.mean([icc for icc in found if icc is not None] or [0.0]))
    return design_effect(probes / TEMPLATES, pooled)


def wrong_pairs(campaigns: int, seed: int, brands: int, probes: int = 60) -> WrongPairs:
    """All brands equal: share of pairs, and of whole leaderboards, with a wrong "clearly better"."""
    chance = np.random.default_rng(seed)
    pairs = boards = 0
    for _ in range(campaigns):
        rate = chance.beta(2, 2)
        table = leaderboard(campaign(chance, np.full(brands, math.log(rate / (1 - rate))), probes, 0.0), AS_OF)
        wrong = _clearly_better(table)
        pairs, boards = pairs + wrong, boards + (wrong > 0)
    return WrongPairs(brands, pairs / (campaigns * brands * (brands - 1) / 2), boards / campaigns)


def _clearly_better(table: Leaderboard) -> int:
    """Pairs said to differ: each brand's range starts one below every brand clearly above it."""
    return sum((row.rank_low or 1) - 1 for row in table.ranked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    result = {
        "campaigns": given.campaigns,
        "coverage without clustering": asdict(coverage(given.campaigns, given.seed, 0.0)),
        "coverage with clustering": asdict(coverage(given.campaigns, given.seed, 0.8)),
        "equal brands": [asdict(wrong_pairs(given.campaigns, given.seed, brands)) for brands in EQUAL_BRANDS],
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
