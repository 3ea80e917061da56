"""Hostile replies and files: nothing runs, nothing is loaded, nothing leaves."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from benchmark.store.tables import EvidenceRow, Reply
from tests.web.sample_data import HOSTILE, PNG
from web.evidence import image_type, safe_document


def hostile(record: Session) -> Reply:
    return record.exec(select(Reply).where(col(Reply.subject).contains("<b>bold"))).all()[0]


def test_a_hostile_reply_is_shown_as_text(client: FlaskClient, record: Session) -> None:
    page = client.get(f"/probes/{hostile(record).probe_id}").text
    outside = re.sub(r'srcdoc="[^"]*"', "", page)

    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in outside
    assert "<b>bold" not in page
    assert "<script>alert" not in page
    assert "<svg onload" not in page


def test_a_reply_says_by_what_it_was_matched(client: FlaskClient, record: Session) -> None:
    page = client.get(f"/probes/{hostile(record).probe_id}?lang=en").text

    assert re.search(r"Matched by: \S.* \(confidence 9\d", page)
    assert "Taken off its inquiry" not in page


def test_its_html_stands_in_an_empty_sandbox_with_its_own_policy(client: FlaskClient, record: Session) -> None:
    page = client.get(f"/probes/{hostile(record).probe_id}").text
    frame = re.search(r'<iframe[^>]*sandbox="" srcdoc="([^"]*)"', page)
    assert frame is not None

    document = html.unescape(frame[1])

    assert "default-src 'none'" in document
    assert "Hello" in document
    for leftover in ("track.example", "onclick", "script", "javascript", "@import", "<img", "href", "style"):
        assert leftover not in document


@pytest.mark.parametrize(
    "markup",
    [
        HOSTILE,
        '<a href="https://x.example">x</a>',
        "<img src=x onerror=alert(1)>",
        '<svg><a xlink:href="https://x.example"><text>x</text></a></svg>',
        '<table background="https://x.example/b.png"><tr><td>x</td></tr></table>',
        '<div style="background:url(https://x.example)">x</div>',
        '<base href="https://x.example"><link rel=stylesheet href=//x.example/c.css><p>x</p>',
        '<meta http-equiv=refresh content="0;url=https://x.example"><p>x</p>',
        "<form action=https://x.example><input name=q><button>x</button></form>",
        "<iframe src=https://x.example></iframe><object data=https://x.example></object><p>x</p>",
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    ],
)
def test_no_address_and_no_handler_survives(markup: str) -> None:
    document = safe_document(markup).split("<body>")[1].replace("</body></html>", "")

    assert "x.example" not in document
    assert re.search(r"<\w+\s", document) is None, "no tag keeps an attribute"
    assert "<script" not in document


def test_a_reply_without_html_has_no_frame(client: FlaskClient, record: Session) -> None:
    reply = record.exec(select(Reply).where(col(Reply.text).contains("samstags"))).all()[0]

    assert "<iframe" not in client.get(f"/probes/{reply.probe_id}").text


def test_raw_mail_is_a_download_and_never_opened(client: FlaskClient, record: Session) -> None:
    answer = client.get(f"/replies/{hostile(record).id}/raw")

    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=reply-{hostile(record).id}.eml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert b"In-Reply-To:" in answer.data


def test_a_screenshot_is_an_image_and_a_page_is_a_download(client: FlaskClient, record: Session) -> None:
    rows = {row.name: row.id for row in record.exec(select(EvidenceRow)).all()}

    shot = client.get(f"/evidence/{rows['after.png']}")
    page = client.get(f"/evidence/{rows['page.html']}")

    assert (shot.mimetype, shot.data) == ("image/png", PNG)
    assert page.mimetype == "application/octet-stream"
    assert page.headers["Content-Disposition"].startswith("attachment")


def test_what_is_only_called_an_image_is_a_download() -> None:
    assert image_type(PNG) == "image/png"
    assert image_type(b"<html>") == ""
    assert image_type(b"<svg onload=alert(1)>") == ""
