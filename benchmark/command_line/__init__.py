"""The command `replymark`: collects its subcommands from the three packages and words every error in one line."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, entry_points, version

import click

from benchmark.core.problems import BadInput, Refused

GROUP = "replymark.commands"


class Subcommands(click.Group):
    """Loads a subcommand only when it is asked for, so that `replymark classify` never imports a browser."""

    def _points(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=GROUP)}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._points())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        point = self._points().get(cmd_name)
        return None if point is None else point.load()


@click.command(cls=Subcommands)
@click.version_option(version("replymark"), prog_name="replymark")
def replymark() -> None:
    """Measures how well companies answer the people who write to them."""


def main() -> None:
    """Exit status 0: done; 1: done, but the result says no (`doctor`, `demo`); 2: bad input, nothing was changed."""
    try:
        status = replymark(standalone_mode=False)  # click gives back what a command's Exit says
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)
    except (BadInput, Refused) as problem:
        click.echo(f"replymark: {problem}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()  # `replymark … | head` has seen enough
        sys.exit(0)
    except Exception as problem:
        line = _database_trouble(problem)
        if line is None:
            raise
        click.echo(f"replymark: {line}", err=True)
        sys.exit(2)
    if isinstance(status, int):
        sys.exit(status)


def _database_trouble(problem: Exception) -> str | None:
    """One line for a database that is locked, away or full; None for anything else, which fails loudly."""
    errors = sys.modules.get("sqlalchemy.exc")  # not loaded: it cannot have raised
    if errors is None or not isinstance(problem, errors.OperationalError):
        return None
    words = str(problem.orig).strip().splitlines()[0]
    return f"database: {words} — is another process using or moving it? `replymark doctor` says more"
