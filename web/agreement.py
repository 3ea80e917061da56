"""How often people agree with verdicts the rules were sure of, for the pages that show it."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.core.estimators import Estimate, wilson
from benchmark.store import queries_inbox
from benchmark.store.queries_inbox import SpotChecks
from web.record import record


@dataclass(frozen=True)
class Agreement:
    """Of one version of the rules; the shares are of the verdicts a person has checked."""

    checks: SpotChecks
    kind: Estimate
    marks: Estimate


def agreements() -> list[Agreement]:
    return [
        Agreement(checks, wilson(checks.right_kind, checks.checked), wilson(checks.right_marks, checks.checked))
        for checks in queries_inbox.spot_checks(record())
    ]
