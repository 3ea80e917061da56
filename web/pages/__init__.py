"""Every page with its address, its view and who may see it; a route that is not here does not start."""

from __future__ import annotations

from web.page import Audience, Page
from web.pages import brand, campaigns, downloads, files, glossary, health, leaderboard, methodology, probe, start

PAGES = (
    Page("/", "start", start.page, Audience.EVERYONE),
    Page("/leaderboard", "leaderboard", leaderboard.page, Audience.EVERYONE),
    Page("/leaderboard.csv", "leaderboard_csv", downloads.leaderboard_csv, Audience.EVERYONE),
    Page("/probes.csv", "probes_csv", downloads.probes_csv, Audience.EVERYONE),
    Page("/brands/<slug>", "brand", brand.page, Audience.EVERYONE),
    Page("/probes/<int:probe_id>", "probe", probe.page, Audience.RESEARCHERS),
    Page("/replies/<int:reply_id>/raw", "raw_mail", files.raw_mail, Audience.RESEARCHERS),
    Page("/evidence/<int:evidence_id>", "evidence", files.evidence, Audience.RESEARCHERS),
    Page("/campaigns", "campaigns", campaigns.page, Audience.EVERYONE),
    Page("/campaigns/<name>", "campaign", campaigns.one, Audience.EVERYONE),
    Page("/methodology", "methodology", methodology.page, Audience.EVERYONE),
    Page("/glossary", "glossary", glossary.page, Audience.EVERYONE),
    Page("/healthz", "healthz", health.healthz, Audience.EVERYONE),
    Page("/readyz", "readyz", health.readyz, Audience.EVERYONE),
)
