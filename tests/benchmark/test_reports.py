"""A brand's page, comparisons, changes between waves and the robustness panel, from an imported campaign."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from benchmark import reports
from benchmark.core.problems import BadInput
from benchmark.imports import import_file
from benchmark.results import find_campaign
from benchmark.store.session import engine_for, reading, upgrade
from benchmark.store.tables import Campaign

HEAD = "probe_id,brand,channel,wave,sent_at,first_human_reply_at"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("reports")
    engine = engine_for(f"sqlite:///{folder / 'study.sqlite'}")
    upgrade(engine)
    rows = []
    for number in range(80):
        brand = "Ada" if number % 2 else "Bert"
        answered = number % 2 or number % 8 == 0
        reply = f"2026-03-02T{10 + number % 5:02}:00:00Z" if answered else ""
        channel = "email" if number % 4 < 2 else "web_form"
        rows.append(f"p{number},{brand},{channel},{'one' if number < 40 else 'two'},2026-03-02T09:00:00Z,{reply}")
    path = folder / "rows.csv"
    path.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    import_file(engine, path, "study", as_of=datetime(2026, 5, 1, tzinfo=UTC))
    with reading(engine) as session:
        yield session


@pytest.fixture
def campaign(session: Session) -> Campaign:
    return find_campaign(session, "study")


def test_a_brands_report_has_its_row_curve_channels_and_probes(session: Session, campaign: Campaign) -> None:
    report = reports.brand_report(session, campaign, "ada")

    assert report.row is not None
    assert (report.row.brand, report.row.rank, report.asked, report.answered) == ("Ada", 1, 40, 40)
    assert {row.brand for row in report.channels} == {"web_form", "email"}
    assert report.curve[-1].waiting == 0
    assert report.curve[-1].low is None
    assert report.metrics["within_24h"].value == 1
    assert len(report.probes) == 40


def test_an_unknown_brand_is_refused(session: Session, campaign: Campaign) -> None:
    with pytest.raises(BadInput, match="brand zoe"):
        reports.brand_report(session, campaign, "zoe")


def test_two_brands_are_compared_with_intervals(session: Session, campaign: Campaign) -> None:
    comparison = reports.compare_brands(session, campaign, "Ada", "Bert")

    difference = comparison.differences["within_24h"]
    assert difference.value == pytest.approx(1 - 10 / 40)
    assert difference.low is not None
    assert difference.low > 0
    assert "ack_rate" not in comparison.differences
    assert comparison.curves.p < 0.001


def test_changes_since_the_wave_before_stand_per_brand(session: Session, campaign: Campaign) -> None:
    assert set(reports.wave_changes(session, campaign)) == {"Ada", "Bert"}


def test_the_better_brand_stays_on_top_under_all_choices(session: Session, campaign: Campaign) -> None:
    panel = {row.brand: row for row in reports.robustness(session, campaign)}

    assert panel["Ada"].top_share == 1
    assert set(panel["Ada"].ranks.values()) == {1}
