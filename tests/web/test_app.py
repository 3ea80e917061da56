"""The frame of all pages: who may see them, headers, languages, errors, caching."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from benchmark.settings import Settings
from benchmark.store.session import engine_for, transaction, upgrade
from benchmark.store.tables import MailboxRow
from web.app import check_routes, create_app
from web.page import Audience
from web.pages import PAGES
from web.security import may_see

PLAIN = ("/", "/leaderboard", "/campaigns", "/campaigns/spring-2026", "/brands/alpenmilch", "/probes/1")
STATIC = ("/methodology", "/glossary")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("address", [*PLAIN, *STATIC])
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_is_there_in_both_languages(client: FlaskClient, address: str, language: str) -> None:
    answer = client.get(address, query_string={"lang": language})

    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert "SANDBOX" in answer.text


@pytest.mark.parametrize("address", [*PLAIN, *STATIC, "/leaderboard.csv", "/nowhere", "/static/keys.js"])
def test_every_answer_carries_the_strict_headers(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers

    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Request-Id"]


@pytest.mark.parametrize("address", [*PLAIN, *STATIC])
def test_no_page_needs_what_the_policy_forbids(client: FlaskClient, address: str) -> None:
    page = client.get(address).text.lower()

    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert "<script>" not in page
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_a_route_nobody_declared_does_not_start(settings: Settings) -> None:
    app = create_app(settings)
    app.add_url_rule("/secret", "secret", lambda: "secret")

    with pytest.raises(RuntimeError, match="/secret"):
        check_routes(app, PAGES)


def test_what_researchers_see_is_open_in_the_rehearsal_world_only(settings: Settings) -> None:
    live = settings.model_copy(update={"mode": "live"})

    assert may_see(Audience.RESEARCHERS, settings)
    assert not may_see(Audience.RESEARCHERS, live)
    assert not may_see(None, settings)


def test_evidence_is_declared_for_researchers() -> None:
    seen_by = {page.name: page.seen_by for page in PAGES}

    assert {seen_by[name] for name in ("probe", "raw_mail", "evidence")} == {Audience.RESEARCHERS}


def test_health_names_the_run_so_that_a_strangers_server_is_recognised(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok", "run_token": "token-of-this-run", "version": "0.1.0"}
    assert client.get("/readyz").status_code == 200


def test_readiness_tells_how_each_mailbox_stands(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    engine = engine_for(settings.database)
    upgrade(engine)
    with transaction(engine) as session:
        session.add(MailboxRow(name="spring", last_uid=7, way="idle", looked_at=datetime(2026, 3, 2, 9, tzinfo=UTC)))
        at = datetime(2026, 3, 2, 10, tzinfo=UTC)
        session.add(MailboxRow(name="summer", error="log-in refused", error_at=at, next_try_at=at))
        session.add(MailboxRow(name="winter"))

    told = create_app(settings).test_client().get("/readyz")

    assert told.status_code == 200
    assert [(box["name"], box["state"], box["error"]) for box in told.json["mailboxes"]] == [
        ("spring", "read", ""),
        ("summer", "away", "log-in refused"),
        ("winter", "not read yet", ""),
    ]
    assert told.json["mailboxes"][0]["looked_at"] == "2026-03-02T09:00:00+00:00"


def test_a_server_without_tables_is_healthy_and_not_ready(tmp_path: Path) -> None:
    client = create_app(Settings(data_dir=tmp_path)).test_client()

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_a_foreign_host_name_is_refused(client: FlaskClient) -> None:
    answer = client.get("/leaderboard", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_cookies_become_host_cookies_behind_tls(settings: Settings) -> None:
    plain = create_app(settings).test_client().get("/glossary?lang=de").headers["Set-Cookie"]
    https = create_app(settings.model_copy(update={"https": True})).test_client()
    secure = https.get("/glossary?lang=de").headers["Set-Cookie"]

    assert plain.startswith("lang=de;")
    assert "Secure" not in plain
    assert secure.startswith("__Host-lang=de;")
    assert "Secure" in secure


def test_the_language_is_the_address_then_the_cookie_then_the_browser(client: FlaskClient) -> None:
    german = {"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"}

    assert '<html lang="de">' in client.get("/glossary", headers=german).text
    assert '<html lang="en">' in client.get("/glossary?lang=en", headers=german).text
    assert '<html lang="en">' in client.get("/glossary", headers=german).text, "the cookie remembers"


@pytest.mark.parametrize(
    "query",
    [
        "min_n=x",
        "min_n=0",
        "by=planet",
        "rank_by=median_hours",
        "clock=lunar",
        "sector=Nowhere",
        "campaign=none",
        "lang=xx",
    ],
)
def test_an_invalid_parameter_gives_a_page_with_a_way_out(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/leaderboard?{query}")

    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.text
    assert 'href="/leaderboard"' in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


def test_an_invalid_value_is_shown_escaped(client: FlaskClient) -> None:
    answer = client.get("/leaderboard", query_string={"sector": "<script>alert(1)</script>"})

    assert answer.status_code == 400
    assert "<script>alert" not in answer.text


def test_unknown_parameters_and_empty_fields_are_ignored(client: FlaskClient) -> None:
    answer = client.get("/leaderboard?utm_source=x&sector=&min_n=&_external=1&_scheme=javascript&endpoint=x")

    assert answer.status_code == 200
    assert "javascript:" not in answer.text


def test_a_path_that_is_no_page_is_never_made_into_a_link(client: FlaskClient) -> None:
    answer = client.get("/", query_string={"lang": "xx"}, environ_overrides={"PATH_INFO": "//evil.example/x"})

    assert answer.status_code in (308, 404)
    assert 'href="//evil' not in answer.text


def test_a_foreign_host_with_a_bad_parameter_is_still_one_plain_line(client: FlaskClient) -> None:
    answer = client.get("/leaderboard?lang=xx", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.mimetype) == (400, "text/plain")


def test_error_pages_work_without_the_database(tmp_path: Path) -> None:
    broken = tmp_path / "replymark.sqlite"
    broken.write_bytes(b"this is no database" * 100)
    app = create_app(Settings(data_dir=tmp_path))
    app.config["PROPAGATE_EXCEPTIONS"] = False

    answer = app.test_client().get("/leaderboard")

    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text
    assert "Traceback" not in answer.text


def test_an_empty_database_says_what_to_do(tmp_path: Path) -> None:
    from benchmark.store.session import engine_for, upgrade

    settings = Settings(data_dir=tmp_path)
    upgrade(engine_for(settings.database))
    client = create_app(settings).test_client()

    for address in ("/", "/leaderboard", "/campaigns"):
        assert "replymark demo" in client.get(address).text
    assert client.get("/leaderboard.csv").text.count("\r\n") == 1
    assert client.get("/probes.csv").status_code == 200


def test_a_page_the_reader_has_is_not_made_again(client: FlaskClient) -> None:
    tag = client.get("/leaderboard").headers["ETag"]

    again = client.get("/leaderboard", headers={"If-None-Match": tag})
    german = client.get("/leaderboard?lang=de", headers={"If-None-Match": tag})
    other = client.get("/leaderboard?min_n=3", headers={"If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")
    assert german.status_code == other.status_code == 200


def test_static_files_are_kept_and_their_address_carries_their_hash(client: FlaskClient, app: Flask) -> None:
    page = client.get("/glossary").text
    address = page.partition("/static/replymark.css?v=")[2].partition('"')[0]

    answer = client.get(f"/static/replymark.css?v={address}")

    assert len(address) == 10
    assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_the_package_web_is_ours() -> None:
    import web

    assert web.__file__ is not None
    assert (Path(web.__file__).parent / "templates" / "base.html").exists()
