"""What a person says of a reply wins over every rule, overwrites nothing, and can be taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from benchmark import decisions, intake, second_looks
from benchmark.core.problems import BadInput
from benchmark.core.values import ClaimedProbe, Delivery, HandOffTarget
from benchmark.core.vocabulary import (
    AttemptState,
    ChannelKind,
    DecidedBy,
    HandOffState,
    MatchedBy,
    ReplyFlag,
    ReplyKind,
)
from benchmark.decisions import Correction, MovedMeanwhile, Seen
from benchmark.intake import Reclassified
from benchmark.store import queries, queries_inbox, queries_pages
from benchmark.store.queries_inbox import Shelf
from benchmark.store.session import reading, transaction
from benchmark.store.tables import OutcomeRow, Reply, VerdictRow
from benchmark.wall_clock import pause
from tests.samples import DAY, HOUR, MONDAY, accepted, launched, mail, received

LATER = MONDAY + 6 * DAY  # everything is sent
ANSWER = "Guten Tag Frau Brandt,\n\nwir sind bis 20 Uhr für Sie da.\n\nViele Grüße\nMiriam Vogt\n"


@pytest.fixture
def probes(engine: Engine) -> list[ClaimedProbe]:
    """Two inquiries, to two brands."""
    return [accepted(engine, probe_id) for probe_id in launched(engine)]


def come(engine: Engine, content: bytes, at: datetime, uid: int) -> int:
    with transaction(engine) as session:
        return received(session, content, at, uid=uid) or 0


def thread(engine: Engine, probe: ClaimedProbe) -> list[int]:
    """An answer to the secret address, and a second mail that is only known by the first."""
    first = mail(probe, LATER, ANSWER, message_id="<desk-1@brand.example>")
    second = (
        f"From: Service <{probe.address}>\r\nTo: archive@study.example\r\nSubject: Nachtrag\r\n"
        "Message-ID: <desk-2@brand.example>\r\nReferences: <desk-1@brand.example>\r\n\r\nUnd samstags bis 13 Uhr.\r\n"
    )
    return [come(engine, first, LATER, 1), come(engine, second.encode(), LATER + HOUR, 2)]


def lying(engine: Engine, reply_ids: list[int]) -> list[tuple[int | None, MatchedBy | None]]:
    with reading(engine) as session:
        replies = [session.get_one(Reply, reply_id) for reply_id in reply_ids]
        return [(reply.probe_id, reply.matched_by) for reply in replies]


def answered(engine: Engine, probe: ClaimedProbe) -> bool:
    with reading(engine) as session:
        return session.get_one(OutcomeRow, probe.probe_id).substantive_s is not None


def test_a_moved_mail_counts_where_it_lies_now_and_takes_its_thread_along(
    engine: Engine, probes: list[ClaimedProbe]
) -> None:
    one, other = probes
    mails = thread(engine, one)

    with transaction(engine) as session:
        before = decisions.assign(session, mails[0], other.probe_id, now=LATER + DAY, coder="ada")
    moved, counts = lying(engine, mails), [answered(engine, probe) for probe in probes]
    with reading(engine) as session:
        trace = session.get_one(Reply, mails[0]).match_evidence[-1]
    with transaction(engine) as session:
        decisions.take_back_assignment(session, mails[0], before, now=LATER + DAY)

    assert moved == [(other.probe_id, MatchedBy.PERSON), (other.probe_id, MatchedBy.LEARNED)]
    assert counts == [False, True]
    assert (trace["moved_by"], trace["from_probe"]) == ("ada", one.probe_id)
    assert lying(engine, mails) == [(one.probe_id, MatchedBy.ADDRESS), (one.probe_id, MatchedBy.LEARNED)]
    assert [answered(engine, probe) for probe in probes] == [True, False]


def test_a_mail_that_is_taken_off_waits_in_the_inbox_and_no_rule_puts_it_back(
    engine: Engine, probes: list[ClaimedProbe]
) -> None:
    mails = thread(engine, probes[0])
    with transaction(engine) as session:
        decisions.take_off(session, mails[0], now=LATER + DAY, coder="ada")

    with transaction(engine) as session:
        again = intake.reclassify(session, mails, now=LATER + 2 * DAY)
        second_looks.match_waiting(session, [("message_id", "<desk-1@brand.example>", "", 1)], now=LATER + 2 * DAY)

    assert again == Reclassified(matched=0, verdicts=0)
    assert lying(engine, mails) == [(None, MatchedBy.PERSON), (None, None)]
    assert not answered(engine, probes[0])
    with reading(engine) as session:
        waiting = [mail.id for mail in queries_inbox.inbox(session, Shelf.UNMATCHED)]
    assert sorted(waiting) == mails


def test_taking_off_is_taken_back_with_all_that_followed_from_it(engine: Engine, probes: list[ClaimedProbe]) -> None:
    mails = thread(engine, probes[0])
    before_all = lying(engine, mails)

    with transaction(engine) as session:
        before = decisions.take_off(session, mails[0], now=LATER + DAY)
    with transaction(engine) as session:
        decisions.take_back_assignment(session, mails[0], before, now=LATER + DAY)

    assert lying(engine, mails) == before_all
    assert answered(engine, probes[0])
    with pytest.raises(BadInput, match="nothing to take back"), transaction(engine) as session:
        decisions.take_back_assignment(session, mails[0], before, now=LATER + DAY)


def test_pages_are_made_anew_when_a_mail_was_taken_off(engine: Engine, probes: list[ClaimedProbe]) -> None:
    mails = thread(engine, probes[0])
    come(engine, mail(probes[1], LATER + 2 * HOUR, ANSWER), LATER + 2 * HOUR, 3)  # so that the newest event stays
    with reading(engine) as session:
        before = queries_pages.stand(session, LATER).version

    with transaction(engine) as session:
        decisions.take_off(session, mails[0], now=LATER + DAY)

    with reading(engine) as session:
        assert queries_pages.stand(session, LATER).version != before


def test_only_a_mail_can_be_moved(engine: Engine, probes: list[ClaimedProbe]) -> None:
    with transaction(engine) as session:
        delivery = Delivery(AttemptState.ACCEPTED, "success", acknowledgement="Danke, ist angekommen.")
        intake.note_page_acknowledgement(session, probes[0].attempt_id, probes[0].probe_id, delivery, LATER)

    for move in (
        lambda session: decisions.take_off(session, 1, now=LATER),
        lambda session: decisions.assign(session, 1, probes[1].probe_id, now=LATER),
        lambda session: decisions.take_off(session, 99, now=LATER),
    ):
        with pytest.raises(BadInput), transaction(engine) as session:
            move(session)


def test_a_persons_word_wins_and_overwrites_nothing(engine: Engine, probes: list[ClaimedProbe]) -> None:
    claim, at = probes[0], LATER
    reply_id = come(engine, mail(claim, at, ANSWER), at, 1)

    with transaction(engine) as session:
        decisions.correct(session, reply_id, Correction(ReplyKind.OUT_OF_OFFICE), coder="ada", now=at)
        intake.reclassify(session, [reply_id], now=at)

    with reading(engine) as session:
        verdicts = session.exec(select(VerdictRow).where(VerdictRow.reply_id == reply_id)).all()
        winner = queries.winning_verdict(session, reply_id)
    assert [verdict.decided_by for verdict in verdicts] == [DecidedBy.RULES, DecidedBy.PERSON]
    assert winner is not None
    assert winner.kind is ReplyKind.OUT_OF_OFFICE
    with reading(engine) as session:
        assert session.get_one(OutcomeRow, claim.probe_id).human_s is None


def test_a_correction_keeps_sets_and_clears_hand_off_return_date_and_the_word_on_substance(
    engine: Engine, probes: list[ClaimedProbe]
) -> None:
    claim, at = probes[0], LATER
    reply_id = come(engine, mail(claim, at, ANSWER), at, 1)
    moves = frozenset({ReplyFlag.HANDOFF})
    phone, day = HandOffTarget(ChannelKind.TELEPHONE, "+49 30 1"), date(2026, 3, 30)

    def said(word: Correction) -> tuple[object, ...]:
        with transaction(engine) as session:
            decisions.correct(session, reply_id, word, coder="ada", now=at)
        with reading(engine) as session:
            row = queries.winning_verdict(session, reply_id)
            assert row is not None
            answered = session.get_one(OutcomeRow, claim.probe_id).substantive_s is not None
            return row.handoff_channel, row.handoff_address, row.handoff_state, row.return_on, row.substantive, answered

    absent = Correction(ReplyKind.OUT_OF_OFFICE, moves, None, phone, HandOffState.LOST, day, None)
    whole = (ChannelKind.TELEPHONE, "+49 30 1", HandOffState.LOST, day)
    assert said(absent) == (*whole, None, False)
    assert said(Correction(ReplyKind.OUT_OF_OFFICE, moves)) == (*whole, None, False)
    assert said(replace(absent, kind=ReplyKind.HUMAN_REPLY, substantive=True)) == (*whole, True, True)
    assert said(Correction(ReplyKind.HUMAN_REPLY)) == (None, "", HandOffState.NONE, None, True, True)
    cleared = Correction(ReplyKind.HUMAN_REPLY, frozenset(), None, None, HandOffState.NONE, None, None)
    assert said(cleared) == (None, "", HandOffState.NONE, None, None, True)
    assert said(replace(cleared, substantive=False)) == (None, "", HandOffState.NONE, None, False, False)


def test_a_correction_of_what_another_person_corrected_meanwhile_is_refused(
    engine: Engine, probes: list[ClaimedProbe]
) -> None:
    reply_id = come(engine, mail(probes[0], LATER, ANSWER), LATER, 1)
    absent, bounced = Correction(ReplyKind.OUT_OF_OFFICE), Correction(ReplyKind.BOUNCE)
    with reading(engine) as session:
        rules = queries.winning_verdict(session, reply_id)
    assert rules is not None
    with transaction(engine) as session:
        first = decisions.correct(session, reply_id, absent, coder="ada", now=LATER, seen_verdict=rules.id)

    with pytest.raises(BadInput, match="meanwhile to out_of_office by ada"), transaction(engine) as session:
        decisions.correct(session, reply_id, bounced, coder="eva", now=LATER, seen_verdict=rules.id)
    with transaction(engine) as session:
        assert decisions.correct(session, reply_id, bounced, coder="eva", now=LATER, seen_verdict=first)


def test_of_two_who_place_a_mail_at_once_the_second_is_told(engine: Engine, probes: list[ClaimedProbe]) -> None:
    content = mail(probes[0], LATER, "Wer sind Sie?", subject="Hm", sender="x@elsewhere.example")
    reply_id = come(engine, content.replace(probes[0].reply_address.encode(), b"info@elsewhere.example"), LATER, 1)
    both = Barrier(2)

    def place(probe_id: int) -> str:
        both.wait()
        try:
            with transaction(engine) as session:
                decisions.assign(session, reply_id, probe_id, now=LATER, seen=Seen(None))
                pause(0.2)  # the other one reads meanwhile
        except MovedMeanwhile:
            return "told"
        return "placed"

    with ThreadPoolExecutor(2) as two:
        outcomes = list(two.map(place, [probe.probe_id for probe in probes[:2]]))

    assert sorted(outcomes) == ["placed", "told"]
    with reading(engine) as session:
        assert session.get_one(Reply, reply_id).probe_id == probes[outcomes.index("placed")].probe_id


def test_correcting_a_reply_that_is_not_there_is_refused(engine: Engine) -> None:
    with pytest.raises(BadInput, match="reply 77"), transaction(engine) as session:
        decisions.correct(session, 77, Correction(ReplyKind.BOUNCE), coder="ada", now=MONDAY)
