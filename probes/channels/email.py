"""E-mail: one inquiry over SMTP submission, and what the server's answers mean."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from ipaddress import ip_address

from benchmark.core.problems import PermanentFailure, Refused, TemporaryFailure
from benchmark.core.values import ClaimedProbe, Delivery, Evidence
from benchmark.core.vocabulary import AttemptState, Mode
from benchmark.policy import refuse_outside_rehearsal

Arm = Callable[[], None]
TIMEOUT_S = 30


@dataclass(frozen=True)
class SmtpSettings:
    host: str
    port: int
    mode: Mode = Mode.SANDBOX
    timeout_s: float = TIMEOUT_S


class EmailChannel:
    """Keeps one connection to the submission server; opens it again when the server has closed it."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self._connection: smtplib.SMTP | None = None

    def close(self) -> None:
        """Says QUIT where there is somebody to say it to."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()

    def hand_over(self, claimed: ClaimedProbe, arm: Arm) -> Delivery:
        """Sends one inquiry. `arm` is called before the first byte that cannot be taken back; what it raises stops all.

        Raises TemporaryFailure before the point of no return (nothing left), Refused outside the rehearsal world.
        """
        refuse_outside_rehearsal(self.settings.mode, claimed.address.rpartition("@")[2].lower())
        content = compose(claimed).as_bytes(policy=SMTP)
        connection = self._open()
        try:
            self._prepare(connection, claimed)
            arm()
            return self._transmit(connection, content)
        except (smtplib.SMTPServerDisconnected, OSError) as problem:
            self._drop()
            raise TemporaryFailure(f"SMTP connection lost: {problem}") from problem
        except (TemporaryFailure, Refused):
            self._drop()  # the dialogue stands in the middle of DATA
            raise
        except PermanentFailure as refusal:
            self._drop()
            return Delivery(AttemptState.BARRIER, f"refused: {refusal}"[:200])

    def _open(self) -> smtplib.SMTP:
        if self._connection is not None and _answers(self._connection):
            return self._connection
        self._drop()
        try:
            connection = smtplib.SMTP(self.settings.host, self.settings.port, timeout=self.settings.timeout_s)
            _refuse_foreign_peer(connection)
            connection.ehlo_or_helo_if_needed()
            if connection.has_extn("starttls"):
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo()
        except (smtplib.SMTPException, OSError) as problem:
            raise TemporaryFailure(f"SMTP server {self.settings.host}:{self.settings.port}: {problem}") from problem
        self._connection = connection
        return connection

    def _prepare(self, connection: smtplib.SMTP, claimed: ClaimedProbe) -> None:
        """MAIL, RCPT and DATA up to the server's 354; own return path per probe (RFC 5321, 3.3)."""
        _require(connection.mail(claimed.reply_address), 250, ours=True)
        _require(connection.rcpt(claimed.address), 250, 251)
        _require(connection.docmd("DATA"), 354)

    def _transmit(self, connection: smtplib.SMTP, content: bytes) -> Delivery:
        """Body and final dot. From here on no answer means that nobody knows (RFC 5321, 4.2.5 and 6.1)."""
        try:
            connection.send(_stuffed(content) + b".\r\n")
            code, text = connection.getreply()
        except (smtplib.SMTPException, OSError) as problem:
            self._drop()
            return Delivery(AttemptState.UNCONFIRMED, "no answer after the final dot", detail=str(problem))
        outcome = f"{code} {text.decode(errors='replace')}"[:200]
        if code == 250:
            evidence = Evidence("inquiry.eml", "message/rfc822", content)
            return Delivery(AttemptState.ACCEPTED, outcome, evidence=(evidence,))
        state = AttemptState.RETRY_LATER if 400 <= code < 500 else AttemptState.BARRIER
        return Delivery(state, outcome)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def compose(claimed: ClaimedProbe) -> EmailMessage:
    """A mail as a person's program writes it: none of the headers that silence a help desk, no token in the subject.

    Raises PermanentFailure for values that cannot stand in a header.
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(claimed.persona.name, addr_spec=claimed.reply_address)
        message["To"] = Address(addr_spec=claimed.address)
        message["Subject"] = claimed.subject
    except (ValueError, HeaderParseError) as problem:
        raise PermanentFailure(f"cannot be written as a mail: {problem}") from problem
    if claimed.claimed_at is not None:
        message["Date"] = format_datetime(claimed.claimed_at)
    message["Message-ID"] = claimed.message_id
    message.set_content(claimed.body)
    return message


def _stuffed(content: bytes) -> bytes:
    """Leading dots doubled, one line end at the close (RFC 5321, 4.5.2)."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    stuffed = b"." + stuffed if stuffed.startswith(b".") else stuffed
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _require(answer: tuple[int, bytes], *wanted: int, ours: bool = False) -> None:
    """4xx: later; 5xx: no for good. A 5xx to our own address is our error, not the brand's."""
    code, text = answer
    if code in wanted:
        return
    words = f"{code} {text.decode(errors='replace')}"[:200]
    if 500 <= code < 600 and not ours:
        raise PermanentFailure(words)
    raise TemporaryFailure(words)


def _answers(connection: smtplib.SMTP) -> bool:
    try:
        return bool(connection.rset()[0] == 250)
    except (smtplib.SMTPException, OSError):
        return False


def _refuse_foreign_peer(connection: smtplib.SMTP) -> None:
    peer = connection.sock.getpeername()[0] if isinstance(connection.sock, socket.socket) else ""
    if not ip_address(peer).is_loopback:
        connection.close()
        raise Refused(f"sandbox mode: the SMTP server {peer} is no loopback address, nothing is sent there")
