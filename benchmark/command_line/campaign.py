"""`replymark campaign`: campaigns as YAML files, and what becomes of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from benchmark import campaigns
from benchmark.campaign_file import read_campaign
from benchmark.core.design import AssignedProbe, CampaignDesign
from benchmark.core.planning import assignment_sha256
from benchmark.core.planning_box import CORRELATION, PlanningBox, planning_box
from benchmark.settings import load_settings
from benchmark.store import queries
from benchmark.store.session import check_current, engine_for, reading, transaction
from benchmark.wall_clock import study_now

FILE = click.argument("file", type=click.Path(path_type=Path))


@click.group()
def campaign() -> None:
    """Check, plan, launch and steer campaigns."""


@campaign.command()
@FILE
def check(file: Path) -> None:
    """Say whether FILE could be launched; errors name line, key and remedy."""
    design = read_campaign(file)
    probes = campaigns.check(design)
    click.echo(f"{file}: {len(design.brands)} brands, {len(design.waves)} waves, {len(probes)} probes; can be launched")


@campaign.command()
@FILE
@click.option(
    "--icc", type=click.FloatRange(0, 1), default=CORRELATION, show_default=True,
    help="How much answers to one template of one brand resemble each other.",
)  # fmt: skip
def power(file: Path, icc: float) -> None:
    """Say what the campaign in FILE can tell apart; writes nothing."""
    box = planning_box(campaigns.check(read_campaign(file)), icc)
    spread = f"{box.fewest}" if box.fewest == box.most else f"{box.fewest} to {box.most}"
    click.echo(f"{box.brands} brands, {spread} probes each, {box.per_template:.1f} per brand and template")
    click.echo(f"design effect {box.effect:.2f} (ICC {icc:g}): as good as {box.effective_n} independent probes")
    click.echo(f"a share of 50 % is known to ±{100 * box.half_width:.0f} points (95 % interval)")
    click.echo(_told_apart(box))


def _told_apart(box: PlanningBox) -> str:
    if box.difference is None:
        return "not even 50 % and 100 % are told apart (two-sided 5 %, power 80 %): plan more probes per brand"
    points = 50 + 100 * box.difference
    return f"50 % and {points:.0f} % are told apart (two-sided 5 %, power 80 %); smaller differences mostly are not"


@campaign.command()
@FILE
def plan(file: Path) -> None:
    """Print every probe with its send time; writes nothing."""
    design = read_campaign(file)
    probes = campaigns.check(design)
    click.echo(
        "due_at                     local time        wave  brand                 channel    inquiry           persona"
    )
    zones = {brand.key: brand.zone for brand in design.brands}
    for probe in probes:
        click.echo(_plan_line(probe, zones[probe.brand]))
    click.echo(f"{len(probes)} probes, assignment {assignment_sha256(probes)}")


def _plan_line(probe: AssignedProbe, zone: str) -> str:
    local = probe.due_at.astimezone(ZoneInfo(zone))
    return (
        f"{probe.due_at.isoformat():<26} {local:%a %Y-%m-%d %H:%M}  {probe.wave:<4} {probe.brand:<21} "
        f"{probe.channel:<10} {probe.inquiry + '/' + probe.version:<17} {probe.persona}"
    )


@campaign.command()
@FILE
def launch(file: Path) -> None:
    """Freeze the assignment and hand it to the scheduler."""
    design: CampaignDesign = read_campaign(file)
    campaigns.check(design)
    settings = load_settings()
    engine = engine_for(settings.database)
    check_current(engine)
    with transaction(engine) as session:
        launched = campaigns.launch(
            session, design, study_domain=settings.study_domain, now=study_now(session), entropy=secrets.token_bytes
        )
        click.echo(f"launched {launched.name}, assignment {launched.assignment_sha256}")


def _mover(verb: str, done: str, summary: str) -> click.Command:
    @click.argument("name")
    def move(name: str) -> None:
        engine = engine_for(load_settings().database)
        check_current(engine)
        with transaction(engine) as session:
            campaigns.move(session, name, verb, now=study_now(session))
        click.echo(f"{name} {done}")

    moved: Callable[..., None] = move
    return click.command(verb, help=summary)(moved)


campaign.add_command(_mover("pause", "paused", "Stop claiming probes at once; nothing is lost."))
campaign.add_command(_mover("resume", "resumed", "Go on after a pause."))
campaign.add_command(_mover("stop", "stopped for good", "End for good; what is unsent is withdrawn."))


@campaign.command()
@click.argument("name")
def status(name: str) -> None:
    """Say where the probes of a campaign stand."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    with reading(engine) as session:
        found = queries.find_campaign(session, name)
        progress = campaigns.progress(session, found.id or 0, study_now(session))
    click.echo(f"{name}: {found.state}")
    for what, number in asdict(progress).items():
        click.echo(f"  {what.replace('_', ' '):<13}{number:>7}")
