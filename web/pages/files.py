"""Proof as it was stored: raw mails and what a channel kept of its attempt."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue

from benchmark.store import queries_evidence
from web.evidence import as_download, as_shown
from web.record import record


def raw_mail(reply_id: int) -> ResponseReturnValue:
    stored = queries_evidence.raw_mail(record(), reply_id)
    if stored is None:
        abort(404)
    return as_download(stored.name, stored.content)


def evidence(evidence_id: int) -> ResponseReturnValue:
    stored = queries_evidence.evidence_file(record(), evidence_id)
    if stored is None:
        abort(404)
    return as_shown(stored.name, stored.content)
