"""What the pages of one brand, of a comparison and of the robustness panel show; figures only, no wording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlmodel import Session

from benchmark import campaigns, results
from benchmark.campaigns import Progress
from benchmark.core.comparison import Comparison, changes, compare
from benchmark.core.estimators import Estimate
from benchmark.core.fates import Fate, fates
from benchmark.core.leaderboard import By, LeaderboardRow
from benchmark.core.measures import response_curve
from benchmark.core.metrics import METRICS
from benchmark.core.nesting import Nesting, nesting
from benchmark.core.observed import Clock, Observed, observe
from benchmark.core.planning_box import CORRELATION, PlanningBox, box_of
from benchmark.core.problems import BadInput
from benchmark.core.scoring import Formula, edition_formula
from benchmark.core.sensitivity import Robustness, sensitivity
from benchmark.store.queries_results import ProbeLine, brand_named, probe_lines, wave_names
from benchmark.store.tables import Campaign


@dataclass(frozen=True)
class CurvePoint:
    """Share of probes still without a person's reply after so many hours; None = limit undefined."""

    hours: float
    waiting: float
    low: float | None
    high: float | None
    at_risk: int


@dataclass(frozen=True)
class BrandReport:
    """One brand in one campaign. `answered` of `asked` and `typical` make its sentence."""

    row: LeaderboardRow | None  # None: no probe of it in this campaign
    metrics: Mapping[str, Estimate]  # by the keys of METRICS
    curve: tuple[CurvePoint, ...]
    channels: tuple[LeaderboardRow, ...]
    probes: tuple[ProbeLine, ...]
    as_of: datetime

    @property
    def asked(self) -> int:
        return self.row.n if self.row else 0

    @property
    def answered(self) -> int:
        """Probes a person replied to, whenever."""
        return sum(line.human_s is not None and line.exclusion is None for line in self.probes)


def brand_report(
    session: Session,
    campaign: Campaign,
    brand: str,
    as_of: datetime | None = None,
    clock: Clock = Clock.CALENDAR,
) -> BrandReport:
    """Everything the page of a brand shows; `brand` is a name or slug. Raises BadInput where there is none."""
    found = brand_named(session, brand)
    if found is None:
        raise BadInput(f"brand {brand}", "there is none of this name", "see the leaderboard for its spelling")
    moment = as_of or results.default_as_of(session, campaign)
    observed = _observed(session, campaign, moment, clock, found.name)
    table = results.leaderboard(session, campaign, moment, clock=clock)
    channels: tuple[LeaderboardRow, ...] = ()
    if len(observed.columns):
        mine = results.Filters(brand=(found.name,))
        channels = results.leaderboard(session, campaign, moment, by=By.CHANNEL, clock=clock, filters=mine).rows
    return BrandReport(
        next((row for row in table.rows if row.brand == found.name), None),
        {metric.key: metric.evaluate(observed) for metric in METRICS},
        _points(observed),
        channels,
        _known_by(probe_lines(session, campaign.id or 0, found.id or 0), moment),
        moment,
    )


def compare_brands(
    session: Session, campaign: Campaign, first: str, second: str, as_of: datetime | None = None
) -> Comparison:
    """First minus second, by brand names."""
    moment = as_of or results.default_as_of(session, campaign)
    pair = [_observed(session, campaign, moment, Clock.CALENDAR, name) for name in (first, second)]
    return compare(pair[0], pair[1], formula_of(session, campaign, moment))


def wave_changes(
    session: Session, campaign: Campaign, as_of: datetime | None = None, by: By = By.BRAND
) -> dict[str, Estimate]:
    """Change of each label's mean score (0..1) since the wave before; empty with fewer than two waves."""
    moment = as_of or results.default_as_of(session, campaign)
    return results.remembered(
        session, campaign, ("wave changes", moment, by), lambda: _wave_changes(session, campaign, moment, by)
    )


def _wave_changes(session: Session, campaign: Campaign, moment: datetime, by: By) -> dict[str, Estimate]:
    columns = results.outcome_columns(session, campaign)
    waves = [name for name in wave_names(session, campaign.id or 0).values() if name in columns.labels["wave"]]
    if len(waves) < 2:
        return {}
    rules = results.rules_of(campaign)
    observed = observe(columns, moment, rules.windows)
    return changes(observed, by.value, waves[-2], waves[-1], edition_formula(observed, rules.weights))


def robustness(session: Session, campaign: Campaign, as_of: datetime | None = None) -> tuple[Robustness, ...]:
    """The sensitivity panel of the brands that are ranked; its seed is the campaign's."""
    moment = as_of or results.default_as_of(session, campaign)
    return results.remembered(session, campaign, ("robustness", moment), lambda: _robustness(session, campaign, moment))


