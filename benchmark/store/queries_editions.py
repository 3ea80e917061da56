"""Editions of a campaign, in the order they were published."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from benchmark.store.tables import Edition


def editions_of(session: Session, campaign_id: int) -> Sequence[Edition]:
    return session.exec(select(Edition).where(Edition.campaign_id == campaign_id).order_by(col(Edition.number))).all()


def edition_numbered(session: Session, campaign_id: int, number: int) -> Edition | None:
    return session.exec(select(Edition).where(Edition.campaign_id == campaign_id, Edition.number == number)).first()
