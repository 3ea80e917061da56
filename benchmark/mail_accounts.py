"""The study's mailboxes: the one of the settings and those somebody added; who sends which secret address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from benchmark.core.mail_accounts import (
    Addressing,
    MailAccount,
    MailAuth,
    MailSecret,
    MailSecurity,
    MailServer,
    checked,
)
from benchmark.core.problems import BadInput
from benchmark.sealing import key_of, seal, unseal
from benchmark.settings import Settings
from benchmark.store import queries
from benchmark.store.rows import ask
from benchmark.store.tables import MailAccountRow, MailboxRow

LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))


def of_settings(settings: Settings) -> MailAccount:
    """The mailbox that needs no table: the demo's, or that of a small study."""
    return MailAccount(
        name=_own_name(settings),
        domain=settings.study_domain,
        smtp=MailServer(settings.smtp_host, settings.smtp_port, settings.smtp_security),
        imap=MailServer(settings.imap_host, settings.imap_port, settings.imap_security),
        user=settings.smtp_user or settings.imap_user,
        auth=MailAuth.PASSWORD if settings.smtp_user else MailAuth.NONE,
        secret=MailSecret(password=settings.smtp_password or settings.imap_password),
        per_hour=settings.mail_per_hour,
        archive=settings.archive_address,
        sent_folder=settings.sent_folder,
    )


def _own_name(settings: Settings) -> str:
    if settings.smtp_port and not settings.imap_port:
        return f"{settings.smtp_user or settings.imap_user}@{settings.smtp_host}:{settings.smtp_port}"
    return f"{settings.imap_user}@{settings.imap_host}:{settings.imap_port}"


def added(session: Session) -> list[MailAccount]:
    """The enabled mailboxes of the table, without their secrets."""
    return [_account(details) for (details,) in ask(session, _DETAILS)]


_ENABLED = select(MailAccountRow).where(MailAccountRow.enabled).order_by(col(MailAccountRow.id))
_DETAILS = _ENABLED.with_only_columns(col(MailAccountRow.details))


def all_of(session: Session, settings: Settings) -> list[MailAccount]:
    """All mailboxes without their secrets; that of the settings last, and only where it is set.

    A process that is not told of it (pages need no mail server) knows it by what `note_own` wrote down.
    """
    own = of_settings(settings)
    if own.smtp.port or own.imap.port:
        return [*added(session), replace(own, secret=MailSecret())]
    return [*added(session), *(_account(row.details) for row in session.scalars(select(MailboxRow)) if row.details)]


def note_own(session: Session, settings: Settings) -> None:
    """Writes down the settings' mailbox without its secret, for those who are not told of it."""
    own = of_settings(settings)
    for row in session.scalars(select(MailboxRow)):
        row.details = {}
    if own.smtp.port or own.imap.port:
        queries.mailbox_named(session, own.name).details = _plain(own)


def with_secrets(session: Session, settings: Settings) -> list[MailAccount]:
    """All mailboxes with what their log-ins need. Raises BadInput when the key is missing or another one."""
    rows = session.scalars(_ENABLED).all()
    own = of_settings(settings)
    key = key_of(settings) if rows else None
    found = [
        replace(_account(row.details), secret=_secret(row, unseal(key, row.secret, row.name))) for row in rows if key
    ]
    return [*found, *([own] if own.smtp.port or own.imap.port else [])]


def named(session: Session, settings: Settings, name: str) -> MailAccount:
    """With its secret. Raises BadInput naming the mailboxes there are."""
    known = with_secrets(session, settings)
    for account in known:
        if account.name == name:
            return account
    raise BadInput(f"mailbox {name}", "there is none", f"known: {', '.join(a.name for a in known) or 'none yet'}")


