"""Fates: replied, bounced, closed or waiting, by the hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmark.core.columns import BOUNCED, EXCLUSIONS, OutcomeColumns, columns_of
from benchmark.core.fates import fates
from benchmark.core.observed import observe
from benchmark.core.values import Windows
from benchmark.core.vocabulary import Exclusion

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
HOURS = [1, 2, 2, 4, 7, 9, 10, 12, 24, 30]
CAUSES = [1, 1, 0, 1, 2, 0, 1, 0, 1, 2]


def toy() -> OutcomeColumns:
    """The hand-checkable example: 1 a reply, 2 a bounce, 0 still waiting where observation ends."""
    seconds, causes = np.array(HOURS) * 3600.0, np.array(CAUSES)
    return columns_of(
        10,
        t0_s=np.where(causes == 0, AS_OF.timestamp() - seconds, (AS_OF - timedelta(days=9)).timestamp()),
        human_s=np.where(causes == 1, seconds, np.nan),
        bounced_s=np.where(causes == 2, seconds, np.nan),
        exclusion=np.where(causes == 2, BOUNCED, -1),
    )


def test_the_shares_are_those_of_aalen_and_johansen() -> None:
    found = fates(observe(toy(), AS_OF, Windows()), (4, 10, 24, 30))

    assert [fate.replied for fate in found] == pytest.approx([0.314285714, 0.457142857, 0.671428571, 0.671428571])
    assert [fate.bounced for fate in found] == pytest.approx([0, 0.114285714, 0.114285714, 0.328571429])
    assert [fate.waiting for fate in found] == pytest.approx(
        [1 - fate.replied - fate.bounced - fate.closed for fate in found]
    )


def test_nothing_is_said_of_a_time_nobody_was_watched_for() -> None:
    assert [fate.hours for fate in fates(observe(toy(), AS_OF, Windows()), (24, 30, 31))] == [24, 30]


def test_probes_left_out_for_another_reason_stay_out() -> None:
    columns = columns_of(1, t0_s=[AS_OF.timestamp() - 3600], exclusion=[EXCLUSIONS.index(Exclusion.WITHDRAWN)])

    assert fates(observe(columns, AS_OF, Windows()), (1,)) == ()
