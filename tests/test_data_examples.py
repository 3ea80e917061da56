"""The examples of docs/data.md run on an exported file and agree with the leaderboard, where their tools are."""

from __future__ import annotations

import csv
import importlib.util
import io
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmark import campaigns, results
from benchmark.campaign_file import read_campaign
from benchmark.core.codebook import Level
from benchmark.exports import export
from benchmark.imports import import_file
from benchmark.store.session import reading
from tests.performance.generate import write

AS_OF = datetime(2026, 4, 20, tzinfo=UTC)
PAGE = Path(__file__).parent.parent / "docs" / "data.md"
TOOLS = {
    "python": (importlib.util.find_spec("pandas"), [sys.executable, "-c"]),
    "r": (shutil.which("Rscript"), ["Rscript", "-e"]),
}


@pytest.mark.parametrize("language", list(TOOLS))
def test_the_example_computes_the_leaderboards_shares(language: str, sqlite_engine: Engine, tmp_path: Path) -> None:
    installed, command = TOOLS[language]
    if not installed:
        pytest.skip(f"nothing here runs the example in {language}")
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    write(tmp_path / "rows.csv", 1500, 12, 7)
    import_file(sqlite_engine, tmp_path / "rows.csv", "study", as_of=AS_OF)
    with reading(sqlite_engine) as session:
        campaign = results.find_campaign(session, "study")
        (tmp_path / "probes.csv").write_bytes(b"".join(export(session, campaign, "csv", Level.PROBES, AS_OF)))
        rows = results.leaderboard(session, campaign, AS_OF).rows

    done = subprocess.run([*command, found[1]], cwd=tmp_path, capture_output=True, text=True, check=True)

    shares = {row["brand"]: float(row["mean"]) for row in csv.DictReader(io.StringIO(done.stdout))}
    assert shares == pytest.approx({row.brand: row.within_7d for row in rows})


def test_the_import_file_of_the_page_is_imported(sqlite_engine: Engine, tmp_path: Path) -> None:
    rows = re.findall(r"```csv\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "rows.csv").write_text(rows[0], encoding="utf-8")

    done = import_file(sqlite_engine, tmp_path / "rows.csv", "study", as_of=AS_OF)

    assert (done.rows, done.brands, done.exclusions) == (3, 2, {"barrier": 1})


def test_the_campaign_of_the_readme_can_be_launched(tmp_path: Path) -> None:
    text = re.findall(r"```yaml\n(.*?)```", (PAGE.parent.parent / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "spring.yaml").write_text(text[0], encoding="utf-8")

    planned = campaigns.check(read_campaign(tmp_path / "spring.yaml"))

    assert {probe.channel.value for probe in planned} == {"email", "web_form"}
