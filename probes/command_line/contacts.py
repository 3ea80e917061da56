"""`replymark contacts`: contact points of a web site, proposed for a person to confirm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click

from benchmark.core.problems import BadInput
from benchmark.settings import load_settings
from probes.contacts import Discovery, discover
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules


@click.group()
def contacts() -> None:
    """Find out how a company can be reached."""


@contacts.command("discover")
@click.argument("domain")
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", help="How to print it.")
@click.option(
    "--hosts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file: {hosts: {name: loopback port}} of the sandbox's sites.",
)
def discover_command(domain: str, style: str, hosts: Path | None) -> None:
    """Propose e-mail addresses, forms and social accounts of a site. Reads within robots.txt, stores nothing."""
    with _guard(domain, hosts) as proxy_url:
        found = discover(domain, proxy_url)
    click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1) if style == "json" else as_table(found))


@contextmanager
def _guard(domain: str, hosts: Path | None) -> Iterator[str]:
    """The running egress guard, or one for this call that knows the named hosts and a loopback port typed out."""
    running = load_settings().egress_proxy
    if running and hosts is None:
        yield running
        return
    rules = EgressRules(sandbox_hosts=_known_hosts(hosts) if hosts else {}, loopback_ports=_loopback_port(domain))
    with EgressProxy(rules) as proxy:
        yield proxy.url


def _known_hosts(path: Path) -> dict[str, int]:
    try:
        known = json.loads(path.read_text("utf-8"))["hosts"]
        return {str(name): int(port) for name, port in known.items()}
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as problem:
        raise BadInput(str(path), "not a list of sandbox hosts", '{"hosts": {"brand.example": 8080}}') from problem


def _loopback_port(domain: str) -> frozenset[int]:
    try:
        parts = urlsplit(domain if "://" in domain else f"//{domain}")
        return frozenset({parts.port or 80} if parts.hostname in ("127.0.0.1", "localhost") else ())
    except ValueError:
        return frozenset()  # discover says what is wrong with it


def as_table(found: Discovery) -> str:
    """One line a proposal, the pages below; nothing here is a contact point until a person says so."""
    lines = [f"{found.domain}: {len(found.proposals)} proposals to confirm, {len(found.read)} pages read"]
    lines += [f"  {p.confidence:.2f}  {p.channel:<10} {p.address}  ({p.how}, {p.source})" for p in found.proposals]
    lines += [f"  not read: {url} ({reason})" for url, reason in found.left[:10]]
    return "\n".join(lines)
