"""Editions: frozen, the same bytes when rebuilt, corrected only by a later one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from sqlmodel import Session

from benchmark import editions
from benchmark.command_line import replymark
from benchmark.core.problems import BadInput, Refused
from benchmark.imports import import_file
from benchmark.results import find_campaign
from benchmark.store.packs import BUCKETS, mark_stale
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Edition
from tests.performance.generate import write

AS_OF = datetime(2026, 4, 20, tzinfo=UTC)
NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def study(engine: Engine, tmp_path: Path) -> Engine:
    write(tmp_path / "rows.csv", 300, 5, 7)
    import_file(engine, tmp_path / "rows.csv", "study", as_of=AS_OF)
    return engine


def published(engine: Engine, as_of: datetime = AS_OF, corrects: int | None = None, because: str = "") -> Edition:
    with transaction(engine) as session:
        return editions.publish(
            session, find_campaign(session, "study"), as_of, now=NOW, corrects=corrects, because=because
        )


def verified(session: Session, number: int = 1) -> tuple[str, ...]:
    campaign = find_campaign(session, "study")
    return editions.verify(session, campaign, editions.find_edition(session, campaign, number)).differs


def silence_everybody(engine: Engine) -> None:
    """The record is corrected: no probe was answered."""
    with transaction(engine) as session:
        session.connection().exec_driver_sql("UPDATE outcome SET human_s = NULL, substantive_s = NULL")
        mark_stale(session, find_campaign(session, "study").id or 0, range(BUCKETS))


def test_an_edition_says_all_that_it_depends_on(study: Engine) -> None:
    made = published(study)

    assert made.method["as_of"] == AS_OF.isoformat()
    assert {"windows_s", "weights", "min_n", "seed", "formula"} <= set(made.method)
    assert set(made.method["versions"]) == {"replymark", "rules", "holidays", "numpy"}
    assert made.leaderboard.startswith(b"rank,")
    assert len(made.data_sha256) == 64


def test_it_is_the_same_bytes_when_rebuilt_and_another_day_changes_nothing(study: Engine) -> None:
    published(study)
    published(study, AS_OF - timedelta(days=7))

    with reading(study) as session:
        assert verified(session) == verified(session, 2) == ()


def test_a_changed_record_is_noticed_and_the_published_table_stays(study: Engine) -> None:
    before = published(study).leaderboard

    silence_everybody(study)

    with reading(study) as session:
        assert verified(session) == ("leaderboard.csv", "probes.csv")
        kept = editions.find_edition(session, find_campaign(session, "study"), 1)
        assert kept.leaderboard == before


def test_a_correction_is_a_new_edition_that_names_the_old_one(study: Engine) -> None:
    published(study)
    silence_everybody(study)

    made = published(study, corrects=1, because="A mailbox was read twice.")

    assert (made.number, made.corrects, made.because) == (2, 1, "A mailbox was read twice.")
    with reading(study) as session:
        assert verified(session, 2) == ()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, "edition 1 is of this moment already"),
        ({"corrects": 1}, "must say what was wrong"),
        ({"corrects": 7, "because": "x"}, "known: 1"),
        ({"corrects": 1, "because": "x"}, "nothing to correct"),
        ({"as_of": NOW + timedelta(days=1)}, "still to come"),
    ],
)
def test_what_would_confuse_readers_is_refused(study: Engine, changes: dict[str, object], problem: str) -> None:
    published(study)

    with pytest.raises((BadInput, Refused), match=problem):
        published(study, **changes)  # type: ignore[arg-type]  # a table of cases


def test_an_edition_is_corrected_once(study: Engine) -> None:
    published(study)
    silence_everybody(study)
    published(study, corrects=1, because="x")

    with pytest.raises(Refused, match="is corrected already"):
        published(study, corrects=1, because="y")


def test_its_data_package_carries_the_published_method(study: Engine, tmp_path: Path) -> None:
    made = published(study)

    with reading(study) as session:
        campaign = find_campaign(session, "study")
        editions.export_edition(session, campaign, editions.find_edition(session, campaign, 1), tmp_path / "e.zip")

    with ZipFile(tmp_path / "e.zip") as package:
        assert json.loads(package.read("method.json")) == {"edition": 1, **made.method}
        assert package.read("data/leaderboard.csv") == made.leaderboard


def test_no_package_is_made_of_data_that_changed(study: Engine, tmp_path: Path) -> None:
    published(study)
    silence_everybody(study)

    with reading(study) as session:
        campaign = find_campaign(session, "study")
        found = editions.find_edition(session, campaign, 1)
        with pytest.raises(Refused, match="publish a correction"):
            editions.export_edition(session, campaign, found, tmp_path / "e.zip")


def test_the_commands_publish_list_verify_and_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLYMARK_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    write(tmp_path / "rows.csv", 50, 3, 7)

    def run(*words: str) -> str:
        done = CliRunner().invoke(replymark, words)
        assert done.exit_code == 0, done.output + repr(done.exception)
        return done.output

    run("import", str(tmp_path / "rows.csv"), "--campaign", "study", "--as-of", "2026-04-20T00:00Z")
    assert "edition 1 as of 2026-04-20" in run("edition", "publish", "--campaign", "study")
    assert "edition 1" in run("edition", "list", "--campaign", "study")
    assert "edition 1: the same bytes" in run("edition", "verify", "--campaign", "study")
    for kind, start in (("csv", b"rank,"), ("zip", b"PK")):
        out = tmp_path / kind
        run("edition", "export", "--campaign", "study", "--number", "1", "--kind", kind, "--out", str(out))
        assert out.read_bytes().startswith(start)
