"""One brand: what it did with every inquiry, how long that took, and how its channels compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flask import abort, render_template
from flask.typing import ResponseReturnValue

from benchmark import results
from benchmark.core.columns import Mask
from benchmark.core.estimators import SurvivalCurve, kaplan_meier
from benchmark.core.leaderboard import By, LeaderboardRow
from benchmark.core.observed import Observed, observe
from benchmark.results import Filters
from benchmark.store import queries_pages
from benchmark.store.queries_pages import BrandFacts
from web.boards import Board, BoardQuery, board
from web.conditional import conditional
from web.drawing import curve_of, strip_of
from web.parameters import BadParameter, Query, parsed
from web.record import record


class BrandQuery(Query):
    campaign: str = ""


@dataclass(frozen=True)
class Answers:
    """How many of the mature inquiries a person answered within the window, and the curve over all delivered."""

    answered: int
    mature: int
    delivered: int
    median_hours: float | None
    curve: SurvivalCurve


@conditional
def page(slug: str) -> ResponseReturnValue:
    brand = queries_pages.brand_by_slug(record(), slug)
    if brand is None:
        abort(404)
    campaigns = queries_pages.campaigns_of_brand(record(), brand.id)
    wanted = parsed(BrandQuery).campaign or (campaigns[0] if campaigns else "")
    if not wanted:
        return render_template("brand_unasked.html", brand=brand)
    if wanted not in campaigns:
        raise BadParameter("campaign", wanted)
    shown = board(BoardQuery(campaign=wanted))
    assert shown is not None
    return _page(brand, shown, campaigns)


def _page(brand: BrandFacts, shown: Board, campaigns: tuple[str, ...]) -> ResponseReturnValue:
    as_of, rules = shown.table.as_of, shown.rules
    probes = queries_pages.probes_of_brand(record(), brand.id, shown.campaign.id)
    answers = _answers(brand, shown)
    return render_template(
        "brand.html",
        answers=answers,
        as_of=as_of,
        board=shown,
        brand=brand,
        campaigns=campaigns,
        channels=_by_channel(brand, shown),
        curve=curve_of(answers.curve, rules.windows.response.total_seconds() / 3600),
        probes=probes,
        row=next((row for row in shown.table.rows if row.brand == brand.name), None),
        strip=strip_of(probes, as_of, brand.zone),
    )


def _answers(brand: BrandFacts, shown: Board) -> Answers:
    observed = _observed(brand, shown)
    window = shown.rules.windows.response
    mature: Mask = observed.mature(window)
    happened = observed.human_s <= observed.watched_s
    durations_h = np.where(happened, observed.human_s, observed.watched_s)[observed.delivered] / 3600
    curve = kaplan_meier(durations_h, happened[observed.delivered])
    return Answers(
        answered=int((mature & (observed.human_s <= window.total_seconds())).sum()),
        mature=int(mature.sum()),
        delivered=int(observed.delivered.sum()),
        median_hours=curve.quantile().value if curve.n else None,
        curve=curve,
    )


def _observed(brand: BrandFacts, shown: Board) -> Observed:
    columns = results.outcome_columns(record(), results.find_campaign(record(), shown.campaign.name))
    mine = columns.where(columns.label_mask("brand", (brand.name,)))
    return observe(mine, shown.table.as_of, shown.rules.windows)


def _by_channel(brand: BrandFacts, shown: Board) -> tuple[LeaderboardRow, ...]:
    """Its channels side by side, in the order of the vocabulary; nothing is ranked among so few."""
    if all(row.brand != brand.name or row.n + row.excluded == 0 for row in shown.table.rows):
        return ()
    table = results.leaderboard(
        record(),
        results.find_campaign(record(), shown.campaign.name),
        shown.table.as_of,
        by=By.CHANNEL,
        min_n=1,
        filters=Filters(brand=(brand.name,)),
    )
    return tuple(sorted(table.rows, key=lambda row: row.brand))
