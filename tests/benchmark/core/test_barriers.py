"""Barriers are counted by form and by reason, and our own failures not at all."""

from __future__ import annotations

import pytest

from benchmark.core.barriers import barriers
from benchmark.core.estimators import wilson
from benchmark.core.vocabulary import ProbeState

MET, FAILED, SENT = ProbeState.BARRIER, ProbeState.FAILED, ProbeState.CLOSED


def test_a_form_that_once_let_an_inquiry_through_is_measurable() -> None:
    found = barriers([(1, MET, "timeout:open"), (1, SENT, "success"), (2, MET, "blocked_captcha:hcaptcha")])

    assert (found.forms_met, found.forms.n) == (1, 2)
    assert (found.inquiries_met, found.inquiries.n) == (2, 3)
    assert found.reasons == (("blocked_captcha:hcaptcha", 1),)


def test_the_share_of_forms_carries_wilson_limits() -> None:
    found = barriers([(form, MET if form < 3 else SENT, "no_form") for form in range(10)])

    assert found.forms == wilson(3, 10)


@pytest.mark.parametrize("outcome", ["blocked_policy:egress", "internal_error"])
def test_what_lies_with_us_counts_neither_way(outcome: str) -> None:
    found = barriers([(1, MET, outcome), (2, SENT, "success")])

    assert (found.forms_met, found.forms.n) == (0, 1)


def test_the_last_reason_of_a_form_stands_and_reasons_are_ordered_by_frequency() -> None:
    ends = [(1, MET, "no_form"), (1, FAILED, "server_error"), (2, MET, "no_form"), (3, MET, "no_form")]

    assert barriers(ends).reasons == (("no_form", 2), ("server_error", 1))


def test_without_an_inquiry_there_is_no_share() -> None:
    assert barriers([]).forms.value is None
