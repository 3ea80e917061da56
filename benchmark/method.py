"""What the figures of a campaign depend on besides its data; published with every download and edition."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from sqlmodel import Session

from benchmark import results
from benchmark.core.classification import RULES_VERSION
from benchmark.core.scoring import COMPONENTS
from benchmark.store.tables import Campaign


@lru_cache(maxsize=1)
def simulation() -> dict[str, Any]:
    """What `./run bench coverage --write` last found: how often intervals cover the truth and statements are wrong."""
    found: dict[str, Any] = json.loads((files("benchmark") / "package_files" / "simulation.json").read_text("utf-8"))
    return found


@lru_cache(maxsize=1)
def examination() -> dict[str, Any]:
    """What `./run bench examination --write` last found: how well kinds of replies are told apart."""
    found: dict[str, Any] = json.loads((files("benchmark") / "package_files" / "examination.json").read_text("utf-8"))
    return found


def method_of(session: Session, campaign: Campaign, as_of: datetime) -> dict[str, Any]:
    """Everything besides the data that the figures depend on."""
    rules, table = results.rules_of(campaign), results.leaderboard(session, campaign, as_of)
    columns = results.outcome_columns(session, campaign)
    windows = {name: window.total_seconds() for name, window in vars(rules.windows).items()}
    seen = (("ack_rate", columns.acknowledgements_seen), ("followup_rate", columns.followups_seen))
    return {
        "campaign": campaign.name,
        "as_of": as_of.astimezone(UTC).isoformat(),
        "windows_s": windows,
        "weights": vars(rules.weights),
        "weights_used": dict(zip(COMPONENTS, table.formula.weights, strict=True)),
        "formula": table.formula.text,
        "min_n": table.min_n,
        "clock": table.clock.value,
        "not_recorded": [name for name, was_seen in seen if not was_seen],
        "classes": dict(results.classes_of(session, campaign)),
        "seed": campaign.seed,
        "assignment_sha256": campaign.assignment_sha256,
        "versions": {name: version(name) for name in ("replymark", "holidays", "numpy")} | {"rules": RULES_VERSION},
    }
