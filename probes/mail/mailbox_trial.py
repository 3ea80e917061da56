"""Tries a mailbox out: does its submission server let us in, does its folder open? Sends and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmark.core.mail_accounts import MailAccount
from benchmark.core.problems import BadInput, Refused, TemporaryFailure
from probes.channels.email import EmailChannel
from probes.mail.mailbox import StudyMailbox


@dataclass(frozen=True)
class TrialResult:
    """`sending` and `receiving` are "ok", "not set", or what went wrong."""

    name: str
    sending: str
    receiving: str
    remedy: str = ""

    @property
    def line(self) -> str:
        return f"{self.name} (sending: {self.sending}, receiving: {self.receiving})"


def try_mailbox(account: MailAccount) -> TrialResult:
    """Connects, logs in and leaves again, both ways."""
    remedies: list[str] = []
    sending = _tried(lambda: EmailChannel(account).try_out(), remedies) if account.smtp.port else "not set"
    receiving = _tried(lambda: _open(account), remedies) if account.imap.port else "not set"
    return TrialResult(account.name, sending, receiving, remedies[0] if remedies else "")


def _open(account: MailAccount) -> None:
    box = StudyMailbox(account)
    try:
        box.open()
    finally:
        box.close()


def _tried(attempt: Callable[[], None], remedies: list[str]) -> str:
    try:
        attempt()
    except BadInput as problem:
        remedies.append(problem.remedy or "see README.md")
        return f"{problem.place}: {problem.problem}"
    except TemporaryFailure as problem:
        remedies.append("start the server, or correct address, security and log-in")
        return str(problem)
    except Refused as rail:
        remedies.append("use a server on this machine")
        return str(rail)
    return "ok"
