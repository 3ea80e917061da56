"""What results need to know of a campaign besides its outcomes: brands, waves, who is unranked whatever happens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from benchmark.core.values import Calendar
from benchmark.core.vocabulary import (
    ChannelKind,
    Exclusion,
    LeaderboardClass,
    ProbeState,
)
from benchmark.store.tables import Brand, Campaign, ContactPoint, OutcomeRow, Probe, Wave


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


@dataclass(frozen=True)
class ProbeLine:
    """One probe of a brand as its page shows it; waits in seconds from t0."""

    probe_id: int
    channel: str
    wave: str
    inquiry: str
    state: ProbeState
    sent_at: datetime | None
    acknowledged_s: float | None
    human_s: float | None
    substantive_s: float | None
    followed_up_s: float | None
    bounced_s: float | None
    exclusion: Exclusion | None


def probe_lines(session: Session, campaign_id: int, brand_id: int, most: int = 500) -> tuple[ProbeLine, ...]:
    """The newest probes of one brand, in order of sending; those not sent yet come last."""
    waves = wave_names(session, campaign_id)
    rows = session.exec(
        select(Probe, OutcomeRow)
        .join(OutcomeRow, col(OutcomeRow.probe_id) == col(Probe.id), isouter=True)
        .where(Probe.campaign_id == campaign_id, Probe.brand_id == brand_id)
        .order_by(col(OutcomeRow.t0_s).desc(), col(Probe.id).desc())
        .limit(most)
    ).all()
    lines = [_line(probe.id or 0, waves[probe.wave_id], probe.state, probe.channel, outcome) for probe, outcome in rows]
    return tuple(sorted(lines, key=lambda line: (line.sent_at is None, line.sent_at, line.probe_id)))


def _line(probe_id: int, wave: str, state: ProbeState, channel: ChannelKind, outcome: OutcomeRow | None) -> ProbeLine:
    if outcome is None:
        return ProbeLine(probe_id, channel, wave, "", state, None, None, None, None, None, None, None)
    return ProbeLine(
        probe_id,
        outcome.channel,
        wave,
        outcome.inquiry,
        state,
        None if outcome.t0_s is None else datetime.fromtimestamp(outcome.t0_s, UTC),
        outcome.acknowledged_s,
        outcome.human_s,
        outcome.substantive_s,
        outcome.followed_up_s,
        outcome.bounced_s,
        outcome.exclusion,
    )


def brand_named(session: Session, name_or_slug: str) -> Brand | None:
    return session.exec(select(Brand).where((Brand.slug == name_or_slug) | (Brand.name == name_or_slug))).first()


def campaign_brand_ids(session: Session, campaign_id: int) -> list[int]:
    return list(session.exec(select(Probe.brand_id).where(Probe.campaign_id == campaign_id).distinct()).all())
