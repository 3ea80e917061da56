"""Reading raw mail: whatever the bytes, a message comes back, and soon."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.core import mail_limits
from benchmark.core.classification import RULES_VERSION, classify
from benchmark.core.messages import MAX_TEXT, read_message
from benchmark.core.values import Attachment, Verdict
from benchmark.core.vocabulary import ReplyKind

SIMPLE = (
    b"Return-Path: <kern@brand.example>\r\nDelivered-To: anna.abcdefghjkmn@study.example\r\n"
    b"Received: from mx by ours; Tue, 10 Mar 2026 09:30:00 +0100\r\n"
    b"From: =?utf-8?q?Berta_K=C3=BChn?= <Kern@Brand.example>\r\nTo: Anna <anna@study.example>, b@study.example\r\n"
    b"Subject: =?utf-8?b?TGllZmVyemVpdCBm?= =?utf-8?b?w7xyIFN0w7xobGU=?=\r\n"
    b"Message-ID: <1@brand.example>\r\nIn-Reply-To: <probe-1@study.example>\r\n"
    b"References: <0@study.example>\r\n <probe-1@study.example>\r\nDate: Tue, 10 Mar 2026 09:00:00 +0100\r\n\r\n"
    b"Zehn Werktage.\r\n"
)


def multipart(*parts: str, subtype: str = "mixed") -> bytes:
    head = f'From: a@brand.example\nSubject: x\nContent-Type: multipart/{subtype}; boundary="b"\n\n'
    return (head + "".join(f"--b\n{part}\n" for part in parts) + "--b--\n").encode()


def test_an_ordinary_mail_is_read_in_full() -> None:
    message = read_message(SIMPLE)

    assert message.subject == "Lieferzeit für Stühle"
    assert (message.from_name, message.from_address) == ("Berta Kühn", "kern@brand.example")
    assert message.to == ("anna@study.example", "b@study.example")
    assert message.envelope_to == ("anna.abcdefghjkmn@study.example",)
    assert message.return_path == "kern@brand.example"
    assert message.in_reply_to == ("<probe-1@study.example>",)
    assert message.references == ("<0@study.example>", "<probe-1@study.example>")
    assert message.date == datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
    assert message.received_at == datetime(2026, 3, 10, 8, 30, tzinfo=UTC)
    assert message.text.strip() == "Zehn Werktage."
    assert message.defects == ()


def test_the_empty_return_path_differs_from_none() -> None:
    assert read_message(b"Return-Path: <>\nFrom: x@y.example\n\nhi").return_path == ""
    assert read_message(b"From: x@y.example\n\nhi").return_path is None


def test_an_html_mail_gets_its_lines_back() -> None:
    html = "<html><style>p {}</style><body><p>Guten&nbsp;Tag,</p><div>zehn <b>Werktage</b>.<br>Gru&szlig;</div></body>"
    message = read_message(f"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n{html}".encode())

    assert message.text == "Guten Tag,\nzehn Werktage.\nGruß"
    assert message.html == html


def test_the_html_letter_wins_over_a_plain_footer() -> None:
    raw = multipart(
        "Content-Type: text/html\n\n<p>" + "Ein langer Brief. " * 30 + "</p>", "Content-Type: text/plain\n\nFusszeile"
    )

    assert read_message(raw).text.startswith("Ein langer Brief.")


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("x-unknown", "Grüße".encode(), "Grüße"),
        ("us-ascii", "Grüße".encode("latin-1"), "Grüße"),
        ("utf-8", "Grüße".encode("latin-1"), "Grüße"),
        ("iso-8859-1", "„Stuhl“".encode("cp1252"), "„Stuhl“"),
        ("unicode-1-1-utf-7", b"Hello", "Hello"),
        ("iso-2022-jp", "配達".encode("iso-2022-jp"), "配達"),
        ("idna", b"Hello", "Hello"),
        ("zlib", b"Hello", "Hello"),
        ("undefined", b"Hello", "Hello"),
    ],
)
def test_charsets_that_lie_or_do_not_exist_still_give_text(charset: str, content: bytes, text: str) -> None:
    raw = f"From: a@b.example\nContent-Type: text/plain; charset={charset}\n\n".encode() + content

    assert read_message(raw).text == text


@pytest.mark.parametrize("header", [b"=?utf-8?b?AEE=?=", b"\x00A", b"=?utf-7?q?+2AA-A?="])
def test_no_text_holds_what_a_database_refuses(header: bytes) -> None:
    message = read_message(b"Subject: " + header + b"\nContent-Type: text/plain; charset=utf-7\n\n+2AA-\x00B")

    assert message.subject.endswith("A")
    assert "\x00" not in message.subject + message.text
    assert (message.subject + message.text).encode()


def test_eight_bit_headers_are_read() -> None:
    assert read_message("Subject: Lieferung für Köln\n\nx".encode()).subject == "Lieferung für Köln"
    assert read_message("Subject: Lieferung für Köln\n\nx".encode("latin-1")).subject == "Lieferung für Köln"


def test_attachments_are_listed_and_not_opened() -> None:
    pdf = base64.b64encode(b"%PDF" * 30).decode()
    raw = multipart(
        "Content-Type: text/plain\n\nAnbei.",
        'Content-Type: application/pdf; name="a.pdf"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="a.pdf"\n\n{pdf}',
    )

    message = read_message(raw)

    assert message.attachments == (Attachment("a.pdf", "application/pdf", 120),)
    assert message.text.strip() == "Anbei."


def test_a_delivery_report_gives_its_fields_and_the_returned_mail() -> None:
    raw = multipart(
        "Content-Type: text/plain\n\nUser unknown",
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nAction: failed\nStatus: 5.1.1\n",
        "Content-Type: message/rfc822\n\nMessage-ID: <probe-1@study.example>\nSubject: Frage\n\nWie lange dauert es?",
        subtype="report",
    )

    message = read_message(raw)

    assert ("action", "failed") in message.report_fields
    assert ("message-id", "<probe-1@study.example>") in message.returned_headers
    assert message.returned_text.strip() == "Wie lange dauert es?"
    assert message.text.strip() == "User unknown"


def test_a_mail_returned_inside_the_text_is_found() -> None:
    raw = (
        b"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n"
        b"Hi. This is the qmail-send program.\n"
        b"--- Below this line is a copy of the message.\n\nReturn-Path: <anna@study.example>\n"
        b"Message-ID: <probe-1@study.example>\nSubject: Frage\n\nWie lange?\n"
    )

    assert ("message-id", "<probe-1@study.example>") in read_message(raw).returned_headers


@pytest.mark.parametrize("raw", [b"", b"\n", b"\x00" * 50, b"no header", b"From\n\n", b":\n:\n\n", b"From: <<>>\n\n"])
def test_scraps_are_read_without_complaint(raw: bytes) -> None:
    assert read_message(raw).size == len(raw)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2_000))
def test_no_bytes_make_reading_or_classifying_raise(raw: bytes) -> None:
    message = read_message(raw)

    assert message.size == len(raw)
    assert_is_verdict(classify(message))


def assert_is_verdict(verdict: Verdict) -> None:
    """Whatever came in, a kind with its evidence and a share comes out."""
    assert verdict.kind in ReplyKind
    assert 0 < verdict.confidence < 1
    assert verdict.rules
    assert verdict.rules_version == RULES_VERSION


_LINES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: multipart/report; boundary=",
        b"Content-Type: message/rfc822",
        b"Content-Type: message/delivery-status",
        b"Content-Type: text/html; charset=\xff",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: x-uuencode",
        b"Content-Disposition: attachment; filename*0*=utf-8''a; filename*1=b",
        b"From: (((((@",
        b"From: =?utf-8?b?====?= <a@b>",
        b"Subject: =?idna?q?=41?= =?utf-8?b?4pyT",
        b"Date: Thu, 99 Foo 99999 99:99:99 +9999",
        b"Received: ;;;;",
        b"--b",
        b"--b--",
        b"",
        b"Action: failed",
        b"begin 666 x\nM",
        b"<div><p>\x80<script>",
        b"> quoted",
        b"On Monday wrote:",
    ]
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.lists(_LINES, max_size=25))
def test_no_mixture_of_mail_lines_makes_reading_or_classifying_raise(lines: list[bytes]) -> None:
    assert_is_verdict(classify(read_message(b"\n".join(lines))))


def _headed(header: bytes, body: bytes = b"hello") -> bytes:
    return b"From: a@brand.example\nSubject: bomb\n" + header + b"\n\n" + body


def _nested(depth: int) -> bytes:
    parts = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return b"From: a@brand.example\n" + parts + b"Content-Type: text/plain\n\nhello"


BOMBS: dict[str, Callable[[int], bytes]] = {
    "parameters": lambda n: _headed(b"Content-Type: text/plain" + b'; a="b;"' * (50 * n)),
    "continued parameters": lambda n: _headed(
        b"Content-Disposition: attachment" + b"".join(b";\n filename*%d*=a" % i for i in range(20 * n))
    ),
    "long header": lambda n: _headed(b"X-Long: " + b"a" * (3_000 * n)),
    "many headers": lambda n: _headed(b"\n".join(b"X-%d: y" % i for i in range(60 * n))),
    "folded header": lambda n: _headed(b"Subject: a" + b"\n b" * (300 * n)),
    "depth": lambda n: _nested(8 * n),
    "enclosed mails": lambda n: _headed(b"X: y", b"") + b"Content-Type: message/rfc822\n\n" * (30 * n),
    "parts": lambda n: _headed(b"Content-Type: multipart/mixed; boundary=b", b"--b\n\nx\n" * (100 * n)),
    "encoded words": lambda n: _headed(b"Subject: " + b"=?utf-8?q?=41?= " * (100 * n)),
    "addresses": lambda n: _headed(b"To: " + b"(" * (300 * n) + b"a@b.example, " * (100 * n)),
    "deep html": lambda n: _headed(b"Content-Type: text/html", b"<div>" * (300 * n) + b"x" + b"</div>" * (300 * n)),
    "blank lines": lambda n: _headed(b"X: y", b"\n" * (5_000 * n)),
}


@pytest.mark.parametrize("size", [10, 100, 1_000])
@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_read_quickly(kind: str, size: int) -> None:
    raw = BOMBS[kind](size)
    begin = time.process_time()

    message = read_message(raw)
    classify(message)

    assert time.process_time() - begin < 2.0
    assert message.size == len(raw)


def test_a_mail_that_was_cut_says_so() -> None:
    message = read_message(BOMBS["many headers"](1_000))

    assert message.defects[0] == "truncated"
    assert message.subject == "bomb"
    assert message.text == "hello"


def test_an_enormous_text_is_kept_to_its_beginning() -> None:
    message = read_message(_headed(b"X: y", b"word " * 400_000))

    assert len(message.text) == MAX_TEXT


def _malformed_mails() -> list[bytes]:
    """The malformed mails Python tests its own parser with, where they are installed."""
    try:
        folder = files("test.test_email").joinpath("data")
        return [path.read_bytes() for path in folder.iterdir() if path.name.startswith("msg_")]
    except (ModuleNotFoundError, FileNotFoundError):
        return []


def test_the_malformed_mails_of_python_itself_are_all_read() -> None:
    mails = _malformed_mails()
    if not mails:
        pytest.skip("this Python comes without its test data")

    for raw in mails:
        assert_is_verdict(classify(read_message(raw)))


NEAR_HEADERS = (b"Content-Type: text/html; a=b", b"CONTENT-disposition: x", b"content-", b"ontent-T")
PIECES = (b"\n", b"\r", b"\r\n ", b"x", *NEAR_HEADERS)


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_part_headers_are_those_a_search_for_their_form_finds(pieces: list[bytes]) -> None:
    content = b"".join(pieces)

    quick = [match.span() for match in mail_limits._part_headers(content)]

    assert quick == [match.span() for match in mail_limits._PART_HEADER.finditer(content)]
