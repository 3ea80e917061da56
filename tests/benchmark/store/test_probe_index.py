"""Guesses of matching as the database gives them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from benchmark.core.matching import folded_subject, phrases_of
from benchmark.store import probe_index
from benchmark.store.probe_index import SqlProbeIndex
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Brand, Probe
from tests.samples import DAY, HOUR, accepted, launched

WAVES = [{"starts_on": "2026-03-02", "days": 5}, {"starts_on": "2026-03-16", "days": 5}]
DOMAIN = "lindenhof.example"


@pytest.fixture
def asked_twice(engine: Engine) -> list[Probe]:
    """The probes to Lindenhof, one of each wave, both sent; Seewind was asked the same a day later each time."""
    probe_ids = launched(engine, waves=WAVES)
    with reading(engine) as session:
        probes = session.exec(select(Probe, Brand).where(Probe.brand_id == Brand.id).order_by("due_at")).all()
        lindenhof = [probe for probe, brand in probes if brand.name == "Lindenhof"]
        seewind = [probe for probe, brand in probes if brand.name == "Seewind"]
    assert len(probe_ids) == len(lindenhof) + len(seewind)
    for ours, other in zip(lindenhof, seewind, strict=True):
        assert ours.due_at is not None
        accepted(engine, ours.id or 0, ours.due_at)
        with transaction(engine) as session:
            session.get_one(Probe, other.id).due_at = ours.due_at + DAY
        accepted(engine, other.id or 0)
    return lindenhof


def guessed(engine: Engine, probe: Probe, after: timedelta) -> tuple[list[int], list[int]]:
    """By subject and domain, and by a sentence, for a mail received so long after a probe was sent."""
    assert probe.due_at is not None
    with reading(engine) as session:
        index, received_at = SqlProbeIndex(session), probe.due_at + after
        by_subject = index.by_subject(folded_subject(probe.subject), DOMAIN, received_at)
        by_phrases = index.by_phrases(phrases_of(probe.body), received_at)
        return [known.probe_id for known in by_subject], [known.probe_id for known in by_phrases]


def test_the_latest_sending_is_guessed_first(engine: Engine, asked_twice: list[Probe]) -> None:
    first, second = asked_twice

    by_subject, by_phrases = guessed(engine, second, HOUR)

    assert by_subject == [second.id, first.id]
    assert [by_phrases[0], by_phrases[-1]] == by_subject


def test_what_was_sent_after_the_mail_came_is_no_guess(engine: Engine, asked_twice: list[Probe]) -> None:
    first, second = asked_twice

    assert guessed(engine, first, HOUR) == ([first.id], [first.id])
    assert guessed(engine, first, -HOUR) == ([], [])
    assert guessed(engine, second, -HOUR)[0] == [first.id]


def test_an_answer_at_once_may_seem_earlier_than_the_sending(engine: Engine, asked_twice: list[Probe]) -> None:
    first, _ = asked_twice

    assert guessed(engine, first, -timedelta(minutes=3))[0] == [first.id]


def test_other_brands_that_were_asked_the_same_take_no_room(
    engine: Engine, asked_twice: list[Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = asked_twice
    monkeypatch.setattr(probe_index, "MOST", 1)

    assert guessed(engine, second, 2 * DAY)[0] == [second.id]
