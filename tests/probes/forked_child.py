"""A process for the supervisor's tests."""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    sys.stdout.write(f"{os.environ['GREETING']} {sys.argv[1]}\n")
    sys.stdout.flush()
    time.sleep(600)
