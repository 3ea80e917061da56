"""`replymark receive` as an MTA and a person call it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlmodel import col, select

from benchmark.core.problems import BadInput
from benchmark.settings import Settings, load_settings
from benchmark.store.session import engine_for, reading, transaction
from benchmark.store.tables import MailboxItem, MailboxRow, Reply
from probes.command_line.receive import receive

RECEIVED = b"Received: from mx by ours; Tue, 10 Mar 2026 09:30:00 +0100\n"
MAIL = b"From: kern@brand.example\nSubject: Nr. %d\n\nZehn Werktage.\n"
NINE_THIRTY = datetime(2026, 3, 10, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, study: Callable[..., Settings]) -> None:
    monkeypatch.setenv("REPLYMARK_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    study(tmp_path / "data")


def run(*arguments: object, given: bytes = b"") -> str:
    result = CliRunner().invoke(receive, [str(argument) for argument in arguments], given, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def kept() -> list[tuple[str, datetime]]:
    """Subject and time of receipt of all replies, by time."""
    with reading(engine_for(load_settings().database)) as session:
        replies = session.exec(select(Reply).order_by(col(Reply.received_at))).all()
        assert len(replies) == len(session.exec(select(MailboxItem)).all())
        return [(reply.subject, reply.received_at) for reply in replies]


def test_a_piped_mail_is_kept_with_the_time_of_its_received_line() -> None:
    assert run(given=RECEIVED + MAIL % 1) == "1 new\n"

    assert kept() == [("Nr. 1", NINE_THIRTY)]


def test_the_same_mail_piped_twice_is_kept_once() -> None:
    run(given=RECEIVED + MAIL % 1)

    assert run("-", given=RECEIVED + MAIL % 1) == "0 new\n"
    assert len(kept()) == 1


def test_a_time_given_with_the_call_wins() -> None:
    run("--received-at", "2026-03-11T10:00+01:00", given=RECEIVED + MAIL % 1)

    assert kept() == [("Nr. 1", datetime(2026, 3, 11, 9, tzinfo=UTC))]


def test_a_received_line_from_the_future_is_not_believed() -> None:
    run(given=RECEIVED.replace(b"2026", b"2526") + MAIL % 1)

    assert kept()[0][1].year < 2500


def test_a_maildir_is_read_with_the_times_of_its_names(tmp_path: Path) -> None:
    box = tmp_path / "box"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    (box / "new" / "1773131400.M1P2.host").write_bytes(MAIL % 1)
    (box / "cur" / "1773131460.M1P2.host:2,S").write_bytes(MAIL % 2)
    (box / "tmp" / "1773131520.M1P2.host").write_bytes(MAIL % 3)

    assert run(box) == "2 new\n"
    assert kept() == [("Nr. 1", NINE_THIRTY), ("Nr. 2", NINE_THIRTY.replace(minute=31))]


def test_an_mbox_is_read_with_the_times_of_its_from_lines(tmp_path: Path) -> None:
    box = tmp_path / "box"
    line = b"From kern@brand.example Tue Mar 10 08:%d:00 2026\n"
    box.write_bytes(b"\n".join(line % (30 + number) + MAIL % number for number in (0, 1)))

    assert (run(box), run(box)) == ("2 new\n", "0 new\n")
    assert kept() == [("Nr. 0", NINE_THIRTY), ("Nr. 1", NINE_THIRTY.replace(minute=31))]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_piped_mbox_is_read_as_its_mails(end: bytes) -> None:
    line = b"From kern@brand.example Tue Mar 10 08:%d:00 2026\n"
    box = b"\n".join(line % (30 + number) + MAIL % number for number in (0, 1)).replace(b"\n", end)

    assert (run("--mbox", given=box), run("--mbox", "-", given=box)) == ("2 new\n", "0 new\n")
    assert kept() == [("Nr. 0", NINE_THIRTY), ("Nr. 1", NINE_THIRTY.replace(minute=31))]


def test_a_mail_by_itself_and_in_an_mbox_is_one(tmp_path: Path) -> None:
    line = b"From kern@brand.example Tue Mar 10 08:30:00 2026\n"
    box = b"".join(line + MAIL % number + b"\n" for number in (1, 2))
    (tmp_path / "box").write_bytes(box)
    (tmp_path / "one.eml").write_bytes(MAIL % 1)

    assert [run("--mbox", given=box), run(given=MAIL % 1), run(given=MAIL % 2)] == ["2 new\n", "0 new\n", "0 new\n"]
    run(tmp_path / "box", tmp_path / "one.eml")
    with reading(engine_for(load_settings().database)) as session:
        assert sorted(session.exec(select(Reply.subject))) == ["Nr. 1", "Nr. 2"]


def test_a_single_piped_mail_may_begin_with_a_from_line() -> None:
    line = b"From kern@brand.example Tue Mar 10 08:30:00 2026\n"

    assert run(given=line + MAIL % 1 + b"\nFrom here on it is quick.\n") == "1 new\n"
    assert kept() == [("Nr. 1", NINE_THIRTY)]


def test_from_lines_within_a_piped_mail_make_no_second_one() -> None:
    """An MTA pipes one mail; what its text holds is the sender's to choose, a forged mail too."""
    line = b"From kern@brand.example Tue Mar 10 08:30:00 2026\n"

    assert run(given=line + MAIL % 1 + b"\n" + line + MAIL % 2).endswith("say --mbox if it is an mbox\n1 new\n")
    assert [subject for subject, _ in kept()] == ["Nr. 1"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--mbox", "--received-at", "2026-03-10T09:30Z"], "is for one mail"), (["--mbox", "box"], "standard input only")],
)
def test_an_mbox_is_refused_where_its_words_do_not_fit(arguments: list[str], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        run(*arguments, given=MAIL % 1)

    assert kept() == []


@pytest.mark.parametrize("moment", ["11:30:00 +0300 2026", "11:30:00 2026 +0300", "08:30:00 +0000 2026"])
def test_an_mbox_may_write_a_zone_as_google_takeout_does(tmp_path: Path, moment: str) -> None:
    line = b"From 1789@xxx Tue Mar 10 %s\n" % moment.encode()
    (tmp_path / "All mail.mbox").write_bytes(line + MAIL % 1 + b"\n" + line + MAIL % 2)

    assert run(tmp_path / "All mail.mbox") == "2 new\n"
    assert [at for _, at in kept()] == [NINE_THIRTY, NINE_THIRTY]


def test_what_is_no_mail_is_named_and_counted_and_not_kept(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text('{\n  "from": "a: b",\n"subject": "x"}\n')
    (tmp_path / "good.eml").write_bytes(b"\n" + RECEIVED + MAIL % 1)
    (tmp_path / "empty.mbox").write_bytes(b"")
    (tmp_path / "gone.eml").symlink_to("nowhere")
    files = [str(tmp_path / name) for name in ("labels.json", "good.eml")]

    result = CliRunner().invoke(receive, [*files, "/dev/null", str(tmp_path)])

    assert result.exit_code == 1
    assert result.stdout == "1 new, 2 refused\n"
    assert f"{files[0]}: has no header line" in result.stderr
    assert "/dev/null: has no header line" in result.stderr
    assert "gone.eml: cannot be read (No such file or directory)" in result.stderr
    assert len(kept()) == 1


def test_links_in_a_circle_are_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(BadInput, match="circle"):
        run(tmp_path / "loop")


def test_a_folder_of_eml_files_is_read(tmp_path: Path) -> None:
    box = tmp_path / "box"
    (box / "below").mkdir(parents=True)
    for number in (1, 2):
        (box / f"{number}.eml").write_bytes(RECEIVED + MAIL % number)
    (box / "labels.csv").write_bytes(b"1,auto_ack\n")
    (box / "below" / "3.eml").write_bytes(MAIL % 3)

    assert (run(box), run(box)) == ("2 new\n", "0 new\n")
    assert [at for _, at in kept()] == [NINE_THIRTY, NINE_THIRTY]


def test_files_share_one_mailbox_so_that_a_mail_is_kept_once_wherever_it_lies(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        (tmp_path / f"{number}.eml").write_bytes(RECEIVED + MAIL % number)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "again.eml").write_bytes(RECEIVED + MAIL % 3)

    told = [run(tmp_path / f"{number}.eml") for number in (1, 2, 3)] + [run(tmp_path / "copy")]

    assert told == ["1 new\n"] * 3 + ["0 new\n"]
    with reading(engine_for(load_settings().database)) as session:
        assert [row.name for row in session.exec(select(MailboxRow))] == ["mail files"]


@pytest.mark.parametrize(
    ("arguments", "given", "told"),
    [
        (["/nowhere/box"], b"", "no such file"),
        (["--received-at", "yesterday"], MAIL, "no time"),
        (["--received-at", "2026-03-10T09:30"], MAIL, "no zone"),
        (["--received-at", "2026-03-10T09:30Z", "box"], b"", "standard input only"),
        ([], b" \n", "holds no mail"),
        (["/"], b"", "no Maildir"),
        (["--received-at", "2526-03-10T09:30Z"], MAIL, "has not come yet"),
    ],
)
def test_bad_input_is_told_in_one_line(arguments: list[str], given: bytes, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        run(*arguments, given=given)

    assert kept() == []


def piped(given: bytes, *arguments: str, **environment: str) -> tuple[int, list[str]]:
    """Exit status and lines of stderr of the real command."""
    command = [sys.executable, "-m", "benchmark.command_line", "receive", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, env={**os.environ, **environment}, timeout=60)
    return done.returncode, done.stderr.decode().splitlines()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"REPLYMARK_SMTP_PORT": "abc"}, "smtp_port"),
        ({"REPLYMARK_DATA_DIR": "/proc/nowhere/data"}, "cannot be made"),
        ({"DATABASE_URL": "nonsense"}, "no database address"),
        ({"DATABASE_URL": "oddbase://host/name"}, "no kind of database"),
        ({"DATABASE_URL": "sqlite+absent:///x"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://study@127.0.0.1:1/none"}, "database"),
        ({"DATABASE_URL": "sqlite:///{tmp}/empty.sqlite"}, "is empty"),
        ({"DATABASE_URL": "sqlite:///{tmp}/torn.sqlite"}, "not a database"),
    ],
)
def test_whatever_fails_behind_a_pipe_lets_the_mta_try_again(
    tmp_path: Path, environment: dict[str, str], told: str
) -> None:
    (tmp_path / "torn.sqlite").write_bytes(b"torn" * 1000)

    status, lines = piped(MAIL % 1, **{key: value.format(tmp=tmp_path) for key, value in environment.items()})

    assert (status, len(lines)) == (75, 1), lines
    assert told in lines[0]


@pytest.mark.slow
def test_tables_that_wait_for_an_upgrade_let_the_mta_try_again() -> None:
    with transaction(engine_for(load_settings().database)) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    assert piped(MAIL % 1)[0] == 75


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "arguments"),
    [(b" \n", ()), (MAIL, ("--received-at", "yesterday")), (MAIL, ("--nonsense",))],
)
def test_a_wrong_call_and_an_empty_mail_are_not_tried_again(given: bytes, arguments: tuple[str, ...]) -> None:
    assert piped(given, *arguments)[0] == 2
