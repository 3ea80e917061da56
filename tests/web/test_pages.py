"""What stands on the pages and in the downloads, held against the record they are made from."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from benchmark import results
from benchmark.core.classification import RULES_VERSION
from benchmark.core.codebook import Level
from benchmark.core.leaderboard import LEADERBOARD_COLUMNS
from benchmark.downloads import DOWNLOADS
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


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("kind", list(DOWNLOADS))
def test_every_level_comes_as_every_kind_and_the_same_moment_gives_the_same_bytes(
    client: FlaskClient, kind: str, level: Level
) -> None:
    query = {"level": level.value, "kind": kind, "as_of": sample_data.END.isoformat().replace("+00:00", "Z")}

    first, second = (client.get("/download", query_string=query) for _ in range(2))

    assert first.status_code == 200
    assert first.mimetype == DOWNLOADS[kind].media_type.partition(";")[0]
    assert first.headers["Content-Disposition"].endswith(f'{DOWNLOADS[kind].suffix}"')
    assert first.data == second.data
    assert len(first.data) > 50


@pytest.mark.parametrize("query", ["kind=exe", "level=secrets", "campaign=none", "as_of=2026-01-01T00:00", "as_of=x"])
def test_a_download_that_is_not_there_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/download?{query}").status_code == 400


def test_every_link_of_the_data_page_gives_a_file(client: FlaskClient) -> None:
    links = re.findall(r'href="(/download\?[^"]+)"', client.get("/data").text)

    assert len(links) == 1 + len(Level) * 4
    for link in links:
        answer = client.get(link.replace("&amp;", "&"))
        assert answer.status_code == 200, link
        answer.close()


def test_the_robustness_page_has_a_line_for_every_ranked_brand(client: FlaskClient, record: Session) -> None:
    table = results.leaderboard(record, results.find_campaign(record, sample_data.NAME), sample_data.END)

    page = client.get("/robustness").text

    assert all(f">{row.brand}</a>" in page for row in table.ranked)
    assert "in business hours" in page
    assert "independent" in page.split("How many independent inquiries are these?")[1]


def test_the_change_since_the_last_wave_stands_with_its_interval(client: FlaskClient) -> None:
    row = client.get("/leaderboard").text.split('id="row-1"')[1].split("</tr>\n    <tr")[0]

    assert re.search(r"[+−±]\d+ since the last wave \([+−±]\d+ to [+−±]\d+\)", row)
    assert "since the last wave" not in client.get("/leaderboard?sector=Energy").text


def test_the_campaign_page_says_what_became_of_the_inquiries_and_what_can_be_told_apart(client: FlaskClient) -> None:
    page = client.get(f"/campaigns/{sample_data.NAME}").text

    assert "What became of the inquiries" in page
    assert re.search(r"A share near one half is then known to ± \d+ points", page)


def test_the_methodology_page_reports_the_simulation(client: FlaskClient) -> None:
    page = client.get("/methodology").text

    assert "1,000 made-up campaigns" in page
    assert re.search(r"intervals of a share that hold the truth</th><td class=\"num\">9\d", page)


def test_the_methodology_page_reports_the_examination_of_the_rules_in_use(client: FlaskClient) -> None:
    page = client.get("/methodology").text

    assert f"Rules {RULES_VERSION} were examined on 320 letters" in page
    assert re.search(r"Reply by a person</th><td class=\"num\">\d\d %", page)


def test_many_brands_stand_on_several_pages(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = re.findall(r'data-row-link href="[^"]*">([^<]+)</a>', client.get("/leaderboard").text)
    for module in ("web.boards", "web.pages.leaderboard"):
        monkeypatch.setattr(f"{module}.ROWS", 4)

    first, second = (client.get(f"/leaderboard?small=1&page={number}") for number in (1, 2))

    for page, names in ((first, whole[:4]), (second, whole[4:6])):
        table = page.text.split('id="row-1"')[1].split('class="pages"')[0]
        assert re.findall(r'data-row-link href="[^"]*">([^<]+)</a>', table) == names
    assert re.search(r'aria-current="page">5–6</a>', second.text)
    assert client.get("/leaderboard?small=1&page=3").status_code == 400
    assert client.get("/leaderboard?small=1&page=0").status_code == 400
