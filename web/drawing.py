"""Where things stand in a drawing: the strip of a brand's inquiries and its response curve, ready for SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from benchmark.reports import CurvePoint
from benchmark.store.queries_pages import ProbeLine
from web import words
from web.formats import hours, local_day, share

WIDTH, LEFT, RIGHT = 800, 190, 28
CURVE_LEFT = 60
ROW_HEIGHT, HEAD = 22, 30
SPAN_H = 30 * 24.0
BEND_H = 0.5
"""The axis is even below half an hour and bends to powers above, so that minutes and weeks can both be read."""
TICKS_H = (0.0, 1.0, 4.0, 24.0, 48.0, 168.0, 336.0, 720.0)


def x_of(hours_after: float, span_h: float = SPAN_H, left: float = LEFT) -> float:
    part = math.log1p(min(max(hours_after, 0.0), span_h) / BEND_H) / math.log1p(span_h / BEND_H)
    return round(left + part * (WIDTH - left - RIGHT), 1)


@dataclass(frozen=True)
class Tick:
    x: float
    text: str


@dataclass(frozen=True)
class Mark:
    """`kind` is the shape: ack, human, answer, follow, bounce or absent."""

    kind: str
    x: float
    text: str


@dataclass(frozen=True)
class StripRow:
    probe_id: int
    y: float
    label: str
    waited_to: float  # end of the solid line
    watched_to: float  # end of the dotted line: still waiting, or never answered
    marks: tuple[Mark, ...]
    text: str


@dataclass(frozen=True)
class Strip:
    rows: tuple[StripRow, ...]
    ticks: tuple[Tick, ...]
    height: int


MARKS = (
    ("acknowledged_s", "ack", _l("acknowledged after %(time)s")),
    ("out_of_office_s", "absent", _l("absence notice after %(time)s")),
    ("human_s", "human", _l("reply by a person after %(time)s")),
    ("answered_s", "answer", _l("answered after %(time)s")),
    ("followed_up_s", "follow", _l("followed up after %(time)s")),
    ("bounced_s", "bounce", _l("bounced after %(time)s")),
)


def strip_of(probes: Sequence[ProbeLine], as_of: datetime, zone: str) -> Strip:
    """One line per inquiry that left, oldest first."""
    sent = [probe for probe in probes if probe.t0 is not None and probe.t0 <= as_of]
    rows = tuple(_strip_row(probe, place, as_of, zone) for place, probe in enumerate(sent))
    ticks = tuple(Tick(x_of(after), hours(after) if after else _("sent")) for after in TICKS_H)
    return Strip(rows, ticks, HEAD + ROW_HEIGHT * len(rows) + 8)


def _strip_row(probe: ProbeLine, place: int, as_of: datetime, zone: str) -> StripRow:
    assert probe.t0 is not None
    watched_h = (as_of - probe.t0).total_seconds() / 3600
    marks = tuple(_marks(probe))
    ended = probe.bounced_s if probe.bounced_s is not None else probe.answered_s
    label = f"{local_day(probe.t0, zone)} {words.word(probe.channel)}"
    said = "; ".join(mark.text for mark in marks) or _("no reply reached us")
    return StripRow(
        probe_id=probe.id,
        y=HEAD + ROW_HEIGHT * (place + 0.5),
        label=label,
        waited_to=x_of(ended / 3600) if ended is not None else x_of(0),
        watched_to=x_of(watched_h) if ended is None else x_of(ended / 3600),
        marks=marks,
        text=f"{label}: {said}",
    )


def _marks(probe: ProbeLine) -> Iterable[Mark]:
    """A person's reply that is the answer is drawn once, as the answer; a confirmation in it likewise."""
    seen: dict[float, Mark] = {}
    for name, kind, said in MARKS:
        after_s = getattr(probe, name)
        if after_s is not None:
            seen[after_s] = Mark(kind, x_of(after_s / 3600), str(said) % {"time": hours(after_s / 3600)})
    return seen.values()


@dataclass(frozen=True)
class Curve:
    points: tuple[CurvePoint, ...]
    listed: tuple[CurvePoint, ...]  # for the table: all of them, or so many spread evenly
    path: str
    band: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[tuple[float, str], ...]
    height: int


MOST_LISTED = 100
CURVE_HEIGHT, CURVE_TOP, CURVE_BOTTOM = 280, 18, 36


def curve_of(points: Sequence[CurvePoint], span_h: float, watched_h: float) -> Curve:
    """The share that had a reply by each moment (one minus Kaplan-Meier), drawn up to the end of the window."""
    shown = tuple(point for point in points if point.hours <= span_h)
    end = _x(min(watched_h, span_h), span_h)
    return Curve(
        points=shown,
        listed=_spread(shown),
        path=_steps([(_x(point.hours, span_h), _y(1 - point.waiting)) for point in shown], end),
        band=_band([point for point in shown if point.low is not None and point.high is not None], span_h, end),
        x_ticks=tuple(Tick(_x(at, span_h), hours(at) if at else _("sent")) for at in TICKS_H if at <= span_h),
        y_ticks=tuple((_y(level), share(level)) for level in (0, 0.25, 0.5, 0.75, 1)),
        height=CURVE_HEIGHT,
    )


def _spread(points: tuple[CurvePoint, ...]) -> tuple[CurvePoint, ...]:
    if len(points) <= MOST_LISTED:
        return points
    return tuple(points[round(place * (len(points) - 1) / (MOST_LISTED - 1))] for place in range(MOST_LISTED))


def _x(hours_after: float, span_h: float) -> float:
    return x_of(hours_after, span_h, CURVE_LEFT)


def _y(level: float) -> float:
    return round(CURVE_HEIGHT - CURVE_BOTTOM - level * (CURVE_HEIGHT - CURVE_TOP - CURVE_BOTTOM), 1)


def _steps(corners: Sequence[tuple[float, float]], end: float) -> str:
    line = [f"M{_x(0, SPAN_H)},{_y(0)}"]
    line += [f"H{x}V{y}" for x, y in corners]
    return "".join([*line, f"H{max(end, corners[-1][0] if corners else end)}"])


def _band(points: Sequence[CurvePoint], span_h: float, end: float) -> str:
    """The area between the limits: there along the share's upper one, back along its lower one."""
    if not points:
        return ""
    xs = [_x(point.hours, span_h) for point in points]
    uppers = [_y(1 - (point.low or 0)) for point in points]
    lowers = [_y(1 - (point.high or 0)) for point in points]
    there = f"M{xs[0]},{uppers[0]}" + "".join(f"H{x}V{y}" for x, y in zip(xs[1:], uppers[1:], strict=True))
    back = "".join(f"H{xs[place]}V{lowers[place - 1]}" for place in range(len(points) - 1, 0, -1))
    return f"{there}H{max(end, xs[-1])}V{lowers[-1]}{back}H{xs[0]}Z"
