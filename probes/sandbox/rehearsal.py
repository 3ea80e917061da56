"""One rehearsal from an empty folder to the self-check: prepare, run the campaign, hold it to the truth."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from benchmark import campaigns, results
from benchmark.campaigns import Progress
from benchmark.core.design import CampaignDesign
from benchmark.core.leaderboard import LEADERBOARD_COLUMNS
from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import ChannelKind
from benchmark.settings import Settings
from benchmark.store.session import engine_for, reading, transaction, upgrade
from benchmark.wall_clock import monotonic, pause, study_now
from probes.runtime import Runtime
from probes.sandbox import self_check, study_clock
from probes.sandbox.world import FINISHED_FILE, rehearsal_design

LOOK_EVERY_S = 0.25
PATIENCE_S = 900.0
OnProgress = Callable[[Progress, datetime], None]


@dataclass(frozen=True)
class Rehearsal:
    """What the demo command holds on to."""

    design: CampaignDesign
    settings: Settings
    folder: Path


def prepare(settings: Settings, folder: Path, *, seed: int | None, brands: int | None, with_forms: bool) -> Rehearsal:
    """A fresh database with the study clock at the eve of the first wave and the campaign launched."""
    design = _chosen(rehearsal_design(), seed, brands, with_forms)
    engine = engine_for(settings.database)
    upgrade(engine)
    first_day = min(wave.starts_on for wave in design.waves)
    with transaction(engine) as session:
        study_clock.set_clock(session, datetime.combine(first_day, time(0), tzinfo=UTC) - timedelta(hours=12))
        now = study_now(session)
        campaigns.launch(session, design, study_domain=settings.study_domain, now=now, entropy=secrets.token_bytes)
    return Rehearsal(design, settings, folder)


def _chosen(design: CampaignDesign, seed: int | None, brands: int | None, with_forms: bool) -> CampaignDesign:
    chosen = design.brands[:brands] if brands else design.brands
    if not with_forms:
        chosen = tuple(
            brand.model_copy(
                update={
                    "contact_points": tuple(
                        point for point in brand.contact_points if point.channel is not ChannelKind.WEB_FORM
                    )
                }
            )
            for brand in chosen
        )
    return design.model_copy(update={"brands": chosen, "seed": design.seed if seed is None else seed})


def watch(rehearsal: Rehearsal, runtime: Runtime, on_progress: OnProgress) -> None:
    """Follows the campaign until the world has nothing planned any more. Raises BadInput when a process ended."""
    engine = engine_for(rehearsal.settings.database)
    finished = rehearsal.folder / FINISHED_FILE
    deadline = monotonic() + PATIENCE_S
    while True:
        is_finished = finished.exists()
        with reading(engine) as session:
            campaign = results.find_campaign(session, rehearsal.design.campaign)
            now = study_now(session)
            on_progress(campaigns.progress(session, campaign.id or 0, now), now)
        if is_finished:
            return
        runtime.supervisor.check()
        if monotonic() > deadline:
            raise BadInput("rehearsal", f"did not end within {PATIENCE_S:.0f} s", f"see {rehearsal.folder / 'logs'}")
        pause(LOOK_EVERY_S)


def summary(rehearsal: Rehearsal, seconds: float) -> dict[str, Any]:
    """The JSON summary: self-check and leaderboard."""
    with reading(engine_for(rehearsal.settings.database)) as session:
        checked = self_check.check(session, rehearsal.folder)
        campaign = results.find_campaign(session, rehearsal.design.campaign)
        board = results.leaderboard(session, campaign, as_of=study_now(session))
    return {
        **checked,
        "seconds": round(seconds, 1),
        "leaderboard": [dict(zip(LEADERBOARD_COLUMNS, row.values(), strict=True)) for row in board.rows],
    }
