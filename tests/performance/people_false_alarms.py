"""How often people's mail is taken for a machine's or for bulk mail: share and upper Wilson limit (95 %).

    ./run bench people_false_alarms PATH…

PATHs are folders of raw mails, mbox files (also gzipped) and single mails that are all known to be written by people,
such as list archives. A mail met twice counts once. The aim is at most .3 %; what was taken for something
else is listed.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmark.core.classification import classify
from benchmark.core.estimators import wilson
from benchmark.core.messages import read_message
from benchmark.core.vocabulary import ReplyKind

AIM = 0.003
PEOPLES = frozenset({ReplyKind.HUMAN_REPLY, ReplyKind.FOLLOWUP})
_BEGINS = re.compile(rb"^From .*\d{4}\r?\n", re.MULTILINE)


def mails(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name, raw mail); hidden files are passed over."""
    if path.is_dir():
        for below in sorted(path.iterdir()):
            if not below.name.startswith("."):
                yield from mails(below)
        return
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    parts = [part for part in _BEGINS.split(raw) if part.strip()] if raw.startswith(b"From ") else [raw]
    yield from ((f"{path}#{number}" if len(parts) > 1 else str(path), part) for number, part in enumerate(parts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    seen: set[bytes] = set()
    taken: Counter[ReplyKind] = Counter()
    for path in parser.parse_args().paths:
        for name, raw in mails(path):
            digest = hashlib.sha256(raw).digest()
            if digest in seen:
                continue
            seen.add(digest)
            verdict = classify(read_message(raw))
            taken[verdict.kind] += 1
            if verdict.kind not in PEOPLES:
                print(f"{name}: {verdict.kind} ({verdict.confidence}) by {';'.join(hit.rule for hit in verdict.rules)}")
    total = sum(taken.values())
    wrong = sum(count for kind, count in taken.items() if kind not in PEOPLES)
    limits = wilson(wrong, total)
    print(
        f"{total} mails, {wrong} false alarms: {wrong / max(total, 1):.4f}, upper limit {limits.high:.4f} (aim {AIM})"
    )


if __name__ == "__main__":
    main()
