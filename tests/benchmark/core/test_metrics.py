"""METRICS: complete, bilingual, and agreeing with the leaderboard's cells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.core.columns import HANDOFFS, OutcomeColumns, columns_of
from benchmark.core.leaderboard import leaderboard
from benchmark.core.metrics import METRIC, METRICS, Unit
from benchmark.core.observed import observe
from benchmark.core.values import Windows
from benchmark.core.vocabulary import HandOffState

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
OLD = T0 + timedelta(days=60)
H, DAY = 3600.0, 86400.0
NAN = np.nan


def value(key: str, n: int, **given: Any) -> tuple[float | None, int]:
    columns = columns_of(n, t0_s=given.pop("t0_s", [T0.timestamp()] * n), **given)
    estimate = METRIC[key].evaluate(observe(columns, OLD, Windows()))
    return estimate.value, estimate.n


def test_every_metric_is_worded_in_both_languages() -> None:
    for metric in METRICS:
        for text in (metric.name, metric.definition, metric.numerator, metric.denominator):
            assert text.en.strip()
            assert text.de.strip()
            assert text.en != text.de


def test_keys_are_unique() -> None:
    assert len(METRIC) == len(METRICS)


WAITS = st.one_of(st.just(NAN), st.integers(0, 24 * 40).map(lambda hours: hours * H))


@pytest.mark.slow
@given(st.lists(st.tuples(WAITS, WAITS, WAITS, st.integers(0, 59)), min_size=1, max_size=40))
def test_metrics_agree_with_the_cells_of_the_leaderboard(rows: list[tuple[float, float, float, int]]) -> None:
    table = np.array([row[:3] for row in rows])
    columns = columns_of(
        len(rows),
        t0_s=[T0.timestamp() + row[3] * DAY for row in rows],
        acknowledged_s=table[:, 0],
        human_s=table[:, 1],
        substantive_s=table[:, 1] + table[:, 2],
    )

    row = leaderboard(columns, OLD, min_n=1).rows[0]

    for metric in METRICS:
        if metric.column:
            estimate = metric.evaluate(observe(columns, OLD, Windows()))
            assert getattr(row, metric.column) == pytest.approx(estimate.value, abs=1e-9)
            if metric.unit is Unit.SHARE:
                assert getattr(row, f"{metric.column}_low") == pytest.approx(estimate.low, abs=1e-12)


def test_acknowledged_and_never_answered() -> None:
    assert value(
        "acknowledged_never_answered", 4, acknowledged_s=[60, 60, NAN, 60], human_s=[NAN, 200 * H, NAN, H]
    ) == (
        0.5,
        4,
    )


def test_who_acknowledged_is_told_apart() -> None:
    given = {"acknowledged_s": [60, H, NAN], "human_s": [NAN, H, NAN], "acknowledged_by": [0, 1, -1]}

    assert value("ack_auto_rate", 3, **given) == (pytest.approx(1 / 3), 3)
    assert value("ack_human_rate", 3, **given) == (pytest.approx(1 / 3), 3)


def test_what_cannot_be_delivered_counts_as_unreachable_and_our_error_not_at_all() -> None:
    given = {
        "exclusion": [-1, 1, 0, 2],
        "bounced_s": [NAN, NAN, NAN, H],
        "t0_s": [T0.timestamp(), NAN, NAN, T0.timestamp()],
    }

    assert value("delivery_rate", 4, **given) == (pytest.approx(1 / 3), 3)
    assert value("unreachable_rate", 4, **given) == (pytest.approx(2 / 3), 3)


def test_only_a_lost_hand_off_is_bad() -> None:
    codes = [HANDOFFS.index(state) for state in (HandOffState.COMPLETED, HandOffState.LOST, HandOffState.NONE)]
    given = {"handoff": codes, "human_s": [H] * 3}

    assert value("handoff_rate", 3, **given) == (pytest.approx(2 / 3), 3)
    assert value("handoff_lost_rate", 3, **given) == (pytest.approx(1 / 3), 3)


def test_a_promise_counts_where_one_is_on_record() -> None:
    assert value("kept_promise_rate", 3, promised_s=[DAY, DAY, NAN], substantive_s=[H, 2 * DAY, H]) == (0.5, 2)


def test_first_contact_resolution_is_published_with_both_denominators() -> None:
    given = {"human_s": [H, H, NAN, NAN], "first_contact_resolved": [True, False, False, False]}

    assert value("first_contact_resolution", 4, **given) == (0.5, 2)
    assert value("first_contact_resolution_all", 4, **given) == (0.25, 4)


def test_case_numbers_and_absences_are_counted_in_any_reply() -> None:
    assert value("ticket_rate", 2, ticket_s=[60, NAN]) == (0.5, 2)
    assert value("out_of_office_rate", 2, out_of_office_s=[60, NAN]) == (0.5, 2)


def test_waits_are_in_hours() -> None:
    given = {"acknowledged_s": [H, 2 * H, 3 * H], "human_s": [4 * H] * 3}

    assert value("time_to_acknowledgement", 3, **given) == (2, 3)
    assert value("median_hours", 3, **given) == (4, 3)
    assert value("rmst_hours", 3, **given) == (4, 3)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_nothing_observed_gives_no_figure(metric: Any) -> None:
    nothing: OutcomeColumns = columns_of(0)

    estimate = metric.evaluate(observe(nothing, OLD, Windows()))

    assert (estimate.value, estimate.n) == (None, 0)
