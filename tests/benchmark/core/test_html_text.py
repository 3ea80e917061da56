"""What a reader of an HTML mail sees, and what they do not."""

from __future__ import annotations

import pytest

from benchmark.core.html_text import text_of_html


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none">This is an automated message.</p>',
        '<div STYLE="max-height:0; Display: none;">We have received <b>your request</b>.</div>',
        '<span style="visibility: hidden">Ticket 12</span>',
        "<p hidden>Automatic reply</p>",
        '<div style="display:none">outer<p style="display:none">inner</p></div>',
    ],
)
def test_what_is_hidden_is_no_text(hidden: str) -> None:
    assert text_of_html(f"<p>Hi Jana,</p>{hidden}<p>we close at 8.</p>") == "Hi Jana,\n\nwe close at 8."


def test_a_root_that_is_hidden_hides_nothing() -> None:
    assert text_of_html("<html style='display:none'><body hidden><p>Our answer</p></body></html>") == "Our answer"


def test_a_mail_that_hides_everything_is_read_all_the_same() -> None:
    """Some makers unhide their letter by a style sheet."""
    assert text_of_html('<div style="display:none"><p>We close at 8.</p></div>') == "We close at 8."
