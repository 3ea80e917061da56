"""The page that says in plain words whether everything works, and the counter that stands in the navigation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select

from benchmark import intake, mail_accounts
from benchmark.core.vocabulary import MailTrouble
from benchmark.intake import FetchedMail
from benchmark.settings import Settings
from benchmark.store import queries
from benchmark.store.session import transaction
from benchmark.store.tables import MailboxRow, VerdictRow
from benchmark.wall_clock import real_now
from tests.samples import HOUR, MONDAY, accepted, launched, mail, received
from web.app import create_app
from web.life import TASKS


@pytest.fixture
def own(tmp_path: Path, study: Callable[..., Settings]) -> Settings:
    return study(tmp_path)  # pages are told of no mail server


def beat(engine: Engine, *names: str, ago: timedelta = timedelta()) -> None:
    with transaction(engine) as session:
        for name in names:
            queries.beat(session, name, 1, real_now() - ago)


@pytest.mark.parametrize(("language", "words"), [("en", "Nothing is at work"), ("de", "Nichts arbeitet")])
def test_a_study_nobody_works_for_is_told_what_to_start(pages: FlaskClient, language: str, words: str) -> None:
    shown = pages.get("/health", query_string={"lang": language}).text

    assert words in shown
    assert "<code>replymark serve</code>" in shown


def test_all_is_well_when_every_task_gives_a_sign(pages: FlaskClient, engine: Engine) -> None:
    beat(engine, *(name for name in TASKS if not name.startswith("worker")))
    beat(engine, "worker-email-1", "worker-email:second-1", "worker-forms-2", "worker-upkeep-1")

    with transaction(engine) as session:
        queries.note_mailbox_look(session, "box", "idle", real_now())
        queries.note_mailbox_look(session, "forgotten", "idle", real_now() - HOUR)

    shown = pages.get("/health").text

    assert "Everything works." in shown
    assert shown.count("in order") == shown.count("nobody looks at it") == 1


def test_who_is_silent_and_what_ails_a_mailbox_is_said_with_the_servers_own_words(
    pages: FlaskClient, engine: Engine
) -> None:
    beat(engine, "scheduler", "mailbox", "errands", "worker-email-1", "worker-forms-1")
    beat(engine, "worker-upkeep-1", ago=timedelta(minutes=5))
    with transaction(engine) as session:
        now = real_now()
        queries.note_mailbox_trouble(session, "box", "[Errno 111] refused", now, now + HOUR, MailTrouble.NO_ANSWER)

    english, german = (pages.get("/health", query_string={"lang": code}).text for code in ("en", "de"))

    assert "Upkeep: no sign of life" in english
    assert "unter dieser Adresse antwortet niemand" in german
    assert all("[Errno 111] refused" in shown for shown in (english, german))


def test_mail_that_cannot_be_placed_is_shown_with_the_reason(pages: FlaskClient, engine: Engine) -> None:
    with transaction(engine) as session:
        kept = intake.keep_mail(
            session, "mail files", 1, [FetchedMail(1, b"Subject: x\r\n\r\ny", MONDAY)], now=MONDAY, real_now=MONDAY
        )
        for _ in range(2):
            queries.note_unplaceable(session, kept[0], "IntegrityError: <no>", real_now())

    english, german = (pages.get("/health", query_string={"lang": code}).text for code in ("en", "de"))

    assert "Mails that cannot be placed: 1." in english
    assert "2 times" in english
    assert "IntegrityError: &lt;no&gt;" in german
    assert "Dateien mit je einer Mail" in german


def test_an_error_that_is_over_keeps_its_words(pages: FlaskClient, engine: Engine) -> None:
    with transaction(engine) as session:
        now = real_now()
        queries.note_mailbox_trouble(session, "box", "timed out", now, now, MailTrouble.SILENT)
        queries.note_mailbox_look(session, "box", "idle", now)

    shown = pages.get("/admin/mailboxes").text

    assert "The server says nothing in time" in shown
    assert "timed out" in shown
    assert "(over)" in shown


def test_the_mailbox_of_the_settings_is_known_by_what_its_reader_wrote_down(
    pages: FlaskClient, engine: Engine, own: Settings
) -> None:
    reader = own.model_copy(update={"smtp_port": 25, "imap_port": 143, "imap_password": "never shown"})
    with transaction(engine) as session:
        mail_accounts.note_own(session, reader.model_copy(update={"imap_port": 144}))
    with transaction(engine) as session:
        mail_accounts.note_own(session, reader)

    shown = pages.get("/admin/mailboxes").text

    assert shown.count("Test this mailbox") == 1
    assert all(words in shown for words in ("study@127.0.0.1:143", "v=DMARC1", "study.example. MX"))
    assert "never shown" not in shown
    with transaction(engine) as session:
        assert "never shown" not in str([row.details for row in session.exec(select(MailboxRow)).all()])


def test_the_navigation_counts_what_waits_for_a_person(pages: FlaskClient, engine: Engine) -> None:
    empty = pages.get("/glossary").text
    claim = accepted(engine, launched(engine)[0])
    with transaction(engine) as session:
        reply_id = received(session, mail(claim, MONDAY + 99 * HOUR, "Bis 18 Uhr."), MONDAY + 99 * HOUR)
        for verdict in session.exec(select(VerdictRow).where(VerdictRow.reply_id == reply_id)):
            verdict.confidence = 0.5

    assert 'class="count"' not in empty
    for path in ("/glossary", "/leaderboard", "/inbox"):
        assert '<span class="count">1<' in pages.get(path).text
    assert 'class="count"' not in pages.get("/nowhere").text, "error pages ask nothing"


def test_pages_stand_without_a_record(tmp_path: Path) -> None:
    with create_app(Settings(data_dir=tmp_path)).test_client() as client:
        assert client.get("/glossary").status_code == 200


def test_a_mailbox_that_only_sends_is_no_mailbox_nobody_looks_at(pages: FlaskClient, engine: Engine) -> None:
    sending = Settings(smtp_port=25)
    with transaction(engine) as session:
        mail_accounts.note_own(session, sending)
        queries.mailbox_named(session, "study@127.0.0.1:25")  # it was read once

    health, boxes = pages.get("/health?lang=en").text, pages.get("/admin/mailboxes?lang=en").text

    assert "Mailbox study@127.0.0.1:25 only sends" in health
    assert "not looked at yet" not in health + boxes
    assert "nothing: answers are read only by another mailbox" in boxes
    assert "127.0.0.1:0" not in health + boxes
    told = pages.get("/readyz").json
    assert told is not None
    assert [(box["name"], box["state"]) for box in told["mailboxes"]] == [("study@127.0.0.1:25", "only sends")]
