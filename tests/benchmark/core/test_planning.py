"""Plans: the same everywhere, balanced, and never in quiet hours."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, time
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.core.design import CampaignDesign
from benchmark.core.planning import assignment_sha256, plan, sendable_days
from benchmark.core.problems import BadInput
from probes.sandbox.world import rehearsal_design
from tests.samples import brand, design, design_document

REHEARSAL = rehearsal_design()


def test_the_same_design_gives_the_same_plan() -> None:
    assert assignment_sha256(plan(REHEARSAL)) == assignment_sha256(plan(rehearsal_design()))


def test_another_seed_gives_another_plan() -> None:
    other = REHEARSAL.model_copy(update={"seed": REHEARSAL.seed + 1})

    assert assignment_sha256(plan(other)) != assignment_sha256(plan(REHEARSAL))


def test_the_order_of_brands_in_the_file_means_nothing() -> None:
    turned = REHEARSAL.model_copy(update={"brands": REHEARSAL.brands[::-1]})

    assert plan(turned) == plan(REHEARSAL)


def test_each_offered_contact_point_gets_one_probe_a_wave() -> None:
    counts = Counter((probe.wave, probe.brand, probe.channel) for probe in plan(REHEARSAL))

    assert set(counts.values()) == {1}
    offered = sum(point.offered for asked in REHEARSAL.brands for point in asked.contact_points)
    assert len(counts) == offered * len(REHEARSAL.waves)


def test_inquiries_are_balanced_over_each_brand_and_channel() -> None:
    counts = Counter((probe.brand, probe.channel, probe.inquiry) for probe in plan(REHEARSAL))

    assert max(counts.values()) == 1  # four waves, four inquiries


def test_the_probes_of_a_brand_keep_their_distance_within_a_wave() -> None:
    for number in range(1, len(REHEARSAL.waves) + 1):
        for key in {asked.key for asked in REHEARSAL.brands}:
            moments = [probe.due_at for probe in plan(REHEARSAL) if (probe.wave, probe.brand) == (number, key)]
            gaps = [abs(one - other) for one, other in combinations(moments, 2)]
            assert min(gaps) >= REHEARSAL.sending.min_gap


@given(seed=st.integers(0, 2**31), zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tokyo"]))
def test_every_probe_is_due_in_the_sending_window_of_its_brand(seed: int, zone: str) -> None:
    """The wave spans the clock change of 29 March 2026."""
    brands = [brand("A", [{"channel": "email", "address": "a@a.example"}], zone=zone, country="")]
    chosen = design(seed=seed, brands=brands, waves=[{"starts_on": "2026-03-26", "days": 7}])

    for probe in plan(chosen):
        local = probe.due_at.astimezone(ZoneInfo(zone))
        assert time(8) <= local.time() < time(18)
        assert local.weekday() < 5
        assert probe.due_at.tzinfo is UTC


def test_public_holidays_are_left_out() -> None:
    easter = REHEARSAL.waves[0].model_copy(update={"starts_on": date(2026, 4, 2), "days": 6})

    days = sendable_days(REHEARSAL.sending, easter, REHEARSAL.brands[0])

    assert days == [date(2026, 4, 2), date(2026, 4, 7)]


def test_a_wave_without_a_sendable_day_is_refused() -> None:
    with pytest.raises(BadInput, match="no day on which Lindenhof may be written to"):
        plan(design(waves=[{"starts_on": "2026-03-07", "days": 2}]))


def test_a_wave_without_room_for_all_probes_is_refused() -> None:
    points = [{"channel": "email", "address": f"desk{number}@a.example"} for number in range(4)]
    crowded = design(brands=[brand("A", points)], waves=[{"starts_on": "2026-03-02", "days": 1}])

    with pytest.raises(BadInput, match="no room"):
        plan(crowded)


def test_a_stored_design_reads_back_as_it_was() -> None:
    document = CampaignDesign.model_validate(design_document()).model_dump(mode="json")

    assert CampaignDesign.model_validate(document) == design()
