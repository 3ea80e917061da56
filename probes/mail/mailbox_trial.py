"""Tries a mailbox out: does its submission server let us in, does its folder open? Sends and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmark.core.mail_accounts import UNREAD, MailAccount
from benchmark.core.problems import BadInput, Refused, TemporaryFailure
from benchmark.core.vocabulary import MailTrouble
from probes.channels.email import EmailChannel
from probes.mail.mailbox import StudyMailbox
from probes.mail.troubles import trouble_of

NOT_SET = "not set"


@dataclass(frozen=True)
class TrialResult:
    """`sending` and `receiving` are "ok", "not set", or what went wrong, of which kind the troubles are."""

    name: str
    sending: str
    receiving: str
    remedy: str = ""
    sending_trouble: MailTrouble | None = None
    receiving_trouble: MailTrouble | None = None

    @property
    def line(self) -> str:
        answers = f"; {UNREAD}" if self.receiving == NOT_SET else ""
        return f"{self.name} (sending: {self.sending}, receiving: {self.receiving}{answers})"


def try_mailbox(account: MailAccount) -> TrialResult:
    """Connects, logs in and leaves again, both ways."""
    remedies: list[str] = []
    unset = (NOT_SET, None)
    sending = _tried(lambda: EmailChannel(account).try_out(), remedies) if account.smtp.port else unset
    receiving = _tried(lambda: _open(account), remedies) if account.imap.port else unset
    remedy = remedies[0] if remedies else ""
    return TrialResult(account.name, sending[0], receiving[0], remedy, sending[1], receiving[1])


def _open(account: MailAccount) -> None:
    box = StudyMailbox(account)
    try:
        box.open()
    finally:
        box.close()


def _tried(attempt: Callable[[], None], remedies: list[str]) -> tuple[str, MailTrouble | None]:
    try:
        attempt()
    except BadInput as problem:
        remedies.append(problem.remedy or "see README.md")
        return f"{problem.place}: {problem.problem}", trouble_of(problem)
    except TemporaryFailure as problem:
        if isinstance(problem.__cause__, BadInput):  # what was set cannot work, whatever server is there
            remedies.append(problem.__cause__.remedy or "see README.md")
            return f"{problem.__cause__.place}: {problem.__cause__.problem}", trouble_of(problem)
        remedies.append("start the server, or correct address, security and log-in")
        return str(problem), trouble_of(problem)
    except Refused as rail:
        remedies.append("use a server on this machine")
        return str(rail), trouble_of(rail)
    return "ok", None
