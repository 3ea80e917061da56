"""Questions of the pages: how the study stands, campaigns, brands and their probes. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from benchmark.core.vocabulary import (
    AttemptState,
    CampaignState,
    ChannelKind,
    Exclusion,
    HandOffState,
    InquiryKind,
    ProbeState,
)
from benchmark.store.tables import (
    Attempt,
    Brand,
    Campaign,
    ContactPoint,
    Edition,
    Event,
    Inquiry,
    OutcomePack,
    OutcomeRow,
    Probe,
    StudyClock,
    VerdictRow,
    Wave,
)

Reader = Session
"""What pages hand to these questions; they never look inside."""


@dataclass(frozen=True)
class Stand:
    """How far the record has come: equal versions mean equal figures at equal `as_of`."""

    version: str
    as_of: datetime
    rehearsal: bool  # a study clock stands in for the wall clock


def stand(session: Session, real_now: datetime) -> Stand:
    """Cheap: the newest row of each table that only grows, and the few rows that are changed in place.

    Real time counts in whole minutes, so that a page asked twice within one is the same page.
    """
    newest = session.exec(
        select(
            func.max(Event.id),
            select(func.max(VerdictRow.id)).scalar_subquery(),
            select(func.max(Probe.id)).scalar_subquery(),
            select(func.count()).select_from(Brand).where(col(Brand.opted_out)).scalar_subquery(),
        )
    ).one()
    states = session.exec(select(Campaign.id, Campaign.state, Campaign.as_of).order_by(col(Campaign.id))).all()
    edition = session.exec(select(func.max(Edition.id))).one()
    # A mail that a person takes off its inquiry leaves no newer row, but a changed outcome.
    changes = session.exec(select(func.sum(OutcomePack.version))).one()
    marks = [str(mark or 0) for mark in (*newest, edition, changes)]
    marks += [f"{number}{CampaignState(state)}{as_of or ''}" for number, state, as_of in states]
    clock = session.get(StudyClock, 1)
    moment = clock.now_at if clock else real_now.replace(second=0, microsecond=0)
    return Stand("-".join(marks), moment, clock is not None)


@dataclass(frozen=True)
class CampaignLine:
    id: int
    name: str
    title: str
    purpose: str
    state: CampaignState
    imported: bool
    launched_at: datetime | None
    as_of: datetime | None
    assignment_sha256: str


def campaigns_listed(session: Session) -> tuple[CampaignLine, ...]:
    """Newest launch first; their designs, which may be long, are left where they are."""
    newest_first = (col(Campaign.launched_at).desc(), col(Campaign.id).desc())
    statement = select(Campaign).options(defer(Campaign.design)).order_by(*newest_first)  # type: ignore[arg-type]  # typed as its value
    return tuple(_campaign_line(campaign) for campaign in session.exec(statement).all())


def _campaign_line(campaign: Campaign) -> CampaignLine:
    return CampaignLine(
        id=campaign.id or 0,
        name=campaign.name,
        title=campaign.title or campaign.name,
        purpose=campaign.purpose,
        state=campaign.state,
        imported=campaign.imported,
        launched_at=campaign.launched_at,
        as_of=campaign.as_of,
        assignment_sha256=campaign.assignment_sha256,
    )


def responsible_for(session: Session, campaign_id: int) -> str:
    """Who answers for a campaign; "" for an import."""
    return str(session.get_one(Campaign, campaign_id).design.get("responsible", ""))


@dataclass(frozen=True)
class ContactPointLine:
    channel: ChannelKind
    address: str
    offered: bool
    provenance: str
    checked_on: date | None


@dataclass(frozen=True)
class BrandFacts:
    id: int
    slug: str
    name: str
    company: str
    sector: str
    country: str
    zone: str
    opted_out: bool
    contact_points: tuple[ContactPointLine, ...] = ()


def brand_by_slug(session: Session, slug: str) -> BrandFacts | None:
    row = session.exec(select(Brand).where(Brand.slug == slug)).first()
    if row is None:
        return None
    points = session.exec(select(ContactPoint).where(ContactPoint.brand_id == row.id).order_by("channel", "id")).all()
    lines = tuple(
        ContactPointLine(point.channel, point.address, point.offered, point.provenance, point.checked_on)
        for point in points
    )
    return _brand_facts(row, lines)


def _brand_facts(row: Brand, points: tuple[ContactPointLine, ...] = ()) -> BrandFacts:
    return BrandFacts(
        id=row.id or 0,
        slug=row.slug,
        name=row.name,
        company=row.company,
        sector=row.sector,
        country=row.country,
        zone=row.zone,
        opted_out=row.opted_out,
        contact_points=points,
    )


def slugs_by_name(session: Session) -> dict[str, str]:
    return dict(session.exec(select(Brand.name, Brand.slug)).all())


def campaigns_of_brand(session: Session, brand_id: int) -> tuple[str, ...]:
    """Names of the campaigns that asked a brand, newest first."""
    asked = select(Probe.campaign_id).where(Probe.brand_id == brand_id)
    statement = select(Campaign.name).where(col(Campaign.id).in_(asked)).order_by(col(Campaign.id).desc())
    return tuple(session.exec(statement).all())


@dataclass(frozen=True)
class ProbeLine:
    """One probe with its newest outcome; seconds count from t0, None = has not happened."""

    id: int
    channel: ChannelKind
    state: ProbeState
    wave: int
    inquiry: InquiryKind | None
    due_at: datetime | None
    t0: datetime | None
    acknowledged_s: float | None
    acknowledged_by: str | None
    human_s: float | None
    substantive_s: float | None
    followed_up_s: float | None
    bounced_s: float | None
    out_of_office_s: float | None
    tester_delay_s: float
    handoff: HandOffState
    handoff_lost_s: float | None
    exclusion: Exclusion | None

    def handoff_as_of(self, moment: datetime) -> HandOffState:
        """A hand-off that waits for an answer is lost when the window of a response is over."""
        if self.handoff_lost_s is None or self.t0 is None:
            return self.handoff
        is_lost = self.t0 + timedelta(seconds=self.handoff_lost_s) <= moment
        return HandOffState.LOST if is_lost else HandOffState.OPEN

    @property
    def answered_s(self) -> float | None:
        """When the answer came, on the ordinary clock: time in which the brand waited for us is in it."""
        return None if self.substantive_s is None else self.substantive_s + self.tester_delay_s


def probes_of_brand(session: Session, brand_id: int, campaign_id: int, newest: int) -> tuple[ProbeLine, ...]:
    """The newest so many, in the order they were sent."""
    moment = func.coalesce(Probe.t0, Probe.due_at)
    statement = _lines().where(Probe.brand_id == brand_id, Probe.campaign_id == campaign_id)
    rows: Sequence[Any] = session.exec(statement.order_by(moment.desc(), col(Probe.id).desc()).limit(newest)).all()
    return tuple(_probe_line(*row) for row in reversed(rows))


def probe_line(session: Session, probe_id: int) -> ProbeLine:
    return _probe_line(*session.exec(_lines().where(Probe.id == probe_id)).one())


def _lines() -> Any:
    return (
        select(Probe, OutcomeRow, Wave.number, Inquiry.kind)
        .join(Wave, col(Wave.id) == col(Probe.wave_id))
        .outerjoin(OutcomeRow, col(OutcomeRow.probe_id) == col(Probe.id))
        .outerjoin(Inquiry, col(Inquiry.id) == col(Probe.inquiry_id))
    )


def _probe_line(probe: Probe, outcome: OutcomeRow | None, wave: int, kind: InquiryKind | None) -> ProbeLine:
    seen = outcome or OutcomeRow(
        probe_id=0,
        campaign_id=0,
        wave_id=0,
        brand_id=0,
        channel=probe.channel,
        inquiry=InquiryKind.OTHER,
        handoff=HandOffState.NONE,
        tester_delay_s=0.0,
    )
    return ProbeLine(
        id=probe.id or 0,
        channel=probe.channel,
        state=probe.state,
        wave=wave,
        inquiry=InquiryKind(outcome.inquiry) if outcome else kind,
        due_at=probe.due_at,
        t0=probe.t0,
        acknowledged_s=seen.acknowledged_s,
        acknowledged_by=seen.acknowledged_by,
        human_s=seen.human_s,
        substantive_s=seen.substantive_s,
        followed_up_s=seen.followed_up_s,
        bounced_s=seen.bounced_s,
        out_of_office_s=seen.out_of_office_s,
        tester_delay_s=seen.tester_delay_s,
        handoff=seen.handoff,
        handoff_lost_s=seen.handoff_lost_s,
        exclusion=seen.exclusion,
    )


@dataclass(frozen=True)
class NotSent:
    """Why inquiries of a campaign did not get through, by the channel's own word."""

    channel: ChannelKind
    state: AttemptState
    reason: str
    number: int


def not_sent(session: Session, campaign_id: int) -> tuple[NotSent, ...]:
    """Barriers and failures by reason, most frequent first."""
    lost = (AttemptState.BARRIER, AttemptState.FAILED)
    number = func.count()
    statement = (
        select(Probe.channel, Attempt.state, Attempt.outcome, number)
        .join(Probe, col(Probe.id) == col(Attempt.probe_id))
        .where(Probe.campaign_id == campaign_id, col(Attempt.state).in_(lost))
        .group_by(col(Probe.channel), col(Attempt.state), col(Attempt.outcome))
        .order_by(number.desc(), col(Attempt.outcome))
    )
    return tuple(
        NotSent(ChannelKind(channel), AttemptState(state), reason, count)
        for channel, state, reason, count in session.exec(statement).all()
    )
