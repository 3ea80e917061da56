"""Clock time, business time, maturity."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from benchmark.core.clocks import BusinessClock, business_time, clock_time, is_mature, with_closures
from benchmark.core.columns import columns_of
from benchmark.core.design import BrandIn, PublishedHoursIn
from benchmark.core.observed import Clock, observe
from benchmark.core.problems import BadInput
from benchmark.core.values import Calendar, Closure, Windows

BERLIN = ("Europe/Berlin", "DE", "HH")
VECTORS = [
    (BERLIN, "2026-03-27 16:00", "2026-03-30 10:00", 65, 2),
    (BERLIN, "2026-04-02 16:30", "2026-04-07 09:30", 113, 1),
    (BERLIN, "2026-10-24 10:00", "2026-10-26 10:00", 49, 1),
    (BERLIN, "2026-01-10 12:00", "2026-01-12 09:00", 45, 0),
    (("America/New_York", "US", None), "2026-03-06 16:30", "2026-03-09 09:30", 64, 1),
    (("America/New_York", "US", None), "2026-11-25 16:00", "2026-11-27 10:00", 42, 2),
    (("Asia/Tokyo", "JP", None), "2026-04-28 16:00", "2026-05-07 10:00", 210, 18),
    (("Europe/London", "GB", "ENG"), "2026-12-24 16:00", "2026-12-29 10:00", 114, 2),
]
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


def at(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(("place", "t0", "reply", "clock_hours", "business_hours"), VECTORS)
def test_clock_and_business_time_match_the_published_vectors(
    place: tuple[str, str, str | None], t0: str, reply: str, clock_hours: int, business_hours: int
) -> None:
    calendar = Calendar(*place)
    start, end = at(place[0], t0), at(place[0], reply)

    assert clock_time(start, end) == timedelta(hours=clock_hours)
    assert business_time(calendar, start, end) == timedelta(hours=business_hours)


@pytest.mark.slow
@given(st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=20))
def test_whole_columns_agree_with_single_values(pairs: list[tuple[datetime, datetime]]) -> None:
    calendar = Calendar(*BERLIN)
    clock = BusinessClock.over(calendar, datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))

    together = clock.elapsed_s(
        np.array([pair[0].timestamp() for pair in pairs]), np.array([pair[1].timestamp() for pair in pairs])
    )

    assert together == pytest.approx([business_time(calendar, *pair).total_seconds() for pair in pairs], abs=1e-5)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_business_time_adds_up_and_never_exceeds_clock_time(a: datetime, b: datetime, c: datetime) -> None:
    first, middle, last = sorted((a, b, c))
    calendar = Calendar(*BERLIN)

    whole = business_time(calendar, first, last)

    parts = business_time(calendar, first, middle) + business_time(calendar, middle, last)
    assert abs(whole - parts) < timedelta(milliseconds=1)
    assert whole <= last - first + timedelta(milliseconds=1)


def test_a_brand_open_round_the_clock_has_23_hours_on_the_day_the_clock_goes_forward() -> None:
    always = Calendar("Europe/Berlin", hours=(((0, 1440),),) * 7)

    spent = business_time(always, at("Europe/Berlin", "2026-03-29 00:00"), at("Europe/Berlin", "2026-03-30 00:00"))

    assert spent == timedelta(hours=23)


def test_hours_past_midnight_count_once() -> None:
    night = Calendar("UTC", hours=(((1320, 1560), (0, 120)),) * 7)

    spent = business_time(night, datetime(2026, 1, 5, 22, tzinfo=UTC), datetime(2026, 1, 6, 22, tzinfo=UTC))

    assert spent == timedelta(hours=4)


def test_a_closure_counts_only_if_it_was_published_before_t0() -> None:
    t0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
    early = Closure(date(2026, 1, 6), date(2026, 1, 6), published_at=t0 - timedelta(days=1))
    late = Closure(date(2026, 1, 7), date(2026, 1, 7), published_at=t0)

    calendar = with_closures(Calendar("UTC"), [early, late], t0)

    assert business_time(calendar, t0, t0 + timedelta(days=3)) == timedelta(hours=16)


def test_a_calendar_that_never_opens_counts_nothing() -> None:
    closed = Calendar("UTC", hours=((),) * 7)

    spent = business_time(closed, datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 2, 5, tzinfo=UTC))

    assert spent == timedelta(0)


def test_an_unknown_country_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="'XX'"):
        business_time(Calendar("UTC", "XX"), datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC))


@pytest.mark.parametrize(
    ("hours", "window_hours", "mature"), [(71, 24, False), (72, 24, True), (167, 168, False), (168, 168, True)]
)
def test_no_probe_is_mature_before_a_bounce_could_have_come(hours: int, window_hours: int, mature: bool) -> None:
    t0 = datetime(2026, 1, 5, tzinfo=UTC)

    assert is_mature(t0, timedelta(hours=window_hours), t0 + timedelta(hours=hours), Windows()) is mature


def test_published_hours_are_read_from_a_design_and_known_only_from_their_publication_on() -> None:
    zone, hour = "Europe/Berlin", 3600.0
    own = BrandIn.model_validate(
        {
            "name": "Lindenhof",
            "country": "DE",
            "zone": zone,
            "published_hours": {
                "source": "https://lindenhof.example/kontakt",
                "open": [
                    {"days": ["mon", "tue", "wed", "thu", "fri"], "start": "08:00", "end": 20 * 60},
                    {"days": ["sat"], "start": "22:00", "end": "02:00"},
                ],
                "closures": [
                    {"first": "2026-06-09", "last": "2026-06-09", "published_at": "2026-06-02T09:00:00+02:00"}
                ],
            },
        }
    ).own_hours
    assert own is not None
    sent = [at(zone, "2026-06-01 19:00"), at(zone, "2026-06-05 19:00"), at(zone, "2026-06-05 19:00")]
    waits = [  # before the closure was known, after it was, and a brand that publishes nothing
        at(zone, "2026-06-10 08:30") - sent[0],
        at(zone, "2026-06-10 08:30") - sent[1],
        at(zone, "2026-06-10 09:30") - sent[2],
    ]
    columns = columns_of(
        3,
        {"brand": ["Lindenhof", "Seewind"]},
        brand=[0, 0, 1],
        calendar=[0, 0, 0],
        t0_s=[moment.timestamp() for moment in sent],
        human_s=[wait.total_seconds() for wait in waits],
        calendars=(Calendar(zone, "DE"),),
        published={0: own},
    )

    found = observe(columns, at(zone, "2026-07-01 12:00"), Windows(), Clock.PUBLISHED).human_s / hour

    assert found.tolist() == [1 + 4 * 12 + 4 + 2 * 12 + 0.5, 1 + 4 + 12 + 0.5, 2 * 8 + 0.5]


@pytest.mark.parametrize(
    ("hours", "problem"),
    [
        ({"open": []}, "at least 1 item"),
        ({"open": [{"days": ["mon"], "start": "8 Uhr", "end": "10:00"}]}, "a time of day is written 08:30"),
        ({"open": [{"days": ["mon"], "start": "08:00", "end": "24:01"}]}, "less than or equal to 1440"),
        (
            {
                "open": [{"days": ["mon"], "start": "08:00", "end": "24:00"}],
                "closures": [{"first": "2026-06-09", "last": "2026-06-08", "published_at": "2026-06-02T09:00:00Z"}],
            },
            "must not be before the first day",
        ),
    ],
)
def test_published_hours_that_cannot_be_are_refused(hours: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        PublishedHoursIn.model_validate({"source": "https://lindenhof.example", **hours})
