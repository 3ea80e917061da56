"""The first page: one sentence, a small board, three facts with their n."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from web.boards import BoardQuery, board, facts
from web.conditional import conditional

ROWS = 5


@conditional
def page() -> ResponseReturnValue:
    shown = board(BoardQuery())
    return render_template(
        "start.html",
        as_of=shown.table.as_of if shown else None,
        board=shown,
        facts=facts(shown) if shown else None,
        rows=shown.table.ranked[:ROWS] if shown else (),
    )
