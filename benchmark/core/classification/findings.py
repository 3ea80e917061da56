"""What one decision found, and how sure a finding of such weight has proved to be."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from benchmark.core.classification.wording import Hits
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


# How often a verdict of such weight is right. Read off the development mails and our own samples
# (tests/performance/classification_scores.py shows the bands), pooled so that the table only rises, and kept below what
# some two hundred mails can prove: all of them right in a band of forty still leaves .93. Below .80 a person looks.
_WEIGHTS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
_SHARES = (0.55, 0.70, 0.80, 0.88, 0.93, 0.97, 0.99)


def confidence_of(weight: float) -> float:
    """Between 0 and 1; grows with the weight."""
    return _SHARES[bisect_right(_WEIGHTS, weight)]


def finding(kind: ReplyKind, *found: Hits, bonus: float = 0.0) -> Finding:
    """One finding of several topics; `bonus` is weight that no row carries."""
    weight = sum(part.weight for part in found) + bonus
    return Finding(kind, weight, tuple(seen for part in found for seen in part.rules))


def rule(name: str, where: str, matched: str) -> RuleHit:
    return RuleHit(name, where, matched[:60])
