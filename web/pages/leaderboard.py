"""The leaderboard: who answers, how often and how fast, with ranges; every state of it is a permalink."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from benchmark.core.leaderboard import By, expected_answered
from benchmark.core.observed import Clock
from benchmark.core.vocabulary import CampaignState, LeaderboardClass
from web import words
from web.boards import ROWS, Board, BoardQuery, board, score_parts
from web.conditional import conditional
from web.parameters import parsed

Options = tuple[tuple[str, str], ...]

_ = lazy_gettext
COLUMNS = (
    ("ack_rate", _("Acknowledged")),
    ("answered_rate", _("Answered")),
    ("median_hours", _("Median time")),
    ("within_24h", _("Within 24 h")),
    ("followup_rate", _("Followed up")),
    ("score", _("Score")),
)
RANKINGS = {
    "score": _("Score"),
    "ack_rate": _("Acknowledged"),
    "answered_rate": _("Answered"),
    "within_1h": _("Within 1 h"),
    "within_4h": _("Within 4 h"),
    "within_24h": _("Within 24 h"),
    "within_48h": _("Within 48 h"),
    "within_7d": _("Within 7 days"),
    "followup_rate": _("Followed up"),
}
PARTS = {
    "acknowledged": _("Acknowledged in time"),
    "answered": _("Answered in time"),
    "speed": _("Speed of the answer"),
    "followed": _("Followed up"),
}
CLASS_REASONS = {
    LeaderboardClass.TOO_FEW: _("Too few mature inquiries for a rank; the figures stand, with wide intervals."),
    LeaderboardClass.UNREACHABLE: _("No inquiry got through: addresses bounced, or a barrier stood in the way."),
    LeaderboardClass.NOT_OFFERED: _("There is no way to ask on this channel. That is not the same as no reply."),
    LeaderboardClass.OPTED_OUT: _("These brands objected and are not written to."),
}


@conditional
def page() -> ResponseReturnValue:
    shown = board(parsed(BoardQuery))
    if shown is None:
        return render_template("nothing_yet.html", title=gettext("Leaderboard"))
    return render_template(
        "leaderboard.html",
        as_of=shown.table.as_of,
        board=shown,
        campaigns=tuple((line.name, line.title) for line in shown.campaigns),
        choices=_choices(shown),
        class_reasons=CLASS_REASONS,
        classes=tuple(LeaderboardClass),
        columns=tuple((name, str(label)) for name, label in COLUMNS),
        csv_address=url_for("leaderboard_csv") + shown.query.model_copy(update={"page": 1}).as_string(),
        most_listed=ROWS,
        expected=lambda label: expected_answered(shown.table, label),
        explained=score_parts(shown.table),
        live=shown.campaign.state in (CampaignState.LAUNCHED, CampaignState.PAUSED),
        part_names={name: str(label) for name, label in PARTS.items()},
        query=shown.query,
        rank_name=RANKINGS[shown.query.rank_by],
        table=shown.table,
        **_fixed_choices(),
    )


def _fixed_choices() -> dict[str, Options]:
    return {
        "bys": _options(By, words.word),
        "clocks": _options(Clock, words.word),
        "rankings": tuple((name, str(label)) for name, label in RANKINGS.items()),
    }


def _choices(shown: Board) -> dict[str, Options]:
    """What can be chosen in each filter, "all" first."""
    named: dict[str, Callable[[str], str]] = {
        "country": words.country,
        "channel": words.channel,
        "inquiry": words.inquiry,
    }
    return {
        name: (("", gettext("All")), *_options(values, named.get(name, str))) for name, values in shown.choices.items()
    }


def _options(values: Iterable[str], named: Callable[..., str]) -> Options:
    return tuple((str(value), named(value)) for value in values)
