"""A study mailbox: where its mail leaves and comes in, who logs in how, and which addresses belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from benchmark.core.addresses import reply_address
from benchmark.core.problems import BadInput

PER_HOUR = 30  # mails one mailbox sends in an hour unless somebody decided otherwise
PER_HOST_HOUR = 12  # mails one receiving host gets in an hour, from all mailboxes together


class MailSecurity(StrEnum):
    """How a connection is protected; certificates are always verified."""

    PLAIN = "plain"  # STARTTLS is used where the server offers it, and its failure is a failure
    STARTTLS = "starttls"  # demanded (RFC 3207, RFC 9051 6.2.1)
    TLS = "tls"  # from the first byte (RFC 8314)


class MailAuth(StrEnum):
    """How to log in."""

    NONE = "none"
    PASSWORD = "password"
    XOAUTH2 = "xoauth2"
    OAUTHBEARER = "oauthbearer"  # RFC 7628


class Addressing(StrEnum):
    """How secret addresses reach the mailbox."""

    CATCH_ALL = "catch_all"  # word.token@domain
    PLUS = "plus"  # base+word.token@domain (RFC 5233)


@dataclass(frozen=True)
class MailServer:
    """`port` 0: there is none."""

    host: str
    port: int
    security: MailSecurity = MailSecurity.PLAIN

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class MailSecret:
    """What a log-in needs; never shown, logged or exported."""

    password: str = field(default="", repr=False)
    token_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class MailAccount:
    """One study mailbox. `base` is the local part of plus addresses; `archive` gets a copy of each inquiry."""

    name: str
    domain: str
    smtp: MailServer
    imap: MailServer
    user: str = ""
    auth: MailAuth = MailAuth.NONE  # of the submission server; IMAP always logs in
    secret: MailSecret = MailSecret()
    addressing: Addressing = Addressing.CATCH_ALL
    base: str = ""
    per_hour: int = PER_HOUR
    folder: str = "INBOX"
    archive: str = ""
    sent_folder: str = ""
    dkim_selector: str = "mail"

    def address(self, word: str, token: str) -> str:
        """The secret reply address of a probe that this mailbox sends."""
        local = f"{self.base}+{word}" if self.addressing is Addressing.PLUS else word
        return reply_address(local, token, self.domain)

    def sends(self, address: str) -> bool:
        """Does this secret address belong to the mailbox?"""
        local, _, domain = address.lower().rpartition("@")
        if domain != self.domain.lower():
            return False
        return self.addressing is not Addressing.PLUS or local.startswith(f"{self.base.lower()}+")


def sender_of(accounts: Iterable[MailAccount], address: str) -> MailAccount | None:
    """The mailbox a secret address belongs to: plus addresses are told by their base, a catch-all has the rest."""
    owners = [account for account in accounts if account.smtp.port and account.sends(address)]
    return min(owners, key=lambda account: account.addressing is not Addressing.PLUS, default=None)


_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_LOCAL = re.compile(r"[a-z0-9][a-z0-9_.-]{0,40}")


def checked(account: MailAccount) -> MailAccount:
    """The account itself. Raises BadInput naming the field that cannot be used."""
    where = f"mailbox {account.name}"
    if not _NAME.fullmatch(account.name):
        raise BadInput(where, "is no name", "use lower case letters, digits, dot, dash and underscore")
    if not _DOMAIN.fullmatch(account.domain):
        raise BadInput(where, f"{account.domain!r} is no domain", "e.g. study.example")
    if account.addressing is Addressing.PLUS and not _LOCAL.fullmatch(account.base):
        raise BadInput(where, "plus addresses need the part before the plus", "--base probe")
    for server in (account.smtp, account.imap):
        if not 0 <= server.port <= 65_535:
            raise BadInput(where, f"port {server.port} is none", "between 1 and 65535")
    if account.auth in (MailAuth.XOAUTH2, MailAuth.OAUTHBEARER) and not account.secret.token_url:
        raise BadInput(where, "OAuth needs a token endpoint", "--token-url https://…")
    if account.auth is not MailAuth.NONE and not account.user:
        raise BadInput(where, "has no user to log in with", "--user NAME")
    if account.per_hour < 1:
        raise BadInput(where, f"{account.per_hour} mails an hour", "at least 1")
    return account
