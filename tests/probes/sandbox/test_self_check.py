"""The self-check tells the truth also when things go wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmark.core.values import ClaimedProbe
from benchmark.store.session import reading, transaction
from probes.sandbox.ledger import Ledger, LedgerLine, What
from probes.sandbox.self_check import check
from tests.samples import HOUR, accepted, due_at, launched, mail, received

ANSWER = "Guten Tag Frau Brandt,\n\ndanke für Ihre Frage. Wir sind bis 20 Uhr für Sie da.\n\nViele Grüße\nMiriam Vogt\n"


@pytest.fixture
def claim(sqlite_engine: Engine) -> ClaimedProbe:
    return accepted(sqlite_engine, launched(sqlite_engine)[0])


def line(claim: ClaimedProbe, engine: Engine, what: What, after: timedelta, kind: str = "") -> LedgerLine:
    token = claim.reply_address.partition("@")[0].rpartition(".")[2]
    return LedgerLine(what, due_at(engine, claim.probe_id) + after, "lindenhof", "email", token, kind)


def checked(engine: Engine, folder: Path, *lines: LedgerLine) -> dict[str, object]:
    ledger = Ledger(folder)
    for entry in lines:
        ledger.write(entry)
    ledger.close()
    with reading(engine) as session:
        return check(session, folder)


def test_an_inquiry_received_once_is_neither_double_nor_lost(
    sqlite_engine: Engine, claim: ClaimedProbe, tmp_path: Path
) -> None:
    facts = checked(sqlite_engine, tmp_path, line(claim, sqlite_engine, What.RECEIVED, timedelta(0)))

    assert (facts["sent"], facts["received_by_brands"], facts["duplicates"], facts["lost"]) == (1, 1, 0, 0)


def test_a_second_copy_is_a_duplicate(sqlite_engine: Engine, claim: ClaimedProbe, tmp_path: Path) -> None:
    seen = line(claim, sqlite_engine, What.RECEIVED, timedelta(0))

    assert checked(sqlite_engine, tmp_path, seen, seen)["duplicates"] == 1


def test_an_inquiry_that_never_arrived_is_lost(sqlite_engine: Engine, claim: ClaimedProbe, tmp_path: Path) -> None:
    assert checked(sqlite_engine, tmp_path)["lost"] == 1


def test_a_planted_answer_that_was_not_measured_is_not_found(
    sqlite_engine: Engine, claim: ClaimedProbe, tmp_path: Path
) -> None:
    facts = checked(sqlite_engine, tmp_path, line(claim, sqlite_engine, What.DONE, HOUR, "human_reply"))

    assert (facts["planted"], facts["found"]) == (1, 0)


@pytest.mark.parametrize(("planted", "misread"), [("human_reply", 0), ("auto_ack", 1)])
def test_a_measured_answer_is_held_against_what_was_planted(
    sqlite_engine: Engine, claim: ClaimedProbe, tmp_path: Path, planted: str, misread: int
) -> None:
    at = due_at(sqlite_engine, claim.probe_id) + HOUR
    with transaction(sqlite_engine) as session:
        received(session, mail(claim, at, ANSWER), at)

    facts = checked(
        sqlite_engine, tmp_path, line(claim, sqlite_engine, What.DONE, HOUR - timedelta(minutes=3), planted)
    )

    assert (facts["found"], facts["misclassified"]) == (1, misread)
    assert facts["time_error_minutes"] == {"median": 3.0, "max": 3.0}
