"""Keeps the narrow outcome table in step: called in the same transaction as the event that changes a probe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from benchmark.core.outcomes import outcome_of
from benchmark.core.values import (
    Outcome,
    ProbeHistory,
    ReplyFact,
    Windows,
)
from benchmark.core.vocabulary import (
    EventKind,
    Exclusion,
    InquiryKind,
    ProbeState,
    ReplyFlag,
)
from benchmark.designs import design_of
from benchmark.store import queries
from benchmark.store.packs import mark_stale
from benchmark.store.tables import Campaign, Event, Inquiry, OutcomeRow, Probe, Reply, VerdictRow

_EXCLUDED_BY = {
    ProbeState.FAILED: Exclusion.SEND_ERROR,
    ProbeState.BARRIER: Exclusion.BARRIER,
    ProbeState.WITHDRAWN: Exclusion.WITHDRAWN,
}


def refresh_outcome(session: Session, probe_id: int) -> None:
    """Derives the newest outcome of one probe from what is recorded and writes its row."""
    probe = session.get_one(Probe, probe_id)
    campaign = session.get_one(Campaign, probe.campaign_id)
    inquiry = session.get(Inquiry, probe.inquiry_id) if probe.inquiry_id else None
    kind = inquiry.kind if inquiry else InquiryKind.QUESTION
    history = history_of(session, probe, kind)
    outcome = outcome_of(history, _latest(history), _windows(campaign))
    session.merge(_row(probe, kind, outcome))
    mark_stale(session, probe.campaign_id, [probe.brand_id])


def history_of(session: Session, probe: Probe, inquiry: InquiryKind) -> ProbeHistory:
    """What is recorded of a probe, as the rules of measuring want it."""
    return ProbeHistory(
        inquiry=inquiry,
        t0=probe.t0,
        exclusion=_EXCLUDED_BY.get(probe.state),
        closed_at=_closed_early_at(session, probe),
        replies=tuple(_reply_facts(session, probe.id or 0)),
    )


def _reply_facts(session: Session, probe_id: int) -> list[ReplyFact]:
    replies = session.exec(
        select(Reply).where(Reply.probe_id == probe_id, col(Reply.hint).is_(False)).order_by(col(Reply.received_at))
    ).all()
    facts = []
    for reply in replies:
        verdict = queries.winning_verdict(session, reply.id or 0)
        if verdict is not None:
            facts.append(_fact(reply, verdict))
    return facts


def _fact(reply: Reply, verdict: VerdictRow) -> ReplyFact:
    return ReplyFact(
        at=reply.received_at,
        kind=verdict.kind,
        identity=reply.message_id or f"reply-{reply.id}",
        flags=frozenset(ReplyFlag(flag) for flag in verdict.flags),
        followup_kind=verdict.followup_kind,
        handoff_state=verdict.handoff_state,
        substantive=verdict.substantive,
        channel=reply.channel,
    )


def _closed_early_at(session: Session, probe: Probe) -> datetime | None:
    """A question that the platform removed is censored there; the ordinary end of the windows censors nothing."""
    return session.exec(
        select(Event.at).where(Event.probe_id == probe.id, Event.kind == EventKind.CLOSED, Event.note == "removed")
    ).first()


def _latest(history: ProbeHistory) -> datetime:
    moments = [reply.at for reply in history.replies]
    moments += [moment for moment in (history.t0, history.closed_at) if moment is not None]
    return max(moments, default=datetime(1970, 1, 1, tzinfo=UTC)) + timedelta(days=1)


def _windows(campaign: Campaign) -> Windows:
    return Windows() if campaign.imported else design_of(campaign).windows.windows()


def _row(probe: Probe, inquiry: InquiryKind, outcome: Outcome) -> OutcomeRow:
    return OutcomeRow(
        probe_id=probe.id or 0,
        campaign_id=probe.campaign_id,
        wave_id=probe.wave_id,
        brand_id=probe.brand_id,
        channel=probe.channel,
        inquiry=inquiry,
        text_version=probe.text_version,
        t0_s=outcome.t0.timestamp() if outcome.t0 else None,
        acknowledged_s=_seconds(outcome.acknowledged_after),
        acknowledged_by=outcome.acknowledged_by,
        human_s=_seconds(outcome.human_after),
        substantive_s=_seconds(outcome.substantive_after),
        followed_up_s=_seconds(outcome.followed_up_after),
        followup_kinds=";".join(sorted(outcome.followup_kinds)),
        bounced_s=_seconds(outcome.bounced_after),
        closed_s=_seconds(outcome.closed_after),
        ticket_s=_seconds(outcome.ticket_after),
        out_of_office_s=_seconds(outcome.out_of_office_after),
        handoff=outcome.handoff,
        tester_delay_s=outcome.tester_delay.total_seconds(),
        exclusion=outcome.exclusion,
        first_contact_resolved=outcome.first_contact_resolved,
    )


def _seconds(after: timedelta | None) -> float | None:
    return None if after is None else after.total_seconds()
