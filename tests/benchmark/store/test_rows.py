"""Many values as one parameter give the same answers as IN, by index; many rows at once are the rows one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, or_, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from benchmark.core.vocabulary import ChannelKind, DecidedBy, HandOffState, ReplyKind
from benchmark.store.rows import Meeting, ask, many, one_of, table_of, write_rows, write_rows_for
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Brand, Lease, Reply, VerdictRow

MOMENT = datetime(2026, 3, 2, 11, 0, 0, 250_000, tzinfo=UTC)
NAMES = ["o'Hara", 'said "so"', "Grün, weiß", "plain"]


@pytest.fixture
def brands(engine: Engine) -> Engine:
    with transaction(engine) as session:
        session.add_all([Brand(slug=f"b{number}", name=name) for number, name in enumerate(NAMES)])
    return engine


@pytest.mark.parametrize("wanted", [[], ["plain"], NAMES, ["nobody", "o'Hara"], {"plain", "Grün, weiß"}])
def test_values_are_found_as_by_in(brands: Engine, wanted: list[str]) -> None:
    with reading(brands) as session:
        found = session.scalars(select(col(Brand.name)).where(one_of(col(Brand.name), wanted))).all()

    assert sorted(found) == sorted(set(wanted) & set(NAMES))


def test_a_statement_that_was_built_once_takes_any_number_of_values(brands: Engine) -> None:
    statement = select(col(Brand.slug)).where(one_of(col(Brand.id), many("ids"))).order_by(col(Brand.id))
    with reading(brands) as session:
        all_of_them = ask(session, statement, ids=range(1, 5)).scalars().all()
        two = ask(session, statement, ids=[2, 4, 9]).scalars().all()

    assert (all_of_them, two) == (["b0", "b1", "b2", "b3"], ["b1", "b3"])


def test_the_index_is_used_also_beside_other_conditions(sqlite_engine: Engine) -> None:
    wanted = or_(one_of(col(Brand.id), [1]), one_of(col(Brand.slug), ["b1"]))
    statement = select(col(Brand.id)).where(wanted).compile(sqlite_engine, compile_kwargs={"render_postcompile": True})
    with reading(sqlite_engine) as session:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("[1]", '["b1"]')).all()

    assert not [row for row in plan if "SCAN brand" in row[3]]


VERDICTS: list[dict[str, Any]] = [
    {
        "kind": ReplyKind.AUTO_ACK,
        "confidence": 0.1 + number,
        "flags": ["has_ticket"] if number else [],
        "return_on": date(2026, 3, number) if number else None,
        "ticket_ids": [NAMES[number]],
        "rules": [{"rule": "a", "matched": "Grüße\n\t\\ \"'"}],
        "substantive": None if number else False,
        "handoff_address": "",
        "handoff_state": HandOffState.NONE,
        "language": "de",
        "system": "",
        "rules_version": "1",
        "decided_by": DecidedBy.RULES,
        "coder": "",
        "decided_at": MOMENT,
    }
    for number in range(3)
]


def test_rows_written_together_are_those_written_one_by_one(engine: Engine) -> None:
    replies = [
        {"channel": ChannelKind.EMAIL, "received_at": MOMENT, "sha256": f"{number}", "message_id": ""}
        | {"subject": "", "from_address": "", "text": "", "text_digest": "", "match_confidence": 0.0}
        | {"match_evidence": [["token", NAMES[1]]], "hint": False, "quarantined": False}
        for number in range(6)
    ]
    with transaction(engine) as session:
        ids = write_rows_for(session, Reply, replies, "sha256")
        write_rows(session, VerdictRow, [{**verdict, "reply_id": ids[f"{at}"]} for at, verdict in enumerate(VERDICTS)])
        for at, verdict in enumerate(VERDICTS):
            write_rows(session, VerdictRow, [{**verdict, "reply_id": ids[f"{at + 3}"]}])
    with reading(engine) as session:
        columns = [column for column in table_of(VerdictRow).c if column.name not in ("id", "reply_id")]
        rows = session.execute(select(*columns).order_by(col(VerdictRow.reply_id))).all()

        kept = session.scalars(select(Reply).order_by(col(Reply.id))).all()

    assert len(rows) == 6
    assert rows[:3] == rows[3:]
    assert [{name: getattr(reply, name) for name in replies[0]} for reply in kept] == replies


@pytest.mark.parametrize("count", [1, 3])
def test_a_row_that_is_there_stays_or_is_replaced(engine: Engine, count: int) -> None:
    old = [{"name": f"b{number}", "holder": "old", "until": MOMENT} for number in range(count)]
    new = [{**row, "holder": NAMES[0]} for row in old]
    with transaction(engine) as session:
        write_rows(session, Lease, old)
        write_rows(session, Lease, new, Meeting.LEAVES)
        left = session.scalars(select(col(Lease.holder))).all()
        write_rows(session, Lease, new, Meeting.REPLACES)
        replaced = session.scalars(select(col(Lease.holder))).all()

    assert (left, replaced) == (["old"] * count, [NAMES[0]] * count)


@pytest.mark.parametrize("count", [1, 3])
def test_a_row_that_is_there_is_an_error_where_nothing_else_is_said(engine: Engine, count: int) -> None:
    rows = [{"name": f"b{number}", "holder": "old", "until": MOMENT} for number in range(count)]
    with transaction(engine) as session:
        write_rows(session, Lease, rows)

    with pytest.raises(IntegrityError), transaction(engine) as session:
        write_rows(session, Lease, rows)
