"""The data: editions with their hashes, every level as every kind of file, the codebook, and how to go on with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from benchmark.core.codebook import CODEBOOK, GUARD_RULE, Level
from benchmark.core.metrics import METRICS
from benchmark.data_package import example
from benchmark.store import queries_pages
from benchmark.store.queries_editions import editions_of
from web.boards import chosen_campaign
from web.conditional import conditional
from web.parameters import Query, parsed
from web.record import record, stand

LEVELS = {
    Level.LEADERBOARD: _("one row per brand: the ranking with all its figures"),
    Level.PROBES: _("one row per inquiry, the silent ones too: what every figure is counted from"),
    Level.REPLIES: _("one row per reply: when it came, what it was, which rules said so; no texts, no names"),
    Level.EVENTS: _("one row per event of an inquiry: sent, received, corrected"),
    Level.ASSIGNMENT: _("the plan as it was frozen before the first sending"),
    Level.CODES: _("one row per code that a coder or the rules gave to a reply"),
}
KINDS = {
    "csv": _("CSV (UTF-8, commas, ISO times)"),
    "csv-excel-de": _("CSV for German Excel"),
    "csv-excel-en": _("CSV for English Excel"),
    "xlsx": _("Excel workbook with codebook and method"),
}


class DataQuery(Query):
    campaign: str = ""


@conditional
def page() -> ResponseReturnValue:
    line = chosen_campaign(parsed(DataQuery).campaign)
    if line is None:
        return render_template("nothing_yet.html", title=_("Data"))
    as_of = line.as_of or stand().as_of
    probes = _address("download", campaign=line.name, level="probes", as_of=_iso(as_of))
    return render_template(
        "data.html",
        as_of=as_of,
        campaign=line,
        campaigns=queries_pages.campaigns_listed(record()),
        codebook=CODEBOOK,
        editions=editions_of(record(), line.id),
        guard_rule=GUARD_RULE,
        kinds=KINDS,
        levels=LEVELS,
        metrics=METRICS,
        moment=_iso(as_of),
        pandas=example("medians_pandas.py", as_of, probes),
        probes_address=probes,
        survival=example("medians_survival.R", as_of, probes),
    )


def _address(endpoint: str, **values: Any) -> str:
    return request.host_url.rstrip("/") + url_for(endpoint, **values)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
