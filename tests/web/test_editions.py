"""Editions on pages: frozen tables, their files byte for byte, and corrections that name the old one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from benchmark import editions, results
from benchmark.settings import Settings
from benchmark.store.session import engine_for, transaction
from benchmark.store.tables import Edition
from tests.web import sample_data

ADDRESS = f"/editions/{sample_data.NAME}"


@pytest.fixture(scope="module")
def published(settings: Settings) -> Iterator[list[Edition]]:
    """Two editions, the second correcting the first; gone again afterwards."""
    earlier, now = sample_data.END - timedelta(days=1), sample_data.END + timedelta(days=1)
    with transaction(engine_for(settings.database)) as session:
        campaign = results.find_campaign(session, sample_data.NAME)
        made = [
            editions.publish(session, campaign, earlier, now=now),
            editions.publish(session, campaign, sample_data.END, now=now, corrects=1, because="A day was missing."),
        ]
        for edition in made:
            session.expunge(edition)
    yield made
    with transaction(engine_for(settings.database)) as session:
        for edition in made:
            session.delete(session.merge(edition))


def test_the_page_shows_the_frozen_table_and_its_hash(client: FlaskClient, published: list[Edition]) -> None:
    page = client.get(f"{ADDRESS}/1").text

    assert "Borealis Strom" in page
    assert published[0].leaderboard_sha256 in page
    assert published[0].data_sha256 in page
    assert "This edition has been corrected." in page
    assert "A day was missing." in page


def test_the_file_is_the_one_that_was_published(client: FlaskClient, published: list[Edition]) -> None:
    answer = client.get(f"{ADDRESS}/2/leaderboard.csv")

    assert hashlib.sha256(answer.data).hexdigest() == published[1].leaderboard_sha256


def test_the_data_page_lists_editions_newest_first(client: FlaskClient, published: list[Edition]) -> None:
    page = client.get("/data").text

    assert re.findall(rf'href="{ADDRESS}/(\d)">', page) == ["2", "1"]
    assert "corrects edition 1" in page
    assert all(edition.leaderboard_sha256 in page for edition in published)


@pytest.mark.parametrize("address", [f"{ADDRESS}/9", f"{ADDRESS}/9/leaderboard.csv", "/editions/none/1"])
def test_an_edition_that_is_not_there_is_a_page_that_is_not_there(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404
