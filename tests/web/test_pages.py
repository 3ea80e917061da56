"""What stands on the pages and in the downloads, held against the record they are made from."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from benchmark import results
from benchmark.core.leaderboard import LEADERBOARD_COLUMNS
from benchmark.store.tables import Probe, Reply
from tests.web import sample_data


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def probe_of(record: Session, brand: str, text: str = "") -> int:
    """A probe of a brand that got a reply with this text."""
    statement = select(Reply.probe_id).join(Probe, col(Probe.id) == col(Reply.probe_id))
    found = record.exec(
        statement.where(col(Reply.text).contains(text), col(Reply.from_address).contains(brand))
    ).first()
    assert found is not None
    return found


def test_the_leaderboard_ranks_and_lists_the_others_below(client: FlaskClient) -> None:
    page = client.get("/leaderboard").text
    table, below = page.split("Too few inquiries", 1)

    assert "Borealis Strom" in table
    assert "Gletscher Bank" not in table
    assert "Gletscher Bank" in below
    assert "Inselpost" in below.split("Channel not offered", 1)[1]


def test_every_head_of_the_leaderboard_leads_to_its_definition(client: FlaskClient) -> None:
    anchors = set(re.findall(r'href="/methodology#([^"]+)"', client.get("/leaderboard").text))
    methodology = client.get("/methodology").text

    assert {"rank", "n", "score", "ack_rate", "answered_rate", "median_hours", "within_24h"} <= anchors
    assert all(f'id="{anchor}"' in methodology for anchor in anchors)


def test_numbers_on_the_page_are_those_of_the_record(client: FlaskClient, record: Session) -> None:
    table = results.leaderboard(record, results.find_campaign(record, sample_data.NAME), sample_data.END)
    first = table.ranked[0]

    row = client.get("/leaderboard").text.split('id="row-1"')[1].split("</tr>")[0]

    assert first.brand in row
    assert f"{first.score:.0f}" in row
    assert f"{first.ack_rate:.0%}" in row


def test_silence_is_worded_and_never_a_zero_time(client: FlaskClient) -> None:
    page = client.get("/leaderboard").text
    row = page.split("Fernweh Bahn")[1].split("</tr>")[0]

    assert "not reached within 7 days" in row


def test_the_points_behind_a_score_add_up_to_it(client: FlaskClient) -> None:
    row = client.get("/leaderboard").text.split('id="row-1"')[1].split("</tr>\n    <tr")[0]
    cells = [float(cell) for cell in re.findall(r'class="num">([\d.]+)</td></tr>', row)]

    assert sum(cells[:-1]) == pytest.approx(cells[-1], abs=0.2)


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("sector=Energy", "Borealis Strom", "Alpenmilch"),
        ("country=DE", "Alpenmilch", "Borealis Strom"),
        ("channel=mastodon", "Alpenmilch", "row-1"),
        ("by=sector", "Energy", "Alpenmilch"),
        ("by=channel&min_n=1", "Web form", "Alpenmilch"),
        ("min_n=1", "Gletscher Bank", "Too few inquiries"),
        ("clock=business", "Borealis Strom", "Error"),
        ("rank_by=ack_rate", "Drossel Versand", "Error"),
        ("wave=Wave 1&min_n=1", "Alpenmilch", "Error"),
        ("inquiry=suggestion&min_n=1", "Alpenmilch", "Error"),
    ],
)
def test_each_filter_narrows_the_table(client: FlaskClient, query: str, there: str, gone: str) -> None:
    answer = client.get(f"/leaderboard?{query}")
    main = answer.text.split('<div class="standing">')[1]

    assert answer.status_code == 200
    assert there in main
    assert gone not in main


def test_the_sorted_column_says_so(client: FlaskClient) -> None:
    page = client.get("/leaderboard?rank_by=ack_rate").text

    assert page.count('aria-sort="descending"') == 1
    assert re.search(r'aria-sort="descending">\s*<span class="head"><a href="/leaderboard\?rank_by=ack_rate"', page)


def test_the_csv_has_the_columns_of_the_codebook_and_unrounded_numbers(client: FlaskClient) -> None:
    answer = client.get("/leaderboard.csv")
    rows = rows_of(answer.text)

    assert answer.mimetype == "text/csv"
    assert tuple(rows[0]) == LEADERBOARD_COLUMNS
    assert answer.text.endswith("\r\n")
    assert len(rows) == len(sample_data.CHARACTERS) + 1
    assert float(rows[1]["ack_rate"]) == pytest.approx(13 / 15, abs=1e-15)
    assert [row["rank"] for row in rows if row["class"] == "too_few"] == ["", ""]


def test_the_csv_follows_the_same_parameters_as_the_page(client: FlaskClient) -> None:
    page = client.get("/leaderboard?sector=Energy&min_n=1").text
    address = re.search(r'href="(/leaderboard\.csv\?[^"]+)"', page)
    assert address is not None

    rows = rows_of(client.get(address[1].replace("&amp;", "&")).text)

    assert [row["brand"] for row in rows if row["rank"]] == ["Borealis Strom", "Halden Gas"]


def test_the_probes_csv_has_a_row_for_every_probe_the_silent_ones_too(client: FlaskClient, record: Session) -> None:
    rows = rows_of(client.get("/probes.csv").text)
    silent = [row for row in rows if row["brand"] == "Fernweh Bahn"]

    assert len(rows) == len(record.exec(select(Probe.id)).all())
    assert len(silent) == 10
    assert {row["human_s"] for row in silent} == {""}
    assert len(rows_of(client.get("/probes.csv?brand=alpenmilch").text)) == 15
    assert client.get("/probes.csv?brand=nobody").status_code == 400


def test_a_brand_has_its_sentence_strip_curve_and_inquiries(client: FlaskClient) -> None:
    page = client.get("/brands/alpenmilch").text

    assert "Answered 13 of 15 inquiries, typically within" in page
    assert page.count("<a href=") > 30
    assert 'class="curve"' in page
    assert "The curve as a table" in page
    assert "Mastodon" in page
    assert client.get("/brands/nobody").status_code == 404
    assert client.get("/brands/alpenmilch?campaign=other").status_code == 400


def test_a_silent_brand_is_worded_as_what_reached_us(client: FlaskClient) -> None:
    assert "No answer reached us to any of 10 inquiries." in client.get("/brands/fernweh-bahn").text


def test_a_brand_nobody_asked_still_has_its_page(client: FlaskClient) -> None:
    assert "Nobody has written to this brand yet." in client.get("/brands/inselpost").text


def test_a_probe_shows_timeline_verdict_rules_and_evidence(client: FlaskClient, record: Session) -> None:
    page = client.get(f"/probes/{probe_of(record, 'alpenmilch', 'samstags')}").text

    for text in ("Inquiry accepted", "Reply by a person", "own-words", "Decided by rules", "Raw message (.eml)"):
        assert text in page
    assert "CET" in page or "CEST" in page


def test_a_persons_verdict_stands_before_the_rules(client: FlaskClient, record: Session) -> None:
    page = client.get(f"/probes/{probe_of(record, 'alpenmilch', 'hat alles geklappt')}").text

    assert "Decided by a person (coder-1)" in page
    assert "Earlier verdicts (1)" in page


def test_a_barrier_shows_its_screenshot_and_reason(client: FlaskClient) -> None:
    campaign = client.get("/campaigns/spring-2026").text

    assert "blocked_captcha:checkbox" in campaign
    assert "80" in campaign


@pytest.mark.parametrize("address", ["/probes/99999", "/campaigns/none", "/replies/99999/raw", "/evidence/99999"])
def test_what_is_not_there_is_a_404_page(client: FlaskClient, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 404
    assert "request id" in answer.text


def test_german_pages_write_numbers_the_german_way(client: FlaskClient) -> None:
    page = client.get("/leaderboard?lang=de").text

    assert re.search(r"\d,\d Std\.", page)
    assert "90\N{NO-BREAK SPACE}%" in page
    assert "Datenstand Di., 2. Juni 2026, 12:00 UTC" in page
    assert "Tg.." not in page
    assert "Std.." not in client.get("/brands/alpenmilch?lang=de").text


def test_a_long_list_of_inquiries_is_cut_and_says_so(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.pages.brand.SHOWN", 4)

    page = client.get("/brands/cobalt-mobil?uncached=1").text

    assert "The newest 4 of 10 stand here" in page
    assert page.count("data-row>") == 4
