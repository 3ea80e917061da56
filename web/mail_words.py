"""What mail servers and name servers have to say, in the reader's language; their own words stand beside it."""

from __future__ import annotations

import re

from flask import Flask
from flask_babel import lazy_gettext as _

from benchmark.core.mail_accounts import MailSecurity
from benchmark.core.vocabulary import MailTrouble
from web.words import Patterns, in_words

SOURCES = {
    "standard input": _("Standard input"),
    "maildir files": _("Maildirs"),
    "mbox files": _("mbox files"),
    "mail files": _("Files of one mail each"),
}
"""Where `replymark receive` takes mail from."""
SECURITIES = {
    MailSecurity.PLAIN: _("encrypted where the server offers it"),
    MailSecurity.STARTTLS: "STARTTLS",
    MailSecurity.TLS: "TLS",
}
TROUBLES = {
    MailTrouble.NO_ANSWER: _("nobody answers at this address"),
    MailTrouble.SILENT: _("the server says nothing in time"),
    MailTrouble.ENCRYPTION: _("no safe connection comes about"),
    MailTrouble.LOG_IN: _("the server refuses the log-in"),
    MailTrouble.NO_LOG_IN: _("the server offers no log-in"),
    MailTrouble.ANSWER: _("the server refuses, or answers what nobody understands"),
    MailTrouble.FOREIGN: _("the server is on another machine, which the sandbox does not reach"),
    MailTrouble.OTHER: _("it did not work"),
}
REMEDIES = {
    MailTrouble.NO_ANSWER: _("Start the server, or correct address and port."),
    MailTrouble.SILENT: _("See whether the server is overloaded, or whether another service listens on that port."),
    MailTrouble.ENCRYPTION: _("Check the certificate, its name and the kind of encryption that is set."),
    MailTrouble.LOG_IN: _("Check user and password; with OAuth, grant access anew."),
    MailTrouble.NO_LOG_IN: _("Add the mailbox anew with --auth none."),
    MailTrouble.ANSWER: _("Read the server’s own words; perhaps the port belongs to another service."),
    MailTrouble.FOREIGN: _("Use a server on this machine."),
    MailTrouble.OTHER: _("Read the message and the log of the process."),
}
RECORDS = {
    "nobody receives mail for this domain": _("nobody receives mail for this domain"),
    "it says that it takes no mail (RFC 7505)": _("it says that it takes no mail (RFC 7505)"),
    "no server is named that may send for it": _("no server is named that may send for it"),
    "there are two records, which counts as an error (RFC 7208, 3.2)": _(
        "there are two records, which counts as an error (RFC 7208, 3.2)"
    ),
    "no key stands there; is the selector right?": _("no key stands there; is the selector right?"),
    "its key has been withdrawn (p= is empty)": _("its key has been withdrawn (p= is empty)"),
    "large receivers demand a policy from who sends to them": _(
        "large receivers demand a policy from who sends to them"
    ),
    "there are two records, so none counts": _("there are two records, so none counts"),
    "p= names no policy": _("p= names no policy"),
    "it forbids every server to send for it": _("it forbids every server to send for it"),
    "it does not say what holds for all other servers (no -all or ~all)": _(
        "it does not say what holds for all other servers (no -all or ~all)"
    ),
}
"""What is wrong with a record, as the hands write it down."""
RECORD_PATTERNS: Patterns = (
    (re.compile(r"(?P<word>\S+) lets everybody send for it"), _("%(word)s lets everybody send for it")),
    (
        re.compile(r"it does not name the submission server (?P<server>.+)"),
        _("it does not name the submission server %(server)s"),
    ),
    (re.compile(r"receivers take it for an error: (?P<error>.+)"), _("receivers take it for an error: “%(error)s”")),
    (re.compile(r"nobody answers.*", re.DOTALL), _("no name server answers")),
)


def add_to(app: Flask) -> None:
    app.jinja_env.filters.update(
        source=source, security=security, trouble=trouble, remedy=remedy, record_problem=record_problem
    )


def source(name: str) -> str:
    """A kind of file by its word, a mailbox by its name."""
    return str(SOURCES.get(name, name))


def security(value: MailSecurity) -> str:
    return str(SECURITIES[value])


def trouble(kind: str | None) -> str:
    """What kind of trouble it is; a word of another version counts as any trouble."""
    return str(TROUBLES[_known(kind)])


def remedy(kind: str | None) -> str:
    return str(REMEDIES[_known(kind)])


def _known(kind: str | None) -> MailTrouble:
    return MailTrouble(kind) if kind in set(MailTrouble) else MailTrouble.OTHER


def record_problem(problem: str) -> str:
    """What is wrong with a record of the domain; what no table knows stands as it is."""
    return str(RECORDS.get(problem, "")) or in_words(problem, RECORD_PATTERNS)
