"""The placer of a process: works when it is rung, and tries again after a trouble."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from itertools import pairwise

import pytest
from sqlalchemy import Engine
from sqlmodel import func, select

from benchmark import intake
from benchmark.core.problems import TemporaryFailure
from benchmark.intake import FetchedMail
from benchmark.store import queries_health
from benchmark.store.queries_health import ResistingMail
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Reply
from benchmark.wall_clock import monotonic, pause, real_now
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


REFUSE = {
    "sqlite": [
        "CREATE TRIGGER resist BEFORE INSERT ON reply WHEN NEW.sha256 = '{0}' BEGIN SELECT RAISE(ABORT, 'no'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION resist() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.sha256 = '{0}' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER resist BEFORE INSERT ON reply FOR EACH ROW EXECUTE FUNCTION resist()",
    ],
}
GIVE_IN = {"sqlite": "DROP TRIGGER resist", "postgresql": "DROP TRIGGER resist ON reply"}


def subjects(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return sorted(session.exec(select(Reply.subject)))


def run(engine: Engine, *statements: str) -> None:
    with transaction(engine) as session:
        for statement in statements:
            session.connection().exec_driver_sql(statement)


def resisting(engine: Engine) -> list[ResistingMail]:
    with reading(engine) as session:
        return queries_health.resisting_mails(session, 9)


def test_a_mail_that_no_way_can_place_is_stepped_over_and_tried_again_after_growing_pauses(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = [FetchedMail(uid, f"Subject: Nr. {uid}\r\n\r\nText".encode(), MONDAY) for uid in (1, 2, 3)]
    with transaction(engine) as session:
        intake.keep_mail(session, "box", 1, mails, now=MONDAY, real_now=MONDAY)
    database = engine.dialect.name
    run(engine, *(line.format(hashlib.sha256(mails[0].content).hexdigest()) for line in REFUSE[database]))
    start = real_now()
    now = [start]
    monkeypatch.setattr(placing, "real_now", lambda: now[0])

    placing.place_kept(engine)
    first = resisting(engine)
    placing.place_kept(engine)
    again_too_early = resisting(engine)
    now[0] = first[0].next_try_at or start
    placing.place_kept(engine)
    second = resisting(engine)
    run(engine, GIVE_IN[database])
    now[0] = second[0].next_try_at or start
    before = subjects(engine)
    placing.place_kept(engine)

    assert before == ["Nr. 2", "Nr. 3"]
    assert again_too_early == first
    assert [(mail.mailbox, mail.tries) for mail in (*first, *second)] == [("box", 1), ("box", 2)]
    assert "no" in first[0].error
    moments = [start, *(mail.next_try_at or start for mail in (*first, *second))]
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert pauses[0] < pauses[1]
    assert (subjects(engine), resisting(engine)) == (["Nr. 1", "Nr. 2", "Nr. 3"], [])
