"""The study clock stands still while anything is in flight, jumps to the next event, and never goes back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from benchmark import campaigns
from benchmark.store.session import reading, transaction
from benchmark.wall_clock import real_now, study_now
from probes.sandbox.study_clock import Standing, look, set_clock
from tests.samples import DAY, HOUR, MONDAY, accepted, claimed, due_at, launched, mail, received


def standing(engine: Engine, delivered: int = 0, next_act_after: timedelta | None = None) -> Standing:
    with reading(engine) as session:
        now = study_now(session)
        return look(session, now, delivered, now + next_act_after if next_act_after else None)


def at(engine: Engine, moment: object) -> None:
    with transaction(engine) as session:
        set_clock(session, moment)  # type: ignore[arg-type]  # datetimes of the samples


def test_without_a_row_the_study_stands_at_the_wall_clock(engine: Engine) -> None:
    with reading(engine) as session:
        assert abs(study_now(session) - real_now()) < timedelta(minutes=1)


def test_the_next_event_is_the_earliest_of_probes_and_brands(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    at(engine, due_at(engine, probe_id) - DAY)

    assert standing(engine).next_at == due_at(engine, probe_id)
    assert standing(engine, next_act_after=HOUR).next_at == due_at(engine, probe_id) - DAY + HOUR


def test_it_waits_for_a_due_probe_and_for_a_claimed_one(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    at(engine, due_at(engine, probe_id))
    assert standing(engine).busy

    claimed(engine, probe_id)

    assert standing(engine).busy


def test_it_goes_on_when_the_probe_was_sent(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    at(engine, due_at(engine, probe_id))
    accepted(engine, probe_id)

    assert not standing(engine).busy


def test_it_waits_for_mail_that_was_delivered_but_not_placed(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    moment = due_at(engine, probe_id)
    at(engine, moment)
    claim = accepted(engine, probe_id)
    assert standing(engine, delivered=1).busy

    with transaction(engine) as session:
        received(session, mail(claim, moment, "Guten Tag"), moment)

    assert not standing(engine, delivered=1).busy


def test_a_paused_campaign_holds_nothing_up(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    at(engine, due_at(engine, probe_id))
    with transaction(engine) as session:
        campaigns.move(session, "spring", "pause", now=MONDAY)

    assert not standing(engine).busy


def test_time_never_goes_back(engine: Engine) -> None:
    at(engine, MONDAY)
    at(engine, MONDAY - DAY)

    with reading(engine) as session:
        assert study_now(session) == MONDAY
