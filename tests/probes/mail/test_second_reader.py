"""The second reader: prepares what the first would prepare, and nobody waits for it in vain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from benchmark import intake
from benchmark.intake import FetchedMail
from benchmark.preparing import prepare_items
from benchmark.store.session import reading, transaction
from benchmark.store.tables import MailboxItem, Reply
from benchmark.wall_clock import monotonic, pause
from probes.mail import placing, second_reader
from probes.mail.placing import place_kept
from probes.mail.second_reader import SecondReader
from tests.samples import MONDAY

pytestmark = pytest.mark.real
COUNT = 30


def letter(number: int) -> bytes:
    return (
        f"From: a@brand.example\r\nTo: info@study.example\r\nSubject: Nr. {number}\r\n\r\nHallo {number}\r\n".encode()
    )


@pytest.fixture
def reader(engine: Engine) -> Iterator[SecondReader]:
    made = SecondReader(engine.url.render_as_string(hide_password=False))
    made.start()
    made.wait_until_ready()
    yield made
    made.close()


@pytest.fixture
def item_ids(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setattr(placing, "BACKLOG", 10)
    monkeypatch.setattr(placing, "PREPARED", 4)
    monkeypatch.setattr(placing, "TOGETHER", 12)
    with transaction(engine) as session:
        mails = [FetchedMail(uid, letter(uid), MONDAY) for uid in range(1, COUNT + 1)]
        return intake.keep_mail(session, "box", 1, mails, now=MONDAY, real_now=MONDAY)


def subjects(engine: Engine) -> list[str]:
    with reading(engine) as session:
        assert None not in session.exec(select(MailboxItem.placed_at)).all()
        return list(session.exec(select(Reply.subject).order_by(col(Reply.id))))


def test_it_prepares_what_the_first_reader_would(engine: Engine, reader: SecondReader, item_ids: list[int]) -> None:
    answer = reader.answer(reader.ask(item_ids))

    with reading(engine) as session:
        assert answer == prepare_items(session, item_ids)


def test_with_its_help_mails_are_placed_in_their_order(
    engine: Engine, reader: SecondReader, item_ids: list[int]
) -> None:
    place_kept(engine, reader)

    assert subjects(engine) == [f"Nr. {number}" for number in range(1, len(item_ids) + 1)]


def test_while_it_starts_the_first_goes_on(engine: Engine, item_ids: list[int]) -> None:
    reader = SecondReader(engine.url.render_as_string(hide_password=False))

    place_kept(engine, reader)

    assert reader.pid
    assert subjects(engine) == [f"Nr. {number}" for number in range(1, len(item_ids) + 1)]
    reader.close()


@pytest.mark.parametrize("asked_before", [False, True])
def test_when_it_is_killed_the_first_goes_on_alone(
    engine: Engine, reader: SecondReader, item_ids: list[int], asked_before: bool
) -> None:
    pid = reader.pid
    os.kill(pid, signal.SIGSTOP)
    number = reader.ask(item_ids[:2]) if asked_before else 0
    killer = threading.Timer(0.2, os.kill, (pid, signal.SIGKILL))
    killer.start()

    place_kept(engine, reader)

    assert reader.answer(number) is None
    assert subjects(engine) == [f"Nr. {number}" for number in range(1, len(item_ids) + 1)]
    killer.join()


def test_one_that_was_killed_is_started_again(engine: Engine, reader: SecondReader, item_ids: list[int]) -> None:
    first = reader.pid
    os.kill(first, signal.SIGKILL)
    assert reader.answer(reader.ask(item_ids)) is None

    reader.start()
    reader.wait_until_ready()

    assert reader.pid not in (0, first)
    assert len(reader.answer(reader.ask(item_ids)) or []) == COUNT


def test_it_ends_when_nothing_is_left_to_do_for_a_while(
    engine: Engine, reader: SecondReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = reader.pid
    reader.rest()
    assert is_running(pid)
    monkeypatch.setattr(second_reader, "RESTS_S", 0.0)

    reader.rest()

    assert not is_running(pid)
    assert (reader.pid, reader.is_ready) == (0, False)


def test_what_breaks_it_is_left_to_the_first(engine: Engine, reader: SecondReader) -> None:
    assert reader.answer(reader.ask([b"no number"])) is None  # type: ignore[list-item]
    assert reader.answer(reader.ask([])) == []


def test_answers_nobody_waits_for_any_more_are_forgotten(
    engine: Engine, reader: SecondReader, item_ids: list[int]
) -> None:
    reader.ask(item_ids[:3])
    number = reader.ask(item_ids[3:4])

    answer = reader.answer(number)

    assert answer is not None
    assert [one.mail.item_id for one in answer] == item_ids[3:4]


def test_it_ends_with_an_asker_that_is_killed(sqlite_url: str) -> None:
    program = (
        "import sys, time; from probes.mail.second_reader import SecondReader; "
        "reader = SecondReader(sys.argv[1]); reader.start(); print(reader.pid, flush=True); time.sleep(60)"
    )
    asker = subprocess.Popen([sys.executable, "-c", program, sqlite_url], stdout=subprocess.PIPE)
    assert asker.stdout is not None
    pid = int(asker.stdout.readline())

    asker.kill()
    asker.wait()

    deadline = monotonic() + 10
    while is_running(pid) and monotonic() < deadline:
        pause(0.02)
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    """A zombie that nobody has waited for runs no more."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
