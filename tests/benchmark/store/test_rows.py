"""Many values as one parameter: the same answers as IN, by index."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, or_, select
from sqlmodel import col

from benchmark.store.rows import ask, many, one_of
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Brand

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
