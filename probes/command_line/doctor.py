"""`replymark doctor`: what is missing, and how to mend it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points

import click

from benchmark import mail_accounts
from benchmark.core.problems import BadInput, TemporaryFailure
from benchmark.settings import Settings, load_settings
from benchmark.store.session import check_current, engine_for, reading, schema_version

GROUP = "replymark.checks"
MIN_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Finding:
    """One line of the doctor; `remedy` is empty when all is well."""

    what: str
    state: str
    remedy: str = ""


Check = Callable[[Settings], Finding]


def python(_settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", version, "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer")


def database(settings: Settings) -> Finding:
    engine = engine_for(settings.database)
    name = engine.url.render_as_string(hide_password=True)
    if schema_version(engine) is None:
        return Finding("database", f"{name} is empty; `replymark db upgrade` (or `replymark serve`) fills it")
    check_current(engine)
    return Finding("database", name)


def queue(settings: Settings) -> Finding:
    from probes.queues import connect
    from probes.supervisor import redis_server

    if settings.redis_url:
        connect(settings.redis_url)
        return Finding("queue", f"Redis at {settings.redis_url}")
    return Finding("queue", f"embedded, {redis_server(settings.redis_server)}")


def browser(settings: Settings) -> Finding:
    from probes.browser import find_browser

    found = find_browser(settings.browser)
    return Finding("browser", f"{found.path or 'the one Playwright installed'} {found.version}")


def mailbox(settings: Settings) -> Finding:
    """Every mailbox opens and lets us in, both ways; the first that does not is named."""
    from probes.mail.mailbox_trial import try_mailbox

    engine = engine_for(settings.database)
    if schema_version(engine) is None:
        return Finding("mailbox", "none yet")
    with reading(engine) as session:
        accounts = mail_accounts.with_secrets(session, settings)
    if not accounts:
        return Finding("mailbox", "none is set (the demo brings its own)", "")
    results = [try_mailbox(account) for account in accounts]
    for result in results:
        if result.remedy:
            return Finding("mailbox", result.line, result.remedy)
    return Finding("mailbox", "; ".join(result.line for result in results))


def domain(settings: Settings) -> Finding:
    """MX, SPF, DKIM and DMARC of each study domain, with the record to publish."""
    from probes.mail.name_records import asked_at
    from probes.mail.study_domain import SILENCE, DomainRecord, domain_records

    resolver = asked_at(settings)
    if resolver is None:
        return Finding("domain", "no name server is set (REPLYMARK_DNS_SERVER): the sandbox asks nobody")
    engine = engine_for(settings.database)
    with reading(engine) as session:
        added = mail_accounts.added(session) if schema_version(engine) else []
    accounts = {account.domain: account for account in [*added, mail_accounts.of_settings(settings)]}
    records: list[DomainRecord] = []
    for account in accounts.values():
        records += domain_records(resolver, account)
        if records[-1].kind == SILENCE:
            return Finding("domain", records[-1].problem, "start it, or correct REPLYMARK_DNS_SERVER")
    wrong = [record for record in records if record.problem]
    if not wrong:
        return Finding("domain", f"{', '.join(accounts)}: MX, SPF, DKIM and DMARC are in order")
    state = "; ".join(f"{record.kind} of {record.name}: {record.problem}" for record in wrong)
    lines = " and ".join(record.publish for record in wrong if record.publish)
    return Finding("domain", state, f"publish {lines}" if lines else "see what the name server reports")


def disk(settings: Settings) -> Finding:
    folder = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    state = f"{free / 1e9:.1f} GB free at {folder}"
    return Finding("disk", state, "" if free > MIN_FREE_BYTES else "make room: at least 1 GB")


@click.command()
def doctor() -> None:
    """Check Python, database, queue, browser, mailbox and disk. Exit status 1 when something is missing."""
    settings = load_settings()
    findings = [_run(point.name, point.load(), settings) for point in sorted(entry_points(group=GROUP))]
    for finding in findings:
        click.echo(f"{'ok     ' if not finding.remedy else 'MISSING'}  {finding.what:<10} {finding.state}")
        if finding.remedy:
            click.echo(f"         {'':<10} → {finding.remedy}")
    sys.exit(1 if any(finding.remedy for finding in findings) else 0)


def _run(name: str, check: Check, settings: Settings) -> Finding:
    try:
        return check(settings)
    except BadInput as problem:
        return Finding(name, f"{problem.place}: {problem.problem}", problem.remedy or "see README.md")
    except TemporaryFailure as problem:
        return Finding(name, str(problem), "start it, or correct its address in the settings")
