"""The leaderboard over a million probes: from arrays against DuckDB and polars, then through the database.

python tests/performance/leaderboard.py --probes 1000000 --brands 500
python tests/performance/leaderboard.py --database sqlite:///big.sqlite --campaign big
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from benchmark import results
from benchmark.core.columns import OutcomeColumns, columns_of
from benchmark.core.leaderboard import leaderboard
from benchmark.store.session import engine_for, reading

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
PEER_SQL = """
SELECT brand, count(*), sum(acknowledged_s <= 86400), sum(human_s <= 3600), sum(human_s <= 14400),
       sum(human_s <= 86400), sum(human_s <= 172800), sum(human_s <= 604800), sum(substantive_s <= 1209600),
       sum(followed_up_s <= 2592000), median(human_s), median(substantive_s)
FROM '{path}' GROUP BY brand"""


def made_up(probes: int, brands: int, seed: int = 1) -> OutcomeColumns:
    """Columns with ties, half of them silent."""
    chance = np.random.default_rng(seed)
    brand = chance.integers(0, brands, probes)
    human = np.where(chance.random(probes) < 0.5, chance.exponential(72_000, probes).round(), np.nan)
    answer = np.where(chance.random(probes) < 0.8, human + 3600, np.nan)
    labels = {
        "brand": [f"brand {code:04d}" for code in range(brands)],
        "sector": [f"sector {code}" for code in range(10)],
        "channel": ["email", "web_form", "x"],
    }
    return columns_of(
        probes, labels, brand=brand, sector=brand % 10, channel=chance.integers(0, 3, probes),
        t0_s=AS_OF.timestamp() - chance.integers(0, 90 * 86_400, probes), human_s=human, substantive_s=answer,
        acknowledged_s=np.where(chance.random(probes) < 0.4, 60.0, np.nan),
        followed_up_s=np.where(chance.random(probes) < 0.1, answer + 86_400, np.nan),
        exclusion=np.where(chance.random(probes) < 0.02, 1, -1),
    )  # fmt: skip


def best(run: Callable[[], Any], times: int = 5) -> float:
    """Shortest of several runs, in seconds."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        spent.append(time.perf_counter() - start)
    return min(spent)


def against_peers(probes: int, brands: int) -> None:
    columns = made_up(probes, brands)
    ours = best(lambda: leaderboard(columns, AS_OF))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outcomes.parquet"
        names = ("brand", "acknowledged_s", "human_s", "substantive_s", "followed_up_s")
        frame = pl.DataFrame({name: getattr(columns, name) for name in names})
        frame.with_columns(pl.exclude("brand").fill_nan(None)).write_parquet(path)
        duck = best(lambda: duckdb.sql(PEER_SQL.format(path=path)).fetchall())
        polars = best(lambda: _polars(path))
    print(f"{probes} probes, {brands} brands, from arrays: {ours:.3f} s with curves, intervals, ranks, tiers, scores")
    print(f"DuckDB, counts and medians from Parquet: {duck:.3f} s, ratio {ours / duck:.2f}")
    print(f"polars, counts and medians from Parquet: {polars:.3f} s, ratio {ours / polars:.2f}")


def _polars(path: Path) -> pl.DataFrame:
    human, answer = pl.col("human_s"), pl.col("substantive_s")
    return (
        pl.scan_parquet(path)
        .group_by("brand")
        .agg(
            pl.len(),
            (pl.col("acknowledged_s") <= 86_400).sum().alias("acknowledged"),
            *((human <= limit).sum().alias(f"within {limit}") for limit in (3600, 14_400, 86_400, 172_800, 604_800)),
            (answer <= 1_209_600).sum().alias("answered"),
            (pl.col("followed_up_s") <= 2_592_000).sum().alias("followed"),
            human.median().alias("median"),
            answer.median().alias("median answer"),
        )
        .collect()
    )


def growth() -> None:
    """Cost per further probe (at most linear) and per further brand (at most quadratic)."""
    for probes in (125_000, 250_000, 500_000, 1_000_000):
        columns = made_up(probes, 500)
        print(f"{probes:>8} probes, 500 brands: {best(lambda c=columns: leaderboard(c, AS_OF), 3):.3f} s")
    for brands in (250, 500, 1000, 2000):
        columns = made_up(250_000, brands)
        print(f"250000 probes, {brands:>4} brands: {best(lambda c=columns: leaderboard(c, AS_OF), 3):.3f} s")


def through_the_database(url: str, name: str) -> None:
    """Cold (nothing remembered), warm, filtered; and the memory it took."""
    engine = engine_for(url)
    with reading(engine) as session:
        campaign = results.find_campaign(session, name)
        cold = best(lambda: results.leaderboard(session, campaign), 1)
        warm = best(lambda: results.leaderboard(session, campaign))
        labels = results.outcome_columns(session, campaign).labels
        chosen = results.Filters(sector=labels["sector"][:1], channel=labels["channel"][:1], wave=labels["wave"][:1])
        filtered = best(lambda: results.leaderboard(session, campaign, filters=chosen), 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"cold {cold:.2f} s, warm {1000 * warm:.1f} ms, filtered {1000 * filtered:.0f} ms, memory {peak:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probes", type=int, default=1_000_000)
    parser.add_argument("--brands", type=int, default=500)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--database")
    parser.add_argument("--campaign", default="big")
    given = parser.parse_args()
    if given.database:
        through_the_database(given.database, given.campaign)
    elif given.growth:
        growth()
    else:
        against_peers(given.probes, given.brands)


if __name__ == "__main__":
    main()
