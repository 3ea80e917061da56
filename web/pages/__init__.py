"""Every page with its address, its view and who may see it; a route that is not here does not start."""

from __future__ import annotations

from web.page import Audience, Page
from web.pages import (
    brand,
    campaigns,
    contacts,
    data,
    downloads,
    edition,
    errand,
    files,
    glossary,
    health,
    leaderboard,
    methodology,
    probe,
    robustness,
    start,
)

POST = ("POST",)
PAGES = (
    Page("/", "start", start.page, Audience.EVERYONE),
    Page("/leaderboard", "leaderboard", leaderboard.page, Audience.EVERYONE),
    Page("/leaderboard.csv", "leaderboard_csv", downloads.leaderboard_csv, Audience.EVERYONE),
    Page("/probes.csv", "probes_csv", downloads.probes_csv, Audience.EVERYONE),
    Page("/data", "data", data.page, Audience.EVERYONE),
    Page("/download", "download", downloads.download, Audience.EVERYONE),
    Page("/editions/<name>/<int:number>", "edition", edition.page, Audience.EVERYONE),
    Page("/editions/<name>/<int:number>/leaderboard.csv", "edition_csv", edition.file, Audience.EVERYONE),
    Page("/robustness", "robustness", robustness.page, Audience.EVERYONE),
    Page("/brands/<slug>", "brand", brand.page, Audience.EVERYONE),
    Page("/brands/<slug>/contacts", "contacts", contacts.page, Audience.RESEARCHERS),
    Page("/brands/<slug>/contacts/discover", "discover", contacts.discover, Audience.RESEARCHERS, POST),
    Page("/brands/<slug>/contacts/confirm", "confirm_contact", contacts.confirm, Audience.RESEARCHERS, POST),
    Page("/contact-points/<int:point_id>/rehearse", "rehearse", contacts.rehearse, Audience.RESEARCHERS, POST),
    Page("/contact-points/<int:point_id>/recipe.yaml", "recipe", contacts.recipe, Audience.RESEARCHERS),
    Page("/contact-points/<int:point_id>/recipe", "keep_recipe", contacts.keep_recipe, Audience.RESEARCHERS, POST),
    Page("/errands/<int:errand_id>", "errand", errand.page, Audience.RESEARCHERS),
    Page("/errands/<int:errand_id>/recipe.yaml", "errand_recipe", errand.recipe, Audience.RESEARCHERS),
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
