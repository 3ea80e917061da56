"""The inquiry as a person's mail program writes it."""

from __future__ import annotations

from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from benchmark.core.problems import PermanentFailure
from benchmark.core.values import ClaimedProbe

SEVEN_BIT = SMTP.clone(cte_type="7bit")  # not every server on the way takes eight bits (RFC 6152)


def compose(claimed: ClaimedProbe) -> EmailMessage:
    """None of the headers that silence a help desk, no token in the subject.

    Raises PermanentFailure for values that cannot stand in a header.
    """
    message = EmailMessage(policy=SEVEN_BIT)
    try:
        message["From"] = Address(claimed.persona.name, addr_spec=claimed.reply_address)
        message["To"] = Address(addr_spec=claimed.address)
        message["Subject"] = claimed.subject
    except (ValueError, HeaderParseError) as problem:
        raise PermanentFailure(f"cannot be written as a mail: {problem}") from problem
    if claimed.claimed_at is not None:
        message["Date"] = format_datetime(claimed.claimed_at)
    message["Message-ID"] = claimed.message_id
    message.set_content(claimed.body, cte=None if claimed.body.isascii() else "quoted-printable")
    return message


def stuffed(content: bytes) -> bytes:
    """Leading dots doubled, one line end at the close (RFC 5321, 4.5.2)."""
    doubled = content.replace(b"\r\n.", b"\r\n..")
    doubled = b"." + doubled if doubled.startswith(b".") else doubled
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"
