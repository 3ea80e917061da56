"""How it is measured: definitions of every column, windows, ranking rules, limits."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from benchmark import results
from benchmark.core.metrics import METRICS
from benchmark.core.vocabulary import ReplyKind
from benchmark.method import examination, simulation
from benchmark.results import Rules
from benchmark.store.queries_inbox import Shelf, waiting_count
from web.agreement import agreements
from web.boards import chosen_campaign
from web.conditional import conditional
from web.record import record, stand


@conditional
def page() -> ResponseReturnValue:
    line = chosen_campaign()
    rules = results.rules_of(results.find_campaign(record(), line.name)) if line else Rules()
    return render_template(
        "methodology.html",
        agreements=agreements(),
        as_of=stand().as_of,
        examination=examination(),
        kinds=ReplyKind,
        metrics=METRICS,
        simulation=simulation(),
        unchecked=waiting_count(record(), (Shelf.UNSURE,)),
        weights=rules.weights,
        windows=rules.windows,
    )
