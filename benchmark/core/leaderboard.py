"""The leaderboard: ranked rows with their ranges, the unranked with their class, and the denominators beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum

import numpy as np

from benchmark.core.columns import DIMENSIONS, EXCLUSIONS, Codes, Floats, OutcomeColumns
from benchmark.core.estimators import Estimate, expected_rates, fit_beta_prior
from benchmark.core.figures import SHARES, Figures, figures_of
from benchmark.core.observed import Clock, Observed, observe
from benchmark.core.problems import BadInput
from benchmark.core.ranking import competition_ranks, rank_ranges, tiers
from benchmark.core.scoring import Formula, edition_formula
from benchmark.core.values import Weights, Windows
from benchmark.core.vocabulary import Exclusion, LeaderboardClass


class By(StrEnum):
    """What is ranked."""

    BRAND = "brand"
    COMPANY = "company"
    SECTOR = "sector"
    CHANNEL = "channel"


@dataclass(frozen=True)
class LeaderboardRow:
    """One line of the leaderboard; the fields are the columns of the CSV, in order (`class_` is `class` there).

    Shares are 0..1, scores 0..100, times hours; None = undefined, not reached or not recorded.
    """

    rank: int | None
    rank_low: int | None
    rank_high: int | None
    tier: int | None
    brand: str
    company: str
    sector: str
    n: int
    mature: int
    excluded: int
    ack_rate: float | None
    ack_rate_low: float | None
    ack_rate_high: float | None
    within_1h: float | None
    within_1h_low: float | None
    within_1h_high: float | None
    within_4h: float | None
    within_4h_low: float | None
    within_4h_high: float | None
    within_24h: float | None
    within_24h_low: float | None
    within_24h_high: float | None
    within_48h: float | None
    within_48h_low: float | None
    within_48h_high: float | None
    within_7d: float | None
    within_7d_low: float | None
    within_7d_high: float | None
    median_hours: float | None
    median_low: float | None
    median_high: float | None
    rmst_hours: float | None
    answered_rate: float | None
    answered_rate_low: float | None
    answered_rate_high: float | None
    median_answer_hours: float | None
    followup_rate: float | None
    followup_rate_low: float | None
    followup_rate_high: float | None
    score: float | None
    score_low: float | None
    score_high: float | None
    formula: str
    class_: LeaderboardClass

    def values(self) -> tuple[object, ...]:
        """Cells in the order of LEADERBOARD_COLUMNS."""
        return tuple(getattr(self, column.name) for column in fields(self))


LEADERBOARD_COLUMNS = tuple(column.name.rstrip("_") for column in fields(LeaderboardRow))

WINDOW_COLUMNS = tuple(name for name in SHARES if name != "score")


@dataclass(frozen=True)
class Denominators:
    """How the probes of a table came down to those that count: assigned - … = delivered, of them mature."""

    assigned: int
    waiting: int  # not accepted by a channel yet
    excluded: Mapping[Exclusion, int] = field(default_factory=dict)
    delivered: int = 0
    mature: int = 0


@dataclass(frozen=True)
class Leaderboard:
    """`components` has the share 0..1 that each label with mature probes reached, in the order of COMPONENTS.

    `answered` has (answered, mature for the long window) of each label, for pooling.
    """

    rows: tuple[LeaderboardRow, ...]
    denominators: Denominators
    as_of: datetime
    formula: Formula
    by: By
    clock: Clock
    rank_by: str
    min_n: int
    components: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    answered: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def ranked(self) -> tuple[LeaderboardRow, ...]:
        return tuple(row for row in self.rows if row.class_ is LeaderboardClass.RANKED)

    @property
    def unranked(self) -> tuple[LeaderboardRow, ...]:
        return tuple(row for row in self.rows if row.class_ is not LeaderboardClass.RANKED)


def leaderboard(
    columns: OutcomeColumns,
    as_of: datetime,
    *,
    windows: Windows | None = None,
    weights: Weights | None = None,
    by: By = By.BRAND,
    clock: Clock = Clock.CALENDAR,
    rank_by: str = "score",
    min_n: int = 10,
    classes: Mapping[str, LeaderboardClass] | None = None,
    formula: Formula | None = None,
) -> Leaderboard:
    """Ranks what stands in the columns as of a moment; see `leaderboard_of`.

    `formula` is the edition's when the columns are only a part of it (filters); by default it is read from them.
    """
    observed = observe(columns, as_of, windows or Windows(), clock)
    chosen = formula or edition_formula(observed, weights or Weights())
    return leaderboard_of(observed, by=by, rank_by=rank_by, min_n=min_n, classes=classes or {}, formula=chosen)


def leaderboard_of(
    observed: Observed,
    *,
    by: By,
    rank_by: str,
    min_n: int,
    classes: Mapping[str, LeaderboardClass],
    formula: Formula,
) -> Leaderboard:
    """Ranks what was observed. `classes` names labels unranked whatever their probes say (not offered, opted out).

    Raises BadInput for a column nothing can be ranked by.
    """
    if rank_by not in SHARES:
        raise BadInput("--rank-by", f"{rank_by!r} is no share column", f"use one of {', '.join(SHARES)}")
    columns = observed.columns
    known = columns.labels[by.value]
    labels = (*known, *sorted(set(classes) - set(known)))
    groups: Codes = getattr(columns, by.value)
    figures = figures_of(observed, groups, len(labels), formula)
    kinds = _classes(labels, figures, rank_by, min_n, classes)
    standing = _standing(figures, rank_by, [kind is LeaderboardClass.RANKED for kind in kinds.values()])
    attributes = {name: _attribute(columns, by, name) for name in ("company", "sector")}
    rows = [
        _row(figures, code, label, standing.get(code, _UNRANKED), attributes, kinds[label], formula)
        for code, label in enumerate(labels)
        if figures.assigned[code] > 0 or label in classes
    ]
    return Leaderboard(
        tuple(sorted(rows, key=_order)),
        denominators(observed),
        observed.as_of,
        formula,
        by,
        observed.clock,
        rank_by,
        min_n,
        {labels[code]: tuple(figures.components[:, code].tolist()) for code in np.flatnonzero(figures.mature).tolist()},
        _answered(labels, figures),
    )


def _answered(labels: Sequence[str], figures: Figures) -> dict[str, tuple[int, int]]:
    share = figures.shares["answered_rate"]
    return {
        label: (round(value * n), round(n))
        for label, value, n in zip(labels, share.value.tolist(), share.n.tolist(), strict=True)
        if n > 0
    }


def expected_answered(table: Leaderboard, label: str) -> Estimate | None:
    """What the true share answered of one label is expected to be, drawn towards the others (empirical Bayes).

    None where there are no others to learn from. Never put into one column with raw shares.
    """
    if label not in table.answered:
        return None
    hits, sizes = zip(*table.answered.values(), strict=True)
    prior = fit_beta_prior(hits, sizes)
    if prior is None:
        return None
    x, n = table.answered[label]
    return expected_rates([x], [n], prior)[0]


def denominators(observed: Observed) -> Denominators:
    """The counts behind a table; they add up: assigned = waiting + all exclusions + delivered."""
    columns = observed.columns
    reasons = np.where(np.isnan(columns.bounced_s) | (columns.exclusion >= 0), columns.exclusion, _BOUNCED)
    counted = np.bincount(reasons[reasons >= 0], minlength=len(EXCLUSIONS))
    return Denominators(
        assigned=len(columns),
        waiting=int((np.isnan(columns.t0_s) & (reasons < 0)).sum()),
        excluded={reason: int(count) for reason, count in zip(EXCLUSIONS, counted, strict=True)},
        delivered=int(observed.delivered.sum()),
        mature=int(observed.mature(observed.windows.response).sum()),
    )


_BOUNCED = EXCLUSIONS.index(Exclusion.BOUNCED)
_CLASS_ORDER = {kind: place for place, kind in enumerate(LeaderboardClass)}
_UNRANKED = (None, None, None, None)
_Standing = tuple[int | None, int | None, int | None, int | None]


def _classes(
    labels: Sequence[str],
    figures: Figures,
    rank_by: str,
    min_n: int,
    given: Mapping[str, LeaderboardClass],
) -> dict[str, LeaderboardClass]:
    unknown = np.isnan(figures.shares[rank_by].value)

    def kind(code: int, label: str) -> LeaderboardClass:
        if label in given:
            return given[label]
        if figures.delivered[code] == 0 and figures.unreachable[code] > 0:
            return LeaderboardClass.UNREACHABLE
        few = figures.mature[code] < min_n or unknown[code]
        return LeaderboardClass.TOO_FEW if few else LeaderboardClass.RANKED

    return {label: kind(code, label) for code, label in enumerate(labels)}


def _standing(figures: Figures, rank_by: str, ranked: Sequence[bool]) -> dict[int, _Standing]:
    """(rank, best, worst, tier) of each ranked label."""
    share = figures.shares[rank_by]
    codes = np.flatnonzero(ranked)
    if not len(codes):
        return {}
    value, low, high, n = share.value[codes], share.low[codes], share.high[codes], share.n[codes]
    best, worst = rank_ranges(value, low, high, n)
    columns = (codes, competition_ranks(value), best, worst, tiers(low, high))
    return {
        code: (rank, first, last, tier)
        for code, rank, first, last, tier in zip(*(column.tolist() for column in columns), strict=True)
    }


def _attribute(columns: OutcomeColumns, by: By, name: str) -> Mapping[int, str]:
    """The company or sector of each label, where all of its probes agree on one."""
    labels, own = columns.labels[name], getattr(columns, by.value).astype(np.int64)
    if name == by.value:
        return dict(enumerate(labels))
    pairs = own * len(labels) + getattr(columns, name)
    span = len(columns.labels[by.value]) * len(labels)  # cells of a table of all pairs
    found = np.flatnonzero(np.bincount(pairs, minlength=1)) if span < 4_000_000 else np.unique(pairs)
    named: dict[int, str] = {}
    for code, value in zip((found // len(labels)).tolist(), (found % len(labels)).tolist(), strict=True):
        named[code] = "" if code in named else labels[value]
    return named


def _row(
    figures: Figures,
    code: int,
    label: str,
    standing: _Standing,
    attributes: Mapping[str, Mapping[int, str]],
    kind: LeaderboardClass,
    formula: Formula,
) -> LeaderboardRow:
    cells: dict[str, float | None] = {}
    for name in SHARES:
        share = figures.shares[name]
        scale = 100.0 if name == "score" else 1.0
        for suffix, column in (("", share.value), ("_low", share.low), ("_high", share.high)):
            cells[name + suffix] = _cell(column, code, scale)
    median, low, high = figures.median_hours
    rank, best, worst, tier = standing
    return LeaderboardRow(
        rank=rank,
        rank_low=best,
        rank_high=worst,
        tier=tier,
        brand=label,
        company=attributes["company"].get(code, ""),
        sector=attributes["sector"].get(code, ""),
        n=int(figures.delivered[code]),
        mature=int(figures.mature[code]),
        excluded=int(figures.excluded[code]),
        median_hours=_cell(median, code),
        median_low=_cell(low, code),
        median_high=_cell(high, code),
        rmst_hours=_cell(figures.rmst_hours, code),
        median_answer_hours=_cell(figures.median_answer_hours, code),
        formula=formula.text,
        class_=kind,
        **cells,
    )


def _cell(column: Floats, code: int, scale: float = 1.0) -> float | None:
    value = float(column[code])
    return None if math.isnan(value) else value * scale


def _order(row: LeaderboardRow) -> tuple[int, int, str]:
    return _CLASS_ORDER[row.class_], row.rank or 0, row.brand


assert set(By) <= set(DIMENSIONS)
