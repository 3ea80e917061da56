"""Prepared early or late, alone or beside another placer: what is written of a mail is the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from benchmark import dispatch, intake, placing
from benchmark.careful_reading import CarefullyRead
from benchmark.core.values import ClaimedProbe, Delivery, MatchContext, Verdict
from benchmark.core.vocabulary import AttemptState, MatchedBy, ReplyKind
from benchmark.intake import FetchedMail
from benchmark.placing import place_mails
from benchmark.preparing import PreparedMail, prepare_items
from benchmark.store.session import reading, transaction
from benchmark.store.tables import MailboxItem, OutcomeRow, Reply, VerdictRow
from tests.samples import DAY, HOUR, MONDAY, accepted, claimed, due_at, launched, mail

ACK = (
    "Guten Tag,\n\nvielen Dank für Ihre Nachricht. Ihre Anfrage ist bei uns eingegangen und wird unter der "
    "Ticketnummer 4711081 bearbeitet.\n\nDies ist eine automatische Eingangsbestätigung.\n"
)
ANSWER = "Guten Tag Frau Brandt,\n\nwir sind bis 20 Uhr für Sie da.\n\nViele Grüße\nMiriam Vogt\n"
CHECKS_BACK = "Guten Tag Frau Brandt,\n\nhat Ihnen unsere Antwort weitergeholfen?\n\nViele Grüße\nMiriam Vogt\n"
LATER = MONDAY + 6 * DAY  # everything is sent
NOTE = "Guten Tag,\n\nwir melden uns in Kürze bei Ihnen.\n\nIhr Kundenservice\n"


def conversation(first: ClaimedProbe, second: ClaimedProbe) -> list[bytes]:
    """Mails that explain each other: a receipt, an answer, what follows it, a thread of a desk, a text said twice."""
    desk = (
        f"From: Service <{first.address}>\r\nTo: archive@study.example\r\nSubject: Ihre Frage\r\n"
        "Message-ID: <desk-2@brand.example>\r\nReferences: <desk-1@brand.example>\r\n\r\n" + CHECKS_BACK
    )
    return [
        mail(first, LATER, ACK, message_id="<desk-1@brand.example>", Auto_Submitted="auto-replied"),
        mail(first, LATER + HOUR, ANSWER),
        desk.encode(),
        mail(second, LATER, NOTE),
        mail(second, LATER + HOUR, NOTE, subject="Noch einmal"),
        mail(second, LATER + DAY, ANSWER, subject="Ihre Frage"),
        mail(second, LATER + 2 * DAY, CHECKS_BACK, subject="Alles geklärt?"),
        b"From: someone@else.example\r\nTo: info@study.example\r\nSubject: Hello\r\n\r\nGood day.\r\n",
    ]


def kept(engine: Engine, mails: Sequence[bytes]) -> list[int]:
    with transaction(engine) as session:
        fetched = [FetchedMail(uid, content, LATER + uid * HOUR) for uid, content in enumerate(mails, 1)]
        return intake.keep_mail(session, "box", 1, fetched, now=LATER + DAY, real_now=MONDAY)


def prepared(engine: Engine, item_ids: Sequence[int]) -> list[PreparedMail]:
    with reading(engine) as session:
        return prepare_items(session, item_ids)


def place(engine: Engine, mails: Sequence[PreparedMail]) -> list[int | None]:
    with transaction(engine) as session:
        return place_mails(session, mails, now=LATER + DAY)


def at_the_last_moment(engine: Engine, item_ids: list[int]) -> None:
    for item_id in item_ids:
        place(engine, prepared(engine, [item_id]))


def long_before(engine: Engine, item_ids: list[int]) -> None:
    for one in prepared(engine, item_ids):
        place(engine, [one])


def all_together(engine: Engine, item_ids: list[int]) -> None:
    place(engine, prepared(engine, item_ids))


def said(engine: Engine) -> list[tuple[int | None, MatchedBy | None, ReplyKind]]:
    """Of each reply: its probe, how it was found, and what it is by the newest verdict."""
    with reading(engine) as session:
        both = select(Reply, VerdictRow).join(VerdictRow, col(VerdictRow.reply_id) == col(Reply.id))
        rows = {reply.id: (reply, verdict) for reply, verdict in session.exec(both.order_by(col(VerdictRow.id)))}
        return [(reply.probe_id, reply.matched_by, verdict.kind) for _, (reply, verdict) in sorted(rows.items())]


def outcomes(engine: Engine) -> list[tuple[float | None, float | None]]:
    """Seconds to the answer and to what followed it, of each probe."""
    with reading(engine) as session:
        rows = session.exec(select(OutcomeRow).order_by(col(OutcomeRow.probe_id)))
        return [(row.substantive_s, row.followed_up_s) for row in rows]


def two_sent(engine: Engine) -> tuple[ClaimedProbe, ClaimedProbe]:
    first, second = launched(engine)
    return accepted(engine, first), accepted(engine, second)


@pytest.fixture
def second_looks(monkeypatch: pytest.MonkeyPatch) -> list[MatchContext | None]:
    """The lights in which mails were classified while the writing transaction was open."""
    looks: list[MatchContext | None] = []
    once = placing.verdict_on

    def noted(read: CarefullyRead, context: MatchContext | None) -> Verdict:
        looks.append(context)
        return once(read, context)

    monkeypatch.setattr(placing, "verdict_on", noted)
    return looks


@pytest.mark.parametrize("placer", [at_the_last_moment, long_before, all_together])
def test_when_a_mail_was_prepared_changes_nothing(engine: Engine, placer: Callable[[Engine, list[int]], None]) -> None:
    first, second = two_sent(engine)
    item_ids = kept(engine, conversation(first, second))

    placer(engine, item_ids)

    by_address, one, two = MatchedBy.ADDRESS, first.probe_id, second.probe_id
    assert said(engine) == [
        (one, by_address, ReplyKind.AUTO_ACK),
        (one, by_address, ReplyKind.HUMAN_REPLY),
        (one, MatchedBy.LEARNED, ReplyKind.FOLLOWUP),
        (two, by_address, ReplyKind.AUTO_ACK),  # taken for a person's until the same text came
        (two, by_address, ReplyKind.AUTO_ACK),  # for the second time
        (two, by_address, ReplyKind.HUMAN_REPLY),
        (two, by_address, ReplyKind.FOLLOWUP),
        (None, None, ReplyKind.HUMAN_REPLY),
    ]
    t0s = [due_at(engine, probe_id) for probe_id in (one, two)]
    assert outcomes(engine) == [
        ((LATER + 2 * HOUR - t0s[0]).total_seconds(), (LATER + 3 * HOUR - t0s[0]).total_seconds()),
        ((LATER + 6 * HOUR - t0s[1]).total_seconds(), (LATER + 7 * HOUR - t0s[1]).total_seconds()),
    ]
    with reading(engine) as session:
        assert None not in session.exec(select(MailboxItem.placed_at)).all()


def test_only_what_stands_in_another_light_is_classified_again_while_rows_are_locked(
    engine: Engine, second_looks: list[MatchContext | None]
) -> None:
    item_ids = kept(engine, conversation(*two_sent(engine)))

    all_together(engine, item_ids)

    # The text said twice, and what followed the second answer; the desk's mail is matched again as a whole.
    assert [(look.answered_before, len(look.texts_seen)) for look in second_looks if look] == [(False, 1), (True, 0)]


def test_mail_prepared_at_the_last_moment_is_only_written(
    engine: Engine, second_looks: list[MatchContext | None]
) -> None:
    at_the_last_moment(engine, kept(engine, conversation(*two_sent(engine))))

    assert second_looks == []


def test_a_mail_that_another_placer_took_first_is_placed_once(engine: Engine) -> None:
    item_ids = kept(engine, conversation(*two_sent(engine))[:2])
    early = prepared(engine, item_ids)
    place(engine, early)

    again = place(engine, early)

    assert again == [None, None]
    assert len(said(engine)) == 2


def test_a_doubt_that_ended_while_a_mail_was_prepared_gives_it_its_moment(engine: Engine) -> None:
    """Prepared while nobody knew whether the inquiry left, placed when the first answer has proved it."""
    claim = claimed(engine, launched(engine)[0])
    assert claim is not None
    at = due_at(engine, claim.probe_id)
    with transaction(engine) as session:
        dispatch.arm(session, claim.attempt_id, now=at, real_now=MONDAY)
        dispatch.record(session, claim.attempt_id, Delivery(AttemptState.UNCONFIRMED, "no answer"), now=at)
    mails = [mail(claim, LATER, ACK, Auto_Submitted="auto-replied"), mail(claim, LATER, ANSWER)]
    early = prepared(engine, kept(engine, mails))
    assert [one.context.t0 for one in early if one.context] == [None, None]

    place(engine, early)

    assert outcomes(engine) == [((LATER + 2 * HOUR - at).total_seconds(), None)]


@pytest.mark.real
def test_two_placers_at_once_leave_an_outcome_that_knows_both_mails(engine: Engine) -> None:
    """The second has prepared and waits while the first writes; it must not derive the outcome from what it saw."""
    claim, _ = two_sent(engine)
    answer, follow = prepared(engine, kept(engine, [mail(claim, LATER, ANSWER), mail(claim, LATER, CHECKS_BACK)]))
    begun, ended = threading.Event(), threading.Event()

    def second() -> None:
        begun.set()
        place(engine, [follow])
        ended.set()

    other = threading.Thread(target=second)
    with transaction(engine) as session:
        place_mails(session, [answer], now=LATER + DAY)
        other.start()
        begun.wait()
        assert not ended.wait(0.3), "the second placer did not wait for the first"
    other.join()

    t0 = due_at(engine, claim.probe_id)
    seconds = [(LATER + hours * HOUR - t0).total_seconds() for hours in (1, 2)]
    assert outcomes(engine)[0] == tuple(seconds)


def test_a_ticket_number_that_was_said_once_places_what_names_it_again(engine: Engine) -> None:
    claim, _ = two_sent(engine)
    later = (
        f"From: Service <{claim.address}>\r\nTo: archive@study.example\r\nSubject: Ihre Anfrage, Ticketnummer 4711081"
        "\r\n\r\n" + ANSWER
    )
    item_ids = kept(engine, [mail(claim, LATER, ACK, Auto_Submitted="auto-replied"), later.encode()])

    all_together(engine, item_ids)

    assert said(engine)[1] == (claim.probe_id, MatchedBy.LEARNED, ReplyKind.HUMAN_REPLY)


def test_a_desks_mail_that_is_matched_late_is_still_known_for_words_said_before(engine: Engine) -> None:
    """Nothing but the thread leads to its probe, and the thread is only learned when its predecessor is placed."""
    claim, _ = two_sent(engine)
    desk = (
        f"From: Service <{claim.address}>\r\nTo: archive@study.example\r\nSubject: Ihre Anfrage\r\n"
        "Message-ID: <desk-2@brand.example>\r\nReferences: <desk-1@brand.example>\r\n\r\n" + NOTE
    )
    mails = [mail(claim, LATER, NOTE, message_id="<desk-1@brand.example>"), desk.encode()]
    item_ids = kept(engine, mails)

    all_together(engine, item_ids)

    assert [kind for _, _, kind in said(engine)] == [ReplyKind.HUMAN_REPLY, ReplyKind.AUTO_ACK]
