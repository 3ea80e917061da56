"""Logging in to submission and IMAP servers: passwords, OAuth2 tokens that end or are withdrawn, verified TLS."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from benchmark import dispatch, mail_accounts
from benchmark.core.mail_accounts import (
    Addressing,
    MailAccount,
    MailAuth,
    MailSecret,
    MailSecurity,
    MailServer,
)
from benchmark.core.problems import BadInput, OwnFailure, Refused, TemporaryFailure
from benchmark.policy import MailRates
from benchmark.settings import Settings
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Attempt, MailAccountRow, Probe
from probes.channels.email import EmailChannel, MailRoom
from probes.mail import log_in
from probes.mail.mailbox import StudyMailbox
from tests.journeys.certificates import certificate_for_loopback
from tests.journeys.faulty_smtp import Fault, FaultySmtp
from tests.journeys.log_in_servers import TokenServer, bearer_imap
from tests.samples import LEASE, MONDAY, claimed, design_document, due_at, launched

pytestmark = [pytest.mark.real, pytest.mark.timeout(60)]


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    log_in._tokens.clear()
    with TokenServer().running() as server:
        yield server


def account(smtp: int = 0, imap: int = 0, **changes: object) -> MailAccount:
    made = MailAccount("box", "study.example", MailServer("127.0.0.1", smtp), MailServer("127.0.0.1", imap), "study")
    return replace(made, **changes)  # type: ignore[arg-type]


def by_token(tokens: TokenServer) -> MailSecret:
    return MailSecret(token_url=tokens.url, client_id="replymark", client_secret="s", refresh_token="refresh-me")


@pytest.mark.parametrize("auth", [MailAuth.XOAUTH2, MailAuth.OAUTHBEARER])
def test_a_token_is_fetched_once_and_again_when_the_server_no_longer_takes_it(
    auth: MailAuth, tokens: TokenServer
) -> None:
    server = FaultySmtp(Fault(offers=(f"AUTH {auth.upper()}",)))
    server.lets_in = lambda words: f"auth=Bearer {tokens.valid}\x01" in words
    with server.running():
        box = account(server.port, auth=auth, secret=by_token(tokens))
        EmailChannel(box).try_out()
        EmailChannel(box).try_out()
        assert len(tokens.asked) == 1
        tokens.asked.append({})  # the provider withdraws what it gave

        EmailChannel(box).try_out()

    assert tokens.asked[0] == {
        "grant_type": "refresh_token",
        "refresh_token": "refresh-me",
        "client_id": "replymark",
        "client_secret": "s",
    }
    assert len(tokens.asked) == 3
    assert server.log_ins[-1].endswith("\x01\x01")


@pytest.mark.parametrize("auth", [MailAuth.XOAUTH2, MailAuth.OAUTHBEARER])
def test_the_mailbox_opens_by_token(auth: MailAuth, tokens: TokenServer) -> None:
    seen: list[str] = []
    with bearer_imap(tokens, seen) as port:
        mailbox = StudyMailbox(account(imap=port, auth=auth, secret=by_token(tokens)))
        mailbox.open()
        mailbox.close()
        tokens.asked.append({})
        mailbox.open()

    assert mailbox.uidvalidity == 3
    assert len(seen) == 3
    assert all("study" in first for first in seen)


def test_a_token_near_its_end_is_renewed_before_it_is_used(tokens: TokenServer) -> None:
    tokens.expires_in = 30
    log_in.access_token(by_token(tokens))
    log_in.access_token(by_token(tokens))

    assert len(tokens.asked) == 2


@pytest.mark.parametrize(("status", "kind"), [(400, BadInput), (401, BadInput), (503, TemporaryFailure)])
def test_a_refused_grant_and_a_sick_endpoint_are_told_apart(
    status: int, kind: type[Exception], tokens: TokenServer
) -> None:
    tokens.status = status
    with pytest.raises(kind, match="token endpoint"):
        log_in.access_token(by_token(tokens))


@pytest.mark.parametrize("host", ["192.0.2.1", "id.example"])
def test_a_token_endpoint_outside_this_machine_is_never_asked_nor_looked_up(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_in, "getaddrinfo", lambda *_: pytest.fail("its name was looked up"))
    secret = MailSecret(token_url=f"http://{host}/token", refresh_token="r")
    with pytest.raises(Refused, match="no loopback"):
        log_in.access_token(secret)


def test_a_grant_that_was_refused_holds_the_inquiry_back_as_our_own_trouble(tokens: TokenServer) -> None:
    tokens.status = 400
    with FaultySmtp(Fault(offers=("AUTH XOAUTH2",))).running() as server:
        box = account(server.port, auth=MailAuth.XOAUTH2, secret=by_token(tokens))
        with pytest.raises(OwnFailure, match="refuses the refresh token"):
            EmailChannel(box).try_out()


def test_implicit_tls_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = certificate_for_loopback(tmp_path)
    with FaultySmtp(certificate=certificate, tls_from_the_start=True).running() as server:
        box = replace(account(), smtp=MailServer("127.0.0.1", server.port, MailSecurity.TLS))
        with pytest.raises(OwnFailure, match=r"(?i)certificate"):
            EmailChannel(box).try_out()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        EmailChannel(box).try_out()


def test_secrets_are_sealed_and_never_shown(
    sqlite_engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data_dir=tmp_path)
    box = account(25, auth=MailAuth.PASSWORD, secret=MailSecret(password="correct horse"))
    caplog.set_level(logging.DEBUG)
    with transaction(sqlite_engine) as session:
        mail_accounts.add(session, settings, box, now=MONDAY)

    with reading(sqlite_engine) as session:
        row = session.exec(select(MailAccountRow)).one()
        assert b"correct horse" not in row.secret
        assert "correct horse" not in str(row.details)
        assert mail_accounts.with_secrets(session, settings)[0].secret.password == "correct horse"
        assert mail_accounts.all_of(session, settings)[0].secret == MailSecret()
        with pytest.raises(BadInput, match="another key"):
            mail_accounts.with_secrets(session, Settings(data_dir=tmp_path, mailbox_key="0" * 32))
    assert (tmp_path / "mailbox.key").stat().st_mode & 0o777 == 0o600
    assert "correct horse" not in repr(box) + caplog.text


def test_a_key_file_that_others_can_read_is_refused(sqlite_engine: Engine, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with transaction(sqlite_engine) as session:
        mail_accounts.add(session, settings, account(25), now=MONDAY)
    (tmp_path / "mailbox.key").chmod(0o644)

    with reading(sqlite_engine) as session, pytest.raises(BadInput, match="read by others"):
        mail_accounts.with_secrets(session, settings)


def test_inquiries_are_shared_between_the_mailboxes_and_leave_by_their_own(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    with FaultySmtp().running() as first, FaultySmtp().running() as second:
        boxes = [
            account(first.port, name="first", per_hour=20),
            account(second.port, name="second", per_hour=10, addressing=Addressing.PLUS, base="probe"),
        ]
        with transaction(sqlite_engine) as session:
            for box in boxes:
                mail_accounts.add(session, settings, box, now=MONDAY)
        brands = [
            {"name": f"B{n}", "country": "DE", "contact_points": [{"channel": "email", "address": f"a@b{n}.example"}]}
            for n in range(6)
        ]
        probe_ids = launched(sqlite_engine, **{**design_document(), "brands": brands})
        room = MailRoom(lambda: boxes)
        for probe_id in probe_ids:
            claim = claimed(sqlite_engine, probe_id)
            assert claim is not None
            room.hand_over(claim, lambda: None)
        room.close()

    plus = [sender for sender in second.taken if sender.startswith("probe+")]
    assert (first.taken.total(), second.taken.total(), len(plus)) == (4, 2, 2)
    with reading(sqlite_engine) as session:
        assert sorted(session.exec(select(Attempt.mailbox))) == ["first"] * 4 + ["second"] * 2


def test_log_ins_are_asked_for_again_as_soon_as_a_claim_names_another_mailbox(sqlite_engine: Engine) -> None:
    claim = claimed(sqlite_engine, launched(sqlite_engine)[0])
    assert claim is not None
    asked: list[str] = []
    with FaultySmtp().running() as first, FaultySmtp().running() as second:
        boxes = [account(first.port, name="first")]

        def accounts() -> list[MailAccount]:
            asked.append(boxes[0].name)
            return boxes

        room = MailRoom(accounts)
        for _ in range(3):
            room.hand_over(replace(claim, mailbox="first"), lambda: None)
        boxes[0] = account(second.port, name="second")
        room.hand_over(replace(claim, mailbox="second"), lambda: None)
        room.close()

    assert asked == ["first", "second"]
    assert (first.taken.total(), second.taken.total()) == (3, 1)


def test_a_mailbox_sends_no_more_than_its_rate_and_a_host_gets_no_more_than_its_own(sqlite_engine: Engine) -> None:
    points = [{"channel": "email", "address": f"a{n}@one.example"} for n in range(3)]
    brands = [{"name": f"B{n}", "country": "DE", "contact_points": [point]} for n, point in enumerate(points)]
    probe_ids = launched(sqlite_engine, **{**design_document(), "brands": brands})
    now = max(due_at(sqlite_engine, probe_id) for probe_id in probe_ids)

    def try_all(rates: MailRates) -> int:
        with transaction(sqlite_engine) as session:
            return sum(
                dispatch.claim(session, probe_id, now=now, real_now=MONDAY, lease=LEASE, rates=rates) is not None
                for probe_id in probe_ids
            )

    assert try_all(MailRates("box", per_hour=30, per_host_hour=1)) == 1
    assert try_all(MailRates("box", per_hour=1, per_host_hour=30)) == 0
    with reading(sqlite_engine) as session:
        waiting = [probe.due_at for probe in session.exec(select(Probe)) if probe.state == "planned"]
    assert all(moment is not None and (moment - now).total_seconds() >= 3600 for moment in waiting)
