"""What every reply goes through, however it came: its verdict and its event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from benchmark.core.values import Verdict
from benchmark.core.vocabulary import DecidedBy, EventKind, HandOffState
from benchmark.store.tables import Event, Reply, VerdictRow


def add_verdict(
    session: Session,
    reply: Reply,
    verdict: Verdict,
    now: datetime,
    by: DecidedBy = DecidedBy.RULES,
    coder: str = "",
    handoff_state: HandOffState = HandOffState.NONE,
    substantive: bool | None = None,
) -> int:
    """Gives the verdict's id."""
    values = verdict_values(reply.id or 0, verdict, now)
    said = {"decided_by": by, "coder": coder, "handoff_state": handoff_state, "substantive": substantive}
    row = VerdictRow(**{**values, **said})
    session.add(row)
    session.flush()
    return row.id or 0


def verdict_values(reply_id: int, verdict: Verdict, now: datetime) -> dict[str, Any]:
    """The columns of a row that says what the rules say."""
    return {
        "reply_id": reply_id,
        "kind": verdict.kind,
        "confidence": verdict.confidence,
        "flags": sorted(verdict.flags),
        "followup_kind": verdict.followup_kind,
        "handoff_channel": verdict.handoff.channel if verdict.handoff else None,
        "handoff_address": verdict.handoff.address if verdict.handoff else "",
        "handoff_state": HandOffState.NONE,
        "substantive": None,
        "return_on": verdict.return_date,
        "ticket_ids": list(verdict.ticket_ids),
        "language": verdict.language,
        "system": verdict.system,
        "rules": [vars(rule) for rule in verdict.rules],
        "rules_version": verdict.rules_version,
        "decided_by": DecidedBy.RULES,
        "coder": "",
        "decided_at": now,
    }


def note_reply(session: Session, probe_id: int, reply: Reply, observation_id: int | None = None) -> None:
    kind = EventKind.OBSERVATION if observation_id else EventKind.REPLY
    session.add(
        Event(probe_id=probe_id, kind=kind, at=reply.received_at, reply_id=reply.id, observation_id=observation_id)
    )
    session.flush()
