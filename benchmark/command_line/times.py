"""Instants on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import click


class Instant(click.ParamType[datetime]):
    """An ISO 8601 instant with its zone, e.g. 2026-05-01T12:00Z."""

    name = "instant"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no instant; write e.g. 2026-05-01T12:00Z", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no zone; write e.g. {value}Z", param, ctx)
        return moment.astimezone(UTC)


INSTANT = Instant()
