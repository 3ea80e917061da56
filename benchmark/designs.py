"""The design of a launched campaign, parsed once per process: after launch it never changes."""

from __future__ import annotations

from benchmark.core.design import CampaignDesign
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
