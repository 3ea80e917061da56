"""What waits for a person: which sure verdicts are drawn for a spot check, and what the checks found."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from benchmark import decisions
from benchmark.core.vocabulary import ReplyFlag, ReplyKind
from benchmark.store import queries_inbox
from benchmark.store.queries_inbox import Shelf
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Probe, Reply, VerdictRow
from tests.samples import HOUR, MONDAY, accepted, launched, mail, received

DRAWN, LEFT = "0ccccccb" + 56 * "f", "0ccccccd" + 56 * "0"  # at either side of one twentieth of all digests


@pytest.fixture
def reply_id(engine: Engine) -> int:
    """A mail that lies with its inquiry."""
    claim = accepted(engine, launched(engine)[0])
    with transaction(engine) as session:
        at = (session.get_one(Probe, claim.probe_id).t0 or MONDAY) + HOUR
        return received(session, mail(claim, at, "Guten Tag,\n\nwir sind bis 18 Uhr da.\n\nEva Kurz"), at) or 0


def made(session: Session, reply_id: int, sha256: str, confidence: float, **changes: object) -> None:
    """Gives a mail another digest, and its verdict another confidence."""
    reply = session.get_one(Reply, reply_id)
    reply.sha256 = sha256
    verdict = session.exec(select(VerdictRow).where(VerdictRow.reply_id == reply_id)).one()
    verdict.confidence, verdict.rules_version = confidence, "7"
    for name, value in changes.items():
        setattr(reply, name, value)


@pytest.mark.parametrize(
    ("sha256", "confidence", "changes", "is_drawn"),
    [
        (DRAWN, 0.8, {}, True),
        (LEFT, 0.99, {}, False),
        (DRAWN, 0.79, {}, False),  # a person looks in any case
        (DRAWN, 0.99, {"hint": True}, False),
        (DRAWN, 0.99, {"probe_id": None}, False),
        (DRAWN, 0.99, {"quarantined": True}, False),
    ],
)
def test_one_sure_verdict_in_twenty_is_drawn_by_the_digest_of_its_mail(
    engine: Engine, reply_id: int, sha256: str, confidence: float, changes: dict[str, object], is_drawn: bool
) -> None:
    with transaction(engine) as session:
        made(session, reply_id, sha256, confidence, **changes)

    with reading(engine) as session:
        lying = [mail.id for mail in queries_inbox.inbox(session, Shelf.SPOT_CHECKS)]
        assert (lying == [reply_id]) is is_drawn
        assert queries_inbox.inbox_counts(session)[Shelf.SPOT_CHECKS] == int(is_drawn)
        assert sum(line.drawn for line in queries_inbox.spot_checks(session)) == int(is_drawn)


@pytest.mark.parametrize(
    ("confidence", "changes", "count"),
    [
        (0.79, {}, 1),
        (0.99, {}, 0),
        (0.99, {"probe_id": None}, 1),
        (0.99, {"hint": True}, 1),
        (0.79, {"quarantined": True, "hint": True}, 1),
    ],
)
def test_what_only_a_person_can_settle_is_counted_once(
    engine: Engine, reply_id: int, confidence: float, changes: dict[str, object], count: int
) -> None:
    with transaction(engine) as session:
        made(session, reply_id, DRAWN, confidence, **changes)
    with reading(engine) as session:
        waiting = queries_inbox.waiting_count(session)
    with transaction(engine) as session:
        decisions.correct(session, reply_id, decisions.Correction(ReplyKind.UNSOLICITED), coder="ada", now=MONDAY)

    with reading(engine) as session:
        assert (waiting, queries_inbox.waiting_count(session)) == (count, 0)


@pytest.mark.parametrize(
    ("word", "right"),
    [
        (decisions.Correction(ReplyKind.HUMAN_REPLY), (1, 1)),
        (decisions.Correction(ReplyKind.HUMAN_REPLY, frozenset({ReplyFlag.PARTIAL})), (1, 0)),
        (decisions.Correction(ReplyKind.AUTO_ACK), (0, 0)),
    ],
)
def test_a_persons_word_takes_a_mail_from_the_shelf_and_counts_for_or_against_the_rules(
    engine: Engine, reply_id: int, word: decisions.Correction, right: tuple[int, int]
) -> None:
    with transaction(engine) as session:
        made(session, reply_id, DRAWN, 0.99)
        decisions.correct(session, reply_id, word, coder="ada", now=MONDAY + 9 * HOUR)

    with reading(engine) as session:
        assert queries_inbox.inbox(session, Shelf.SPOT_CHECKS) == []
        assert [astuple(line) for line in queries_inbox.spot_checks(session)] == [("7", 1, 1, *right)]


def test_what_later_rules_say_of_a_checked_mail_changes_nothing_about_the_check(engine: Engine, reply_id: int) -> None:
    with transaction(engine) as session:
        made(session, reply_id, DRAWN, 0.99)
        decisions.correct(
            session, reply_id, decisions.Correction(ReplyKind.AUTO_ACK), coder="ada", now=MONDAY + 9 * HOUR
        )
        later = {"kind": ReplyKind.AUTO_ACK, "confidence": 1.0, "rules_version": "8", "decided_at": MONDAY + 10 * HOUR}
        session.add(VerdictRow(reply_id=reply_id, **later))

    with reading(engine) as session:
        assert [astuple(line) for line in queries_inbox.spot_checks(session)] == [("7", 1, 1, 0, 0)]
