"""Import of measurements collected elsewhere: good files, messy files, bad files."""

from __future__ import annotations

import csv
import gzip
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from benchmark import results
from benchmark.core.columns import OutcomeColumns
from benchmark.core.import_cells import IMPORT_COLUMNS, RowError
from benchmark.core.leaderboard import By, Leaderboard
from benchmark.core.problems import BadInput
from benchmark.imports import Imported, import_file, zone_of
from benchmark.store.session import reading

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
HEADER = ",".join(IMPORT_COLUMNS)
GOOD = {
    "probe_id": "p1",
    "brand": "Ada",
    "company": "Co",
    "sector": "banks",
    "country": "DE",
    "channel": "E-Mail",
    "inquiry": "question",
    "wave": "spring",
    "sent_at": "2026-03-02T09:00:00Z",
}


def file_of(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, IMPORT_COLUMNS, restval="")
        writer.writeheader()
        writer.writerows({**GOOD, "probe_id": f"p{number}"} | row for number, row in enumerate(rows, 1))
    return path


def imported(engine: Engine, folder: Path, *rows: dict[str, str], zone: ZoneInfo | None = None) -> OutcomeColumns:
    import_file(engine, file_of(folder, *rows), "study", as_of=AS_OF, zone=zone)
    with reading(engine) as session:
        return results.outcome_columns(session, results.find_campaign(session, "study"))


def table(engine: Engine, by: By = By.BRAND) -> Leaderboard:
    with reading(engine) as session:
        return results.leaderboard(session, results.find_campaign(session, "study"), by=by, min_n=1)


def test_a_silent_probe_is_imported_as_silence(engine: Engine, tmp_path: Path) -> None:
    columns = imported(engine, tmp_path, {})

    assert len(columns) == 1
    assert columns.labels["channel"] == ("email",)
    assert table(engine).rows[0].within_7d == 0


def test_a_persons_reply_without_further_detail_counts_as_substantive(engine: Engine, tmp_path: Path) -> None:
    columns = imported(engine, tmp_path, {"first_human_reply_at": "2026-03-02T11:00:00+01:00"})

    assert columns.human_s.tolist() == columns.substantive_s.tolist() == [3600]
    assert table(engine).rows[0].answered_rate == 1


def test_columns_nobody_filled_are_empty_and_not_zero(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, {"first_human_reply_at": "2026-03-02T10:00:00Z"})

    row = table(engine).rows[0]

    assert row.ack_rate is row.followup_rate is None
    assert row.formula == "(0.35*answered + 0.35*speed) / 0.7"


def test_a_reply_before_the_sending_is_imported_excluded_and_counted(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, {"first_human_reply_at": "2026-03-01T10:00:00Z"}, {})

    row = table(engine).rows[0]

    assert (row.n, row.excluded) == (1, 1)
    assert table(engine).denominators.excluded["reply_before_t0"] == 1


def test_a_follow_up_counts_only_after_an_answer(engine: Engine, tmp_path: Path) -> None:
    answered = {"answered_at": "2026-03-02T10:00:00Z"}
    columns = imported(
        engine,
        tmp_path,
        answered | {"followed_up_at": "2026-03-05T10:00:00Z"},
        {"followed_up_at": "2026-03-05T10:00:00Z"},
    )

    assert sorted(columns.followed_up_s.tolist(), key=str)[0] == 73 * 3600
    assert table(engine).rows[0].followup_rate == 1


def test_a_late_bounce_is_no_bounce(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, {"bounced_at": "2026-03-02T09:01:00Z"}, {"bounced_at": "2026-03-09T09:01:00Z"})

    assert table(engine).denominators.excluded["bounced"] == 1
    assert table(engine).rows[0].n == 1


def test_exclusions_and_free_words_are_taken_as_they_are(engine: Engine, tmp_path: Path) -> None:
    columns = imported(
        engine,
        tmp_path,
        {"exclusion": "barrier", "sent_at": "", "channel": "carrier pigeon", "inquiry": "praise"},
        {"channel": "Web Form"},
    )

    assert columns.labels["channel"] == ("carrier pigeon", "web_form")
    assert columns.labels["inquiry"] == ("praise", "question")


