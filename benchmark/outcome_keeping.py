"""Keeps the narrow outcome table in step: called in the same transaction as the event that changes a probe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from benchmark.core.columns import WAITING_S
from benchmark.core.outcomes import outcome_of
from benchmark.core.values import (
    Outcome,
    ProbeHistory,
    ReplyFact,
    Windows,
)
from benchmark.core.vocabulary import (
    ChannelGroup,
    Exclusion,
    ProbeState,
    ReplyFlag,
)
from benchmark.designs import windows_of
from benchmark.store import queries_outcomes
from benchmark.store.packs import mark_stale
from benchmark.store.queries_outcomes import ProbeFacts, ReplyFacts

_EXCLUDED_BY = {
    ProbeState.FAILED: Exclusion.SEND_ERROR,
    ProbeState.BARRIER: Exclusion.BARRIER,
    ProbeState.WITHDRAWN: Exclusion.WITHDRAWN,
}


def refresh_outcome(session: Session, probe_id: int) -> None:
    """Derives the newest outcome of one probe from what is recorded and writes its row."""
    refresh_outcomes(session, [probe_id])


def refresh_outcomes(session: Session, probe_ids: Sequence[int]) -> None:
    """The same for many probes, with a handful of questions for each few hundred of them."""
    session.flush()
    for start in range(0, len(probe_ids), queries_outcomes.MOST):
        _refresh(session, probe_ids[start : start + queries_outcomes.MOST])


def _refresh(session: Session, probe_ids: Sequence[int]) -> None:
    brands: defaultdict[int, set[int]] = defaultdict(set)
    rows = []
    for probe, history in _histories(session, probe_ids):
        windows = windows_of(session, probe.campaign_id, probe.assignment_sha256)
        rows.append(_row(probe, *_newest(history, windows)))
        brands[probe.campaign_id].add(probe.brand_id)
    queries_outcomes.write_outcomes(session, rows)
    for campaign_id, brand_ids in brands.items():
        mark_stale(session, campaign_id, brand_ids)


def _histories(session: Session, probe_ids: Sequence[int]) -> Iterator[tuple[ProbeFacts, ProbeHistory]]:
    """What is recorded of each probe, as the rules of measuring want it."""
    probes = queries_outcomes.probe_facts(session, probe_ids)
    replies: defaultdict[int, list[ReplyFact]] = defaultdict(list)
    for reply in queries_outcomes.reply_facts(session, probe_ids):
        replies[reply.probe_id].append(_fact(reply))
    # A question that the platform removed is censored there; the ordinary end of the windows censors nothing.
    public = [probe.id for probe in probes if probe.channel.group is ChannelGroup.SOCIAL]
    removed = queries_outcomes.removed_at(session, public) if public else {}
    for probe in probes:
        yield (
            probe,
            ProbeHistory(
                inquiry=probe.inquiry,
                t0=probe.t0,
                exclusion=_EXCLUDED_BY.get(probe.state),
                closed_at=removed.get(probe.id),
                replies=tuple(replies[probe.id]),
            ),
        )


def _fact(reply: ReplyFacts) -> ReplyFact:
    return ReplyFact(
        at=reply.received_at,
        kind=reply.kind,
        identity=reply.message_id or f"reply-{reply.id}",
        flags=frozenset(ReplyFlag(flag) for flag in reply.flags),
        followup_kind=reply.followup_kind,
        handoff_state=reply.handoff_state,
        substantive=reply.substantive,
        channel=reply.channel,
    )


def _latest(history: ProbeHistory) -> datetime:
    moments = [reply.at for reply in history.replies]
    moments += [moment for moment in (history.t0, history.closed_at) if moment is not None]
    return max(moments, default=datetime(1970, 1, 1, tzinfo=UTC)) + timedelta(days=1)


def _newest(history: ProbeHistory, windows: Windows) -> tuple[Outcome, float]:
    """The outcome, and the seconds the brand waited for us: a delay that grows with each day is not over."""
    latest = _latest(history)
    outcome = outcome_of(history, latest, windows)
    later = outcome_of(history, latest + timedelta(days=1), windows) if outcome.tester_delay else outcome
    if later.tester_delay != outcome.tester_delay:
        return outcome, WAITING_S
    return outcome, outcome.tester_delay.total_seconds()


def _row(probe: ProbeFacts, outcome: Outcome, tester_delay_s: float) -> dict[str, Any]:
    return {
        "probe_id": probe.id,
        "campaign_id": probe.campaign_id,
        "wave_id": probe.wave_id,
        "brand_id": probe.brand_id,
        "channel": probe.channel,
        "inquiry": probe.inquiry,
        "text_version": probe.text_version,
        "t0_s": outcome.t0.timestamp() if outcome.t0 else None,
        "acknowledged_s": _seconds(outcome.acknowledged_after),
        "acknowledged_by": outcome.acknowledged_by,
        "human_s": _seconds(outcome.human_after),
        "substantive_s": _seconds(outcome.substantive_after),
        "followed_up_s": _seconds(outcome.followed_up_after),
        "followup_kinds": ";".join(sorted(outcome.followup_kinds)),
        "bounced_s": _seconds(outcome.bounced_after),
        "closed_s": _seconds(outcome.closed_after),
        "ticket_s": _seconds(outcome.ticket_after),
        "out_of_office_s": _seconds(outcome.out_of_office_after),
        "handoff": outcome.handoff,
        "handoff_lost_s": _seconds(outcome.handoff_lost_after),
        "tester_delay_s": tester_delay_s,
        "exclusion": outcome.exclusion,
        "first_contact_resolved": outcome.first_contact_resolved,
    }


def _seconds(after: timedelta | None) -> float | None:
    return None if after is None else after.total_seconds()
