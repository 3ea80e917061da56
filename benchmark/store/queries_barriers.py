"""How the web-form inquiries of a campaign ended: one row a probe, by its last attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from benchmark.core.vocabulary import ChannelKind, ProbeState
from benchmark.store.tables import Attempt, Probe

UNDECIDED = (ProbeState.PLANNED, ProbeState.CLAIMED, ProbeState.RETRY_LATER, ProbeState.WITHDRAWN, ProbeState.TASK)


@dataclass(frozen=True)
class FormEnd:
    """`form` is the contact point's number, `outcome` the channel's word for the last attempt."""

    form: int
    state: ProbeState
    outcome: str


def form_ends(session: Session, campaign_id: int, brand_id: int | None = None) -> Sequence[FormEnd]:
    """Probes that were tried and are decided; imported ones have no contact point and are left out."""
    last = select(func.max(Attempt.id)).where(Attempt.probe_id == Probe.id).correlate(Probe).scalar_subquery()
    statement = (
        select(Probe.contact_point_id, Probe.state, Attempt.outcome)
        .join(Attempt, col(Attempt.id) == last)
        .where(
            Probe.campaign_id == campaign_id,
            Probe.channel == ChannelKind.WEB_FORM,
            col(Probe.state).not_in(UNDECIDED),
            col(Probe.contact_point_id).is_not(None),
        )
        .order_by(col(Probe.id))
    )
    if brand_id is not None:
        statement = statement.where(Probe.brand_id == brand_id)
    return [FormEnd(form or 0, ProbeState(state), outcome or "") for form, state, outcome in session.exec(statement)]
