"""What keeps web forms from being measured: a result of its own, never "bad service"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmark.core.estimators import Estimate, wilson
from benchmark.core.vocabulary import FormOutcome, ProbeState

# Our own failure and our own rails say nothing about the form: they count neither way.
OURS = frozenset({FormOutcome.INTERNAL_ERROR.value, FormOutcome.BLOCKED_POLICY.value})
NOT_THROUGH = frozenset({ProbeState.BARRIER, ProbeState.FAILED})


@dataclass(frozen=True)
class Barriers:
    """Inquiries and forms that did not get through, with Wilson's 95 % limits; reasons of forms, most frequent first.

    A form counts as not measurable when none of its tried inquiries got through; its reason is the last one's.
    """

    inquiries: Estimate
    inquiries_met: int
    forms: Estimate
    forms_met: int
    reasons: tuple[tuple[str, int], ...]


def barriers(ends: Iterable[tuple[int, ProbeState, str]]) -> Barriers:
    """From (form, state, outcome) of every decided inquiry by web form, oldest first."""
    told = [end for end in ends if end[2].partition(":")[0] not in OURS]
    reasons = _reasons(told)
    met, forms = sum(state in NOT_THROUGH for _, state, _ in told), len({form for form, _, _ in told})
    counted = sorted(Counter(reasons.values()).items(), key=lambda entry: (-entry[1], entry[0]))
    return Barriers(wilson(met, len(told)), met, wilson(len(reasons), forms), len(reasons), tuple(counted))


def _reasons(told: Iterable[tuple[int, ProbeState, str]]) -> Mapping[int, str]:
    """Forms no inquiry got through, with the reason of the last one."""
    reasons: dict[int, str] = {}
    through: set[int] = set()
    for form, state, outcome in told:
        if state in NOT_THROUGH:
            reasons[form] = outcome
        else:
            through.add(form)
    return {form: reason for form, reason in reasons.items() if form not in through}
