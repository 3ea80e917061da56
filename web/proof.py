"""Evidence of a form attempt as tables: mapping, guard, egress, phases, network; and whether its bytes are unchanged.

Everything here was written by strangers' pages or next to them: it is read as data, cut to a length and shown as text.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from benchmark.store.queries_evidence import AttemptLine

LONGEST = 300  # rows of one table
WIDEST = 300  # characters of one cell


@dataclass(frozen=True)
class PhaseRow:
    """One phase of the attempt; `seconds` is None where the log holds no two times."""

    name: str
    seconds: float | None
    result: str
    note: str


@dataclass(frozen=True)
class RequestRow:
    method: str
    host: str
    path: str
    status: str
    media_type: str


@dataclass(frozen=True)
class LogRow:
    """A line of the submission guard or of the egress guard: what was asked and what became of it."""

    what: str
    said: str


@dataclass(frozen=True)
class Network:
    """A HAR in short: requests by host, and each of them."""

    hosts: tuple[tuple[str, int], ...] = ()
    requests: tuple[RequestRow, ...] = ()


@dataclass(frozen=True)
class Proof:
    """What the evidence of one attempt says; parts that are not there are empty."""

    mapping: Mapping[str, Any] = field(default_factory=dict)
    times: tuple[tuple[str, str], ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    guard: tuple[LogRow, ...] = ()
    egress: tuple[LogRow, ...] = ()
    phases: tuple[PhaseRow, ...] = ()
    network: Network = Network()
    acknowledgement: str = ""
    changed: frozenset[int] = frozenset()  # evidence whose bytes no longer have the stored hash


def proof_of(attempt: AttemptLine, read: Callable[[int], bytes]) -> Proof:
    """Reads every piece once by its number: its hash is checked, and the known ones are taken apart."""
    parts: dict[str, Any] = {}
    changed = set()
    for piece in attempt.evidence:
        content = read(piece.id)
        if hashlib.sha256(content).hexdigest() != piece.sha256:
            changed.add(piece.id)
        reader = READERS.get(piece.name)
        if reader is not None:
            try:
                parts |= reader(content)
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                continue  # not what its name says: the file itself stays in the list
    return Proof(**parts, changed=frozenset(changed))


def _mapping(content: bytes) -> dict[str, Any]:
    told = json.loads(content)
    rows = []
    for row in told["fields"][:LONGEST]:
        put = row.get("put")
        plain = {key: cell(row.get(key)) for key in ("name", "id", "label", "type", "role", "signal")}
        kept = {key: cell(put.get(key)) for key in ("do", "value", "text")} if isinstance(put, dict) else None
        rows.append({**plain, "score": _share(row.get("score")), "put": kept})
    return {"mapping": {"fields": rows}}


def _guard(content: bytes) -> dict[str, Any]:
    told = json.loads(content)
    times = [(str(name), cell(at)) for name, at in dict(told.get("times") or {}).items() if at]
    counts = [(name, int(told.get(name) or 0)) for name in ("refused_before_arm", "duplicates")]
    return {
        "times": tuple(times[:LONGEST]),
        "counts": tuple(counts),
        "guard": _log(told.get("lines")),
        "egress": _log(told.get("egress")),
    }


def _log(lines: Any) -> tuple[LogRow, ...]:
    """Lines of either guard: the words for what was decided stand last, all else before them."""
    rows = []
    for line in list(lines or [])[:LONGEST]:
        said = {key: line.get(key) for key in ("decision", "verdict", "action", "reason", "allowed") if key in line}
        asked = [cell(value) for key, value in line.items() if key not in said and value not in ("", None)]
        rows.append(
            LogRow(" ".join(asked), " ".join(cell(value) for value in said.values() if value not in ("", None)))
        )
    return tuple(rows)


def _phases(content: bytes) -> dict[str, Any]:
    rows = [
        PhaseRow(
            cell(line.get("phase")),
            _seconds(line.get("began_at"), line.get("ended_at")),
            cell(line.get("result")),
            cell(line.get("note")),
        )
        for line in json.loads(content)[:LONGEST]
    ]
    return {"phases": tuple(rows)}


def _network(content: bytes) -> dict[str, Any]:
    entries = json.loads(content)["log"]["entries"]
    rows = tuple(_request(entry) for entry in entries[:LONGEST])
    return {"network": Network(tuple(Counter(row.host for row in rows).most_common(40)), rows)}


def _request(entry: Mapping[str, Any]) -> RequestRow:
    parts = urlsplit(str(entry["request"]["url"]))
    answer = entry["response"]
    return RequestRow(
        cell(entry["request"]["method"]),
        cell(parts.netloc),
        cell(parts.path),
        cell(answer["status"] or answer["statusText"]),
        cell(answer["content"]["mimeType"]).split(";")[0],
    )


def _acknowledgement(content: bytes) -> dict[str, Any]:
    return {"acknowledgement": content.decode("utf-8", "replace")[:5000]}


READERS: dict[str, Callable[[bytes], dict[str, Any]]] = {
    "mapping.json": _mapping,
    "guard.json": _guard,
    "phases.json": _phases,
    "network.har": _network,
    "acknowledgement.txt": _acknowledgement,
}


def cell(value: Any) -> str:
    """Any value of a log as one short line."""
    return "" if value is None else " ".join(str(value).split())[:WIDEST]


def _share(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _seconds(began: Any, ended: Any) -> float | None:
    try:
        return (datetime.fromisoformat(str(ended)) - datetime.fromisoformat(str(began))).total_seconds()
    except ValueError:
        return None
