"""Outcomes in columns: the same as single ones, and as of any moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from benchmark.core.columns import ARRAYS, EXCLUSIONS, WAITING_S, ProbeLabels, columns_of, from_outcomes
from benchmark.core.values import Outcome
from benchmark.core.vocabulary import AcknowledgedBy, Exclusion, FollowUpKind

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_single_outcomes_become_rows_with_sorted_labels() -> None:
    answered = Outcome(
        t0=T0,
        acknowledged_after=HOUR,
        acknowledged_by=AcknowledgedBy.HUMAN,
        human_after=HOUR,
        followup_kinds=frozenset({FollowUpKind.SURVEY}),
    )
    bounced = Outcome(t0=T0, bounced_after=HOUR, exclusion=Exclusion.BOUNCED)

    columns = from_outcomes([(ProbeLabels("Bert"), answered), (ProbeLabels("Ada", promised=2 * HOUR), bounced)])

    assert columns.labels["brand"] == ("Ada", "Bert")
    assert columns.brand.tolist() == [1, 0]
    assert columns.human_s[0] == 3600
    assert columns.acknowledged_by.tolist() == [1, -1]
    assert EXCLUSIONS[columns.exclusion[1]] is Exclusion.BOUNCED
    assert columns.promised_s[1] == 7200


def test_nothing_is_an_empty_table() -> None:
    assert len(from_outcomes([])) == 0


def test_all_columns_are_equally_long_and_filtered_together() -> None:
    columns = columns_of(3, {"brand": ["a", "b"]}, brand=[0, 1, 1])

    chosen = columns.where(columns.label_mask("brand", ["b"]))

    assert {len(getattr(columns, name)) for name in ARRAYS} == {3}
    assert {len(getattr(chosen, name)) for name in ARRAYS} == {2}


def test_an_event_later_than_as_of_has_not_happened() -> None:
    columns = columns_of(
        2, t0_s=[T0.timestamp()] * 2, human_s=[3600, 7200], substantive_s=[3600, 3600], tester_delay_s=[0, 3600]
    )

    seen = columns.as_of(T0 + HOUR)

    assert np.isnan(seen.human_s).tolist() == [False, True]
    assert np.isnan(seen.substantive_s).tolist() == [False, True]
    assert np.isnan(columns.as_of(T0 - HOUR).t0_s).all()


def test_a_moment_after_everything_changes_nothing() -> None:
    columns = columns_of(1, t0_s=[T0.timestamp()], human_s=[3600])

    assert columns.as_of(T0 + 2 * HOUR) is columns


def test_a_brand_that_waits_for_us_still_has_waited_since_its_first_word() -> None:
    asked = columns_of(
        3, t0_s=[T0.timestamp()] * 3, human_s=[3600, 3600, np.nan], tester_delay_s=[WAITING_S, 7200, WAITING_S]
    )

    for hours, delays in ((0.5, [0, 7200, 1800]), (1, [0, 7200, 3600]), (49, [48 * 3600, 7200, 49 * 3600])):
        assert asked.as_of(T0 + timedelta(hours=hours)).tester_delay_s.tolist() == delays
