"""Finds browser and Redis for `./run` and writes down what it found: `python -m probes.set_up browser|redis`."""

from __future__ import annotations

import sys

from benchmark.core.problems import BadInput
from benchmark.settings import SETUP_FILE, load_settings
from probes.browser import candidates, find_browser
from probes.supervisor import redis_server


def remember(name: str, value: str) -> None:
    """One line `NAME=value` in the file that settings reads; an older line of that name gives way."""
    lines = SETUP_FILE.read_text(encoding="utf-8").splitlines() if SETUP_FILE.exists() else []
    kept = [line for line in lines if not line.startswith(f"{name}=")]
    SETUP_FILE.write_text("\n".join([*kept, f"{name}={value}"]) + "\n", encoding="utf-8")


def browser(quick: bool) -> bool:
    """True when one starts. `quick` asks again nothing that was found before and is still there."""
    settings = load_settings()
    if quick and settings.browser and settings.browser in candidates(settings.browser) and SETUP_FILE.exists():
        return True
    try:
        found = find_browser(settings.browser)
    except BadInput:
        return False
    remember("REPLYMARK_BROWSER", found.path)
    return True


def redis() -> bool:
    settings = load_settings()
    if settings.redis_url:
        return True
    try:
        remember("REPLYMARK_REDIS_SERVER", redis_server(settings.redis_server))
    except BadInput:
        return False
    return True


if __name__ == "__main__":
    found = redis() if sys.argv[1] == "redis" else browser(quick="--quick" in sys.argv)
    sys.exit(0 if found else 1)
