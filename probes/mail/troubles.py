"""What kind of trouble a mail server makes, told from the error and what caused it; pages say it in words."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from benchmark.core.problems import BadInput, Refused
from benchmark.core.vocabulary import MailTrouble
from probes.mail.log_in import PROTOCOL_ERRORS, REFUSED_LOG_INS, NoLogIn

# The first that fits; an SSLError and a TimeoutError are OSErrors too, BadInput is a ValueError.
_KINDS: tuple[tuple[tuple[type[BaseException], ...], MailTrouble], ...] = (
    ((Refused,), MailTrouble.FOREIGN),
    ((NoLogIn,), MailTrouble.NO_LOG_IN),
    ((BadInput, *REFUSED_LOG_INS), MailTrouble.LOG_IN),
    ((ssl.SSLError,), MailTrouble.ENCRYPTION),
    ((TimeoutError,), MailTrouble.SILENT),
    (PROTOCOL_ERRORS, MailTrouble.ANSWER),
    ((OSError,), MailTrouble.NO_ANSWER),
    ((ValueError,), MailTrouble.ANSWER),
)


def trouble_of(problem: BaseException) -> MailTrouble:
    """The outermost error that tells its kind."""
    if "STARTTLS" in str(problem):  # demanded and not offered: nothing was raised below it
        return MailTrouble.ENCRYPTION
    for error in _chain(problem):
        for kinds, trouble in _KINDS:
            if isinstance(error, kinds):
                return trouble
    return MailTrouble.OTHER


def _chain(problem: BaseException) -> Iterator[BaseException]:
    error: BaseException | None = problem
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
