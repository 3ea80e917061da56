"""Evidence as tables: read as data, cut short, and held against its hash."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest

from benchmark.core.vocabulary import AttemptState
from benchmark.store.queries_evidence import AttemptLine, EvidenceLine
from web.proof import Proof, proof_of

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PIECES = {
    "mapping.json": {"fields": [{"name": "m", "role": "message", "signal": "label", "score": 0.9, "put": None}]},
    "guard.json": {
        "times": {"opened_at": "2026-05-04T12:00:00Z", "armed_at": ""},
        "duplicates": 2,
        "lines": [{"at": "t", "host": "a.example", "verdict": "refused"}],
        "egress": [{"host": "b.example", "port": 80, "verdict": "connected"}],
    },
    "phases.json": [{"phase": "open", "began_at": "2026-05-04T12:00:00", "ended_at": "2026-05-04T12:00:02.5"}],
    "network.har": {
        "log": {
            "entries": [
                {
                    "request": {"method": "GET", "url": "http://a.example/x?secret=1"},
                    "response": {"status": 200, "statusText": "OK", "content": {"mimeType": "text/html; charset=x"}},
                }
            ]
        }
    },
}


def told(pieces: dict[str, bytes], sha256: str = "") -> Proof:
    """The proof of an attempt with these pieces; `sha256` is what their rows claim, their own hash by default."""
    lines = [
        EvidenceLine(at, name, "x", len(content), sha256 or hashlib.sha256(content).hexdigest(), NOON)
        for at, (name, content) in enumerate(pieces.items())
    ]
    attempt = AttemptLine(1, 1, AttemptState.ACCEPTED, "<m>", NOON, NOON, "success", "", "", tuple(lines))
    return proof_of(attempt, list(pieces.values()).__getitem__)


def test_the_pieces_become_tables() -> None:
    files = {name: json.dumps(content).encode() for name, content in PIECES.items()}

    proof = told({**files, "acknowledgement.txt": b"Vielen Dank"})

    assert proof.mapping["fields"][0]["role"] == "message"
    assert proof.times == (("opened_at", "2026-05-04T12:00:00Z"),)
    assert ("duplicates", 2) in proof.counts
    assert [(row.what, row.said) for row in proof.guard] == [("t a.example", "refused")]
    assert proof.egress[0].said == "connected"
    assert proof.phases[0].seconds == 2.5
    assert proof.network.hosts == (("a.example", 1),)
    assert (proof.network.requests[0].path, proof.network.requests[0].media_type) == ("/x", "text/html")
    assert proof.acknowledgement == "Vielen Dank"
    assert proof.changed == frozenset()


def test_bytes_that_were_changed_are_named() -> None:
    proof = told({"phases.json": b"[]"}, sha256="0" * 64)

    assert proof.changed == frozenset({0})


@pytest.mark.parametrize("content", [b"", b"[", b"null", b"[1]", b'{"fields": 3}', b"\xff", b"[" * 100_000])
@pytest.mark.parametrize("name", ["mapping.json", "guard.json", "phases.json", "network.har", "acknowledgement.txt"])
def test_evidence_that_is_not_what_its_name_says_spoils_no_page(name: str, content: bytes) -> None:
    assert told({name: content}).changed == frozenset()


def test_long_logs_are_cut() -> None:
    lines = [{"host": "x" * 5000, "verdict": "refused"}] * 2000

    proof = told({"guard.json": json.dumps({"lines": lines}).encode()})

    assert len(proof.guard) == 300
    assert len(proof.guard[0].what) == 300
