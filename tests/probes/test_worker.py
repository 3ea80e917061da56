"""Workers give signs of life, so that a page can say who works."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from benchmark.store import queries_health
from benchmark.store.session import reading
from benchmark.wall_clock import real_now
from probes import sign_of_life, worker
from probes.sign_of_life import SignOfLife


def names(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return [sign.name for sign in queries_health.signs_of_life(session, real_now() - timedelta(minutes=1))]


def test_a_sign_is_given_now_and_then_and_ends_with_the_worker(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    life = SignOfLife(engine, "worker-upkeep-1")
    life.give()
    with reading(engine) as session:
        first = queries_health.signs_of_life(session, real_now() - timedelta(minutes=1))

    life.give()
    with reading(engine) as session:
        assert queries_health.signs_of_life(session, real_now() - timedelta(minutes=1)) == first
    monkeypatch.setattr(sign_of_life, "BEAT_S", 0.0)
    life.give()
    with reading(engine) as session:
        assert queries_health.signs_of_life(session, real_now() - timedelta(minutes=1)) != first
    life.end()

    assert names(engine) == []


def test_a_heartbeat_of_the_queue_is_a_sign_of_life_but_not_in_a_fork(engine: Engine) -> None:
    class Base:
        pid = worker.os.getpid()
        beats = 0

        def heartbeat(self, timeout: int | None = None) -> None:
            self.beats += 1

    class Beating(worker._Beating, Base):
        pass

    beating = Beating()
    beating.life = SignOfLife(engine, "worker-email-1")

    beating.pid += 1
    beating.heartbeat(60)
    in_a_fork = names(engine)
    beating.pid -= 1
    beating.heartbeat(60)

    assert (in_a_fork, names(engine), beating.beats) == ([], ["worker-email-1"], 2)