def add(session: Session, settings: Settings, account: MailAccount, *, now: datetime) -> None:
    """Writes a new mailbox with its secret sealed. Raises BadInput for a name that is taken or a foreign server."""
    checked(account)
    for server in (account.smtp, account.imap):
        if server.port and server.host not in LOOPBACK:
            raise BadInput(f"mailbox {account.name}", f"{server} is no loopback server", "the sandbox reaches no other")
    if account.secret.token_url:
        _refuse_foreign_tokens(account)
    if session.exec(select(MailAccountRow.id).where(MailAccountRow.name == account.name)).first():
        raise BadInput(f"mailbox {account.name}", "is there already", "remove it first, or choose another name")
    _refuse_two_catch_alls(session, account)
    _refuse_a_twin(session, account)
    secret = json.dumps(asdict(account.secret)).encode()
    session.add(
        MailAccountRow(
            name=account.name,
            domain=account.domain,
            details=_plain(account),
            secret=seal(key_of(settings, make=True), secret),
            created_at=now,
        )
    )
    session.flush()


def _refuse_foreign_tokens(account: MailAccount) -> None:
    """By its name alone: nobody is asked for the address of a foreign one."""
    where, url = f"mailbox {account.name}", account.secret.token_url
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if not host or parts.scheme not in ("http", "https"):
        raise BadInput(where, f"the token endpoint {url!r} is no address", "--token-url https://127.0.0.1:PORT/…")
    if host not in LOOPBACK:
        raise BadInput(where, f"the token endpoint {host} is no loopback server", "the sandbox reaches no other")


def _refuse_two_catch_alls(session: Session, account: MailAccount) -> None:
    """Nobody could tell which of them a secret address belongs to."""
    others = (known for known in added(session) if known.domain == account.domain)
    if account.addressing is Addressing.CATCH_ALL and any(o.addressing is Addressing.CATCH_ALL for o in others):
        problem = f"another mailbox catches all of {account.domain} already"
        raise BadInput(f"mailbox {account.name}", problem, "use plus addresses or a domain of its own")


def _refuse_a_twin(session: Session, account: MailAccount) -> None:
    """The second of two with the same secret addresses would never send, and what both read would come twice."""
    for known in added(session):
        shared = [server for server in _servers(account) if server in _servers(known)]
        if shared and _addressed(known) == _addressed(account):
            problem = f"--user {account.user} at {shared[0]} with --plus {account.base} is mailbox {known.name} already"
            raise BadInput(f"mailbox {account.name}", problem, "choose another --plus, or remove that one first")


def _servers(account: MailAccount) -> list[str]:
    return [str(server) for server in (account.smtp, account.imap) if server.port]


def _addressed(account: MailAccount) -> tuple[str, Addressing, str, str]:
    return account.domain, account.addressing, account.base, account.user


def remove(session: Session, name: str, *, now: datetime) -> None:
    """Forgets log-in and secret; mails stay. The bookmark keeps another name: who adds a mailbox of this name may mean
    another server, whose uids have nothing to do with these."""
    row = session.exec(select(MailAccountRow).where(MailAccountRow.name == name)).first()
    if row is None:
        raise BadInput(f"mailbox {name}", "there is none of this name", "see `replymark mailboxes list`")
    session.delete(row)
    for bookmark in session.scalars(select(MailboxRow)).all():
        mailbox, slash, folder = bookmark.name.partition("/")
        if mailbox == name:
            bookmark.name = f"{mailbox}, removed {now:%Y-%m-%d %H:%M:%S.%f}{slash}{folder}"
    session.flush()


def _plain(account: MailAccount) -> dict[str, Any]:
    """All but the secret, as a row keeps it."""
    return {name: value for name, value in asdict(account).items() if name != "secret"}


def _account(details: Mapping[str, Any]) -> MailAccount:
    """Fields this version does not know are left out, so that an older one can read a newer row."""
    known = {name: details[name] for name in MailAccount.__dataclass_fields__ if name in details}
    return MailAccount(
        **{
            **known,
            "smtp": _server(details["smtp"]),
            "imap": _server(details["imap"]),
            "auth": MailAuth(details["auth"]),
            "addressing": Addressing(details["addressing"]),
        }
    )


def _server(details: dict[str, object]) -> MailServer:
    return MailServer(str(details["host"]), int(str(details["port"])), MailSecurity(str(details["security"])))


def _secret(row: MailAccountRow, plain: bytes) -> MailSecret:
    try:
        return MailSecret(**json.loads(plain))
    except (ValueError, TypeError):
        raise BadInput(f"mailbox {row.name}", "its secret cannot be read", "remove it and add it again") from None
