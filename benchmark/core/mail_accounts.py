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
UNREAD = "its answers are not read unless another mailbox or `replymark receive` does"  # of one that only sends


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
        return f"{self.host}:{self.port}" if self.port else "none"


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

    @property
    def only_sends(self) -> bool:
        """Answers to its addresses are read by another mailbox, by `receive`, or by nobody."""
        return bool(self.smtp.port) and not self.imap.port

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
_ADDRESS = re.compile(rf"[^\s<>\"'(),;:\[\]@]{{1,64}}@{_DOMAIN.pattern}")
# Whose domains belong to everybody: one mailbox gets its own mail there and never all.
_ENDINGS = {  # of those who give addresses under many
    "gmx": "de net com at ch eu info org",
    "hotmail": "com de at ch fr it es nl be co.uk",
    "live": "com de at fr it nl be co.uk",
    "outlook": "com de at fr it es be",
    "yahoo": "com de at ch fr it es nl be pl se dk ie ca co.uk co.in co.jp com.br com.au com.mx",
}
_OTHERS = (
    "gmail.com googlemail.com icloud.com me.com mac.com msn.com aol.com aol.de mail.com mail.de email.de zoho.com",
    "fastmail.com fastmail.fm hey.com freenet.de t-online.de magenta.de web.de arcor.de vodafone.de 1und1.de online.de",
    "mailbox.org posteo.de proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.com tuta.io",
    "yandex.com yandex.ru mail.ru ymail.com rocketmail.com bluewin.ch a1.net aon.at orange.fr wanadoo.fr free.fr",
    "laposte.net libero.it btinternet.com comcast.net verizon.net att.net qq.com 163.com",
)
PROVIDERS = frozenset(
    [domain for line in _OTHERS for domain in line.split()]
    + [f"{name}.{ending}" for name, endings in _ENDINGS.items() for ending in endings.split()]
)
_LOCAL = re.compile(r"[a-z0-9][a-z0-9_.-]{0,40}")


def checked(account: MailAccount) -> MailAccount:
    """The account itself. Raises BadInput naming the field that cannot be used."""
    where = f"mailbox {account.name}"
    if not _NAME.fullmatch(account.name):
        raise BadInput(where, "is no name", "use lower case letters, digits, dot, dash and underscore")
    if not _DOMAIN.fullmatch(account.domain):
        raise BadInput(where, f"{account.domain!r} is no domain", "e.g. study.example")
    if account.addressing is Addressing.PLUS and not _LOCAL.fullmatch(account.base):
        raise BadInput(where, "plus addresses need the part before the plus", "--plus probe")
    for server in (account.smtp, account.imap):
        if not 0 <= server.port <= 65_535:
            raise BadInput(where, f"port {server.port} is none", "between 1 and 65535")
    if not account.smtp.port and not account.imap.port:
        raise BadInput(where, "neither sends nor receives", "--smtp HOST:PORT, --imap HOST:PORT or both")
    if account.archive and not _ADDRESS.fullmatch(account.archive.lower()):
        raise BadInput(where, f"the archive {account.archive!r} is no address", "--archive copies@study.example")
    if account.addressing is Addressing.CATCH_ALL and account.domain in PROVIDERS:
        problem = f"{account.domain} belongs to a mail provider, who gives nobody all of its mail"
        raise BadInput(where, problem, "use plus addresses (--plus NAME), or a domain of your own")
    if account.auth in (MailAuth.XOAUTH2, MailAuth.OAUTHBEARER) and not account.secret.token_url:
        raise BadInput(where, "OAuth needs a token endpoint", "--token-url https://…")
    if account.auth is MailAuth.NONE and account.imap.port and not account.user:
        raise BadInput(where, "IMAP always logs in", "--user NAME, and its password on standard input")
    if account.auth is not MailAuth.NONE and not account.user:
        raise BadInput(where, "has no user to log in with", "--user NAME")
    if account.per_hour < 1:
        raise BadInput(where, f"{account.per_hour} mails an hour", "at least 1")
    return account
