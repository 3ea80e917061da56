"""The placer of a process: works when it is rung, and tries again after a trouble."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import func, select

from benchmark import intake
from benchmark.core.problems import TemporaryFailure
from benchmark.intake import FetchedMail
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Reply
from benchmark.wall_clock import monotonic, pause
from probes.mail import placing
from probes.mail.placing import Placer
from tests.samples import MONDAY


def keep_one(engine: Engine) -> None:
    with transaction(engine) as session:
        mails = [FetchedMail(1, b"Subject: Hallo\r\n\r\nGuten Tag\r\n", MONDAY)]
        intake.keep_mail(session, "box", 1, mails, now=MONDAY, real_now=MONDAY)


def placed(engine: Engine) -> int:
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(Reply)).one()


def placed_within(engine: Engine, seconds: float) -> bool:
    deadline = monotonic() + seconds
    while placed(engine) == 0 and monotonic() < deadline:
        pause(0.01)
    return placed(engine) == 1


@pytest.fixture
def placer(sqlite_engine: Engine) -> Iterator[Placer]:
    made = Placer(sqlite_engine, look_s=60)
    yield made
    made.end()


def at_work(placer: Placer) -> None:
    threading.Thread(target=placer.run, daemon=True).start()


def test_mail_is_placed_when_the_bell_rings(sqlite_engine: Engine, placer: Placer) -> None:
    at_work(placer)
    keep_one(sqlite_engine)

    placer.ring()

    assert placed_within(sqlite_engine, 10)


def test_what_was_left_unplaced_needs_no_bell(sqlite_engine: Engine, placer: Placer) -> None:
    keep_one(sqlite_engine)

    at_work(placer)

    assert placed_within(sqlite_engine, 10)


@pytest.mark.parametrize("trouble", [TemporaryFailure("no process"), ZeroDivisionError("a slip of ours")])
def test_a_trouble_is_tried_again(
    sqlite_engine: Engine, placer: Placer, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    place_kept, troubles = placing.place_kept, [trouble]

    def at_first_in_trouble(*arguments: object) -> None:
        if troubles:
            raise troubles.pop()
        place_kept(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(placing, "place_kept", at_first_in_trouble)
    monkeypatch.setattr(placing, "AGAIN_S", 0.01)
    keep_one(sqlite_engine)

    at_work(placer)

    assert placed_within(sqlite_engine, 10)
