"""What waits, and the settings' mailbox as its reader wrote it down, on both databases."""

from __future__ import annotations

from dataclasses import astuple

from sqlalchemy import Engine

from benchmark import errands, intake, mail_accounts
from benchmark.intake import FetchedMail
from benchmark.settings import Settings
from benchmark.store import queries, queries_health
from benchmark.store.session import reading, transaction
from tests.samples import DAY, MONDAY, launched


def test_what_waits_is_counted(engine: Engine) -> None:
    probes = launched(engine)
    with transaction(engine) as session:
        mails = [FetchedMail(uid, f"Subject: {uid}\r\n\r\nx".encode(), MONDAY) for uid in (1, 2)]
        items = intake.keep_mail(session, "box", 1, mails, now=MONDAY, real_now=MONDAY)
        queries.note_unplaceable(session, items[0], "no", MONDAY)
        errands.ask_mailbox(session, "box", now=MONDAY)

    with reading(engine) as session:
        early, late = (queries_health.backlog(session, now) for now in (MONDAY - 9 * DAY, MONDAY + 9 * DAY))

    assert astuple(early) == (2, 1, 0, 0, 1)
    assert (late.due, late.mails) == (len(probes), 2)


def test_a_mail_that_resists_waits_up_to_six_hours_and_no_longer(engine: Engine) -> None:
    with transaction(engine) as session:
        kept = intake.keep_mail(session, "box", 1, [FetchedMail(1, b"x", MONDAY)], now=MONDAY, real_now=MONDAY)
        for _ in range(40):
            queries.note_unplaceable(session, kept[0], "no", MONDAY)

    with reading(engine) as session:
        resisting = queries_health.resisting_mails(session, 9)
        assert [(mail.tries, mail.next_try_at) for mail in resisting] == [(40, MONDAY + DAY / 4)]
        assert queries.unplaced_items(session, 9, MONDAY) == []
        assert queries.unplaced_items(session, 9, MONDAY + DAY) == kept


def test_the_settings_mailbox_is_one_however_often_its_port_changes(engine: Engine) -> None:
    for port in (143, 144):
        with transaction(engine) as session:
            mail_accounts.note_own(session, Settings(imap_port=port, imap_password="never written"))

    with reading(engine) as session:
        known = mail_accounts.all_of(session, Settings())

    assert [account.imap.port for account in known] == [144]
    assert "never written" not in repr(known)
    assert known[0].secret == mail_accounts.MailSecret()
