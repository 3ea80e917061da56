"""One inquiry over SMTP submission, and what the server's answers mean."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Iterable

from benchmark.core.mail_accounts import MailAccount, MailSecurity, sender_of
from benchmark.core.problems import BadInput, OwnFailure, PermanentFailure, Refused, TemporaryFailure
from benchmark.core.values import ClaimedProbe, Delivery, Evidence
from benchmark.core.vocabulary import AttemptState, Mode
from benchmark.policy import refuse_outside_rehearsal
from benchmark.wall_clock import monotonic
from probes.channels.email.composing import SEVEN_BIT, compose, stuffed
from probes.mail.log_in import log_in_smtp, needs_starttls, refuse_foreign_peer, tls_context

Arm = Callable[[], None]
TIMEOUT_S = 30.0
IDLE_S = 60.0  # a connection that rested longer is opened anew rather than tried
ASK_AGAIN_S = 5.0  # how long log-ins of mailboxes are taken for granted


class _ServerCloses(TemporaryFailure):
    """421 (RFC 5321, 3.8): nothing is wrong with this mail, the connection is over."""


class EmailChannel:
    """One mailbox's way out. Keeps its connection; opens it again when the server has closed it."""

    def __init__(self, account: MailAccount, mode: Mode = Mode.SANDBOX, timeout_s: float = TIMEOUT_S) -> None:
        self.account, self.mode, self.timeout_s = account, mode, timeout_s
        self._connection: smtplib.SMTP | None = None
        self._used_at = 0.0

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
        refuse_outside_rehearsal(self.mode, claimed.address.rpartition("@")[2].lower())
        content = compose(claimed).as_bytes(policy=SEVEN_BIT)
        try:
            connection = self._prepared(claimed)
            arm()
            delivery = self._transmit(connection, content)
        except (TemporaryFailure, Refused):
            self._drop()  # the dialogue stands in the middle of DATA
            raise
        except PermanentFailure as refusal:
            self._drop()
            return Delivery(AttemptState.BARRIER, f"refused: {refusal}"[:200])
        except BaseException:
            self._drop()  # nobody knows what the other side has read
            raise
        self._used_at = monotonic()
        return delivery

    def try_out(self) -> None:
        """Connects and logs in; sends nothing. Raises TemporaryFailure with the server's words."""
        self._drop()
        self._open()
        self.close()

    def _prepared(self, claimed: ClaimedProbe) -> smtplib.SMTP:
        """A connection whose server waits for the mail. One that rested may be dead: then it is opened anew, once."""
        if self._connection is not None and monotonic() - self._used_at < IDLE_S:
            try:
                self._prepare(self._connection, claimed)
            except (smtplib.SMTPException, OSError, _ServerCloses):
                self._drop()
            else:
                return self._connection
        self._drop()
        connection = self._open()
        try:
            self._prepare(connection, claimed)
        except (smtplib.SMTPException, OSError) as problem:
            self._drop()
            raise TemporaryFailure(f"SMTP connection lost: {problem}") from problem
        return connection

    def _open(self) -> smtplib.SMTP:
        server = self.account.smtp
        try:
            connection = self._connected()
            self._connection = connection
            _refuse_foreign(connection)
            connection.ehlo_or_helo_if_needed()
            if needs_starttls(server.security, connection.has_extn("starttls"), f"SMTP server {server}"):
                connection.starttls(context=tls_context())
                connection.ehlo()
            log_in_smtp(connection, self.account)
        except smtplib.SMTPAuthenticationError as refusal:
            self._drop()
            words = _words(refusal.smtp_code, refusal.smtp_error)
            raise OwnFailure(f"SMTP server {server} refuses the log-in: {words}") from None
        except (smtplib.SMTPException, OSError) as problem:
            self._drop()
            raise OwnFailure(f"SMTP server {server}: {problem}") from problem
        except (TemporaryFailure, BadInput) as problem:
            self._drop()
            raise OwnFailure(str(problem)) from problem
        return connection

    def _connected(self) -> smtplib.SMTP:
        server = self.account.smtp
        if server.security is MailSecurity.TLS:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=self.timeout_s, context=tls_context())
        return smtplib.SMTP(server.host, server.port, timeout=self.timeout_s)

    def _prepare(self, connection: smtplib.SMTP, claimed: ClaimedProbe) -> None:
        """MAIL, RCPT and DATA up to the server's 354; own return path per probe (RFC 5321, 3.3)."""
        _require(connection.mail(claimed.reply_address), 250, ours=True)
        _require(connection.rcpt(claimed.address), 250, 251)
        if self.account.archive:  # our own copy: a second recipient of the same transaction
            _require(connection.rcpt(self.account.archive), 250, 251, ours=True)
        _require(connection.docmd("DATA"), 354)

    def _transmit(self, connection: smtplib.SMTP, content: bytes) -> Delivery:
        """Body and final dot. From here on no answer means that nobody knows (RFC 5321, 4.2.5 and 6.1)."""
        try:
            connection.send(stuffed(content) + b".\r\n")
            code, text = connection.getreply()
        except (smtplib.SMTPException, OSError) as problem:
            self._drop()
            return Delivery(AttemptState.UNCONFIRMED, "no answer after the final dot", detail=str(problem))
        if code == 421:  # the server closes (RFC 5321, 3.8); it has not taken the mail
            self._drop()
        return self._meaning(code, _words(code, text), content)

    def _meaning(self, code: int, outcome: str, content: bytes) -> Delivery:
        if 200 <= code < 300:
            evidence = Evidence("inquiry.eml", "message/rfc822", content)
            return Delivery(AttemptState.ACCEPTED, outcome, evidence=(evidence,))
        if 400 <= code < 500:
            return Delivery(AttemptState.RETRY_LATER, outcome)
        if 500 <= code < 600:
            return Delivery(AttemptState.BARRIER, outcome)
        self._drop()  # no answer of SMTP: whatever this server did, nobody knows
        return Delivery(AttemptState.UNCONFIRMED, f"no valid answer after the final dot: {outcome}"[:200])

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class MailRoom:
    """All mailboxes of the study: each inquiry leaves by the one its secret address belongs to.

    `accounts` is asked again after a moment, and at once where the claim names another mailbox than is known here: one
    that was added, changed or removed is noticed without a restart.
    """

    def __init__(
        self,
        accounts: Callable[[], Iterable[MailAccount]],
        mode: Mode = Mode.SANDBOX,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._accounts, self._mode, self._timeout_s = accounts, mode, timeout_s
        self._channels: dict[str, EmailChannel] = {}
        self._known: list[MailAccount] = []
        self._asked_at = -ASK_AGAIN_S

    def hand_over(self, claimed: ClaimedProbe, arm: Arm) -> Delivery:
        """Raises TemporaryFailure when no mailbox sends this address."""
        return self._channel_for(claimed).hand_over(claimed, arm)

    def close(self) -> None:
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()

    def _channel_for(self, claimed: ClaimedProbe) -> EmailChannel:
        account = self._sender_of(claimed)
        if account is None:
            domain = claimed.reply_address.rpartition("@")[2]
            raise OwnFailure(f"no mailbox sends for {domain}; see `replymark mailboxes list`")
        known = self._channels.get(account.name)
        if known is None or known.account != account:
            if known is not None:
                known.close()
            known = self._channels[account.name] = EmailChannel(account, self._mode, self._timeout_s)
        return known

    def _sender_of(self, claimed: ClaimedProbe) -> MailAccount | None:
        known = sender_of(self._known, claimed.reply_address)
        if known is not None and known.name == claimed.mailbox and monotonic() - self._asked_at < ASK_AGAIN_S:
            return known
        self._known, self._asked_at = list(self._accounts()), monotonic()
        return sender_of(self._known, claimed.reply_address)


def _require(answer: tuple[int, bytes], *wanted: int, ours: bool = False) -> None:
    """4xx: later; 5xx: no for good. What is said of our own address is our trouble and costs the brand no attempt."""
    code, text = answer
    if code in wanted:
        return
    if code == 421:
        raise _ServerCloses(_words(code, text))
    if ours:
        raise OwnFailure(_words(code, text))
    raise PermanentFailure(_words(code, text)) if 500 <= code < 600 else TemporaryFailure(_words(code, text))


def _words(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"[:200]


def _refuse_foreign(connection: smtplib.SMTP) -> None:
    peer = connection.sock.getpeername()[0] if isinstance(connection.sock, socket.socket) else ""
    refuse_foreign_peer(peer, "SMTP server")
