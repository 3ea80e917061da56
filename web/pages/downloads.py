"""Downloads with the same parameters as the pages they belong to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response
from flask.typing import ResponseReturnValue

from benchmark.core.leaderboard import LEADERBOARD_COLUMNS
from benchmark.store import queries_pages
from web.boards import BoardQuery, board, chosen_campaign
from web.conditional import conditional
from web.parameters import BadParameter, Query, parsed
from web.record import record


@conditional
def leaderboard_csv() -> ResponseReturnValue:
    """Numbers are not rounded; an empty cell is undefined, not reached or not recorded."""
    shown = board(parsed(BoardQuery))
    rows = shown.table.rows if shown else ()
    return csv_file("leaderboard.csv", LEADERBOARD_COLUMNS, (row.values() for row in rows))


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """RFC 4180: comma, CRLF, UTF-8 without BOM, empty = missing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    response = Response(text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class ProbesQuery(Query):
    """One campaign, or one brand of it."""

    campaign: str = ""
    brand: str = ""


PROBE_COLUMNS = (
    *("probe_id", "brand", "company", "sector", "country", "channel", "inquiry", "wave", "sent_at"),
    *("acknowledged_at", "acknowledged_by", "first_human_reply_at", "answered_at", "followed_up_at"),
    *("bounced_at", "exclusion"),
)


@conditional
def probes_csv() -> ResponseReturnValue:
    """One row per probe, the silent ones too; the columns are those of `replymark import`."""
    query = parsed(ProbesQuery)
    campaign = chosen_campaign(query.campaign)
    if query.brand and queries_pages.brand_by_slug(record(), query.brand) is None:
        raise BadParameter("brand", query.brand)
    rows = queries_pages.probe_rows(record(), campaign.id, query.brand) if campaign else ()
    return csv_file("probes.csv", PROBE_COLUMNS, rows)
