"""Raw first, then placed: every mail stored once, matched and classified."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import func, select

from benchmark import decisions, dispatch, intake
from benchmark.core.values import ClaimedProbe
from benchmark.core.vocabulary import (
    DecidedBy,
    MatchedBy,
    ProbeState,
    ReplyKind,
)
from benchmark.intake import FetchedMail
from benchmark.store import queries
from benchmark.store.session import reading, transaction
from benchmark.store.tables import MailboxItem, OutcomeRow, Probe, RawMessage, Reply, VerdictRow
from tests.samples import DAY, HOUR, MONDAY, accepted, claimed, due_at, launched, mail, received

ANSWER = "Guten Tag Frau Brandt,\n\ndanke für Ihre Frage. Wir sind bis 20 Uhr für Sie da.\n\nViele Grüße\nMiriam Vogt\n"
ACK = (
    "Guten Tag,\n\nvielen Dank für Ihre Nachricht. Ihre Anfrage ist bei uns eingegangen und wird unter der "
    "Ticketnummer 4711081 bearbeitet.\n\nDies ist eine automatische Eingangsbestätigung.\n"
)


def outcome(engine: Engine, probe_id: int) -> OutcomeRow:
    with reading(engine) as session:
        return session.get_one(OutcomeRow, probe_id)


def a_sent_probe(engine: Engine) -> ClaimedProbe:
    return accepted(engine, launched(engine)[0])


def test_an_answer_stops_the_clocks_at_its_time_of_receipt(engine: Engine) -> None:
    claim = a_sent_probe(engine)
    at = due_at(engine, claim.probe_id) + 3 * HOUR

    with transaction(engine) as session:
        received(session, mail(claim, at, ANSWER), at)

    row = outcome(engine, claim.probe_id)
    assert (row.human_s, row.substantive_s, row.acknowledged_s) == (10_800, 10_800, 10_800)


def test_a_confirmation_by_machine_stops_only_the_first_clock(engine: Engine) -> None:
    claim = a_sent_probe(engine)
    at = due_at(engine, claim.probe_id) + timedelta(minutes=4)

    with transaction(engine) as session:
        received(session, mail(claim, at, ACK, Auto_Submitted="auto-replied"), at)

    row = outcome(engine, claim.probe_id)
    assert (row.acknowledged_s, row.human_s) == (240, None)
    assert row.ticket_s == 240


def test_the_same_item_is_kept_once_however_often_it_is_fetched(engine: Engine) -> None:
    claim = a_sent_probe(engine)
    content = mail(claim, MONDAY + DAY, ANSWER)
    fetched = [FetchedMail(5, content, MONDAY + DAY)]

    with transaction(engine) as session:
        first = intake.keep_mail(session, "box", 1, fetched, now=MONDAY + DAY, real_now=MONDAY)
    with transaction(engine) as session:
        again = intake.keep_mail(session, "box", 1, fetched, now=MONDAY + DAY, real_now=MONDAY)

    assert (len(first), len(again)) == (1, 0)


def test_a_new_uidvalidity_fetches_again_and_still_places_each_mail_once(engine: Engine) -> None:
    claim = a_sent_probe(engine)
    content = mail(claim, MONDAY + DAY, ANSWER)
    with transaction(engine) as session:
        received(session, content, MONDAY + DAY, uid=5, uidvalidity=1)

    with transaction(engine) as session:
        received(session, content, MONDAY + DAY, uid=1, uidvalidity=2)
        bookmark = queries.bookmark(session, "box")

    assert (bookmark.uidvalidity, bookmark.last_uid) == (2, 1)
    with reading(engine) as session:
        counts = [
            session.exec(select(func.count()).select_from(table)).one() for table in (MailboxItem, RawMessage, Reply)
        ]
    assert counts == [2, 1, 1]


def test_the_bookmark_and_the_raw_mail_are_one_transaction(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        _keep_and_fail(engine)

    with reading(engine) as session:
        assert queries.bookmark(session, "box").last_uid == 0
        assert session.exec(select(func.count()).select_from(RawMessage)).one() == 0


def _keep_and_fail(engine: Engine) -> None:
    with transaction(engine) as session:
        intake.keep_mail(session, "box", 1, [FetchedMail(9, b"x", MONDAY)], now=MONDAY, real_now=MONDAY)
        _ = 1 / 0


def test_mail_that_matches_nothing_waits_unmatched(engine: Engine) -> None:
    a_sent_probe(engine)
    stranger = b"From: someone@else.example\r\nTo: info@study.example\r\nSubject: Hello\r\n\r\nGood day.\r\n"

    with transaction(engine) as session:
        reply_id = received(session, stranger, MONDAY + DAY)

    with reading(engine) as session:
        assert session.get_one(Reply, reply_id).probe_id is None
        assert (
            session.exec(select(VerdictRow).where(VerdictRow.reply_id == reply_id)).one().decided_by is DecidedBy.RULES
        )


def test_a_mail_assigned_later_keeps_its_true_time(engine: Engine) -> None:
    claim = a_sent_probe(engine)
    at = due_at(engine, claim.probe_id) + 2 * HOUR
    stranger = b"From: someone@else.example\r\nTo: info@study.example\r\nSubject: Ihre Frage\r\n\r\n" + ANSWER.encode()

    with transaction(engine) as session:
        reply_id = received(session, stranger, at)
        decisions.assign(session, reply_id or 0, claim.probe_id, now=at + 5 * DAY)

    assert outcome(engine, claim.probe_id).human_s == 7_200


def test_a_ticket_system_with_its_own_thread_is_learned(engine: Engine) -> None:
    """The first mail comes to the secret address, the second only carries the system's own ids."""
    claim = a_sent_probe(engine)
    first = mail(claim, MONDAY + DAY, ACK, message_id="<rt-1@brand.example>", Auto_Submitted="auto-replied")
    second = (
        b"From: Service <service@lindenhof.example>\r\nTo: archive@study.example\r\nSubject: Ihre Anfrage\r\n"
        b"Message-ID: <rt-2@brand.example>\r\nReferences: <rt-1@brand.example>\r\n\r\n" + ANSWER.encode()
    )

    with transaction(engine) as session:
        received(session, first, MONDAY + DAY, uid=1)
        reply_id = received(session, second, MONDAY + DAY + HOUR, uid=2)

    with reading(engine) as session:
        reply = session.get_one(Reply, reply_id)
        assert (reply.probe_id, reply.matched_by) == (claim.probe_id, MatchedBy.LEARNED)


