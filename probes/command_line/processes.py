"""The long-running processes, one command each, as the supervisor and the Procfile start them."""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path

import click

from benchmark.settings import load_settings
from benchmark.store.session import check_current, engine_for
from probes.queues import QueueName
from probes.ready_file import read_ready, say_ready


def _begin() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


@click.command()
@click.argument("queue", type=click.Choice([name.value for name in QueueName]))
@click.option("--number", default=1, show_default=True, help="Which of several workers of this queue it is.")
@click.option("--mailbox", help="Of the queue email: only this mailbox, alone in this process; '' is the settings'.")
def worker(queue: str, number: int, mailbox: str | None) -> None:
    """Work one queue: email, forms or upkeep.

    For email a process is started for each mailbox; mailboxes that are added or removed meanwhile are noticed.
    """
    from probes.mail.workers import work_all
    from probes.worker import work

    logging.basicConfig(level=logging.WARNING)
    settings = load_settings()
    check_current(engine_for(settings.database))
    if queue == QueueName.EMAIL and mailbox is None:
        work_all(settings, number)
    else:
        work(settings, QueueName(queue), number, mailbox or "")


@click.command()
def scheduler() -> None:
    """Look up what is due and ring the workers."""
    from probes.scheduler import run

    _begin()
    settings = load_settings()
    check_current(engine_for(settings.database))
    run(settings)


@click.command()
def mailbox() -> None:
    """Fetch the study mailbox and place its mail."""
    from probes.mail.fetching import run

    _begin()
    settings = load_settings()
    check_current(engine_for(settings.database))
    run(settings)


@click.command()
def errands() -> None:
    """Work off what pages ask for: contact points of a site, rehearsals of a form."""
    from probes.errands import run

    _begin()
    settings = load_settings()
    check_current(engine_for(settings.database))
    run(settings)


@click.command()
@click.option(
    "--hosts", type=click.Path(path_type=Path), help="JSON file: {name: loopback port} of the sandbox's sites."
)
@click.option("--ready", type=click.Path(path_type=Path), help="File that says where the guard listens.")
def egress(hosts: Path | None, ready: Path | None) -> None:
    """Run the guard every browser goes through; in sandbox mode it leads to the sandbox's sites only."""
    from probes.egress import EgressProxy
    from probes.egress_rules import EgressRules

    _begin()
    known = read_ready(hosts)["hosts"] if hosts else {}
    with EgressProxy(EgressRules(sandbox_hosts=known)) as guard:
        click.echo(guard.url)
        if ready:
            say_ready(ready, {"url": guard.url})
        signal.pause()
