"""How long reading and classifying a mail takes beside the bare parser of the standard library, in one run, one core.

.venv/bin/python tests/performance/mail_reading.py FOLDER [--rounds 7]
"""

from __future__ import annotations

import argparse
import email
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmark.core.classification import classify
from benchmark.core.messages import read_message

AIM = 2.0  # ms a mail, median

WAYS: dict[str, Callable[[bytes], object]] = {
    "bare email.message_from_bytes": email.message_from_bytes,
    "read_message": read_message,
    "read_message and classify": lambda raw: classify(read_message(raw)),
}


def measured(mails: list[bytes], rounds: int) -> dict[str, list[float]]:
    """Best CPU time of each way for each mail, in ms; the ways take turns so that a busy machine slows all alike."""
    best: dict[str, list[float]] = {name: [] for name in WAYS}
    for raw in mails:
        times: dict[str, list[float]] = {name: [] for name in WAYS}
        for _ in range(rounds):
            for name, way in WAYS.items():
                begin = time.process_time()
                way(raw)
                times[name].append((time.process_time() - begin) * 1_000)
        for name in WAYS:
            best[name].append(min(times[name]))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    mails = [path.read_bytes() for path in sorted(arguments.folder.rglob("*.eml"))]
    for raw in mails[:20]:
        classify(read_message(raw))  # tables are read once
    found = measured(mails, arguments.rounds)
    bare = statistics.median(found["bare email.message_from_bytes"])
    print(f"{len(mails)} mails, ms a mail (aim: median at most {AIM})")
    for name, times in found.items():
        median = statistics.median(times)
        print(f"{name:32s} median {median:6.3f}  mean {statistics.mean(times):6.3f}  max {max(times):7.3f}", end="")
        print(f"  {median / bare:5.2f} times bare")


if __name__ == "__main__":
    main()
