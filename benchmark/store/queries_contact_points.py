"""Contact points of a brand: what is known of each, a new one, its recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from benchmark.core.vocabulary import ChannelKind
from benchmark.store.tables import Brand, ContactPoint


@dataclass(frozen=True)
class PointFacts:
    id: int
    brand_id: int
    brand: str
    channel: ChannelKind
    address: str
    offered: bool
    provenance: str
    checked_on: date | None
    recipe: str


def _facts(row: ContactPoint, brand: str) -> PointFacts:
    return PointFacts(
        row.id or 0,
        row.brand_id,
        brand,
        row.channel,
        row.address,
        row.offered,
        row.provenance,
        row.checked_on,
        row.recipe or "",
    )


def points_of(session: Session, brand_id: int) -> Sequence[PointFacts]:
    """By channel, then in the order they were entered."""
    name = session.get_one(Brand, brand_id).name
    rows = session.exec(
        select(ContactPoint)
        .where(ContactPoint.brand_id == brand_id)
        .order_by(col(ContactPoint.channel), col(ContactPoint.id))
    )
    return [_facts(row, name) for row in rows]


def point(session: Session, point_id: int) -> PointFacts | None:
    row = session.get(ContactPoint, point_id)
    return None if row is None else _facts(row, session.get_one(Brand, row.brand_id).name)


def add_point(
    session: Session, brand_id: int, channel: ChannelKind, address: str, provenance: str, checked_on: date
) -> int:
    """The number of the new contact point, or of the one that is there already: then it counts as checked again."""
    same = (ContactPoint.brand_id == brand_id, ContactPoint.channel == channel, ContactPoint.address == address)
    row = session.exec(select(ContactPoint).where(*same)).first()
    if row is None:
        row = ContactPoint(brand_id=brand_id, channel=channel, address=address)
    row.provenance, row.checked_on, row.offered = provenance, checked_on, True
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def set_recipe(session: Session, point_id: int, text: str, checked_on: date) -> None:
    row = session.get_one(ContactPoint, point_id)
    row.recipe, row.checked_on = text or None, checked_on
    session.add(row)


def slug_of(session: Session, brand_id: int) -> str:
    return session.get_one(Brand, brand_id).slug
