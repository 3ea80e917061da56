"""The examples of the data package run as they are and agree with the leaderboard."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from benchmark.core.codebook import Level
from benchmark.data_package import write_package
from benchmark.exports import export
from benchmark.imports import import_file
from benchmark.results import find_campaign
from benchmark.store.session import engine_for, reading, upgrade
from tests.performance.generate import write

AS_OF = datetime(2026, 4, 6, 12, 30, tzinfo=UTC)  # some inquiries are still young
Rows = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rows]:
    """The package of an import in a folder, and its leaderboard by brand."""
    folder = tmp_path_factory.mktemp("package")
    engine = engine_for(f"sqlite:///{folder / 'study.sqlite'}")
    upgrade(engine)
    write(folder / "rows.csv", 900, 25, 11)
    import_file(engine, folder / "rows.csv", "study", as_of=AS_OF)
    with reading(engine) as session:
        campaign = find_campaign(session, "study")
        write_package(folder / "study.zip", session, campaign, AS_OF)
        board = b"".join(export(session, campaign, "csv", Level.LEADERBOARD, AS_OF)).decode()
    with ZipFile(folder / "study.zip") as package:
        package.extractall(folder)
    return folder, rows_of(board)


def rows_of(text: str) -> Rows:
    return {row["brand"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


def shares_of(rows: Rows) -> dict[str, float]:
    return {brand: float(row["within_24h"]) for brand, row in rows.items() if row["within_24h"]}


def medians_of(rows: Rows) -> dict[str, float]:
    """Hours; a median that was not reached is left out."""
    return {brand: float(row["median_hours"]) for brand, row in rows.items() if row["median_hours"]}


def asked(board: Rows) -> Rows:
    return {brand: row for brand, row in board.items() if int(row["n"])}


@pytest.mark.real
def test_the_example_for_pandas_agrees_with_the_leaderboard(unpacked: tuple[Path, Rows]) -> None:
    folder, board = unpacked

    done = subprocess.run(
        [sys.executable, "examples/medians_pandas.py"], cwd=folder, capture_output=True, text=True, check=True
    )

    found = rows_of(done.stdout)
    assert set(found) == set(asked(board))
    assert shares_of(found) == pytest.approx(shares_of(board), abs=1e-12)
    assert medians_of(found) == pytest.approx(medians_of(board), abs=1e-6)


@pytest.mark.real
@pytest.mark.skipif(
    shutil.which("Rscript") is None, reason="R is not here: apt-get install r-base-core r-cran-survival"
)
def test_the_example_for_r_agrees_with_the_leaderboard(unpacked: tuple[Path, Rows]) -> None:
    folder, board = unpacked

    done = subprocess.run(
        ["Rscript", "--vanilla", "examples/medians_survival.R"], cwd=folder, capture_output=True, text=True, check=True
    )

    found = rows_of(done.stdout)
    assert set(found) == set(asked(board))
    assert shares_of(found) == pytest.approx(shares_of(board), abs=1e-12)
    assert medians_of(found) == pytest.approx(medians_of(board), abs=1e-6)
