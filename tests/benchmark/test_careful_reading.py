"""Doubtful mail is read by a process that may die of it; ordinary mail never waits for one."""

from __future__ import annotations

import pickle
from dataclasses import replace
from io import BytesIO
from itertools import product

import pytest
from sqlalchemy import Engine

from benchmark.careful_reading import Limits, _OnlyMessages, looks_ordinary, read_carefully
from benchmark.core.messages import read_message
from benchmark.store.session import reading, transaction
from benchmark.store.tables import RawMessage, Reply
from benchmark.wall_clock import monotonic
from tests.benchmark.core.test_messages import BOMBS, SIMPLE
from tests.samples import MONDAY, received

PARTS = b"Subject: Frage\nFrom: a@brand.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 300
TINY = Limits(memory=24 * 1024 * 1024)


def test_an_ordinary_mail_is_read_here() -> None:
    assert looks_ordinary(SIMPLE)
    assert read_carefully(SIMPLE, TINY).message == read_message(SIMPLE)


@pytest.mark.real
def test_a_child_reads_the_same_as_we_would() -> None:
    read = read_carefully(PARTS)

    assert not looks_ordinary(PARTS)
    assert not read.is_broken
    assert read.message == read_message(PARTS)


@pytest.mark.real
@pytest.mark.parametrize("limits", [TINY, replace(Limits(), wall_s=0.01)], ids=["memory", "time"])
def test_what_breaks_the_child_is_known_by_its_head_alone(limits: Limits) -> None:
    read = read_carefully(PARTS, limits)

    assert read.is_broken
    assert (read.message.subject, read.message.from_address, read.message.text) == ("Frage", "a@brand.example", "")
    assert read.message.defects[0].startswith("quarantined")


def test_a_child_cannot_make_us_build_anything_but_a_message() -> None:
    with pytest.raises(pickle.UnpicklingError):
        _OnlyMessages(BytesIO(pickle.dumps(print))).load()


@pytest.mark.real
def test_every_bomb_is_stored_and_a_reply(sqlite_engine: Engine) -> None:
    """Twelve kinds in three sizes, each within twenty seconds."""
    for uid, (kind, size) in enumerate(product(BOMBS, (10, 100, 1_000)), start=1):
        content, begin = BOMBS[kind](size), monotonic()

        with transaction(sqlite_engine) as session:
            reply_id = received(session, content, MONDAY, uid=uid)

        assert monotonic() - begin < 20, (kind, size)
        with reading(sqlite_engine) as session:
            reply = session.get_one(Reply, reply_id)
            assert session.get_one(RawMessage, reply.sha256).size == len(content)
