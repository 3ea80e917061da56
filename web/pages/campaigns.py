"""Campaigns and how each of them stands: the bar from planned to closed, and what stood in the way."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from benchmark import form_barriers, reports, results
from benchmark.campaigns import Progress
from benchmark.core.vocabulary import CampaignState
from benchmark.store import queries_pages
from benchmark.store.queries_pages import CampaignLine
from web.conditional import conditional
from web.record import record, stand


@dataclass(frozen=True)
class Standing:
    line: CampaignLine
    progress: Progress

    @property
    def moving(self) -> bool:
        """Will the page look different in a moment?"""
        ended = self.progress.closed + self.progress.not_sent
        return self.line.state is CampaignState.LAUNCHED and ended < self.progress.total


@conditional
def page() -> ResponseReturnValue:
    lines = queries_pages.campaigns_listed(record())
    return render_template("campaigns.html", as_of=stand().as_of, standings=tuple(_standing(line) for line in lines))


@conditional
def one(name: str) -> ResponseReturnValue:
    line = next((line for line in queries_pages.campaigns_listed(record()) if line.name == name), None)
    if line is None:
        abort(404)
    return render_template(
        "campaign.html",
        as_of=line.as_of or stand().as_of,
        campaign=line,
        responsible=queries_pages.responsible_for(record(), line.id),
        report=reports.campaign_report(record(), results.find_campaign(record(), name), line.as_of or stand().as_of),
        barriers=form_barriers.form_barriers(record(), line.id),
        not_sent=queries_pages.not_sent(record(), line.id),
        standing=_standing(line),
    )


def _standing(line: CampaignLine) -> Standing:
    campaign = results.find_campaign(record(), line.name)
    return Standing(line, reports.progress_of(record(), campaign, line.as_of or stand().as_of))
