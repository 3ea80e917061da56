"""A leaderboard as a page asks for it: query in, table out. Campaign and filters are checked against the record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field, field_validator

from benchmark import reports, results
from benchmark.core.estimators import Estimate
from benchmark.core.figures import SHARES
from benchmark.core.leaderboard import By, Leaderboard, LeaderboardRow
from benchmark.core.metrics import METRIC
from benchmark.core.nesting import Nesting
from benchmark.core.observed import Clock, observe
from benchmark.core.problems import BadInput
from benchmark.core.scoring import COMPONENTS
from benchmark.results import Filters, Rules
from benchmark.store import queries_pages
from benchmark.store.queries_pages import CampaignLine
from web.parameters import BadParameter, Query
from web.record import record, stand

DIMENSIONS = ("sector", "country", "channel", "wave", "inquiry")


class BoardQuery(Query):
    """Every state of the leaderboard; `min_n` empty is the campaign's own."""

    campaign: str = ""
    by: By = By.BRAND
    clock: Clock = Clock.CALENDAR
    rank_by: str = "score"
    min_n: int | None = Field(None, ge=1, le=100_000)
    sector: str = ""
    country: str = ""
    channel: str = ""
    wave: str = ""
    inquiry: str = ""
    page: int = Field(1, ge=1)

    @field_validator("rank_by")
    @classmethod
    def _rankable(cls, value: str) -> str:
        if value not in SHARES:
            raise ValueError("is no column a ranking is made by")
        return value

    @property
    def narrowed(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: getattr(self, name) for name in DIMENSIONS if getattr(self, name)}

    def filters(self) -> Filters:
        return Filters(**{name: (value,) for name, value in self.narrowed.items()})


ROWS = 100
"""So many brands stand on one page; all of them are in the CSV."""


@dataclass(frozen=True)
class Board:
    """A leaderboard with what its page needs beside it."""

    query: BoardQuery
    campaign: CampaignLine
    campaigns: tuple[CampaignLine, ...]
    table: Leaderboard
    rules: Rules
    choices: dict[str, tuple[str, ...]]
    slugs: dict[str, str]
    changes: Mapping[str, Estimate]  # of the mean score 0..1 since the last wave, where nothing is filtered
    nested: Nesting

    @property
    def pages(self) -> int:
        return max(1, math.ceil(len(self.table.ranked) / ROWS))

    @property
    def ranked(self) -> tuple[LeaderboardRow, ...]:
        """The rows of the page that was asked for."""
        return self.table.ranked[(self.query.page - 1) * ROWS : self.query.page * ROWS]


def chosen_campaign(name: str = "") -> CampaignLine | None:
    """The campaign of that name, or the one launched last; None while there is none at all."""
    return _chosen(queries_pages.campaigns_listed(record()), name)


def _chosen(campaigns: tuple[CampaignLine, ...], name: str) -> CampaignLine | None:
    if not name:
        return campaigns[0] if campaigns else None
    for campaign in campaigns:
        if campaign.name == name:
            return campaign
    raise BadParameter("campaign", name)


def board(query: BoardQuery) -> Board | None:
    """None while there is no campaign. Raises BadParameter for a filter that does not occur in it."""
    campaigns = queries_pages.campaigns_listed(record())
    line = _chosen(campaigns, query.campaign)
    if line is None:
        return None
    row = results.find_campaign(record(), line.name)
    labels, table = results.outcome_columns(record(), row).labels, _table(query, row, line)
    shown = Board(
        query=query,
        campaign=line,
        campaigns=campaigns,
        table=table,
        rules=results.rules_of(row),
        choices={name: tuple(word for word in labels[name] if word) for name in DIMENSIONS},
        slugs=queries_pages.slugs_by_name(record()),
        changes=_changes(query, row, table),
        nested=reports.nesting_of(record(), row, table.as_of),
    )
    if query.page > shown.pages:
        raise BadParameter("page", str(query.page))
    return shown


def _changes(query: BoardQuery, row: Any, table: Leaderboard) -> Mapping[str, Estimate]:
    if query.narrowed or query.clock is not Clock.CALENDAR:
        return {}
    return reports.wave_changes(record(), row, table.as_of, query.by)


def _table(query: BoardQuery, row: Any, line: CampaignLine) -> Leaderboard:
    try:
        return results.leaderboard(
            record(),
            row,
            line.as_of or stand().as_of,
            by=query.by,
            clock=query.clock,
            rank_by=query.rank_by,
            min_n=query.min_n,
            filters=query.filters(),
        )
    except BadInput as problem:
        if problem.place in DIMENSIONS:
            raise BadParameter(problem.place, query.narrowed.get(problem.place, "")) from None
        raise


@dataclass(frozen=True)
class Part:
    """One component of a score: what it is called in the formula, its weight 0..1 and the share 0..1 reached."""

    name: str
    weight: float
    share: float

    @property
    def points(self) -> float:
        return 100 * self.weight * self.share


def score_parts(table: Leaderboard) -> dict[str, tuple[Part, ...]]:
    """What each row's score is made of; only components that count, so that the points add up to the score."""
    used = [place for place, weight in enumerate(table.formula.weights) if weight > 0]
    return {
        label: tuple(Part(COMPONENTS[place], table.formula.weights[place], shares[place]) for place in used)
        for label, shares in table.components.items()
    }


FACTS = ("within_24h", "median_hours", "acknowledged_never_answered")


def facts(shown: Board) -> dict[str, Estimate]:
    """Three figures over all inquiries of a board, by the keys of METRICS."""
    campaign, chosen, table = results.find_campaign(record(), shown.campaign.name), shown.query.filters(), shown.table

    def make() -> dict[str, Estimate]:
        columns = chosen.apply(results.outcome_columns(record(), campaign))
        observed = observe(columns, table.as_of, shown.rules.windows, table.clock)
        return {name: METRIC[name].evaluate(observed) for name in FACTS}

    return results.remembered(record(), campaign, ("facts", table.as_of, table.clock, chosen), make)
