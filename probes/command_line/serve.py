"""`replymark serve`: the same processes for real use, on the settings' database."""

from __future__ import annotations

import signal

import click

from benchmark.settings import load_settings
from benchmark.store.session import engine_for, upgrade
from probes.runtime import Runtime
from probes.supervisor import Supervisor


@click.command()
@click.option("--host", help="Address of the dashboard.  [default: REPLYMARK_HOST]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the dashboard.  [default: REPLYMARK_PORT]")
def serve(host: str | None, port: int | None) -> None:
    """Start web, workers and scheduler and keep them until Ctrl-C.

    The embedded queue is used unless REDIS_URL is set. Sandbox is the only mode: the channels send nothing outside
    the rehearsal world.
    """

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(engine_for(settings.database))
    try:
        with Supervisor(settings.data_dir) as supervisor:
            runtime = Runtime(supervisor, settings, settings.data_dir)
            runtime.start_redis()
            runtime.start_egress()
            runtime.look_for_browser()
            runtime.start_hands()
            address = runtime.start_web(host or settings.host, port or settings.port)
            click.echo(f"Dashboard: {address}/leaderboard   (Ctrl-C ends everything)")
            runtime.keep()
    except KeyboardInterrupt:
        click.echo("Stopped; every process has ended.")
