"""What kind of trouble a mail server makes, told from errors as the standard library raises them."""

from __future__ import annotations

import imaplib
import smtplib
import ssl

import pytest

from benchmark.core.mail_accounts import MailAccount, MailServer
from benchmark.core.problems import BadInput, OwnFailure, Refused, TemporaryFailure
from benchmark.core.vocabulary import MailTrouble
from probes.mail.mailbox_trial import try_mailbox
from probes.mail.troubles import trouble_of
from probes.supervisor import free_port


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (ConnectionRefusedError(111, "Connection refused"), MailTrouble.NO_ANSWER),
        (TimeoutError("timed out"), MailTrouble.SILENT),
        (ssl.SSLCertVerificationError("certificate has expired"), MailTrouble.ENCRYPTION),
        (imaplib.IMAP4.abort("unexpected response"), MailTrouble.ANSWER),
        (smtplib.SMTPServerDisconnected("closed"), MailTrouble.ANSWER),
        (smtplib.SMTPAuthenticationError(535, b"no"), MailTrouble.LOG_IN),
        (BadInput("mailbox", "refuses the log-in", "check user and password"), MailTrouble.LOG_IN),
        (Refused("sandbox mode"), MailTrouble.FOREIGN),
        (ValueError("no IMAP"), MailTrouble.ANSWER),
    ],
)
def test_the_cause_tells_the_kind_however_it_is_wrapped(cause: Exception, kind: MailTrouble) -> None:
    wrapped = TemporaryFailure("mailbox box: it did not work")
    wrapped.__cause__ = cause

    assert (trouble_of(cause), trouble_of(wrapped)) == (kind, kind)


def test_encryption_that_is_demanded_and_not_offered_is_told_by_its_words() -> None:
    assert trouble_of(OwnFailure("SMTP server: offers no STARTTLS, and this mailbox demands it")) is (
        MailTrouble.ENCRYPTION
    )
    assert trouble_of(TemporaryFailure("nothing below")) is MailTrouble.OTHER


@pytest.mark.real
def test_a_trial_names_the_kind_of_both_ways() -> None:
    closed = MailServer("127.0.0.1", free_port())

    told = try_mailbox(MailAccount("box", "study.example", closed, closed))

    assert (told.sending_trouble, told.receiving_trouble) == (MailTrouble.NO_ANSWER, MailTrouble.NO_ANSWER)
    assert "refused" in told.sending
