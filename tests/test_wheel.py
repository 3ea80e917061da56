"""The wheel carries everything the product needs: it works unpacked in a folder far from the sources."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("replymark-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def python(unpacked: Path, folder: Path, *words: str) -> str:
    """Runs Python with the unpacked wheel before everything else, from a folder that is not the sources."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "REPLYMARK_DATA_DIR": str(folder), "HOME": str(folder)}
    ran = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("package", ["benchmark", "probes", "web"])
def test_the_packages_are_ours(unpacked: Path, tmp_path: Path, package: str) -> None:
    """`web` is also the name of web.py's module."""
    where = python(unpacked, tmp_path, "-c", f"import {package}; print({package}.__file__)")

    assert where.strip() == str(unpacked / package / "__init__.py")


def test_migrations_campaign_and_pages_work_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    command = ("-m", "benchmark.command_line")
    plan = str(unpacked / "probes/sandbox/rehearsal.yaml")
    page = "from web.app import create_app; print(create_app().test_client().get('/leaderboard?lang=de').status_code)"

    assert "schema" in python(unpacked, tmp_path, *command, "db", "upgrade")
    assert "launched rehearsal" in python(unpacked, tmp_path, *command, "campaign", "launch", plan)
    assert python(unpacked, tmp_path, "-c", page).strip() == "200"


def test_only_the_three_packages_are_inside(unpacked: Path) -> None:
    tops = {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")}

    assert tops == {"benchmark", "probes", "web"}
