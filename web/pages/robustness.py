"""How much hangs on our choices: the ranking under other weights, another clock, a text less."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from benchmark import reports, results
from benchmark.core.leaderboard import LeaderboardRow
from benchmark.core.sensitivity import DRAWS, TOP
from benchmark.store import queries_pages
from web.boards import chosen_campaign
from web.conditional import conditional
from web.parameters import Query, parsed
from web.record import record, stand

CHANGES = {
    "without acknowledged": _("without acknowledgement"),
    "without answered": _("without answer"),
    "without speed": _("without speed"),
    "without followed": _("without follow-up"),
    "business time": _("in business hours"),
}


class RobustnessQuery(Query):
    campaign: str = ""


@dataclass(frozen=True)
class Line:
    """One brand: its rank in the table and under other choices."""

    row: LeaderboardRow
    top_share: float
    tier_share: float
    ranks: tuple[int, ...]  # under each change of `changes`
    texts: tuple[int, int] | None  # best and worst rank while one text after the other is left out


@conditional
def page() -> ResponseReturnValue:
    line = chosen_campaign(parsed(RobustnessQuery).campaign)
    if line is None:
        return render_template("nothing_yet.html", title=gettext("How sure is the order?"))
    campaign, as_of = results.find_campaign(record(), line.name), line.as_of or stand().as_of
    table = results.leaderboard(record(), campaign, as_of)
    found = {robust.brand: robust for robust in reports.robustness(record(), campaign, as_of)}
    names = _changes(next(iter(found.values())).ranks) if found else ()
    lines = []
    for row in table.ranked:
        robust = found[row.brand]
        texts = [rank for name, rank in robust.ranks.items() if name not in dict(names)]
        spread = (min(texts), max(texts)) if texts else None
        ranks = tuple(robust.ranks[name] for name, _label in names)
        lines.append(Line(row, robust.top_share, robust.tier_share, ranks, spread))
    return render_template(
        "robustness.html",
        as_of=as_of,
        campaign=line,
        changes=[label for _name, label in names],
        draws=DRAWS,
        lines=lines,
        nested=reports.nesting_of(record(), campaign, as_of),
        seed=campaign.seed,
        slugs=queries_pages.slugs_by_name(record()),
        top=TOP,
    )


def _changes(ranks: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The changes that have a column of their own, and its head; texts left out share one."""
    return tuple((name, str(CHANGES[name])) for name in ranks if name in CHANGES)
