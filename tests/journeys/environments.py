"""Python environments of their own for real software that takes a brand's part; kept between runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

_INSTALL_S = 60


def python_with(name: str, packages: tuple[str, ...]) -> Path:
    """The Python of an environment that holds these packages; skips when it cannot be made in time."""
    home = Path(tempfile.gettempdir()) / f"replymark-{name}-{os.getuid()}-{sys.version_info[0]}.{sys.version_info[1]}"
    python = home / "bin" / "python"
    if (home / "ready").exists():
        return python
    shutil.rmtree(home, ignore_errors=True)
    uv = shutil.which("uv")
    make = (
        [uv, "venv", "-q", "--python", sys.executable, str(home)] if uv else [sys.executable, "-m", "venv", str(home)]
    )
    into = [uv, "pip", "install", "-q", "--python", str(python)] if uv else [str(python), "-m", "pip", "install", "-q"]
    try:
        subprocess.run(make, check=True, capture_output=True, timeout=_INSTALL_S / 3)
        subprocess.run([*into, *packages], check=True, capture_output=True, timeout=_INSTALL_S)
    except subprocess.TimeoutExpired:
        pytest.skip(f"the packages of {name} were not installed within {_INSTALL_S} s")
    except subprocess.CalledProcessError as problem:
        reason = problem.stderr.decode(errors="replace").strip().splitlines()
        pytest.skip(f"the packages of {name} cannot be installed: {reason[-1] if reason else 'no reason given'}")
    (home / "ready").touch()
    return python