def test_local_times_are_read_in_the_zone_named(engine: Engine, tmp_path: Path) -> None:
    columns = imported(engine, tmp_path, {"sent_at": "2026-03-02 10:00"}, zone=ZoneInfo("Europe/Berlin"))

    assert columns.t0_s.tolist() == [datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()]


def test_the_brand_alone_is_the_key(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, {"company": "", "sector": ""}, {"sector": "banks"}, {"sector": "shops"})

    assert [(row.brand, row.company, row.sector, row.n) for row in table(engine).rows] == [("Ada", "Co", "banks", 3)]


def test_one_brand_may_stand_in_two_campaigns_with_two_sectors(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, {"sector": "banks"})
    import_file(engine, file_of(tmp_path, {"sector": "shops"}), "other", as_of=AS_OF)

    with reading(engine) as session:
        rows = results.leaderboard(session, results.find_campaign(session, "other")).rows
    assert rows[0].sector == "shops"
    assert table(engine).rows[0].sector == "banks"


def test_nothing_points_nowhere_and_keys_are_checked_again_afterwards(sqlite_engine: Engine, tmp_path: Path) -> None:
    imported(sqlite_engine, tmp_path, {}, {"brand": "Bert", "wave": "autumn"})

    with sqlite_engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_dry_run_writes_nothing(engine: Engine, tmp_path: Path) -> None:
    done = import_file(engine, file_of(tmp_path, {}, {}), "study", as_of=AS_OF, dry_run=True)

    assert done == Imported("study", 2, 1, {})
    assert empty(engine)


def test_a_name_that_is_taken_is_refused(engine: Engine, tmp_path: Path) -> None:
    imported(engine, tmp_path, {})

    with pytest.raises(BadInput, match="is there already"):
        imported(engine, tmp_path, {})


def test_every_fault_is_told_with_line_column_value_and_remedy(engine: Engine, tmp_path: Path) -> None:
    told: list[RowError] = []
    path = file_of(
        tmp_path,
        {},
        {"brand": "", "sent_at": "2026-02-30T10:00:00Z"},
        {"acknowledged_by": "robot"},
        {"acknowledged_by": "robot"},
    )

    with pytest.raises(BadInput, match="4 cells cannot be used; nothing was imported"):
        import_file(engine, path, "study", as_of=AS_OF, tell=told.append)

    assert [(error.line, error.column, error.value) for error in told] == [
        (3, "sent_at", "2026-02-30T10:00:00Z"),
        (3, "brand", ""),
        (4, "acknowledged_by", "robot"),
        (5, "acknowledged_by", "robot"),
    ]
    assert empty(engine)


BAD_CELLS = [
    ({"sent_at": "2026-03-02T09:00:00"}, "has no time zone"),
    ({"sent_at": "2026-03-02"}, "has no time of day"),
    ({"sent_at": "02.03.2026 09:00"}, "no date and time"),
    ({"sent_at": "46083.375"}, "no date and time"),
    ({"sent_at": "2025-02-29T09:00:00Z"}, "no date and time that exists"),
    ({"sent_at": "2026-03-02T24:01:00Z"}, "no date and time that exists"),
    ({"sent_at": "0026-03-02T09:00:00Z"}, "outside the years"),
    ({"sent_at": ""}, "is empty"),
    ({"probe_id": ""}, "is empty"),
    ({"brand": "   "}, "is empty"),
    ({"brand": "=HYPERLINK(1)"}, "like a formula"),
    ({"sector": "@SUM(A1)"}, "like a formula"),
    ({"brand": "A" * 201}, "longer than 200"),
    ({"brand": "two\nlines"}, "control characters"),
    ({"exclusion": "dunno"}, "is not known here"),
    ({"acknowledged_by": "cat"}, "is not known here"),
]


