"""Simulation of the whole instrument: do the intervals cover, are differences real, is silence silence?

    python tests/performance/coverage.py --campaigns 1000 --seed 1 --write

Each campaign has 12 brands, 6 templates and 2 waves of 30 probes a brand. Law of the true rates: a brand's share of
inquiries a person replies to within the window is Beta(2, 2); a template shifts its brand's log-odds by a normal
deviate with standard deviation SPREAD (or not at all). Around it robots confirm, people ask back or pass on, mails
bounce, copies arrive twice, and replies are lost on their way to us with a chance that is Beta(1, 99) per wave. What
arrives goes through the program itself: history, outcome, columns, maturity, shares, design effect, change between
waves, ranges. Among equal brands, where any "clearly better" is wrong, columns are made at once.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmark.core.columns import OutcomeColumns, ProbeLabels, columns_of, from_outcomes
from benchmark.core.comparison import changes
from benchmark.core.estimators import wilson_limits
from benchmark.core.leaderboard import Leaderboard, leaderboard
from benchmark.core.nesting import nesting
from benchmark.core.observed import observe
from benchmark.core.outcomes import outcome_of
from benchmark.core.scoring import edition_formula
from benchmark.core.values import ProbeHistory, ReplyFact, Weights, Windows
from benchmark.core.vocabulary import ReplyFlag, ReplyKind

T0 = datetime(2026, 1, 5, tzinfo=UTC)
AS_OF = T0 + timedelta(days=120)
WINDOWS = Windows()
BRANDS, TEMPLATES, WAVES, PROBES = 12, 6, 2, 30
SPREAD = 0.8
CONTROLS = 100  # a wave's own mails, of which we know that an answer was sent
REFERENCE = 4000  # draws that stand for a brand's true rate over templates
EQUAL_BRANDS = (12, 20, 30, 50)
PUBLISHED = Path(__file__).parents[2] / "benchmark" / "package_files" / "simulation.json"


@dataclass
class Tally:
    """Shares as hits of trials."""

    hits: dict[str, int] = field(default_factory=dict)
    trials: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, hits: int, trials: int = 1) -> None:
        self.hits[name] = self.hits.get(name, 0) + hits
        self.trials[name] = self.trials.get(name, 0) + trials

    def shares(self) -> dict[str, dict[str, float]]:
        return {
            name: {"share": round(self.hits[name] / n, 5), "n": n} for name, n in sorted(self.trials.items()) if n > 0
        }


class World:
    """One made-up campaign: what truly happened, and what of it reached us."""

    def __init__(self, chance: np.random.Generator, spread: float) -> None:
        self.chance = chance
        rates = chance.beta(2, 2, BRANDS)
        logits = np.log(rates / (1 - rates))
        shift = chance.normal(0, spread, (BRANDS, TEMPLATES)) if spread else np.zeros((BRANDS, TEMPLATES))
        self.rate = 1 / (1 + np.exp(-(logits[:, None] + shift)))
        reference = chance.normal(0, spread, REFERENCE) if spread else np.zeros(1)
        self.truth = (1 / (1 + np.exp(-(logits[:, None] + reference)))).mean(axis=1)
        self.confirms, self.bounces = chance.beta(1, 2, BRANDS), chance.beta(1, 60, BRANDS)
        self.lost = chance.beta(1, 99, WAVES)
        self.hidden: list[bool] = []  # a person replied in time, and nothing of it reached us

    def columns(self) -> OutcomeColumns:
        rows = []
        for brand in range(BRANDS):
            for wave in range(WAVES):
                for number in range(PROBES):
                    template = number % TEMPLATES
                    labels = ProbeLabels(f"{brand:02d}", wave=f"{wave}", template=f"{template}")
                    t0 = T0 + timedelta(days=40 * wave, minutes=number)
                    rows.append((labels, outcome_of(self._history(brand, wave, template, t0), AS_OF, WINDOWS)))
        return from_outcomes(rows)

    def _history(self, brand: int, wave: int, template: int, t0: datetime) -> ProbeHistory:
        roll = self.chance.random(6)
        if roll[0] < self.bounces[brand]:
            self.hidden.append(False)
            return ProbeHistory(t0=t0, replies=(ReplyFact(t0 + timedelta(minutes=2), ReplyKind.BOUNCE, "b"),))
        sent = []
        if roll[1] < self.confirms[brand]:
            sent.append(ReplyFact(t0 + timedelta(minutes=1), ReplyKind.AUTO_ACK, "a"))
        replied = roll[2] < self.rate[brand, template]
        if replied:
            at = t0 + timedelta(hours=min(self.chance.exponential(14), 167))
            flags = frozenset({ReplyFlag.ASKS_FOR_INFO}) if roll[3] < 0.1 else frozenset[ReplyFlag]()
            sent.append(ReplyFact(at, ReplyKind.HUMAN_REPLY, "h", flags))
            if roll[4] < 0.1:
                sent.append(ReplyFact(at + timedelta(minutes=1), ReplyKind.HUMAN_REPLY, "h", flags))  # arrived twice
        elif roll[3] < 0.1:
            sent.append(ReplyFact(t0 + timedelta(hours=180), ReplyKind.HUMAN_REPLY, "late"))
        gone = roll[5] < self.lost[wave]
        self.hidden.append(bool(replied and gone))
        arrived = tuple(reply for reply in sent if not (gone and reply.kind is ReplyKind.HUMAN_REPLY))
        return ProbeHistory(t0=t0, replies=arrived)


def whole_instrument(campaigns: int, seed: int, spread: float) -> Tally:
    """Coverage of response rates and of changes between waves, and how often silence was none."""
    tally = Tally()
    for index in range(campaigns):
        world = World(np.random.default_rng([seed, index, round(100 * spread)]), spread)
        columns = world.columns()
        _rates(tally, world, columns)
        _silence(tally, world, columns)
    return tally


def _rates(tally: Tally, world: World, columns: OutcomeColumns) -> None:
    table = leaderboard(columns, AS_OF, windows=WINDOWS)
    observed = observe(columns, AS_OF, WINDOWS)
    effect = nesting(observed).effect
    for row in table.rows:
        truth = world.truth[int(row.brand)]
        tally.add("interval of a share covers", (row.within_7d_low or 0) <= truth <= (row.within_7d_high or 0))
        low, high = wilson_limits(row.within_7d or 0.0, row.mature / effect)
        tally.add("interval with design effect covers", bool(low <= truth <= high))
    formula = edition_formula(observed, Weights())
    for change in changes(observed, "brand", "0", "1", formula).values():
        tally.add("interval of no change between waves covers", (change.low or 0) <= 0 <= (change.high or 0))


def _silence(tally: Tally, world: World, columns: OutcomeColumns) -> None:
    observed = observe(columns, AS_OF, WINDOWS)
    silent = observed.mature(WINDOWS.response) & ~(observed.human_s <= WINDOWS.response.total_seconds())
    tally.add("silence that was none", int((silent & np.array(world.hidden)).sum()), int(silent.sum()))
    for wave in range(WAVES):
        missing = int(world.chance.binomial(CONTROLS, world.lost[wave]))
        bound = float(wilson_limits(missing / CONTROLS, CONTROLS)[1])
        tally.add("loss bound of the control probes holds", bool(world.lost[wave] <= bound))


def wrong_pairs(campaigns: int, seed: int, brands: int, probes: int = 60) -> dict[str, float]:
    """All brands equal: share of pairs, and of whole leaderboards, with a wrong "clearly better"."""
    chance = np.random.default_rng([seed, brands])
    pairs = boards = 0
    for _ in range(campaigns):
        wrong = _clearly_better(leaderboard(_equal(chance, brands, probes, chance.beta(2, 2)), AS_OF))
        pairs, boards = pairs + wrong, boards + (wrong > 0)
    share = pairs / (campaigns * brands * (brands - 1) / 2)
    return {"brands": brands, "pairs_wrong": round(share, 7), "boards_wrong": boards / campaigns}


def _equal(chance: np.random.Generator, brands: int, probes: int, rate: float) -> OutcomeColumns:
    n = brands * probes
    wait = np.where(chance.random(n) < rate, chance.exponential(12 * 3600, n).clip(max=6e5), np.nan)
    labels = {"brand": [f"{code:03d}" for code in range(brands)]}
    brand = np.repeat(np.arange(brands), probes)
    return columns_of(n, labels, brand=brand, t0_s=np.full(n, T0.timestamp()), human_s=wait, substantive_s=wait)


def _clearly_better(table: Leaderboard) -> int:
    """Pairs said to differ: each brand's range starts one below every brand clearly above it."""
    return sum((row.rank_low or 1) - 1 for row in table.ranked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="keep the result for the methodology page")
    given = parser.parse_args()
    result = {
        "campaigns": given.campaigns,
        "seed": given.seed,
        "brands": BRANDS,
        "templates": TEMPLATES,
        "waves": WAVES,
        "probes_per_brand": WAVES * PROBES,
        "spread": SPREAD,
        "controls": CONTROLS,
        "independent": whole_instrument(given.campaigns, given.seed, 0.0).shares(),
        "clustered": whole_instrument(given.campaigns, given.seed, SPREAD).shares(),
        "equal_brands": [wrong_pairs(given.campaigns, given.seed, brands) for brands in EQUAL_BRANDS],
    }
    text = json.dumps(result, indent=1)
    print(text)
    if given.write:
        PUBLISHED.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
