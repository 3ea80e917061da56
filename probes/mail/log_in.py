"""Logging in to mail servers: verified TLS, password or OAuth token, and loopback only in sandbox mode."""

from __future__ import annotations

import base64
import imaplib
import json
import smtplib
import ssl
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from ipaddress import ip_address
from socket import gaierror, getaddrinfo

from benchmark.core.mail_accounts import MailAccount, MailAuth, MailSecret, MailSecurity
from benchmark.core.problems import BadInput, Refused, TemporaryFailure
from benchmark.mail_accounts import LOOPBACK
from benchmark.wall_clock import monotonic

EARLY_S = 60.0  # a token is renewed this long before its end
TOKEN_TIMEOUT_S = 20
MAX_TOKEN_ANSWER = 100_000
REFUSED_LOG_INS = (smtplib.SMTPAuthenticationError,)
PROTOCOL_ERRORS = (smtplib.SMTPException, imaplib.IMAP4.error)


def tls_context() -> ssl.SSLContext:
    """Certificate and host name are verified; `SSL_CERT_FILE` adds an authority of one's own."""
    return ssl.create_default_context()


def refuse_foreign_peer(peer: str, what: str) -> None:
    """Raises Refused for every address that is not this machine's own: the sandbox is the only mode."""
    if not ip_address(peer.partition("%")[0]).is_loopback:
        raise Refused(f"sandbox mode: the {what} {peer} is no loopback address, nothing is sent there")


class NoLogIn(BadInput):
    """A log-in is set, and the server knows none."""


@dataclass(frozen=True)
class _Token:
    value: str
    until: float  # monotonic seconds


_tokens: dict[MailSecret, _Token] = {}


def access_token(secret: MailSecret, renew: bool = False) -> str:
    """The token of a refresh (RFC 6749, 6), kept in this process's memory until shortly before its end.

    Raises TemporaryFailure when nobody answers, BadInput when the grant was refused.
    """
    known = _tokens.get(secret)
    if known is None or renew or monotonic() >= known.until:
        known = _tokens[secret] = _refreshed(secret)
    return known.value


def _refreshed(secret: MailSecret) -> _Token:
    form = {"grant_type": "refresh_token", "refresh_token": secret.refresh_token, "client_id": secret.client_id}
    if secret.client_secret:
        form["client_secret"] = secret.client_secret
    answer = _asked(secret.token_url, form)
    token = answer.get("access_token")
    if not isinstance(token, str) or not token or not token.isascii() or any(sign.isspace() for sign in token):
        raise TemporaryFailure(f"token endpoint {_host(secret.token_url)}: answered without an access token")
    span = answer.get("expires_in", 3600)
    seconds = float(span) if isinstance(span, (int, float)) else 3600.0
    return _Token(token, monotonic() + max(seconds - EARLY_S, 0.0))


def _asked(url: str, form: dict[str, str]) -> dict[str, object]:
    where = f"token endpoint {_host(url)}"
    _refuse_foreign_host(url)
    request = urllib.request.Request(url, urllib.parse.urlencode(form).encode(), {"Accept": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(request, timeout=TOKEN_TIMEOUT_S) as answer:
            found = json.loads(answer.read(MAX_TOKEN_ANSWER))
    except urllib.error.HTTPError as refusal:
        if refusal.code in (400, 401, 403):
            raise BadInput(where, f"refuses the refresh token ({refusal.code})", "grant access anew") from None
        raise TemporaryFailure(f"{where}: {refusal.code}") from None
    except (OSError, ValueError) as problem:
        raise TemporaryFailure(f"{where}: {problem}") from None
    if not isinstance(found, dict):
        raise TemporaryFailure(f"{where}: no JSON object")
    return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A refresh token goes to the address that was configured and to no other."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc


def _refuse_foreign_host(url: str) -> None:
    """The name is enough to refuse it: no name server hears of a foreign one."""
    parts = urllib.parse.urlsplit(url)
    if parts.hostname not in LOOPBACK:
        raise Refused(
            f"sandbox mode: the token endpoint {parts.hostname} is no loopback address, nothing is sent there"
        )
    try:
        found = getaddrinfo(parts.hostname or "", parts.port or 443)
    except (gaierror, ValueError) as problem:
        raise TemporaryFailure(f"token endpoint {parts.netloc}: {problem}") from None
    for entry in found:
        refuse_foreign_peer(str(entry[4][0]), "token endpoint")


def bearer(account: MailAccount, token: str) -> bytes:
    """The client's first answer of XOAUTH2 (Google, Microsoft) or OAUTHBEARER (RFC 7628, 3.1)."""
    user = account.user
    if account.auth is MailAuth.XOAUTH2:
        return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()
    return (
        f"n,a={user},\x01host={account.imap.host}\x01port={account.imap.port}\x01auth=Bearer {token}\x01\x01".encode()
    )


def log_in_smtp(connection: smtplib.SMTP, account: MailAccount) -> None:
    """Raises TemporaryFailure naming the mailbox when the log-in is refused: our trouble, never the brand's."""
    if account.auth is MailAuth.NONE:
        return
    if not connection.has_extn("auth"):
        remedy = "use --auth none (or an empty REPLYMARK_SMTP_USER)"
        raise NoLogIn(f"SMTP server {account.smtp}", "the server offers no log-in", remedy)
    if account.auth is MailAuth.PASSWORD:
        connection.login(account.user, account.secret.password)
        return
    for renew in (False, True):  # a token may have been withdrawn before its time
        words = base64.b64encode(bearer(account, access_token(account.secret, renew))).decode()
        code, text = connection.docmd("AUTH", f"{account.auth.upper()} {words}")
        if code == 334:  # the reason, base64; an empty line asks for the verdict (RFC 7628, 3.2.3)
            code, text = connection.docmd("")
        if code == 235:
            return
    raise smtplib.SMTPAuthenticationError(code, text)


def log_in_imap(client: imaplib.IMAP4, account: MailAccount) -> None:
    """Raises BadInput when the server refuses user or token."""
    try:
        if account.auth in (MailAuth.XOAUTH2, MailAuth.OAUTHBEARER):
            _log_in_by_token(client, account)
        else:
            client.login(account.user, account.secret.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as problem:
        remedy = "check user and password" if account.auth is not MailAuth.XOAUTH2 else "grant access anew"
        raise BadInput(f"mailbox {account.name}", f"refuses the log-in: {problem}", remedy) from None


def _log_in_by_token(client: imaplib.IMAP4, account: MailAccount) -> None:
    for renew in (False, True):
        words = bearer(account, access_token(account.secret, renew))
        try:
            client.authenticate(account.auth.upper(), _Once(words))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            if renew:
                raise
        else:
            return


class _Once:
    """Answers the first challenge; the second is the server's reason for its refusal, to be met with nothing."""

    def __init__(self, words: bytes) -> None:
        self.words = words

    def __call__(self, _challenge: bytes) -> bytes:
        words, self.words = self.words, b""
        return words


def needs_starttls(security: MailSecurity, offered: bool, where: str) -> bool:
    """Raises TemporaryFailure where encryption is demanded and not to be had."""
    if security is MailSecurity.STARTTLS and not offered:
        raise TemporaryFailure(f"{where}: offers no STARTTLS, and this mailbox demands it")
    return offered and security is not MailSecurity.TLS
