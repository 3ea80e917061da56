"""One brand: what it did with every inquiry, how long that took, and how its channels compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from benchmark import form_barriers, reports, results
from benchmark.core.metrics import METRICS
from benchmark.core.values import Windows
from benchmark.reports import BrandReport
from benchmark.store import queries_pages
from benchmark.store.queries_pages import BrandFacts, CampaignLine, ProbeLine
from web.boards import chosen_campaign
from web.conditional import conditional
from web.drawing import curve_of, strip_of
from web.parameters import BadParameter, Query, parsed
from web.record import record, stand

SHOWN = 200
"""So many inquiries are drawn and listed; an import may bring thousands, and all of them are in the CSV."""


class BrandQuery(Query):
    campaign: str = ""


@dataclass(frozen=True)
class Sentence:
    """ "Answered 7 of 10, typically within 9 h": the time is None where half of them never were in the window."""

    answered: int
    asked: int
    typical_h: float | None


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
    line = chosen_campaign(wanted)
    assert line is not None
    return _page(brand, line, campaigns)


def _page(brand: BrandFacts, line: CampaignLine, campaigns: Sequence[str]) -> ResponseReturnValue:
    campaign, as_of = results.find_campaign(record(), line.name), line.as_of or stand().as_of
    windows = results.rules_of(campaign).windows
    report = reports.brand_report(record(), campaign, brand.slug, as_of)
    probes = queries_pages.probes_of_brand(record(), brand.id, line.id, SHOWN)
    span_h = windows.response.total_seconds() / 3600
    return render_template(
        "brand.html",
        as_of=as_of,
        brand=brand,
        campaign=line,
        campaigns=campaigns,
        barriers=form_barriers.form_barriers(record(), line.id, brand.id),
        asked=len(report.probes),
        curve=curve_of(report.curve, span_h, _watched_h(probes, as_of)),
        metrics=METRICS,
        probes=probes,
        report=report,
        row=report.row,
        said=_sentence(report, windows),
        strip=strip_of(probes, as_of, brand.zone),
        windows=windows,
    )


def _sentence(report: BrandReport, windows: Windows) -> Sentence:
    answered, typical = report.metrics["answered_rate"], report.metrics["median_answer_hours"].value
    in_time = typical is not None and typical * 3600 <= windows.long.total_seconds()
    return Sentence(
        answered=round((answered.value or 0) * answered.n),
        asked=answered.n,
        typical_h=typical if in_time else None,
    )


def _watched_h(probes: Sequence[ProbeLine], as_of: datetime) -> float:
    """How long the oldest inquiry has been watched; the curve ends there."""
    first = min((probe.t0 for probe in probes if probe.t0), default=as_of)
    return (as_of - first).total_seconds() / 3600
