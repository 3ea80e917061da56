"""Mails out of mbox files, with the bytes they have elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.mail_files import mails_of_mbox, mails_piped

FROM_LINE = b"From kern@brand.example Tue Mar 10 09:00:00 2026\n"
MAIL = b"Subject: Re\n\nZehn Werktage.\n"
BODYLESS = b"Subject: Re\n\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mail", [MAIL, MAIL + b"\n", MAIL + b"\n \n\n", BODYLESS])
def test_mails_of_an_mbox_are_without_the_blank_line_that_separates_them(
    mail: bytes, end: bytes, tmp_path: Path
) -> None:
    expected = (FROM_LINE + mail).replace(b"\n", end)
    (tmp_path / "box").write_bytes((expected + end) * 3)

    assert list(mails_of_mbox(tmp_path / "box")) == [expected] * 3
    assert mails_piped((expected + end) * 3) == [expected] * 3


@pytest.mark.parametrize("last", [MAIL, b"Subject: Re\n\nno line's end", b"Subject: Re\n\nspaces\n  \n"])
def test_a_last_mail_nothing_separates_is_whole(last: bytes) -> None:
    assert mails_piped(FROM_LINE + MAIL + b"\n" + FROM_LINE + last) == [FROM_LINE + MAIL, FROM_LINE + last]


def test_a_raw_mail_that_is_called_an_mbox_is_whole(tmp_path: Path) -> None:
    (tmp_path / "one.mbox").write_bytes(MAIL + b"\n")

    assert list(mails_of_mbox(tmp_path / "one.mbox")) == [MAIL + b"\n"]


def test_a_quoted_from_line_is_part_of_its_mail() -> None:
    quoting = MAIL + b"\n>" + FROM_LINE

    mails = mails_piped(FROM_LINE + quoting + b"\n" + FROM_LINE + MAIL)

    assert mails == [FROM_LINE + MAIL + b"\n" + FROM_LINE, FROM_LINE + MAIL]
