"""The leaderboard from columns: figures, classes, formula, sorting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmark.core.columns import EXCLUSIONS, columns_of
from benchmark.core.estimators import kaplan_meier, wilson
from benchmark.core.leaderboard import LEADERBOARD_COLUMNS, By, LeaderboardRow, leaderboard
from benchmark.core.observed import Clock
from benchmark.core.problems import BadInput
from benchmark.core.values import Calendar, Weights
from benchmark.core.vocabulary import Exclusion, LeaderboardClass

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
OLD = T0 + timedelta(days=60)
H = 3600.0
NAN = np.nan


def only(rows: tuple[LeaderboardRow, ...], brand: str) -> LeaderboardRow:
    return next(row for row in rows if row.brand == brand)


def one_brand(*human_hours: float, n: int | None = None, **more: object) -> LeaderboardRow:
    waits = np.array(human_hours) * H
    size = len(waits)
    given = {"t0_s": np.full(size, T0.timestamp()), "human_s": waits, "substantive_s": waits} | more
    return leaderboard(columns_of(size, {"brand": ["ada"]}, **given), OLD, min_n=1).rows[0]


def test_the_columns_stand_in_the_published_order() -> None:
    assert LEADERBOARD_COLUMNS[:10] == (
        "rank", "rank_low", "rank_high", "tier", "brand", "company", "sector", "n", "mature", "excluded",
    )  # fmt: skip
    assert LEADERBOARD_COLUMNS[-5:] == ("score", "score_low", "score_high", "formula", "class")
    assert len(LEADERBOARD_COLUMNS) == 44


def test_every_cell_of_a_small_brand_can_be_checked_by_hand() -> None:
    row = one_brand(0.5, 3, 30, 100, 200, NAN, NAN, NAN, NAN, NAN)

    assert (row.n, row.mature, row.excluded) == (10, 10, 0)
    assert (row.within_1h, row.within_4h, row.within_24h, row.within_48h, row.within_7d) == (0.1, 0.2, 0.2, 0.3, 0.4)
    assert row.ack_rate == 0.2
    assert row.answered_rate == 0.5
    assert row.followup_rate == 0
    assert (row.within_7d_low, row.within_7d_high) == pytest.approx((wilson(4, 10).low, wilson(4, 10).high))
    assert row.score == pytest.approx(100 * (0.15 * 0.2 + 0.35 * 0.4 + 0.35 * (0.1 + 0.2 + 0.2 + 0.3) / 4))
    assert row.formula == "0.15*acknowledged + 0.35*answered + 0.35*speed + 0.15*followed"


def test_medians_and_average_waits_are_those_of_the_curve() -> None:
    hours = [0.5, 3, 3, 30, 100, 200, NAN]

    row = one_brand(*hours)

    times = np.array([60 * 24 if np.isnan(hour) else hour for hour in hours])
    curve = kaplan_meier(times, ~np.isnan(hours))
    median = curve.quantile()
    assert (row.median_hours, row.median_low, row.median_high) == (median.value, median.low, median.high)
    assert row.rmst_hours == pytest.approx(curve.restricted_mean(168).value)


def test_a_median_that_is_not_reached_is_empty() -> None:
    assert one_brand(1, NAN, NAN).median_hours is None


def test_a_fast_reply_does_not_let_a_probe_enter_the_table_early() -> None:
    t0 = [T0.timestamp(), (OLD - timedelta(hours=71)).timestamp()]

    row = one_brand(1, 1, t0_s=t0)

    assert (row.n, row.mature) == (2, 1)
    assert row.within_1h_high == wilson(1, 1).high == 1
    assert row.within_1h_low == wilson(1, 1).low


def test_each_share_has_the_probes_mature_for_its_own_window() -> None:
    t0 = [T0.timestamp(), (OLD - timedelta(days=5)).timestamp(), (OLD - timedelta(days=10)).timestamp()]

    row = one_brand(1, NAN, NAN, t0_s=t0)

    assert row.within_24h == pytest.approx(1 / 3)
    assert row.within_7d == pytest.approx(1 / 2)
    assert row.answered_rate == 1


def test_follow_up_is_left_out_for_all_while_any_window_is_open() -> None:
    columns = columns_of(
        2,
        {"brand": ["ada", "bert"]},
        brand=[0, 1],
        t0_s=[T0.timestamp(), (OLD - timedelta(days=29)).timestamp()],
        human_s=[H, NAN],
        substantive_s=[H, NAN],
    )

    table = leaderboard(columns, OLD, min_n=1)

    assert table.formula.text == "(0.15*acknowledged + 0.35*answered + 0.35*speed) / 0.85"
    assert only(table.rows, "ada").score == pytest.approx(100)


def test_an_import_without_acknowledgements_and_follow_ups_has_empty_columns_and_a_shorter_formula() -> None:
    columns = columns_of(
        2, t0_s=[T0.timestamp()] * 2, human_s=[H, NAN], substantive_s=[H, NAN],
        acknowledgements_seen=False, followups_seen=False,
    )  # fmt: skip

    row = leaderboard(columns, OLD, min_n=1).rows[0]

    assert row.ack_rate is row.ack_rate_low is row.followup_rate is None
    assert row.formula == "(0.35*answered + 0.35*speed) / 0.7"
    assert row.score == pytest.approx(50)


def test_brands_below_min_n_carry_their_figures_and_no_rank() -> None:
    columns = columns_of(3, {"brand": ["ada", "bert"]}, brand=[0, 0, 1], t0_s=[T0.timestamp()] * 3, human_s=[H, H, H])

    table = leaderboard(columns, OLD, min_n=2)

    bert = only(table.rows, "bert")
    assert (bert.rank, bert.tier, bert.class_) == (None, None, LeaderboardClass.TOO_FEW)
    assert bert.within_1h == 1
    assert [row.brand for row in table.rows] == ["ada", "bert"]


def test_a_brand_nothing_reached_is_unreachable_and_not_silent() -> None:
    columns = columns_of(
        2,
        {"brand": ["ada", "bert"]},
        brand=[0, 1],
        t0_s=[NAN, NAN],
        exclusion=[EXCLUSIONS.index(Exclusion.BARRIER), EXCLUSIONS.index(Exclusion.SEND_ERROR)],
    )

    rows = leaderboard(columns, OLD).rows

    assert only(rows, "ada").class_ is LeaderboardClass.UNREACHABLE
    assert only(rows, "bert").class_ is LeaderboardClass.TOO_FEW  # our own error says nothing about a brand


def test_a_brand_without_the_channel_stands_below_the_table_without_any_probe() -> None:
    columns = columns_of(1, {"brand": ["ada", "bert"]}, t0_s=[T0.timestamp()])

    rows = leaderboard(columns, OLD, classes={"bert": LeaderboardClass.NOT_OFFERED}).rows

    assert only(rows, "bert").class_ is LeaderboardClass.NOT_OFFERED


def test_equal_estimates_share_a_rank_and_the_next_one_is_skipped() -> None:
    brand = np.repeat([0, 1, 2], 10)
    human = np.where(np.arange(30) % 10 < np.repeat([5, 5, 2], 10), H, NAN)
    columns = columns_of(
        30, {"brand": ["ada", "bert", "cleo"]}, brand=brand, t0_s=np.full(30, T0.timestamp()), substantive_s=human
    )

    table = leaderboard(columns, OLD)

    assert [(row.rank, row.rank_low, row.rank_high) for row in table.rows] == [(1, 1, 3), (1, 1, 3), (3, 1, 3)]


@pytest.mark.parametrize("by", list(By))
def test_the_table_can_be_made_by_brand_company_sector_or_channel(by: By) -> None:
    labels = {"brand": ["ada", "bert"], "company": ["Co"], "sector": ["banks", "shops"], "channel": ["email"]}
    columns = columns_of(2, labels, brand=[0, 1], sector=[0, 1], t0_s=[T0.timestamp()] * 2)

    rows = leaderboard(columns, OLD, by=by, min_n=1).rows

    assert [row.brand for row in rows] == list(labels[by])
    assert rows[0].company == "Co"


def test_a_brand_in_two_sectors_names_none() -> None:
    columns = columns_of(2, {"brand": ["ada"], "sector": ["banks", "shops"]}, sector=[0, 1], t0_s=[T0.timestamp()] * 2)

    assert leaderboard(columns, OLD).rows[0].sector == ""


def test_business_hours_leave_out_the_night_and_the_weekend() -> None:
    friday = datetime(2026, 3, 6, 16, tzinfo=UTC)
    columns = columns_of(
        1, t0_s=[friday.timestamp()], human_s=[66 * H], substantive_s=[66 * H], calendars=(Calendar("UTC"),)
    )

    row = leaderboard(columns, OLD, clock=Clock.BUSINESS, min_n=1).rows[0]

    assert row.median_hours == 2  # Friday 16-17, Monday 9-10
    assert (row.within_1h, row.within_4h) == (0, 1)
    assert leaderboard(columns, OLD, min_n=1).rows[0].median_hours == 66


def test_time_spent_waiting_for_us_is_no_business_time_either() -> None:
    columns = columns_of(
        1,
        t0_s=[T0.timestamp()],
        human_s=[H],
        substantive_s=[2 * H],
        tester_delay_s=[24 * H],
        calendars=(Calendar("UTC"),),
    )

    row = leaderboard(columns, OLD, clock=Clock.BUSINESS, min_n=1).rows[0]

    assert row.median_answer_hours == 2


def test_only_a_share_can_rank() -> None:
    with pytest.raises(BadInput, match="median_hours"):
        leaderboard(columns_of(0), OLD, rank_by="median_hours")


def test_nothing_at_all_is_an_empty_table() -> None:
    table = leaderboard(columns_of(0), OLD)

    assert table.rows == ()
    assert table.denominators.assigned == 0


def test_weights_that_leave_nothing_leave_no_score() -> None:
    columns = columns_of(1, t0_s=[T0.timestamp()], human_s=[H])

    row = leaderboard(columns, OLD, weights=Weights(0, 0, 0, 0), min_n=1).rows[0]

    assert row.score is None
    assert row.class_ is LeaderboardClass.TOO_FEW


def test_a_probe_closed_early_counts_in_curves_and_not_in_shares() -> None:
    row = one_brand(1, NAN, closed_s=[NAN, 20 * H])

    assert (row.n, row.mature) == (2, 1)
    assert row.within_7d == 1


def test_before_a_bounce_came_the_probe_was_thought_delivered() -> None:
    columns = columns_of(1, t0_s=[T0.timestamp()], bounced_s=[10 * H], exclusion=[EXCLUSIONS.index(Exclusion.BOUNCED)])

    assert leaderboard(columns, T0 + timedelta(hours=9)).rows[0].n == 1
    assert leaderboard(columns, T0 + timedelta(hours=10)).rows[0].n == 0
