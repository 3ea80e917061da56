"""What pages ask of the hands: asked once, taken once, never left hanging; contact points and recipes by a person."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from benchmark import contact_points, errands
from benchmark.core.problems import BadInput, Refused
from benchmark.core.vocabulary import ChannelKind, ErrandKind, ErrandState
from benchmark.store import queries_contact_points, queries_errands
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Brand
from tests.samples import MONDAY

TODAY = date(2026, 5, 4)
SITE = {"address": "lindenhof.example"}


@pytest.fixture
def brand_id(engine: Engine) -> int:
    with transaction(engine) as session:
        row = Brand(slug="lindenhof", name="Lindenhof")
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def test_the_same_wish_twice_is_one_errand(engine: Engine, brand_id: int) -> None:
    with transaction(engine) as session:
        first = errands.ask(session, ErrandKind.DISCOVER, brand_id, SITE, now=MONDAY)
        second = errands.ask(session, ErrandKind.DISCOVER, brand_id, SITE, now=MONDAY)

    assert first == second


def test_two_workers_take_an_errand_once(engine: Engine, brand_id: int) -> None:
    with transaction(engine) as session:
        errands.ask(session, ErrandKind.DISCOVER, brand_id, SITE, now=MONDAY)
    taken: list[object] = []

    def take() -> None:
        with transaction(engine) as session:
            taken.append(errands.take(session, now=MONDAY))

    workers = [threading.Thread(target=take) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(errand is not None for errand in taken) == 1


def test_what_a_lost_worker_left_is_closed(engine: Engine, brand_id: int) -> None:
    with transaction(engine) as session:
        number = errands.ask(session, ErrandKind.DISCOVER, brand_id, SITE, now=MONDAY)
        errands.take(session, now=MONDAY)
    with transaction(engine) as session:
        assert errands.take(session, now=MONDAY + timedelta(minutes=6)) is None

    with reading(engine) as session:
        left = queries_errands.errand(session, number)
    assert left is not None
    assert left.state is ErrandState.FAILED
    assert "interrupted" in left.result["problem"]


def test_errands_are_forgotten_after_a_week(engine: Engine, brand_id: int) -> None:
    with transaction(engine) as session:
        old = errands.ask(session, ErrandKind.DISCOVER, brand_id, SITE, now=MONDAY)
        errands.finish(session, old, {}, now=MONDAY)
        new = errands.ask(session, ErrandKind.DISCOVER, brand_id, SITE, now=MONDAY + timedelta(days=8))
        errands.finish(session, new, {}, now=MONDAY + timedelta(days=8))

        assert queries_errands.errand(session, old) is None
        assert queries_errands.errand(session, new) is not None


def test_a_brand_that_objected_is_left_alone(engine: Engine, brand_id: int) -> None:
    with transaction(engine) as session:
        session.get_one(Brand, brand_id).opted_out = True
        session.flush()

        with pytest.raises(Refused):
            errands.ask(session, ErrandKind.DISCOVER, brand_id, SITE, now=MONDAY)
        with pytest.raises(Refused):
            contact_points.confirm(session, brand_id, ChannelKind.EMAIL, "a@lindenhof.example", "", today=TODAY)


def test_too_many_wishes_are_refused(engine: Engine, brand_id: int) -> None:
    with transaction(engine) as session:
        for number in range(errands.AT_ONCE):
            errands.ask(session, ErrandKind.DISCOVER, brand_id, {"address": f"b{number}.example"}, now=MONDAY)

        with pytest.raises(Refused, match="wait already"):
            errands.ask(session, ErrandKind.DISCOVER, brand_id, SITE, now=MONDAY)


def test_a_confirmed_contact_point_carries_source_and_date(engine: Engine, brand_id: int) -> None:
    url = "http://lindenhof.example/kontakt"
    with transaction(engine) as session:
        first = contact_points.confirm(session, brand_id, ChannelKind.WEB_FORM, url, "start page", today=TODAY)
        again = contact_points.confirm(session, brand_id, ChannelKind.WEB_FORM, url, "imprint", today=TODAY)
        known = queries_contact_points.point(session, first)

    assert first == again
    assert known is not None
    assert (known.provenance, known.checked_on, known.address) == ("imprint", TODAY, url)


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("email", "http://a.example"),
        ("web_form", "a@b.example"),
        ("web_form", "javascript:x"),
        ("email", "a b@c.example"),
    ],
)
def test_an_address_of_another_form_is_refused(engine: Engine, brand_id: int, channel: str, address: str) -> None:
    with transaction(engine) as session, pytest.raises(BadInput):
        contact_points.confirm(session, brand_id, ChannelKind(channel), address, "", today=TODAY)


def test_a_bad_recipe_changes_nothing_and_an_empty_one_removes_it(engine: Engine, brand_id: int) -> None:
    with transaction(engine) as session:
        number = contact_points.confirm(
            session, brand_id, ChannelKind.WEB_FORM, "http://lindenhof.example/k", "", today=TODAY
        )
        point = queries_contact_points.point(session, number)
        assert point is not None
        contact_points.keep_recipe(session, point, "consent: accept\n", source="a.yaml", today=TODAY)
        with pytest.raises(BadInput, match="line 2, key concent"):
            contact_points.keep_recipe(session, point, "url: x\nconcent: a\n", source="a.yaml", today=TODAY)
        kept = queries_contact_points.point(session, number)
        contact_points.keep_recipe(session, point, " \n", source="a.yaml", today=TODAY)
        removed = queries_contact_points.point(session, number)

    assert kept is not None
    assert removed is not None
    assert (kept.recipe, removed.recipe) == ("consent: accept\n", "")
