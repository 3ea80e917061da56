"""What one decision found, and how sure a finding of such weight has proved to be."""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from benchmark.core.classification.wording import TABLES, Hits
from benchmark.core.values import RuleHit
from benchmark.core.vocabulary import FollowUpKind, ReplyFlag, ReplyKind


@dataclass(frozen=True)
class Finding:
    """A kind, the weight of all that speaks for it, and the rules that spoke."""

    kind: ReplyKind
    weight: float
    rules: tuple[RuleHit, ...] = ()
    flags: frozenset[ReplyFlag] = frozenset()
    followup_kind: FollowUpKind | None = None
    share: float | None = None  # what the judge gives this kind, between 0 and 1; None where it was not asked

    @property
    def support(self) -> float:
        return self.weight if self.share is None else self.share


CONFIDENCE = "confidence.csv"  # fitted by `python -m tools.judge.confidence`


def group_of(found: Finding) -> str:
    """Verdicts of one group err alike: by form, on people's letters, by rule and judge, by the judge alone."""
    if found.share is None:
        return "form"
    if found.kind is ReplyKind.HUMAN_REPLY:
        return "person"
    return "rule" if found.weight else "tone"


def confidence_of(found: Finding) -> float:
    """How often verdicts of this group and such support have proved right, between 0 and 1. Below .80 a person looks.

    Linear between two supports of the table, level beyond its ends.
    """
    supports, shares = _curves()[group_of(found)]
    at = bisect_right(supports, found.support)
    if at in (0, len(supports)):
        return shares[min(at, len(shares) - 1)]
    way = (found.support - supports[at - 1]) / (supports[at] - supports[at - 1])
    return round(shares[at - 1] + way * (shares[at] - shares[at - 1]), 3)


@cache
def _curves() -> dict[str, tuple[list[float], list[float]]]:
    source = files(TABLES).joinpath(CONFIDENCE).read_text(encoding="utf-8")
    curves: dict[str, tuple[list[float], list[float]]] = {}
    for row in csv.DictReader(source.splitlines()):
        supports, shares = curves.setdefault(row["group"], ([], []))
        supports.append(float(row["support"]))
        shares.append(float(row["share"]))
    return curves


def finding(kind: ReplyKind, *found: Hits, bonus: float = 0.0) -> Finding:
    """One finding of several topics; `bonus` is weight that no row carries."""
    weight = sum(part.weight for part in found) + bonus
    return Finding(kind, weight, tuple(seen for part in found for seen in part.rules))


def rule(name: str, where: str, matched: str) -> RuleHit:
    return RuleHit(name, where, matched[:60])