def _robustness(session: Session, campaign: Campaign, moment: datetime) -> tuple[Robustness, ...]:
    table = results.leaderboard(session, campaign, moment)
    rules = results.rules_of(campaign)
    observed = observe(results.outcome_columns(session, campaign), moment, rules.windows)
    ranked = frozenset(row.brand for row in table.ranked)
    return sensitivity(observed, table.formula, by=By.BRAND, ranked=ranked, seed=campaign.seed)


def nesting_of(session: Session, campaign: Campaign, as_of: datetime | None = None) -> Nesting:
    """How much probes of one brand and template resemble each other."""
    moment, windows = as_of or results.default_as_of(session, campaign), results.rules_of(campaign).windows
    return results.remembered(
        session,
        campaign,
        ("nesting", moment),
        lambda: nesting(observe(results.outcome_columns(session, campaign), moment, windows)),
    )


@dataclass(frozen=True)
class CampaignReport:
    """What the page of a campaign shows: the endings of its probes by the hour, and what it can tell apart."""

    fates: tuple[Fate, ...]
    box: PlanningBox | None  # None: nobody is assigned yet
    measured: bool  # the correlation of the box is this campaign's own, not the usual one


def campaign_report(session: Session, campaign: Campaign, as_of: datetime | None = None) -> CampaignReport:
    moment = as_of or results.default_as_of(session, campaign)
    return results.remembered(session, campaign, ("campaign", moment), lambda: _campaign(session, campaign, moment))


def _campaign(session: Session, campaign: Campaign, moment: datetime) -> CampaignReport:
    windows = results.rules_of(campaign).windows
    observed = observe(results.outcome_columns(session, campaign), moment, windows)
    found = nesting(observed).correlation
    columns = observed.columns
    brands, sizes = np.unique(columns.brand, return_counts=True)
    box = None
    if len(brands):
        smallest = columns.brand == brands[np.argmin(sizes)]
        templates = len(np.unique(columns.template[smallest]))
        box = box_of(sizes.tolist(), templates, CORRELATION if found is None else found)
    hours = (*HOURS, windows.response.total_seconds() / 3600)
    return CampaignReport(fates(observed, hours), box, found is not None)


def progress_of(session: Session, campaign: Campaign, as_of: datetime | None = None) -> Progress:
    """The counts of the progress bar; of an import they are in its columns, and all of it is closed."""
    moment = as_of or results.default_as_of(session, campaign)
    if not campaign.imported:
        return campaigns.progress(session, campaign.id or 0, moment)
    return results.remembered(
        session, campaign, ("progress", moment), lambda: _imported_progress(session, campaign, moment)
    )


def _imported_progress(session: Session, campaign: Campaign, moment: datetime) -> Progress:
    observed = observe(results.outcome_columns(session, campaign), moment, results.rules_of(campaign).windows)
    total, sent = len(observed.columns), int((~np.isnan(observed.columns.t0_s)).sum())
    return Progress(
        planned=0,
        due=0,
        sent=sent,
        unconfirmed=0,
        not_sent=total - sent,
        acknowledged=int((~np.isnan(observed.acknowledged_s)).sum()),
        answered=int((~np.isnan(observed.answered_s)).sum()),
        closed=sent,
        total=total,
    )


HOURS = (1.0, 4.0, 24.0, 48.0)


def formula_of(session: Session, campaign: Campaign, moment: datetime) -> Formula:
    """The campaign's one formula as of a moment."""
    rules = results.rules_of(campaign)
    return edition_formula(observe(results.outcome_columns(session, campaign), moment, rules.windows), rules.weights)


def _observed(session: Session, campaign: Campaign, moment: datetime, clock: Clock, brand: str) -> Observed:
    columns = results.outcome_columns(session, campaign)
    mine = columns.where(columns.label_mask("brand", [brand]))
    return observe(mine, moment, results.rules_of(campaign).windows, clock)


def _points(observed: Observed) -> tuple[CurvePoint, ...]:
    curve = response_curve(observed)
    low, high = curve.limits()
    columns = (curve.times, curve.survival, low, high, curve.at_risk)
    return tuple(
        CurvePoint(hours, waiting, _known(lower), _known(upper), int(at_risk))
        for hours, waiting, lower, upper, at_risk in zip(*(column.tolist() for column in columns), strict=True)
    )


def _known(limit: float) -> float | None:
    return limit if limit == limit else None


def _known_by(lines: tuple[ProbeLine, ...], moment: datetime) -> tuple[ProbeLine, ...]:
    return tuple(line for line in lines if line.sent_at is None or line.sent_at <= moment)
