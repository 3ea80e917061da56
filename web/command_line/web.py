"""`replymark web`: serves the pages with gunicorn, one worker with threads, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import socket
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from benchmark.core.problems import BadInput
from benchmark.settings import Settings, load_settings
from benchmark.store.session import check_current, engine_for

THREADS = 4
GRACE_S = 5


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn told by arguments only: no configuration file and no GUNICORN_CMD_ARGS."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self.settings, self.options = settings, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called in the worker, after the fork: no database connection is shared between processes."""
        from web.app import create_app  # the master only watches; it needs no numpy, no templates

        return create_app(self.settings)


@click.command()
@click.option("--host", help="Address to listen on [default: 127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on, 0 for a free one [default: 8000].")
def web(host: str | None, port: int | None) -> None:
    """Serve the dashboard."""
    settings = load_settings()
    engine = engine_for(settings.database)
    check_current(engine)
    engine.dispose()
    listener = _listen(host or settings.host, settings.port if port is None else port)
    click.echo(f"Replymark on {_address(listener)}")
    Server(settings, _options(listener, settings.reload)).run()


def _listen(host: str, port: int) -> socket.socket:
    """Bound before gunicorn starts, so that a taken port is one clear line and not five retries."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as problem:
        listener.close()
        raise BadInput(f"{host}:{port}", problem.strerror or str(problem), "choose another with --port") from None
    listener.listen(128)
    listener.set_inheritable(True)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _options(listener: socket.socket, reload: bool) -> dict[str, Any]:
    return {
        "bind": [f"fd://{listener.fileno()}"],
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "graceful_timeout": GRACE_S,
        "timeout": 60,
        "keepalive": 5,
        "loglevel": "warning",
        "accesslog": None,
        "control_socket_disable": True,
        "proc_name": "replymark-web",
        "reload": reload,
    }
