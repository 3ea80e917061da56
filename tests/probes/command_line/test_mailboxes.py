"""`replymark mailboxes`: added with a secret from standard input, listed without it, tried out, removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from probes.command_line.mailboxes import mailboxes
from tests.journeys.faulty_smtp import Fault, FaultySmtp
from tests.journeys.imap_server import imap_server

pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, sqlite_engine: Engine, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("REPLYMARK_DATA_DIR", str(tmp_path))


def run(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(mailboxes, list(words), input=given)


def add(name: str, smtp: int, imap: int, *more: str, given: str = "secret\n") -> Result:
    servers = ["--smtp", f"127.0.0.1:{smtp}", "--imap", f"127.0.0.1:{imap}", "--smtp-security", "plain"]
    return run("add", name, "--domain", "study.example", *servers, "--imap-security", "plain", *more, given=given)


def test_a_mailbox_is_added_tried_listed_and_removed() -> None:
    with imap_server() as imap, FaultySmtp(Fault(offers=("AUTH PLAIN",))).running() as smtp:
        added = add("probe", smtp.port, imap, "--user", "study", "--plus", "probe", "--per-hour", "12")
        tried = run("test", "probe")
    listed = run("list", "--format", "json")
    removed, empty = run("remove", "probe"), run("list")

    assert added.exit_code == 0, added.output
    assert (tried.exit_code, tried.output) == (0, "probe (sending: ok, receiving: ok)\n")
    assert json.loads(listed.output)[0]["per_hour"] == 12
    assert "secret" not in added.output + tried.output + listed.output
    assert "\x00study\x00secret" in smtp.log_ins[0]
    assert removed.exit_code == 0
    assert "no mailbox yet" in empty.output


def test_what_does_not_work_is_said_with_its_remedy() -> None:
    with imap_server() as imap:
        add("probe", 1, imap, "--user", "study", given="wrong\n")
        tried = run("test")

    assert tried.exit_code == 1
    assert "refused" in tried.output
    assert "refuses the log-in" in tried.output
    assert "→" in tried.output


@pytest.mark.parametrize(
    ("words", "given", "problem"),
    [
        (("--user", "study"), "", "holds no password"),
        ((), "secret", "no user"),
        (("--user", "s", "--auth", "xoauth2"), "token", "token endpoint"),
        (("--user", "s", "--plus", "a b"), "secret", "before the plus — --plus probe"),
        (("--user", "s", "--auth", "xoauth2", "--token-url", "https://id.example/t"), "token", "no loopback server"),
        (("--user", "s", "--auth", "xoauth2", "--token-url", "127.0.0.1/t"), "token", "is no address"),
        (("--user", "s", "--token-url", "https://127.0.0.1/t"), "secret", "for OAuth2 only"),
        (("--user", "s", "--archive", "notanaddress"), "secret", "archive 'notanaddress' is no address"),
        (("--user", "s", "--smtp", "", "--imap", ""), "secret", "neither sends nor receives"),
        (("--user", "s", "--smtp", "127.0.0.1:0"), "secret", "is no server"),
        (("--auth", "none"), "secret", "IMAP always logs in"),
        (("--auth", "none", "--user", "s"), "", "holds no password"),
        (("--user", "s", "--domain", "GMX.de"), "secret", "mail provider"),
        (("--user", "s", "--domain", "yahoo.co.uk"), "secret", "--plus NAME"),
        (("--user", "s", "--smtp", "mail.study.example:587"), "secret", "no loopback"),
        (("--user", "s", "--smtp", "nonsense"), "secret", "is no server"),
    ],
)
def test_bad_values_are_refused_in_one_line(words: tuple[str, ...], given: str, problem: str) -> None:
    told = add("probe", 25, 143, *words, given=given)

    assert told.exit_code != 0
    assert problem in str(told.exception)


def test_two_mailboxes_cannot_catch_all_of_one_domain() -> None:
    add("first", 25, 143, "--user", "a")

    assert "catches all" in str(add("second", 25, 143, "--user", "b").exception)
    assert add("third", 25, 143, "--user", "c", "--plus", "probe").exit_code == 0


def test_a_mailbox_is_not_added_twice_under_two_names() -> None:
    first = add("first", 25, 143, "--user", "study", "--plus", "probe")
    twin = str(add("second", 25, 143, "--user", "study", "--plus", "probe").exception)

    assert first.exit_code == 0
    assert "--user study at 127.0.0.1:25 with --plus probe is mailbox first already" in twin
    assert twin.endswith("choose another --plus, or remove that one first")
    assert add("third", 25, 143, "--user", "study", "--plus", "other").exit_code == 0


def test_a_mailbox_that_only_sends_says_that_its_answers_are_not_read() -> None:
    with FaultySmtp(Fault()).running() as smtp:
        added = add("probe", smtp.port, 143, "--imap", "", "--auth", "none")
        tried = run("test")
    listed, plain = run("list"), json.loads(run("list", "--format", "json").output)

    assert added.exit_code == tried.exit_code == 0
    assert all("answers are not read unless" in told.output for told in (added, tried, listed))
    assert "imap none" in listed.output
    assert plain[0]["imap"] is None


def test_a_provider_s_domain_is_taken_with_plus_addresses() -> None:
    assert add("probe", 25, 143, "--user", "s", "--domain", "gmail.com", "--plus", "jana").exit_code == 0


def test_a_server_without_log_in_says_so() -> None:
    with imap_server() as imap, FaultySmtp(Fault()).running() as smtp:
        add("probe", smtp.port, imap, "--user", "study")
        tried = run("test")

    assert tried.exit_code == 1
    assert "the server offers no log-in" in tried.output
    assert "→ use --auth none" in tried.output


def test_imap_logs_in_where_the_submission_server_does_not() -> None:
    with imap_server() as imap, FaultySmtp(Fault()).running() as smtp:
        add("probe", smtp.port, imap, "--user", "study", "--auth", "none")
        tried = run("test")

    assert tried.output == "probe (sending: ok, receiving: ok)\n"
