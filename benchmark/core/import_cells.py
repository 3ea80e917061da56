"""Cells of an import, read at the door: each fault with line, column, value and remedy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import AcknowledgedBy, ChannelKind, Exclusion, InquiryKind

IMPORT_COLUMNS = (
    "probe_id",
    "brand",
    "company",
    "sector",
    "country",
    "channel",
    "inquiry",
    "wave",
    "sent_at",
    "acknowledged_at",
    "acknowledged_by",
    "first_human_reply_at",
    "answered_at",
    "followed_up_at",
    "bounced_at",
    "exclusion",
)
NEEDED = ("probe_id", "brand", "sent_at")
TIMES = tuple(name for name in IMPORT_COLUMNS if name.endswith("_at"))
LONGEST = 200
EARLIEST, LATEST = 1990, 2100
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
SPELLINGS = {"e_mail": "email", "mail": "email", "webform": "web_form", "form": "web_form"}
SIGNS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class RowError:
    """One fault of one cell, as the sentence that stands on the screen."""

    line: int
    column: str
    value: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= 60 else self.value[:57] + "…"
        return f"line {self.line}, {self.column}: {shown!r} {self.problem} — {self.remedy}"


class CellFault(ValueError):
    """What is wrong with a cell, and how to mend it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


def header_of(cells: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns in their order. Raises BadInput for a header that cannot be read."""
    names = tuple(cell.strip().lower() for cell in cells)
    if len(names) == 1 and len(IMPORT_COLUMNS) > 1:
        for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if sign in names[0]:
                raise BadInput("line 1", f"its columns are separated by {word}", "save the file with commas")
    for name in names:
        if name not in IMPORT_COLUMNS:
            raise BadInput("line 1", f"unknown column {name[:60]!r}", f"columns are {', '.join(IMPORT_COLUMNS)}")
        if names.count(name) > 1:
            raise BadInput("line 1", f"column {name!r} is there twice", "keep one of them")
    for name in NEEDED:
        if name not in names:
            raise BadInput("line 1", f"column {name!r} is missing", f"columns are {', '.join(IMPORT_COLUMNS)}")
    return names


def microseconds_of(cell: str, zone: ZoneInfo | None) -> int | None:
    """Microseconds since 1970 of an ISO 8601 time, None for a blank cell; `zone` is for times that carry none."""
    text = cell.strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CellFault("is no date and time that exists", "write e.g. 2026-05-01T12:00:00Z") from None
    if len(text) < 13:
        raise CellFault("has no time of day", "write e.g. 2026-05-01T12:00:00Z")
    if not EARLIEST <= moment.year < LATEST:
        raise CellFault("lies outside the years 1990 to 2099", "check the year")
    return ((moment if moment.tzinfo is not None else _localised(moment, zone)) - EPOCH) // MICROSECOND


def _localised(moment: datetime, zone: ZoneInfo | None) -> datetime:
    if zone is None:
        raise CellFault("has no time zone", "add Z or +01:00, or name the zone with --timezone")
    early = moment.replace(tzinfo=zone)
    before, after = early.utcoffset(), early.replace(fold=1).utcoffset()
    if before != after and before is not None and after is not None:
        if before < after:
            raise CellFault(f"does not exist in {zone.key}: the clock went forward", "write it with its offset")
        raise CellFault(f"happened twice in {zone.key}: the clock went back", "write it with its offset")
    return early


def text_of(cell: str) -> str:
    """Free text of one line, without spaces at its ends."""
    text = cell.strip()
    if text.startswith(SIGNS):
        raise CellFault(f"begins with {text[0]!r} like a formula", "write the plain text, or leave the cell empty")
    if len(text) > LONGEST:
        raise CellFault(f"is longer than {LONGEST} characters", "shorten it")
    if not text.isprintable():
        raise CellFault("holds control characters", "write it on one line of plain text")
    return text


def _word(kinds: frozenset[str]) -> Callable[[str], str]:
    def read(cell: str) -> str:
        word = cell.strip().lower()
        if word and word not in kinds:
            raise CellFault("is not known here", f"use one of {', '.join(sorted(kinds))}, or leave it empty")
        return word

    return read


def _known_or_text(kinds: frozenset[str]) -> Callable[[str], str]:
    """A word of the field in its own spelling; anything else is free text."""

    def read(cell: str) -> str:
        word = cell.strip().lower().replace("-", "_").replace(" ", "_")
        word = SPELLINGS.get(word, word)
        return word if word in kinds else text_of(cell)

    return read


WORD_READERS: dict[str, Callable[[str], str]] = {
    "acknowledged_by": _word(frozenset(AcknowledgedBy)),
    "exclusion": _word(frozenset(Exclusion)),
    "channel": _known_or_text(frozenset(ChannelKind)),
    "inquiry": _known_or_text(frozenset(InquiryKind)),
}
