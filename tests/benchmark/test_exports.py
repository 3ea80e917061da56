"""Downloads: kinds, levels, formula guard, the same bytes again, and a package that computes its table again."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from benchmark.core.codebook import CODEBOOK, Level
from benchmark.core.columns import HANDOFFS
from benchmark.core.formula_guard import guarded
from benchmark.core.vocabulary import HandOffState, ReplyFlag, ReplyKind
from benchmark.data_package import write_package
from benchmark.decisions import Correction, correct
from benchmark.exports import EXPORTS, export, rows_of
from benchmark.imports import import_file
from benchmark.results import find_campaign, outcome_columns
from benchmark.store import queries_pages
from benchmark.store.packs import BUCKETS, freshen, mark_stale
from benchmark.store.session import engine_for, reading, transaction, upgrade
from benchmark.store.tables import Brand, Campaign, Probe, Reply, VerdictRow
from benchmark.workbook import write_workbook
from tests.performance.generate import write
from tests.samples import DAY, HOUR, accepted, due_at, launched, mail, received

AS_OF = datetime(2026, 4, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    engine = engine_for(f"sqlite:///{folder / 'study.sqlite'}")
    upgrade(engine)
    write(folder / "rows.csv", 1500, 35, 7)
    import_file(engine, folder / "rows.csv", "study", as_of=AS_OF)
    with transaction(engine) as session:
        session.add(Brand(name="unrelated", slug="unrelated"))
        for brand in session.exec(select(Brand)).all():
            brand.sector = "=1+1"
            brand.name += ', "quoted"' if brand.slug.endswith("7") else ""
        reply = Reply(probe_id=1, channel="email", received_at=AS_OF)
        session.add(reply)
        session.flush()
        for kind, by in ((ReplyKind.AUTO_ACK, "rules"), (ReplyKind.HUMAN_REPLY, "person"), (ReplyKind.BOUNCE, "rules")):
            session.add(
                VerdictRow(
                    reply_id=reply.id or 0, kind=kind, confidence=0.5, decided_by=by, coder="Eva",
                    flags=["partial", "x"], decided_at=AS_OF,
                )
            )  # fmt: skip
    return folder


@pytest.fixture
def session(folder: Path) -> Iterator[Session]:
    with reading(engine_for(f"sqlite:///{folder / 'study.sqlite'}")) as session:
        yield session


@pytest.fixture
def campaign(session: Session) -> Campaign:
    return find_campaign(session, "study")


def table(session: Session, campaign: Campaign, level: Level, as_of: datetime = AS_OF) -> list[dict[str, str]]:
    content = b"".join(export(session, campaign, "csv", level, as_of)).decode()
    return list(csv.DictReader(io.StringIO(content, newline="")))


@pytest.mark.parametrize("level", list(Level))
def test_every_level_has_the_codebooks_columns(session: Session, campaign: Campaign, level: Level) -> None:
    content = b"".join(export(session, campaign, "csv", level, AS_OF))

    head = content.split(b"\r\n")[0].decode().split(",")
    assert head == [column.name for column in CODEBOOK[level]]
    for row in csv.reader(io.StringIO(content.decode(), newline="")):
        assert len(row) == len(head)


def test_silent_probes_are_exported_too(session: Session, campaign: Campaign) -> None:
    rows = table(session, campaign, Level.PROBES)

    assert len(rows) == 1500
    assert any(row["human_s"] == "" and row["exclusion"] == "" for row in rows)


def test_what_is_later_than_as_of_is_not_in_the_download(session: Session, campaign: Campaign) -> None:
    early = datetime(2026, 2, 1, tzinfo=UTC)

    for row in table(session, campaign, Level.PROBES, early):
        if row["sent_at"]:
            sent = datetime.fromisoformat(row["sent_at"])
            assert sent <= early
            assert not row["human_s"] or sent.timestamp() + float(row["human_s"]) <= early.timestamp()


def test_a_persons_verdict_wins_and_coders_are_numbered_not_named(session: Session, campaign: Campaign) -> None:
    replies, codes = table(session, campaign, Level.REPLIES), table(session, campaign, Level.CODES)

    assert [(row["kind"], row["decided_by"], row["flags"]) for row in replies] == [
        ("human_reply", "person", "partial;x")
    ]
    assert [row["coder"] for row in codes] == ["0", "1", "0"]


@pytest.mark.parametrize(
    ("text", "guard"),
    [
        ("=1+1", True), ("+49 40", True), ("-", True), ("@SUM", True), ("\tx", True), ("\rx", True), ("  =1", True),
        ("\ufeff=1", True), ("\u200b=1", True), ("\0=1", True), ("fine\n=1", True), ("fine\r\n =1", True),
        ("＝1", True),
        ("plain", False), ("a=b", False), ("", False), ("1-2", False),
    ],
)  # fmt: skip
def test_texts_that_begin_like_a_formula_get_an_apostrophe(text: str, guard: bool) -> None:
    assert guarded(text) == (f"'{text}" if guard else text)


def test_both_databases_guard_and_stream_the_same(
    engine: Engine, folder: Path, session: Session, campaign: Campaign
) -> None:
    import_file(engine, folder / "rows.csv", "study", as_of=AS_OF)
    with transaction(engine) as writing:
        writing.connection().exec_driver_sql("UPDATE probe SET reference = '=cmd' WHERE id = 1")
        writing.connection().exec_driver_sql("UPDATE outcome SET channel = '@x', inquiry = 'a-b' WHERE probe_id = 1")
        mark_stale(writing, find_campaign(writing, "study").id or 0, range(BUCKETS))

    with reading(engine) as own:
        rows = table(own, find_campaign(own, "study"), Level.PROBES)
        board = table(own, find_campaign(own, "study"), Level.LEADERBOARD)

    row = rows[0]
    assert (row["probe_id"], row["channel"], row["inquiry"]) == ("'=cmd", "'@x", "a-b")
    assert [row["sent_at"] for row in rows] == [row["sent_at"] for row in table(session, campaign, Level.PROBES)]
    assert [row["score"] for row in board] == [row["score"] for row in table(session, campaign, Level.LEADERBOARD)]
    with reading(engine) as own:
        for level in (Level.REPLIES, Level.EVENTS, Level.ASSIGNMENT, Level.CODES):
            table(own, find_campaign(own, "study"), level)


def test_a_hand_off_is_lost_in_every_table_when_the_window_of_a_response_is_over(engine: Engine) -> None:
    probe = accepted(engine, launched(engine)[0])
    at = AS_OF - DAY
    with transaction(engine) as session:
        received(session, mail(probe, at, "Guten Tag,\n\nbitte rufen Sie uns dazu an unter 030 1234567.\n"), at, uid=1)

    def states(moment: datetime) -> tuple[str, str, str, int]:
        with reading(engine) as session:
            spring = find_campaign(session, "spring")
            own = [table(session, spring, level, moment) for level in (Level.PROBES, Level.REPLIES)]
            seen = outcome_columns(session, spring).as_of(moment)
            page = queries_pages.probe_line(session, probe.probe_id).handoff_as_of(moment)
        lost = int((seen.handoff == HANDOFFS.index(HandOffState.LOST)).sum())
        return (
            next(row["handoff"] for row in own[0] if row["handoff"] != "none"),
            own[1][0]["handoff_state"],
            page,
            lost,
        )

    assert states(at + 7 * DAY - HOUR) == ("open", "open", "open", 0)
    assert states(at + 7 * DAY) == ("lost", "lost", "lost", 1)


def test_replies_say_of_a_hand_off_what_the_probes_say_and_carry_tickets_and_return_dates(engine: Engine) -> None:
    ids = launched(engine)
    probes = [accepted(engine, probe_id) for probe_id in ids]
    away = "Guten Tag,\n\nich bin im Urlaub und ab dem 30.04.2026 wieder da.\n\nEva Kurz"
    ticket = "Guten Tag,\n\nIhre Anfrage ist unter der Ticketnummer 4711081 bei uns eingegangen.\n"
    over = "Guten Tag,\n\nbitte rufen Sie uns dazu an unter 030 1234567.\n\nEva Kurz"
    answer = "Guten Tag Frau Brandt,\n\nwir sind bis 20 Uhr für Sie da.\n\nEva Kurz"
    written = [(probes[0], ticket), (probes[0], over), (probes[0], answer), (probes[1], away), (probes[1], over)]
    with transaction(engine) as session:
        for uid, (probe, text) in enumerate(written, 1):
            at = AS_OF - DAY + uid * HOUR
            subject = "Abwesenheitsnotiz" if text is away else "Ihre Anfrage"
            received(session, mail(probe, at, text, subject=subject), at, uid=uid)

    with reading(engine) as session:
        spring = find_campaign(session, "spring")
        probes_csv, replies = (table(session, spring, level) for level in (Level.PROBES, Level.REPLIES))
        german = b"".join(export(session, spring, "csv-excel-de", Level.REPLIES, AS_OF)).decode("utf-8-sig")
        rows = {Level.REPLIES: rows_of(session, spring, Level.REPLIES, AS_OF)}
        write_workbook(Path(os.devnull), rows, [])

    assert {row["probe_id"]: row["handoff"] for row in probes_csv} == {str(ids[0]): "completed", str(ids[1]): "open"}
    assert [row["handoff_state"] for row in replies] == ["none", "completed", "none", "none", "open"]
    assert [row["ticket_ids"] for row in replies] == ["4711081", "", "", "", ""]
    assert [row["return_date"] for row in replies] == ["", "", "", "2026-04-30", ""]
    assert "30.04.2026" in german


def test_a_persons_word_on_a_hand_off_is_in_the_replies(engine: Engine) -> None:
    probe = accepted(engine, launched(engine)[0])
    at = AS_OF - DAY
    with transaction(engine) as session:
        reply_id = received(session, mail(probe, at, "Guten Tag,\n\nrufen Sie uns an.\n\nEva Kurz"), at) or 0
        word = Correction(ReplyKind.HUMAN_REPLY, frozenset({ReplyFlag.HANDOFF}), handoff_state=HandOffState.LOST)
        correct(session, reply_id, word, coder="ada", now=at)

    with reading(engine) as session:
        spring = find_campaign(session, "spring")
        states = [table(session, spring, level)[0] for level in (Level.PROBES, Level.REPLIES)]

    assert (states[0]["handoff"], states[1]["handoff_state"]) == ("lost", "lost")


def test_german_excel_gets_its_own_signs(session: Session, campaign: Campaign) -> None:
    content = b"".join(export(session, campaign, "csv-excel-de", Level.PROBES, AS_OF)).decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(content, newline=""), delimiter=";"))
    waiting = next(row for row in rows if row["human_s"])
    assert waiting["human_s"].endswith(",0")
    assert datetime.strptime(waiting["sent_at"], "%d.%m.%Y %H:%M")  # noqa: DTZ007 - shown without zone


def test_english_excel_gets_a_byte_order_mark(session: Session, campaign: Campaign) -> None:
    assert b"".join(export(session, campaign, "csv-excel-en", Level.LEADERBOARD, AS_OF)).startswith(
        b"\xef\xbb\xbfrank,"
    )


def test_numbers_are_not_rounded(session: Session, campaign: Campaign) -> None:
    rows = table(session, campaign, Level.LEADERBOARD)

    assert any(len(row["score"]) > 10 for row in rows)


@pytest.mark.parametrize("kind", list(EXPORTS))
def test_two_exports_of_one_moment_are_the_same_bytes(session: Session, campaign: Campaign, kind: str) -> None:
    first, second = (b"".join(export(session, campaign, kind, Level.PROBES, AS_OF)) for _ in range(2))

    assert first == second


def test_a_workbook_holds_typed_cells_codebook_and_method(session: Session, campaign: Campaign, tmp_path: Path) -> None:
    sheets = {level: rows_of(session, campaign, level, AS_OF) for level in (Level.LEADERBOARD, Level.PROBES)}

    write_workbook(tmp_path / "book.xlsx", sheets, [("campaign", "study")])

    with ZipFile(tmp_path / "book.xlsx") as book:
        names = book.read("xl/workbook.xml").decode()
        cells = book.read("xl/worksheets/sheet1.xml").decode()
    assert [name for name in ("leaderboard", "probes", "codebook", "method") if f'name="{name}"' in names] == [
        "leaderboard", "probes", "codebook", "method",
    ]  # fmt: skip
    assert "<f>" not in cells
    assert 'state="frozen"' in cells


@pytest.fixture(scope="module")
def unpacked(folder: Path) -> Path:
    with reading(engine_for(f"sqlite:///{folder / 'study.sqlite'}")) as session:
        campaign = find_campaign(session, "study")
        write_package(folder / "package.zip", session, campaign, AS_OF)
        write_package(folder / "again.zip", session, campaign, AS_OF)
    with ZipFile(folder / "package.zip") as package:
        package.extractall(folder / "package")
    return folder / "package"


def test_the_package_is_the_same_bytes_again(unpacked: Path) -> None:
    first, second = (unpacked.parent / name for name in ("package.zip", "again.zip"))

    assert first.read_bytes() == second.read_bytes()


def test_its_checksums_hold(unpacked: Path) -> None:
    lines = (unpacked / "SHA256SUMS").read_text().splitlines()

    assert len(lines) == 15
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((unpacked / name).read_bytes()).hexdigest() == digest


@pytest.mark.slow
def test_it_is_a_valid_data_package(unpacked: Path) -> None:
    from frictionless import Package  # takes a second to import

    report = Package(str(unpacked / "datapackage.json")).validate()

    assert report.valid, report.flatten(["type", "note"])


def test_its_script_computes_the_same_leaderboard_from_the_files_alone(unpacked: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "recompute_leaderboard.py", "--check"], cwd=unpacked, capture_output=True, text=True
    )

    assert done.stdout == "agrees: 35 brands\n"
    assert done.returncode == 0


def test_the_script_notices_a_changed_figure(unpacked: Path, tmp_path: Path) -> None:
    shutil.copytree(unpacked, tmp_path / "changed")
    board = tmp_path / "changed" / "data" / "leaderboard.csv"
    lines = board.read_text().splitlines(keepends=True)
    lines[1] = lines[1].replace("1,", "2,", 1)
    board.write_text("".join(lines))

    done = subprocess.run(
        [sys.executable, "-I", "recompute_leaderboard.py", "--check"],
        cwd=tmp_path / "changed", capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 1
    assert "rank: published '2', computed 1" in done.stdout


def test_the_codebook_speaks_both_languages(unpacked: Path) -> None:
    assert "Bestätigungsquote" in (unpacked / "codebook.de.md").read_text(encoding="utf-8")
    assert "acknowledgement rate" in (unpacked / "codebook.en.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("as_of", [datetime(2026, 2, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)])
def test_lines_built_by_the_database_are_those_python_would_write(
    engine: Engine, folder: Path, as_of: datetime, packed: bool
) -> None:
    """Also where texts need the guard or quotes, times have fractions, and nothing is known in advance."""
    import_file(engine, folder / "rows.csv", "study", as_of=AS_OF)
    changes = (
        "channel = '=a,\"b\"'",
        "inquiry = 'a,b\\\\ \n\tc'",
        "t0_s = t0_s + 0.25",
        "human_s = human_s + 0.123456",
    )
    with transaction(engine) as writing:
        for number, change in enumerate(changes, start=1):
            writing.connection().exec_driver_sql(f"UPDATE outcome SET {change} WHERE probe_id = {number}")
        writing.connection().exec_driver_sql("UPDATE probe SET reference = '-x,y' WHERE id = 5")
        writing.connection().exec_driver_sql("UPDATE probe SET reference = NULL WHERE id = 6")
        writing.connection().exec_driver_sql("UPDATE wave SET name = '@1, 2'")
        mark_stale(writing, find_campaign(writing, "study").id or 0, range(BUCKETS))
        if packed:
            freshen(writing, find_campaign(writing, "study").id or 0)

    with reading(engine) as session:
        campaign = find_campaign(session, "study")
        fast = b"".join(export(session, campaign, "csv", Level.PROBES, as_of))
        slow = b"".join(EXPORTS["csv"].write(CODEBOOK[Level.PROBES], rows_of(session, campaign, Level.PROBES, as_of)))

    assert fast == slow


def test_the_assignment_keeps_the_frozen_time_and_tells_what_became_different(engine: Engine) -> None:
    sent_id, put_off_id = launched(engine)
    planned = [due_at(engine, probe_id) for probe_id in (sent_id, put_off_id)]
    accepted(engine, sent_id)
    with transaction(engine) as session:
        session.get_one(Probe, put_off_id).due_at = planned[1] + DAY

    with reading(engine) as session:
        rows = table(session, find_campaign(session, "spring"), Level.ASSIGNMENT, planned[1] + 30 * DAY)

    assert [datetime.fromisoformat(row["due_at"]) for row in rows] == [
        moment.replace(microsecond=0) for moment in planned
    ]
    assert [(row["state"], bool(row["sent_at"]), row["deviation"]) for row in rows] == [
        ("open", True, ""),
        ("planned", False, "postponed"),
    ]
