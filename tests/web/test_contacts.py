"""Contact points, errands and recipes through the pages: nothing without a token, nothing wrong is kept."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from benchmark import errands
from benchmark.settings import Settings
from benchmark.store import queries_contact_points
from benchmark.store.session import engine_for, reading, transaction
from benchmark.store.tables import Brand, ContactPoint
from benchmark.wall_clock import real_now
from web.app import create_app

FORM = "http://lindenhof.example/kontakt"
MAPPING = {
    "fields": [
        {"name": "<b>x", "id": "", "label": "", "role": "email", "signal": "label+form", "score": 0.9,
         "put": {"do": "fill", "value": "anna@mail.example"}}
    ]
}  # fmt: skip


@pytest.fixture
def own(tmp_path: Path, study: Callable[..., Settings]) -> Settings:
    chosen = study(tmp_path)
    with transaction(engine_for(chosen.database)) as session:
        brand = Brand(slug="lindenhof", name="Lindenhof")
        session.add(brand)
        session.flush()
        session.add(ContactPoint(brand_id=brand.id or 0, channel="web_form", address=FORM, provenance="imprint"))
    return chosen


@pytest.fixture
def pages(own: Settings) -> Iterator[FlaskClient]:
    app: Flask = create_app(own)
    with app.test_client() as client:
        yield client


def post(pages: FlaskClient, url: str, **fields: object) -> tuple[int, str, str]:
    """Status, where to, and the page; with the token a reader's browser would send."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', pages.get("/brands/lindenhof/contacts").text)
    assert token is not None
    answer = pages.post(url, data={"csrf_token": token[1], **fields})
    return answer.status_code, answer.headers.get("Location", ""), answer.text


def finish(own: Settings, number: int, result: dict[str, object]) -> None:
    with transaction(engine_for(own.database)) as session:
        errands.take(session, now=real_now())
        errands.finish(session, number, result, now=real_now())


POSTS = (
    "/brands/lindenhof/contacts/discover",
    "/brands/lindenhof/contacts/confirm",
    "/contact-points/1/rehearse",
    "/contact-points/1/recipe",
)


@pytest.mark.parametrize("url", POSTS)
def test_without_its_token_nothing_is_asked(pages: FlaskClient, url: str) -> None:
    assert pages.post(url, data={"address": "lindenhof.example"}).status_code == 400
    assert pages.get(url).status_code == 405


def test_a_search_becomes_an_errand_whose_page_looks_again_by_itself(pages: FlaskClient) -> None:
    status, place, _ = post(pages, POSTS[0], address="lindenhof.example")
    page = pages.get(place).text

    assert status == 303
    assert 'hx-trigger="every 1s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_proposals_are_confirmed_one_by_one(own: Settings, pages: FlaskClient) -> None:
    _, place, _ = post(pages, POSTS[0], address="lindenhof.example")
    found = {"channel": "email", "address": "info@lindenhof.example", "source": "http://lindenhof.example/",
             "how": "mailto", "confidence": 0.9}  # fmt: skip
    finish(
        own, 1, {"domain": "lindenhof.example", "proposals": [found], "read": ["http://lindenhof.example/"], "left": []}
    )
    before = pages.get(place).text

    status, _, _ = post(pages, POSTS[1], **{key: found[key] for key in ("channel", "address", "source")})

    assert 'hx-trigger="every 1s"' not in before
    assert status == 303
    assert "info@lindenhof.example" in pages.get("/brands/lindenhof/contacts").text
    assert "known already" in pages.get(place).text


def test_a_rehearsal_shows_mapping_and_picture_as_text_and_data(own: Settings, pages: FlaskClient) -> None:
    _, place, _ = post(pages, POSTS[2])
    result = {"outcome": "blocked_captcha:hcaptcha", "note": "", "mapping": MAPPING, "picture": "/9j/AA==",
              "recipe": "version: 1\n", "refused": 0}  # fmt: skip
    finish(own, 1, result)

    page = pages.get(place).text

    assert "behind a captcha (hcaptcha)" in page
    assert "anna@mail.example" in page
    assert "&lt;b&gt;x" in page
    assert 'src="data:image/jpeg;base64,/9j/AA=="' in page
    assert pages.get(f"{place}/recipe.yaml").data == b"version: 1\n"


def test_a_bad_recipe_is_refused_with_line_and_key_and_a_good_one_comes_back(own: Settings, pages: FlaskClient) -> None:
    status, _, page = post(pages, POSTS[3], recipe=(io.BytesIO(b"url: x\nconcent: a\n"), "lindenhof.yaml"))
    assert status == 400
    assert "lindenhof.yaml, line 2, key concent" in page

    status, _, _ = post(pages, POSTS[3], recipe=(io.BytesIO("open: Öffnen\n".encode()), "lindenhof.yaml"))
    assert status == 303
    assert pages.get("/contact-points/1/recipe.yaml").data.decode() == "open: Öffnen\n"

    post(pages, POSTS[3], remove="1")
    with reading(engine_for(own.database)) as session:
        point = queries_contact_points.point(session, 1)
    assert point is not None
    assert point.recipe == ""


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"a: [", b"x" * 200_000])
def test_what_is_no_recipe_is_refused_in_one_line(pages: FlaskClient, raw: bytes) -> None:
    status, _, page = post(pages, POSTS[3], recipe=(io.BytesIO(raw), "r.yaml"))

    assert status == 400
    assert 'role="alert"' in page


@pytest.mark.parametrize("url", ["/errands/99", "/errands/99/recipe.yaml", "/contact-points/99/recipe.yaml"])
def test_what_is_not_there_is_not_found(pages: FlaskClient, url: str) -> None:
    assert pages.get(url).status_code == 404
