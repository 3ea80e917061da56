"""How it is measured: definitions of every column, windows, ranking rules, limits."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from benchmark.core.design import CampaignDesign
from benchmark.core.metrics import METRICS
from benchmark.core.vocabulary import Weights, Windows
from web.boards import chosen_campaign
from web.conditional import conditional
from web.record import stand


@conditional
def page() -> ResponseReturnValue:
    campaign = chosen_campaign()
    designed = campaign is not None and not campaign.imported
    design = CampaignDesign.model_validate(campaign.design) if campaign and designed else None
    return render_template(
        "methodology.html",
        as_of=stand().as_of,
        campaign=campaign,
        metrics=METRICS,
        weights=design.weights.weights() if design else Weights(),
        windows=design.windows.windows() if design else Windows(),
    )