@pytest.mark.parametrize(
    ("row", "problem"), BAD_CELLS, ids=[next(iter(row.values()))[:20] or "empty" for row, _ in BAD_CELLS]
)
def test_a_bad_cell_is_named_and_nothing_is_imported(
    sqlite_engine: Engine, tmp_path: Path, row: dict[str, str], problem: str
) -> None:
    told: list[RowError] = []

    with pytest.raises(BadInput, match="nothing was imported"):
        import_file(sqlite_engine, file_of(tmp_path, {}, row), "study", as_of=AS_OF, tell=told.append)

    assert problem in str(told[0])
    assert told[0].remedy
    assert empty(sqlite_engine)


@pytest.mark.parametrize(
    ("moment", "problem"),
    [("2026-03-29T02:30", "does not exist in Europe/Berlin"), ("2026-10-25T02:30", "happened twice in Europe/Berlin")],
)
def test_local_times_at_a_clock_change_are_refused(
    sqlite_engine: Engine, tmp_path: Path, moment: str, problem: str
) -> None:
    told: list[RowError] = []

    with pytest.raises(BadInput):
        import_file(
            sqlite_engine,
            file_of(tmp_path, {"sent_at": moment}),
            "study",
            as_of=AS_OF,
            zone=ZoneInfo("Europe/Berlin"),
            tell=told.append,
        )

    assert problem in str(told[0])


ROW = "p1,Ada,,,,,,,2026-03-02T09:00:00Z,,,,,,,"
BAD_FILES: Sequence[tuple[str, bytes, str]] = [
    ("empty", b"", "is empty"),
    ("header-only", HEADER.encode(), "no rows below its header"),
    ("unknown-column", b"probe_id,brand,sent_at,mood\n", "unknown column 'mood'"),
    ("missing-column", b"probe_id,brand\np1,Ada\n", "column 'sent_at' is missing"),
    ("column-twice", b"probe_id,brand,brand,sent_at\n", "is there twice"),
    ("semicolons", HEADER.replace(",", ";").encode(), "separated by semicolons"),
    ("tabs", HEADER.replace(",", "\t").encode(), "separated by tabs"),
    ("no-header", ROW.encode(), "unknown column"),
    ("short-row", f"{HEADER}\np1,Ada\n".encode(), "nothing was imported"),
    ("latin-1", f"{HEADER}\n{ROW}\n{ROW.replace('Ada', 'Müller')}\n".encode("latin-1"), "line 3: is not in UTF-8"),
    ("utf-16", f"{HEADER}\n{ROW}".encode("utf-16"), "is UTF-16"),
    ("utf-16-without-mark", f"{HEADER}\n{ROW}".encode("utf-16-le"), "UTF-16"),
    ("nul", f"{HEADER}\n{ROW}\0\n".encode(), "line 2: holds a NUL"),
    ("open-quote", f'{HEADER}\n{ROW}\np2,"Ada,\n{ROW}\n'.encode(), "line 3: a quote is opened and never closed"),
    ("open-quote-long", f'{HEADER}\np2,"Ada,\n{ROW * 9000}\n'.encode(), "line 2: a quote is opened"),
    ("stray-quote", f'{HEADER}\np2,"Ada"x,\n'.encode(), "is no CSV"),
    ("million-columns", b"a," * 1_000_000, "longer than a million"),
    ("hundred-thousand-columns", b"a," * 100_000, "unknown column 'a'"),
    ("endless-line", f"{HEADER}\n".encode() + b"x" * 3_000_000, "line 2: is longer than a million"),
    ("zip", b"PK\x03\x04rest", "spreadsheet or zip"),
    ("gzip", gzip.compress(HEADER.encode()), "compressed"),
    ("pdf", b"%PDF-1.7", "PDF"),
    ("same-id-twice", f"{HEADER}\n{ROW}\n{ROW}\n".encode(), "occurs more than once"),
]


