"""Writes that go together are the same writes one by one, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from benchmark.core.vocabulary import EventKind, ProbeState
from benchmark.store.rows import Meeting
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Brand, Event, EvidenceContent, Probe
from benchmark.store.writes import Insert, Update, write_together
from tests.samples import launched

MOMENT = datetime(2026, 3, 2, 11, 0, 0, 250_000, tzinfo=UTC)


def content(sha256: str, words: bytes) -> Insert:
    return Insert(EvidenceContent, {"sha256": sha256, "content": words}, Meeting.LEAVES)


def brand_named(session: Session, slug: str) -> Brand:
    return session.exec(select(Brand).where(Brand.slug == slug)).one()


@pytest.fixture
def brands(engine: Engine) -> Engine:
    with transaction(engine) as session:
        session.add_all([Brand(slug=slug, name=slug) for slug in ("first", "second")])
    return engine


def test_new_rows_and_changed_ones_are_written_together(brands: Engine) -> None:
    with transaction(brands) as session:
        first, second = (brand_named(session, slug).id or 0 for slug in ("first", "second"))
        session.expire_all()
        write_together(
            session,
            [
                content("a", b"\x00one"),
                content("a", b"\x00one"),  # the same again
                Update(Brand, first, {"name": "Grün", "opted_out": True}),
                content("b", b"two"),
                Update(Brand, second, {"name": "o'Hara"}),
            ],
        )

    with reading(brands) as session:
        assert (brand_named(session, "first").name, brand_named(session, "first").opted_out) == ("Grün", True)
        assert brand_named(session, "second").name == "o'Hara"
        kept = {row.sha256: row.content for row in session.exec(select(EvidenceContent))}
        assert kept == {"a": b"\x00one", "b": b"two"}


def test_words_and_moments_come_back_as_they_were_written(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    event = {"probe_id": probe_id, "kind": EventKind.ACCEPTED, "at": MOMENT, "attempt_id": None, "note": "250 Ok"}
    with transaction(engine) as session:
        write_together(
            session, [Update(Probe, probe_id, {"state": ProbeState.OPEN, "t0": MOMENT}), Insert(Event, event)]
        )

    with reading(engine) as session:
        probe = session.get_one(Probe, probe_id)
        assert (probe.state, probe.t0) == (ProbeState.OPEN, MOMENT)
        noted = session.exec(select(Event).where(Event.probe_id == probe_id, Event.kind == EventKind.ACCEPTED)).one()
        assert (noted.at, noted.note, noted.attempt_id) == (MOMENT, "250 Ok", None)


@pytest.mark.parametrize("before", [0, 1])
def test_one_that_fails_takes_all_with_it(brands: Engine, before: int) -> None:
    """Wherever it stands among them."""
    twice = Insert(EvidenceContent, {"sha256": "a", "content": b"2"})
    with transaction(brands) as session:
        write_together(session, [content("a", b"1")])
        brand_id = brand_named(session, "first").id or 0

    writes = [Update(Brand, brand_id, {"name": "changed"}), content("c", b"3")]
    writes.insert(before, twice)
    with pytest.raises(IntegrityError), transaction(brands) as session:
        write_together(session, writes)

    with reading(brands) as session:
        assert brand_named(session, "first").name == "first"
        assert [row.sha256 for row in session.exec(select(EvidenceContent))] == ["a"]


def test_of_nothing_the_database_is_not_asked(brands: Engine) -> None:
    asked: list[str] = []
    with transaction(brands) as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *told: asked.append(told[2]))
        write_together(session, [])
        assert asked == []
        write_together(session, [content("a", b"1")])
        assert len(asked) == 1
