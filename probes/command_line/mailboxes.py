"""`replymark mailboxes`: the study's mailboxes, each with its servers, log-in, addresses and rate."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from benchmark import mail_accounts
from benchmark.core.mail_accounts import (
    PER_HOUR,
    UNREAD,
    Addressing,
    MailAccount,
    MailAuth,
    MailSecret,
    MailSecurity,
    MailServer,
    checked,
)
from benchmark.core.problems import BadInput
from benchmark.settings import Settings, load_settings
from benchmark.store.session import check_current, engine_for, reading, transaction
from benchmark.wall_clock import real_now


@click.group()
def mailboxes() -> None:
    """Add, list, test and remove the mailboxes the study writes from."""


@mailboxes.command()
@click.argument("name")
@click.option("--domain", required=True, help="Domain of the secret addresses.")
@click.option("--plus", "base", default="", help="Plus addresses BASE+word.token@DOMAIN instead of a catch-all.")
@click.option("--smtp", default="", metavar="HOST:PORT", help="Submission server.")
@click.option(
    "--smtp-security", type=click.Choice([s.value for s in MailSecurity]), default="starttls", show_default=True
)
@click.option("--imap", default="", metavar="HOST:PORT", help="Where its mail comes in.")
@click.option("--imap-security", type=click.Choice([s.value for s in MailSecurity]), default="tls", show_default=True)
@click.option("--user", default="", help="Who logs in, at both servers.")
@click.option("--auth", type=click.Choice([a.value for a in MailAuth]), default="password", show_default=True)
@click.option("--token-url", default="", help="OAuth2: where a refresh token is exchanged.")
@click.option("--client-id", default="", help="OAuth2: the registered client.")
@click.option("--per-hour", default=PER_HOUR, show_default=True, help="Mails in an hour at most.")
@click.option("--archive", default="", help="Address that gets a copy of each inquiry; settles doubts.")
@click.option("--sent-folder", default="", help="Folder where the server keeps what was sent; settles doubts.")
@click.option("--dkim-selector", default="mail", show_default=True, help="Under which DKIM key its mail is signed.")
def add(name: str, **given: str | int) -> None:
    """Add the mailbox NAME. The password is read from standard input (or asked for), never from the command line.

    IMAP always logs in: `--auth none` is for the submission server alone.

    OAuth2: the first line is the refresh token, the second, if any, the client's secret.
    """
    settings = load_settings()
    engine = engine_for(settings.database)
    check_current(engine)
    auth = MailAuth(str(given["auth"]))
    if given["token_url"] and auth not in (MailAuth.XOAUTH2, MailAuth.OAUTHBEARER):
        raise BadInput("--token-url", "is for OAuth2 only", "add --auth xoauth2 or --auth oauthbearer")
    account = checked(
        MailAccount(
            name=name,
            domain=str(given["domain"]).lower(),
            smtp=_server("--smtp", str(given["smtp"]), str(given["smtp_security"])),
            imap=_server("--imap", str(given["imap"]), str(given["imap_security"])),
            user=str(given["user"]),
            auth=auth,
            secret=_secret(auth, bool(given["imap"]), str(given["token_url"]), str(given["client_id"])),
            addressing=Addressing.PLUS if given["base"] else Addressing.CATCH_ALL,
            base=str(given["base"]).lower(),
            per_hour=int(given["per_hour"]),
            archive=str(given["archive"]),
            sent_folder=str(given["sent_folder"]),
            dkim_selector=str(given["dkim_selector"]),
        )
    )
    with transaction(engine) as session:
        mail_accounts.add(session, settings, account, now=real_now())
    click.echo(f"added {name}; `replymark mailboxes test {name}` tries it")
    if account.only_sends:
        click.echo(f"note: {name} has no --imap: {UNREAD}", err=True)


def _server(option: str, text: str, security: str) -> MailServer:
    if not text:
        return MailServer("127.0.0.1", 0, MailSecurity(security))
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not int(port):
        raise BadInput(option, f"{text!r} is no server", "write HOST:PORT, e.g. 127.0.0.1:587")
    return MailServer(host.strip("[]"), int(port), MailSecurity(security))


def _secret(auth: MailAuth, reads: bool, token_url: str, client_id: str) -> MailSecret:
    if auth is MailAuth.NONE and not reads:
        return MailSecret()
    if sys.stdin.isatty():
        lines = [click.prompt("Refresh token" if token_url else "Password", hide_input=True, err=True)]
    else:
        lines = sys.stdin.read().splitlines()
    first, second = [*lines, "", ""][:2]
    if not first:
        raise BadInput("standard input", "holds no password", "pipe it in: replymark mailboxes add … < FILE")
    if auth in (MailAuth.PASSWORD, MailAuth.NONE):
        return MailSecret(password=first)
    return MailSecret(token_url=token_url, client_id=client_id, client_secret=second, refresh_token=first)


@mailboxes.command(name="list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_(form: str) -> None:
    """Show the mailboxes, without their secrets."""
    settings = load_settings()
    accounts = _all(settings)
    if form == "json":
        click.echo(json.dumps([_plain(account) for account in accounts], indent=1))
        return
    for account in accounts:
        addresses = account.address("word", "token")
        imap = f"{account.imap} ({UNREAD})" if account.only_sends else str(account.imap)
        click.echo(f"{account.name:<24} {addresses:<36} smtp {account.smtp}  imap {imap}  {account.per_hour}/h")
    if not accounts:
        click.echo("no mailbox yet; `replymark mailboxes add` makes one")


def _plain(account: MailAccount) -> dict[str, object]:
    servers = {"smtp": account.smtp, "imap": account.imap}
    missing = {name: None for name, server in servers.items() if not server.port}
    return {name: value for name, value in asdict(account).items() if name != "secret"} | missing


@mailboxes.command()
@click.argument("name", required=False)
def test(name: str | None) -> None:
    """Connect and log in, both ways, and look the domain up. Sends nothing. Exit status 1 when something is wrong."""
    from probes.mail.mailbox_trial import try_mailbox
    from probes.mail.name_records import asked_at
    from probes.mail.study_domain import domain_records

    settings = load_settings()
    engine = engine_for(settings.database)
    check_current(engine)
    with reading(engine) as session:
        known = mail_accounts.with_secrets(session, settings)
        chosen = [mail_accounts.named(session, settings, name)] if name else known
    resolver, failed = asked_at(settings), False
    for account in chosen:
        result = try_mailbox(account)
        click.echo(result.line + (f"\n    → {result.remedy}" if result.remedy else ""))
        failed |= bool(result.remedy)
        for record in domain_records(resolver, account) if resolver else ():
            click.echo(f"    {record.kind:<6} {record.problem or 'in order'}")
            if record.publish:
                click.echo(f"           → {record.publish}")
            failed |= bool(record.problem)
    sys.exit(1 if failed else 0)


@mailboxes.command()
@click.argument("name")
def remove(name: str) -> None:
    """Forget the mailbox NAME and its secret; its mails stay."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    with transaction(engine) as session:
        mail_accounts.remove(session, name, now=real_now())
    click.echo(f"removed {name}")


def _all(settings: Settings) -> list[MailAccount]:
    engine = engine_for(settings.database)
    check_current(engine)
    with reading(engine) as session:
        return mail_accounts.all_of(session, settings)
