"""What comes later tells what an earlier mail is and which inquiry it answers; the same rules run again add nothing."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import col, func, select

from benchmark import decisions, intake, second_looks
from benchmark.core.values import ClaimedProbe
from benchmark.core.vocabulary import ChannelKind, EventKind, MatchedBy, ObservationKind, ReplyKind
from benchmark.decisions import Correction
from benchmark.intake import Reclassified
from benchmark.observations import ObservationIn, log_observation
from benchmark.store import queries, queries_inbox, queries_second_looks
from benchmark.store.queries_inbox import Shelf
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Event, LearnedKey, OutcomeRow, Reply, VerdictRow
from tests.samples import DAY, HOUR, MONDAY, accepted, launched, mail, received

LATER = MONDAY + 6 * DAY  # everything is sent
ANSWER = "Guten Tag Frau Brandt,\n\nwir sind bis 20 Uhr für Sie da.\n\nViele Grüße\nMiriam Vogt\n"
CHECKS_BACK = "Guten Tag Frau Brandt,\n\nhat Ihnen unsere Antwort weitergeholfen?\n\nViele Grüße\nMiriam Vogt\n"
NOTE = "Guten Tag,\n\nwir melden uns in Kürze bei Ihnen.\n\nIhr Kundenservice\n"
RESOLVED = "Change by admin <admin@lampworks.example>:\n\n\n----------\nstatus: chatting -> resolved\n"
ACK = "Guten Tag,\n\nIhre Anfrage ist unter der Ticketnummer 4711081 bei uns eingegangen.\n"


def sent(engine: Engine) -> ClaimedProbe:
    return accepted(engine, launched(engine)[0])


def desk_mail(probe: ClaimedProbe, text: str, number: int, refers_to: int = 0, subject: str = "Ihre Frage") -> bytes:
    """From the brand's desk to an address that says nothing, in a thread of the desk's own."""
    lines = [
        f"From: Service <{probe.address}>",
        "To: archive@study.example",
        f"Subject: {subject}",
        f"Message-ID: <desk-{number}@brand.example>",
    ]
    lines += [f"References: <desk-{refers_to}@brand.example>"] if refers_to else []
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


def come(engine: Engine, content: bytes, at: datetime, uid: int) -> int:
    with transaction(engine) as session:
        return received(session, content, at, uid=uid) or 0


def kind_of(engine: Engine, reply_id: int) -> ReplyKind:
    with reading(engine) as session:
        winner = queries.winning_verdict(session, reply_id)
        assert winner is not None
        return winner.kind


def place_of(engine: Engine, reply_id: int) -> tuple[int | None, MatchedBy | None]:
    with reading(engine) as session:
        reply = session.get_one(Reply, reply_id)
        return reply.probe_id, reply.matched_by


def outcome(engine: Engine, probe_id: int) -> OutcomeRow:
    with reading(engine) as session:
        return session.get_one(OutcomeRow, probe_id)


def run_rules_again(engine: Engine) -> Reclassified:
    with transaction(engine) as session:
        reply_ids = queries_second_looks.mail_ids_after(session, 0, 100)
        return intake.reclassify(session, reply_ids, now=LATER + 9 * DAY)


def test_running_the_same_rules_again_adds_nothing(engine: Engine) -> None:
    probe = sent(engine)
    for uid, text in enumerate([ACK, ANSWER, CHECKS_BACK, NOTE, NOTE], 1):
        come(engine, mail(probe, LATER + uid * HOUR, text, subject=f"Nr. {uid}"), LATER + uid * HOUR, uid)
    come(engine, desk_mail(probe, "Good day.", 99, subject="Hello"), LATER, 6)

    assert run_rules_again(engine) == Reclassified(matched=0, verdicts=0)


def test_a_mail_that_came_before_its_thread_was_known_finds_its_inquiry(engine: Engine) -> None:
    probe = sent(engine)
    answer = come(engine, desk_mail(probe, ANSWER, 2, refers_to=1), LATER + HOUR, 1)
    assert place_of(engine, answer) == (None, None)

    come(engine, mail(probe, LATER, ACK, message_id="<desk-1@brand.example>", Auto_Submitted="auto-replied"), LATER, 2)

    assert place_of(engine, answer) == (probe.probe_id, MatchedBy.LEARNED)
    t0 = outcome(engine, probe.probe_id).t0_s or 0
    assert outcome(engine, probe.probe_id).human_s == (LATER + HOUR).timestamp() - t0
    with reading(engine) as session:
        entries = session.exec(select(Event).where(Event.kind == EventKind.REPLY, Event.reply_id == answer)).all()
        assert [entry.at for entry in entries] == [LATER + HOUR]
        assert queries_inbox.inbox_counts(session)[Shelf.UNMATCHED] == 0


def test_a_whole_thread_that_came_backwards_is_found_link_by_link(engine: Engine) -> None:
    probe = sent(engine)
    thread = [come(engine, desk_mail(probe, ANSWER, n, refers_to=n - 1), LATER + n * HOUR, n) for n in (4, 3, 2)]

    come(engine, mail(probe, LATER, ACK, message_id="<desk-1@brand.example>", Auto_Submitted="auto-replied"), LATER, 1)

    assert {place_of(engine, reply_id) for reply_id in thread} == {(probe.probe_id, MatchedBy.LEARNED)}


def test_what_came_after_an_answer_that_was_placed_late_follows_it_up(engine: Engine) -> None:
    probe = sent(engine)
    note = come(engine, mail(probe, LATER + DAY, RESOLVED), LATER + DAY, 1)
    before = kind_of(engine, note)

    come(engine, mail(probe, LATER, ANSWER), LATER, 2)

    assert (before, kind_of(engine, note)) == (ReplyKind.AUTO_ACK, ReplyKind.FOLLOWUP)
    t0 = outcome(engine, probe.probe_id).t0_s or 0
    assert outcome(engine, probe.probe_id).followed_up_s == (LATER + DAY).timestamp() - t0


def test_what_came_before_the_answer_does_not_follow_it_up(engine: Engine) -> None:
    probe = sent(engine)
    come(engine, mail(probe, LATER + DAY, ANSWER), LATER + DAY, 1)

    note = come(engine, mail(probe, LATER, RESOLVED), LATER, 2)

    assert kind_of(engine, note) is ReplyKind.AUTO_ACK


def test_a_call_that_was_logged_late_is_an_answer_too(engine: Engine) -> None:
    probe = sent(engine)
    note = come(engine, mail(probe, LATER + DAY, RESOLVED), LATER + DAY, 1)
    call = ObservationIn(
        platform=ChannelKind.TELEPHONE,
        kind=ObservationKind.REPLY,
        reply_kind=ReplyKind.HUMAN_REPLY,
        reply_at=LATER,
        checked_at=LATER + 2 * DAY,
        coder="ada",
    )

    with transaction(engine) as session:
        log_observation(session, probe.probe_id, call, now=LATER + 2 * DAY)

    assert kind_of(engine, note) is ReplyKind.FOLLOWUP


def test_words_said_twice_are_a_template_the_first_time_too(engine: Engine) -> None:
    probe = sent(engine)
    once = come(engine, mail(probe, LATER, NOTE), LATER, 1)
    before = kind_of(engine, once)

    come(engine, mail(probe, LATER + HOUR, NOTE, subject="Noch einmal"), LATER + HOUR, 2)

    assert (before, kind_of(engine, once)) == (ReplyKind.HUMAN_REPLY, ReplyKind.AUTO_ACK)
    assert outcome(engine, probe.probe_id).human_s is None


def test_the_copy_of_a_mail_says_nothing_twice(engine: Engine) -> None:
    probe = sent(engine)
    content = mail(probe, LATER, NOTE, message_id="<once@brand.example>")
    once = come(engine, content, LATER, 1)

    copy = come(engine, b"Received: from relay.example by mx.example\r\n" + content, LATER + HOUR, 2)

    assert copy != once
    assert {kind_of(engine, once), kind_of(engine, copy)} == {ReplyKind.HUMAN_REPLY}


def test_mails_of_the_same_ticket_follow_the_one_that_a_person_placed_and_go_back_with_it(engine: Engine) -> None:
    probe = sent(engine)
    first = come(engine, desk_mail(probe, ACK, 1, subject="Eingangsbestätigung [#4711081]"), LATER, 1)
    second = come(engine, desk_mail(probe, ANSWER, 2, subject="Antwort [#4711081]"), LATER + HOUR, 2)
    assert place_of(engine, second) == (None, None)

    with transaction(engine) as session:
        before = decisions.assign(session, first, probe.probe_id, now=LATER + DAY)
    followed = place_of(engine, second)
    third = come(engine, desk_mail(probe, CHECKS_BACK, 3, refers_to=2), LATER + 2 * DAY, 3)
    learned = place_of(engine, third)
    with transaction(engine) as session:
        decisions.take_back_assignment(session, first, before, now=LATER + DAY)

    assert followed == learned == (probe.probe_id, MatchedBy.LEARNED)
    assert [place_of(engine, reply_id) for reply_id in (first, second, third)] == [(None, None)] * 3
    assert outcome(engine, probe.probe_id).acknowledged_s is None
    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(LearnedKey)).one() == 0
        assert session.exec(select(func.count()).where(col(Event.kind) == EventKind.REPLY)).one() == 0


def test_what_other_mails_taught_outlives_a_slip_of_the_hand(engine: Engine) -> None:
    probe = sent(engine)
    come(engine, mail(probe, LATER, ACK, message_id="<desk-1@brand.example>", Auto_Submitted="auto-replied"), LATER, 1)
    second = come(engine, desk_mail(probe, ANSWER, 2, refers_to=1), LATER + HOUR, 2)
    stranger = come(engine, desk_mail(probe, "Good day.", 77, subject="Hello"), LATER + HOUR, 3)

    with transaction(engine) as session:
        before = decisions.assign(session, stranger, probe.probe_id, now=LATER + DAY)
        decisions.take_back_assignment(session, stranger, before, now=LATER + DAY)

    assert place_of(engine, second) == (probe.probe_id, MatchedBy.LEARNED)
    assert place_of(engine, stranger) == (None, None)


def test_a_persons_word_on_an_answer_counts_for_what_came_after_it(engine: Engine) -> None:
    probe = sent(engine)
    answer = come(engine, mail(probe, LATER, ANSWER), LATER, 1)
    note = come(engine, mail(probe, LATER + DAY, RESOLVED), LATER + DAY, 2)
    kinds = [kind_of(engine, note)]

    with transaction(engine) as session:
        verdict_id = decisions.correct(
            session, answer, Correction(ReplyKind.OUT_OF_OFFICE), coder="ada", now=LATER + DAY
        )
    kinds.append(kind_of(engine, note))
    with transaction(engine) as session:
        decisions.take_back_correction(session, verdict_id, now=LATER + DAY)
    kinds.append(kind_of(engine, note))

    assert kinds == [ReplyKind.FOLLOWUP, ReplyKind.AUTO_ACK, ReplyKind.FOLLOWUP]


@pytest.mark.parametrize("changed", [{"ticket_ids": []}, {"language": "xx"}, {"confidence": 0.5}])
def test_rules_that_say_more_than_before_add_a_verdict(engine: Engine, changed: dict[str, object]) -> None:
    probe = sent(engine)
    reply_id = come(engine, mail(probe, LATER, ACK, Auto_Submitted="auto-replied"), LATER, 1)
    with transaction(engine) as session:
        row = session.exec(select(VerdictRow).where(VerdictRow.reply_id == reply_id)).one()
        for name, value in changed.items():
            setattr(row, name, value)

    assert run_rules_again(engine) == Reclassified(matched=0, verdicts=1)
    assert run_rules_again(engine) == Reclassified(matched=0, verdicts=0)


def test_running_the_rules_again_finds_the_inquiry_of_mail_that_lay_unmatched(engine: Engine) -> None:
    probe = sent(engine)
    reply_id = come(engine, mail(probe, LATER, ANSWER), LATER, 1)
    with transaction(engine) as session:  # as older rules may have left it
        reply = session.get_one(Reply, reply_id)
        reply.probe_id, reply.matched_by, reply.text_digest = None, None, ""

    assert run_rules_again(engine).matched == 1
    assert place_of(engine, reply_id) == (probe.probe_id, MatchedBy.ADDRESS)


def test_a_mail_that_breaks_the_rules_the_second_time_keeps_its_verdict(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = sent(engine)
    reply_id = come(engine, mail(probe, LATER, ANSWER), LATER, 1)

    def breaking(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(second_looks, "verdict_on", breaking)

    assert run_rules_again(engine) == Reclassified(matched=0, verdicts=0)
    assert kind_of(engine, reply_id) is ReplyKind.HUMAN_REPLY
