"""Jobs: thin, and harmless when they run twice."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from benchmark import results
from benchmark.settings import Settings
from benchmark.store import packs
from benchmark.store.session import reading
from probes import jobs
from tests.samples import accepted, launched


@pytest.fixture(autouse=True)
def own_database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "settings", lambda: Settings(database_url=sqlite_url))


def test_packs_are_freshened_once(sqlite_engine: Engine) -> None:
    accepted(sqlite_engine, launched(sqlite_engine)[0])
    with reading(sqlite_engine) as session:
        before = packs.stale_campaigns(session)

    jobs.freshen_packs()
    jobs.freshen_packs()

    with reading(sqlite_engine) as session:
        after = packs.stale_campaigns(session)
        board = results.leaderboard(session, results.find_campaign(session, "spring"))
    assert (len(before), after) == (1, [])
    assert board.denominators.delivered == 1


def test_sweeping_and_closing_nothing_is_no_error(sqlite_engine: Engine) -> None:
    launched(sqlite_engine)

    jobs.sweep()
    jobs.close_matured()

    with reading(sqlite_engine) as session:
        assert results.find_campaign(session, "spring").state == "launched"
