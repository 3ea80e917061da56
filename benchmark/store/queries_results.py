"""What results need to know of a campaign besides its outcomes: brands, waves, who is unranked whatever happens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from benchmark.core.vocabulary import Calendar, LeaderboardClass
from benchmark.store.tables import Brand, Campaign, ContactPoint, Wave


@dataclass(frozen=True)
class BrandFacts:
    """What a brand is called, belongs to and when it is open."""

    name: str
    company: str
    sector: str
    country: str
    calendar: Calendar


def brand_facts(session: Session, brand_ids: Collection[int]) -> dict[int, BrandFacts]:
    rows = session.exec(select(Brand).order_by(col(Brand.id))).all()
    wanted = set(brand_ids)
    return {row.id: _facts(row) for row in rows if row.id is not None and row.id in wanted}


def _facts(row: Brand) -> BrandFacts:
    calendar = Calendar(row.zone, row.country, row.subdivision)
    return BrandFacts(row.name, row.company, row.sector, row.country, calendar)


def wave_names(session: Session, campaign_id: int) -> dict[int, str]:
    """Name of each wave by row id; its number where it has none."""
    rows = session.exec(select(Wave).where(Wave.campaign_id == campaign_id).order_by(col(Wave.number))).all()
    return {row.id: row.name or str(row.number) for row in rows if row.id is not None}


def set_classes(
    session: Session,
    campaign: Campaign,
    channels: Collection[str] = (),
    sectors: Collection[str] = (),
    countries: Collection[str] = (),
) -> Mapping[str, LeaderboardClass]:
    """Brands of a campaign that are unranked whatever their probes say: opted out, or not offering the channel."""
    design_brands = [] if campaign.imported else campaign.design.get("brands", [])
    names = [brand["name"] for brand in design_brands]
    classes: dict[str, LeaderboardClass] = {}
    offering = _offering(session, channels) if names else set()
    for brand in session.exec(select(Brand).where(col(Brand.name).in_(names))).all():
        if (sectors and brand.sector not in sectors) or (countries and brand.country not in countries):
            continue
        if brand.opted_out:
            classes[brand.name] = LeaderboardClass.OPTED_OUT
        elif brand.id not in offering:
            classes[brand.name] = LeaderboardClass.NOT_OFFERED
    return classes


def _offering(session: Session, channels: Collection[str]) -> set[int]:
    """Brands with a contact point that takes inquiries on one of the channels (on any, when none is named)."""
    points = session.exec(
        select(ContactPoint.brand_id, ContactPoint.channel).where(col(ContactPoint.offered).is_(True))
    ).all()
    return {brand_id for brand_id, channel in points if not channels or channel in channels}
