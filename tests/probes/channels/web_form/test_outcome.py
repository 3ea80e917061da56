"""What a submission came to, from what was seen after the click."""

from __future__ import annotations

import pytest

from benchmark.core.vocabulary import AttemptState, FormOutcome
from probes.channels.web_form.outcome import Observed, classify, state_of

CASES = [
    (Observed(True, 200, new=("Vielen Dank für Ihre Nachricht.",)), FormOutcome.SUCCESS),
    (Observed(True, 200, new=("Your message has been sent.",)), FormOutcome.SUCCESS),
    (Observed(True, 200, new=("Thank you. Error: your message could not be sent.",)), FormOutcome.VALIDATION_ERROR),
    (Observed(True, 200, new=("Danke", "Bitte füllen Sie alle Felder aus")), FormOutcome.VALIDATION_ERROR),
    (Observed(True, 200), FormOutcome.UNKNOWN),
    (Observed(True, 500, new=("Internal error",)), FormOutcome.SERVER_ERROR),
    (Observed(True, 403), FormOutcome.REJECTED_SPAM),
    (Observed(True, 200, "application/json", '{"status": "spam"}'), FormOutcome.REJECTED_SPAM),
    (Observed(True, 200, "application/json", '{"status": "mail_sent", "message": "ok"}'), FormOutcome.SUCCESS),
    (Observed(True, 200, "application/json", "[]"), FormOutcome.UNKNOWN),
    (
        Observed(True, 303, url="http://a.example/danke", url_before="http://a.example/kontakt"),
        FormOutcome.SUCCESS_WEAK,
    ),
    (Observed(True, failed="net::ERR_ABORTED"), FormOutcome.TIMEOUT),
    (Observed(False, new=("Vielen Dank",)), FormOutcome.NO_SUBMIT),
    (Observed(False, client_invalid="email"), FormOutcome.CLIENT_INVALID),
]


@pytest.mark.parametrize(("seen", "outcome"), CASES)
def test_the_strongest_evidence_decides(seen: Observed, outcome: FormOutcome) -> None:
    assert classify(seen).outcome is outcome


@pytest.mark.parametrize(
    ("outcome", "detail", "armed", "state"),
    [
        (FormOutcome.SUCCESS, "", True, AttemptState.ACCEPTED),
        (FormOutcome.UNKNOWN, "", True, AttemptState.ACCEPTED),
        (FormOutcome.BLOCKED_CAPTCHA, "hcaptcha", False, AttemptState.BARRIER),
        (FormOutcome.BLOCKED_HTTP, "404", False, AttemptState.BARRIER),
        (FormOutcome.BLOCKED_HTTP, "503", False, AttemptState.RETRY_LATER),
        (FormOutcome.TIMEOUT, "open", False, AttemptState.RETRY_LATER),
        (FormOutcome.TIMEOUT, "observe", True, AttemptState.UNCONFIRMED),
        (FormOutcome.INTERNAL_ERROR, "", True, AttemptState.UNCONFIRMED),
    ],
)
def test_after_arming_nothing_is_tried_again(
    outcome: FormOutcome, detail: str, armed: bool, state: AttemptState
) -> None:
    assert state_of(outcome, detail, armed) is state