@pytest.mark.parametrize(("content", "problem"), [case[1:] for case in BAD_FILES], ids=[case[0] for case in BAD_FILES])
def test_a_bad_file_gets_one_clear_line_and_nothing_is_imported(
    sqlite_engine: Engine, tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)

    with pytest.raises(BadInput, match=problem) as refused:
        import_file(sqlite_engine, path, "study", as_of=AS_OF)

    assert "\n" not in str(refused.value)
    assert refused.value.remedy
    assert empty(sqlite_engine)


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        b"a," * 20_000_000,
        f"{HEADER}\n".encode() + b"x" * 40_000_000,
        f'{HEADER}\np2,"Ada,\n'.encode() + f"{ROW}\n".encode() * 800_000,
    ],
    ids=["columns", "line", "quote"],
)
def test_a_huge_bad_file_needs_little_memory(sqlite_engine: Engine, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    tracemalloc.start()

    with pytest.raises(BadInput):
        import_file(sqlite_engine, path, "study", as_of=AS_OF)

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30_000_000


def test_a_missing_file_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        import_file(engine, tmp_path / "none.csv", "study", as_of=AS_OF)


def test_a_file_with_byte_order_mark_blank_lines_and_crlf_is_read(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes(f"{HEADER}\r\n\r\n{ROW}\r\n\r\n".encode("utf-8-sig"))

    assert import_file(engine, path, "study", as_of=AS_OF).rows == 1


@pytest.mark.parametrize("other", ["2026-03-02T10:00:00+01:00", "2026-03-02 09:00:00.000Z", " 2026-03-02T09:00:00Z "])
def test_times_are_the_same_however_they_are_written(engine: Engine, tmp_path: Path, other: str) -> None:
    columns = imported(engine, tmp_path, {"sent_at": other, "answered_at": "2026-03-02T11:00:00Z"}, {})

    assert columns.t0_s.tolist() == [datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()] * 2
    assert sorted(columns.substantive_s.tolist(), key=str)[0] == 7200


def test_a_fault_is_found_in_its_line_after_cells_of_several_lines_and_blank_lines(
    engine: Engine, tmp_path: Path
) -> None:
    told: list[RowError] = []
    path = tmp_path / "rows.csv"
    path.write_text(
        f'{HEADER}\n\n{ROW}\np2,"B\nc",,,,,,,2026-03-02T09:00:00Z,,,,,,,\n{ROW.replace("09:00", "25:00")}\n'
    )

    with pytest.raises(BadInput):
        import_file(engine, path, "study", as_of=AS_OF, tell=told.append)

    assert [(error.line, error.column) for error in told] == [(4, "brand"), (6, "sent_at")]


def test_faults_before_the_place_where_a_file_breaks_are_told_too(engine: Engine, tmp_path: Path) -> None:
    told: list[RowError] = []
    path = tmp_path / "rows.csv"
    path.write_text(f'{HEADER}\n{ROW.replace("09:00", "25:00")}\np2,"Ada')

    with pytest.raises(BadInput, match="line 3: a quote is opened"):
        import_file(engine, path, "study", as_of=AS_OF, tell=told.append)

    assert [error.line for error in told] == [2]


@pytest.mark.slow
def test_rows_of_many_batches_arrive_with_their_own_values(engine: Engine, tmp_path: Path) -> None:
    rows = [
        {"brand": f"B{number % 7}", "first_human_reply_at": f"2026-03-02T09:{number % 60:02d}:00Z", "inquiry": "é" * 90}
        for number in range(25_000)
    ]

    columns = imported(engine, tmp_path, *rows)

    assert len(columns) == 25_000
    for code, brand in enumerate(columns.labels["brand"]):
        waits = columns.human_s[columns.brand == code]
        assert sorted(waits.tolist()) == sorted(60.0 * (n % 60) for n in range(25_000) if f"B{n % 7}" == brand)


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("DE", "Europe/Berlin"),
        ("us", "America/New_York"),
        ("AU", "Australia/Sydney"),
        ("AT", "Europe/Vienna"),
        ("??", "UTC"),
    ],
)
def test_a_brand_lives_where_most_people_of_its_country_live(country: str, zone: str) -> None:
    assert zone_of(country, None) == zone


def empty(engine: Engine) -> bool:
    with engine.connect() as connection:
        return not any(
            connection.execute(text(f"SELECT count(*) FROM {name}")).scalar()
            for name in ("campaign", "probe", "outcome", "brand")
        )
