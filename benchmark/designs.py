"""The design of a launched campaign, parsed once per process: after launch it never changes."""

from __future__ import annotations

from sqlmodel import Session

from benchmark.core.design import CampaignDesign
from benchmark.core.values import Windows
from benchmark.store import queries
from benchmark.store.tables import Campaign

_parsed: dict[tuple[int | None, str], CampaignDesign] = {}


def design_of(campaign: Campaign) -> CampaignDesign:
    """Raises ValueError for an import, which has no design."""
    if campaign.imported:
        raise ValueError(f"campaign {campaign.name} was imported and has no design")
    key = (campaign.id, campaign.assignment_sha256)
    if key not in _parsed:
        _parsed[key] = CampaignDesign.model_validate(campaign.design)
    return _parsed[key]


def design_known(session: Session, campaign_id: int, assignment_sha256: str) -> CampaignDesign:
    """The same for a launched campaign of which only this is at hand; asked once per process."""
    known = _parsed.get((campaign_id, assignment_sha256))
    return known or design_of(queries.campaign_of(session, campaign_id))


def windows_of(session: Session, campaign_id: int, assignment_sha256: str) -> Windows:
    """The observation windows of a launched campaign, asked once per process; the ordinary ones of an import."""
    key = (campaign_id, assignment_sha256)
    if key not in _windows or not assignment_sha256:
        campaign = queries.campaign_of(session, campaign_id)
        _windows[key] = Windows() if campaign.imported else design_of(campaign).windows.windows()
    return _windows[key]


_windows: dict[tuple[int, str], Windows] = {}
