"""`replymark forms`: what the mapping makes of a page, and a rehearsal that never submits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click

from benchmark.core.problems import BadInput
from benchmark.wall_clock import real_now
from probes.channels.web_form.inspection import Inspection, inspect_addresses, inspect_file
from probes.channels.web_form.rehearsal import Rehearsal, rehearse
from probes.channels.web_form.settings import WebFormSettings
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules


@click.group()
def forms() -> None:
    """Look at contact forms without sending anything."""


@forms.command()
@click.argument("sources", nargs=-1, required=True, metavar="PATH_OR_URL…")
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", help="How to print it.")
def inspect(sources: tuple[str, ...], style: str) -> None:
    """Which form of a page is the contact form, and what each of its fields asks for."""
    found = inspect_all(sources)
    if style == "json":
        click.echo(json.dumps([entry.as_json() for entry in found], ensure_ascii=False, indent=1))
    else:
        for entry in found:
            click.echo(as_table(entry))
    problems = [entry.problem for entry in found if entry.problem]
    for problem in problems:
        click.echo(f"replymark: {problem}", err=True)
    if problems:
        raise click.exceptions.Exit(2)


def inspect_all(sources: Sequence[str]) -> list[Inspection]:
    """Files at once, addresses with one browser; in the order they were given."""
    urls = [source for source in sources if is_url(source)]
    opened = {}
    if urls:
        with EgressProxy(_rules(urls)) as proxy:
            opened = {entry.source: entry for entry in inspect_addresses(urls, proxy.url)}
    return [opened[source] if is_url(source) else inspect_file(source) for source in sources]


def is_url(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _rules(urls: Sequence[str]) -> EgressRules:
    """Sandbox mode: nothing but loopback, and of it only the ports that were named."""
    parts = [urlsplit(url) for url in urls]
    ports = {part.port or 80 for part in parts if part.hostname in ("127.0.0.1", "localhost")}
    return EgressRules(loopback_ports=frozenset(ports))


def as_table(entry: Inspection) -> str:
    """One source as lines for a terminal; the chosen form carries a star."""
    lines = [entry.source]
    for at, scored in enumerate(entry.forms):
        mark = "*" if at == entry.chosen else " "
        lines.append(f" {mark} form {at}  score {scored.score:g}")
        shown = [d for d in scored.decisions if d.control.type != "hidden"]
        lines += [f"     {d.role.value:14} {d.score:.2f} {d.signal:12} {d.control.name or d.control.id}" for d in shown]
    return "\n".join(lines)


@forms.command("rehearse")
@click.argument("url")
@click.option(
    "--recipe", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Written, or used when it exists."
)
def rehearse_command(url: str, recipe: Path) -> None:
    """Map and fill a form, never submit it; write a recipe and a picture for a person to review."""
    if not is_url(url):
        raise BadInput(url, "not an address", "give an http:// address")
    known = recipe.read_text("utf-8") if recipe.exists() else None
    with EgressProxy(_rules([url])) as proxy:
        told = rehearse(WebFormSettings(proxy_url=proxy.url, dwell_s=0), url, real_now().date(), known)
    _write(recipe, told, keep=known is not None)
    click.echo(f"{told.outcome}{': ' + told.note if told.note else ''}")
    for row in told.mapping.get("fields", ()):
        put = (row.get("put") or {}).get("value", "")
        click.echo(f"  {row['role']:14} {row['signal']:12} {row['name'] or row['id']:24} {put[:50]!r}")
    if told.outcome != "ready":
        raise click.exceptions.Exit(1)


def _write(recipe: Path, told: Rehearsal, keep: bool) -> None:
    """The recipe, unless a person's own is there already, and the picture beside it."""
    if told.recipe and not keep:
        recipe.write_text(told.recipe, "utf-8")
        click.echo(f"recipe: {recipe}")
    if told.picture:
        picture = recipe.with_suffix(".jpg")
        picture.write_bytes(told.picture)
        click.echo(f"picture: {picture}")
