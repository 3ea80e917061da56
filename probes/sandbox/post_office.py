"""Mail in the rehearsal world: inquiries come in over SMTP, answers go out to the study's IMAP mailbox."""

from __future__ import annotations

import imaplib
import socket
from collections.abc import Callable
from datetime import datetime

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from imap_tools import MailBoxUnencrypted

from benchmark.policy import REHEARSAL_SUFFIX
from benchmark.wall_clock import monotonic, pause

OnMail = Callable[[str, bytes], str]  # recipient, content → answer of the server


class _Brands:
    """Accepts mail for the brands' addresses and refuses every other recipient."""

    def __init__(self, known: frozenset[str], on_mail: OnMail) -> None:
        self.known, self.on_mail = known, on_mail

    async def handle_RCPT(  # noqa: N802  # the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.lower() not in self.known or not address.lower().endswith(REHEARSAL_SUFFIX):
            return "550 5.7.1 this world knows no such address"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        return [self.on_mail(address, content) for address in envelope.rcpt_tos][-1]


class PostOffice:
    """The SMTP server of all brands, and the delivery into the study mailbox."""

    def __init__(self, addresses: frozenset[str], on_mail: OnMail) -> None:
        self._controller = Controller(_Brands(addresses, on_mail), hostname="127.0.0.1", port=0)
        self._mailbox: MailBoxUnencrypted | None = None
        self.delivered = 0

    def start(self) -> int:
        """Listens on a free loopback port and gives it."""
        self._controller.port = _free_port()
        self._controller.start()
        return int(self._controller.port)

    def open_mailbox(self, host: str, port: int, user: str, password: str) -> None:
        """Waits up to ten seconds for the IMAP server."""
        deadline = monotonic() + 10
        while True:
            try:
                self._mailbox = MailBoxUnencrypted(host, port, timeout=10).login(user, password)
                # Without it every literal waits 40 ms for a delayed acknowledgement.
                self._mailbox.client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return
            except (OSError, imaplib.IMAP4.error):
                if monotonic() > deadline:
                    raise
                pause(0.05)

    def deliver(self, content: bytes, at: datetime) -> None:
        """Puts one mail into the study mailbox with the study's time as INTERNALDATE."""
        if self._mailbox is None:
            raise RuntimeError("the study mailbox is not open")
        self._mailbox.append(content, "INBOX", dt=at, flag_set=None)
        self.delivered += 1

    def stop(self) -> None:
        self._controller.stop()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