def test_a_reply_proves_that_a_doubtful_sending_arrived(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    claim = claimed(engine, probe_id)
    assert claim is not None
    at = due_at(engine, probe_id)
    with transaction(engine) as session:
        dispatch.arm(session, claim.attempt_id, now=at, real_now=MONDAY)
        dispatch.sweep(session, now=at, real_now=MONDAY + DAY)

    with transaction(engine) as session:
        received(session, mail(claim, at + HOUR, ANSWER), at + HOUR)

    with reading(engine) as session:
        probe = session.get_one(Probe, probe_id)
        assert (probe.state, probe.t0) == (ProbeState.OPEN, at)
    assert outcome(engine, probe_id).human_s == 3_600


def test_what_came_to_a_passed_on_address_is_judged_as_mail_nobody_asked_for(engine: Engine) -> None:
    claim = a_sent_probe(engine)
    at = due_at(engine, claim.probe_id) + timedelta(seconds=60)
    letter = "Nur heute: 20 % Rabatt auf Lampen. Jetzt bestellen!\n\nNewsletter abbestellen: https://licht.example/x\n"
    content = mail(claim, at, letter, subject="Angebote der Woche", sender="news@licht.example")

    with transaction(engine) as session:
        reply_id = received(session, content, at) or 0

    with reading(engine) as session:
        winner = queries.winning_verdict(session, reply_id)
        assert session.get_one(Reply, reply_id).hint
    assert winner is not None
    assert winner.kind is ReplyKind.UNSOLICITED


@pytest.mark.parametrize("content", [b"", b"\x00" * 2000, b"Subject: \xff\xfe\r\n\r\n\x00text", b"no header at all"])
def test_whatever_comes_is_kept_and_counted(engine: Engine, content: bytes) -> None:
    with transaction(engine) as session:
        reply_id = received(session, content, MONDAY)

    with reading(engine) as session:
        assert session.get(Reply, reply_id) is not None
