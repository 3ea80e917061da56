"""Which web forms of a campaign, or of one brand in it, could not be measured, and why."""

from __future__ import annotations

from sqlmodel import Session

from benchmark.core.barriers import Barriers, barriers
from benchmark.store.queries_barriers import form_ends


def form_barriers(session: Session, campaign_id: int, brand_id: int | None = None) -> Barriers:
    ends = form_ends(session, campaign_id, brand_id)
    return barriers((end.form, end.state, end.outcome) for end in ends)
