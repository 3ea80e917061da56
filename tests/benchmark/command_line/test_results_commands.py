"""`replymark import`, `leaderboard` and `export` as a researcher types them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmark.command_line import replymark
from benchmark.core.leaderboard import LEADERBOARD_COLUMNS
from benchmark.core.problems import BadInput

HEAD = "probe_id,brand,sector,channel,sent_at,first_human_reply_at"


@pytest.fixture(autouse=True)
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REPLYMARK_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    rows = [
        f"p{number},{'Ada' if number % 2 else 'Bert'},{'banks' if number % 2 else 'shops'},email,"
        f"2026-03-02T09:00:00Z,{'2026-03-02T11:00:00Z' if number % 2 else ''}"
        for number in range(40)
    ]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(replymark, words)


@pytest.fixture
def imported(study: Path) -> None:
    done = run("import", str(study), "--campaign", "study", "--as-of", "2026-06-01T00:00Z")
    assert done.exit_code == 0, done.output
    assert "40 probes of 2 brands imported as campaign study" in done.output


@pytest.mark.usefixtures("imported")
def test_the_csv_has_the_published_columns_and_ranks() -> None:
    done = run("leaderboard", "--campaign", "study", "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert tuple(rows[0]) == LEADERBOARD_COLUMNS
    assert [(row["rank"], row["brand"], row["median_hours"], row["ack_rate"]) for row in rows] == [
        ("1", "Ada", "2.0", ""),
        ("2", "Bert", "", ""),
    ]


@pytest.mark.usefixtures("imported")
def test_the_json_carries_denominators_and_empty_cells_as_null() -> None:
    board = json.loads(run("leaderboard", "--campaign", "study", "--format", "json", "--by", "sector").stdout)

    assert board["denominators"]["delivered"] == 40
    assert [(row["sector"], row["followup_rate"], row["class"]) for row in board["rows"]] == [
        ("banks", None, "ranked"),
        ("shops", None, "ranked"),
    ]


@pytest.mark.usefixtures("imported")
def test_the_table_says_how_the_score_is_made_and_what_was_counted() -> None:
    done = run("leaderboard", "--campaign", "study", "--min-n", "30")

    assert "too few" in done.stdout
    assert "assigned 40 · delivered 40 · mature 40" in done.stdout
    assert "score = (0.35*answered + 0.35*speed) / 0.7" in done.stdout


@pytest.mark.usefixtures("imported")
def test_business_time_and_another_share_can_rank() -> None:
    done = run(
        "leaderboard", "--campaign", "study", "--clock", "business", "--rank-by", "within_4h", "--format", "json"
    )

    assert [row["rank"] for row in json.loads(done.stdout)["rows"]] == [1, 2]


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("leaderboard", "--campaign", "none"), "none of this name"),
        (("leaderboard", "--campaign", "study", "--rank-by", "rank"), "no share column"),
        (("leaderboard", "--campaign", "study", "--sector", "zoo"), "does not occur"),
        (("export", "--campaign", "study", "--kind", "zip", "--out", "-"), "name a file"),
    ],
)
def test_bad_wishes_are_refused_with_a_remedy(words: tuple[str, ...], problem: str) -> None:
    done = run(*words)

    assert isinstance(done.exception, BadInput)
    assert problem in str(done.exception)


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize(("kind", "start"), [("csv", b"probe_id,"), ("xlsx", b"PK"), ("zip", b"PK")])
def test_downloads_are_written(tmp_path: Path, kind: str, start: bytes) -> None:
    out = tmp_path / "download"

    done = run("export", "--campaign", "study", "--kind", kind, "--level", "probes", "--out", str(out))

    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(start)


def test_a_bad_row_is_told_and_nothing_imported(study: Path) -> None:
    study.write_text(f"{HEAD}\np1,Ada,,,2026-03-02,\n", encoding="utf-8")

    done = run("import", str(study), "--campaign", "study")

    assert "line 2, sent_at: '2026-03-02' has no time of day" in done.stderr
    assert isinstance(done.exception, BadInput)


def test_an_unknown_zone_is_refused(study: Path) -> None:
    assert "no IANA zone" in str(run("import", str(study), "--campaign", "x", "--timezone", "Mars").exception)


def test_a_dry_run_says_what_would_be_imported(study: Path) -> None:
    assert "would be imported" in run("import", str(study), "--campaign", "x", "--dry-run").output
