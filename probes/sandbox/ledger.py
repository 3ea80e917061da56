"""The truth ledger: everything the fictional brands received and did, and when. Only the self-check may read it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

FILE_NAME = "truth-ledger.jsonl"


class What(StrEnum):
    RECEIVED = "received"  # an inquiry reached a brand
    DONE = "done"  # a brand did something that can be seen by the study


@dataclass(frozen=True)
class LedgerLine:
    """`token` is the secret of the probe's reply address; `channel` the channel the inquiry came by."""

    what: What
    at: datetime
    brand: str
    channel: str
    token: str
    kind: str = ""
    flags: list[str] = field(default_factory=list)
    letter: str = ""


class Ledger:
    """Appends one line of JSON an entry, flushed at once."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / FILE_NAME).open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, line: LedgerLine) -> None:
        with self._lock:
            self._file.write(json.dumps(asdict(line), default=str) + "\n")
            self._file.flush()

    def close(self) -> None:
        self._file.close()


def read_ledger(folder: Path) -> Iterator[LedgerLine]:
    with (folder / FILE_NAME).open(encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            entry["what"], entry["at"] = What(entry["what"]), datetime.fromisoformat(entry["at"])
            yield LedgerLine(**entry)
