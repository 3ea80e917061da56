"""Rows of measurements collected elsewhere: parsed at the door, each fault with line, column, value and remedy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from benchmark.core.problems import BadInput
from benchmark.core.values import Windows
from benchmark.core.vocabulary import (
    AcknowledgedBy,
    ChannelKind,
    Exclusion,
    InquiryKind,
)

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
MOST_KNOWN = 50_000
EARLIEST, LATEST = 1990, 2100
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


class ImportedRow(NamedTuple):
    """One probe as measured elsewhere; waits in seconds from t0, as in the table `outcome`."""

    line: int
    reference: str
    brand: str
    company: str
    sector: str
    country: str
    channel: str
    inquiry: str
    wave: str
    t0_s: float | None
    acknowledged_s: float | None
    acknowledged_by: str | None
    human_s: float | None
    substantive_s: float | None
    followed_up_s: float | None
    bounced_s: float | None
    exclusion: str | None


class _Fault(ValueError):
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


@dataclass
class RowReader:
    """Turns cells into an ImportedRow, or into the list of all faults of the row.

    A million rows repeat their words, so what was read of a word once is remembered.
    """

    header: tuple[str, ...]
    zone: ZoneInfo | None = None
    windows: Windows = field(default_factory=Windows)

    def __post_init__(self) -> None:
        self._known_times: dict[str, datetime] = {}
        self._columns = [
            (name, self._time, self._known_times) if name in TIMES else (name, _WORDS.get(name, _text), {})
            for name in self.header
        ]

    def read(self, line: int, cells: Sequence[str]) -> ImportedRow | list[RowError]:
        if len(cells) != len(self.header):
            problem = f"has {len(cells)} cells, the header names {len(self.header)}"
            return [RowError(line, "row", ",".join(cells[:3]), problem, "check commas and quotes")]
        found: dict[str, Any] = {}
        faults: list[RowError] = []
        for cell, (name, reader, known) in zip(cells, self._columns, strict=True):
            if cell:
                value = known.get(cell)
                if value is None:
                    value = _read(reader, known, line, name, cell, faults)
                found[name] = value
        if faults or not found.get("probe_id") or not found.get("brand") or found.get("sent_at") is None:
            faults += _missing(line, found, {fault.column for fault in faults})
        return faults or _row(line, found, self.windows)

    def _time(self, cell: str) -> datetime | None:
        text = cell.strip()
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise _Fault("is no date and time that exists", "write e.g. 2026-05-01T12:00:00Z") from None
        if len(text) < 13:
            raise _Fault("has no time of day", "write e.g. 2026-05-01T12:00:00Z")
        if not EARLIEST <= moment.year < LATEST:
            raise _Fault("lies outside the years 1990 to 2099", "check the year")
        return moment if moment.tzinfo is not None else self._localised(moment)

    def _localised(self, moment: datetime) -> datetime:
        if self.zone is None:
            raise _Fault("has no time zone", "add Z or +01:00, or name the zone with --timezone")
        early = moment.replace(tzinfo=self.zone)
        before, after = early.utcoffset(), early.replace(fold=1).utcoffset()
        if before != after and before is not None and after is not None:
            if before < after:
                raise _Fault(f"does not exist in {self.zone.key}: the clock went forward", "write it with its offset")
            raise _Fault(f"happened twice in {self.zone.key}: the clock went back", "write it with its offset")
        return early


def _read(
    reader: Callable[[str], Any], known: dict[str, Any], line: int, name: str, cell: str, faults: list[RowError]
) -> Any:
    """The cell as read, remembered for its next time; a fault is kept for the reader of the screen."""
    try:
        value = reader(cell)
    except _Fault as fault:
        faults.append(RowError(line, name, cell, fault.problem, fault.remedy))
        return None
    if name != "probe_id":
        if len(known) >= MOST_KNOWN:
            known.clear()
        known[cell] = value
    return value


def _row(line: int, found: dict[str, Any], windows: Windows) -> ImportedRow:
    say = found.get
    t0_s, acknowledged_s, human_s, substantive_s, followed_up_s, bounced_s, reason = _waits(say, windows)
    return ImportedRow(
        line,
        found["probe_id"],
        found["brand"],
        say("company", ""),
        say("sector", ""),
        say("country", ""),
        say("channel", ""),
        say("inquiry", ""),
        say("wave", ""),
        t0_s,
        acknowledged_s,
        None if acknowledged_s is None else say("acknowledged_by") or None,
        human_s,
        substantive_s,
        followed_up_s,
        bounced_s,
        say("exclusion") or reason,
    )


def _missing(line: int, found: dict[str, Any], faulty: set[str]) -> list[RowError]:
    faults = [
        RowError(line, name, "", "is empty", remedy)
        for name, remedy in (("probe_id", "give each row its own id"), ("brand", "name the brand"))
        if not found.get(name) and name not in faulty
    ]
    if found.get("sent_at") is None and not found.get("exclusion") and not {"sent_at", "exclusion"} & faulty:
        faults.append(RowError(line, "sent_at", "", "is empty", "give the time, or the reason in 'exclusion'"))
    return faults


def _text(cell: str) -> str:
    text = cell.strip()
    if text.startswith(SIGNS):
        raise _Fault(f"begins with {text[0]!r} like a formula", "write the plain text, or leave the cell empty")
    if len(text) > LONGEST:
        raise _Fault(f"is longer than {LONGEST} characters", "shorten it")
    if not text.isprintable():
        raise _Fault("holds control characters", "write it on one line of plain text")
    return text


def _word(kinds: frozenset[str]) -> Callable[[str], str]:
    def read(cell: str) -> str:
        word = cell.strip().lower()
        if word and word not in kinds:
            raise _Fault("is not known here", f"use one of {', '.join(sorted(kinds))}, or leave it empty")
        return word

    return read


def _known_or_text(kinds: frozenset[str]) -> Callable[[str], str]:
    """A word of the field in its own spelling; anything else is free text."""

    def read(cell: str) -> str:
        word = cell.strip().lower().replace("-", "_").replace(" ", "_")
        word = SPELLINGS.get(word, word)
        return word if word in kinds else _text(cell)

    return read


_WORDS: dict[str, Callable[[str], str]] = {
    "acknowledged_by": _word(frozenset(AcknowledgedBy)),
    "exclusion": _word(frozenset(Exclusion)),
    "channel": _known_or_text(frozenset(ChannelKind)),
    "inquiry": _known_or_text(frozenset(InquiryKind)),
}


_Waits = tuple[
    float | None, float | None, float | None, float | None, float | None, float | None, str | None
]  # t0, acknowledged, human, substantive, followed up, bounced, reason


def _waits(say: Callable[[str], Any], windows: Windows) -> _Waits:
    """The rules of `outcomes.py` for a row that tells only first times.

    A person's reply without further detail counts as substantive; a follow-up counts only after an answer; a bounce
    is terminal, within its window; a reply before the sending excludes the row and keeps its times on record.
    """
    sent: datetime | None = say("sent_at")
    if sent is None:
        return None, None, None, None, None, None, None
    after = [None if at is None else (at - sent).total_seconds() for at in map(say, _LATER)]
    acknowledged, human, answered, followed, bounced = after
    if answered is None:
        answered = human
    t0_s = sent.timestamp()
    if any(wait is not None and wait < 0 for wait in after):
        if _precedes(after, sent):
            return t0_s, acknowledged, human, answered, followed, bounced, Exclusion.REPLY_BEFORE_T0.value
        acknowledged, human, answered = _not_negative(acknowledged), _not_negative(human), _not_negative(answered)
    if bounced is not None and bounced <= windows.bounce.total_seconds():
        acknowledged, human, answered = _until(acknowledged, bounced), _until(human, bounced), _until(answered, bounced)
        return t0_s, acknowledged, human, answered, None, _not_negative(bounced), Exclusion.BOUNCED.value
    if followed is not None and (answered is None or followed <= answered):
        followed = None
    return t0_s, acknowledged, human, answered, followed, None, None


_LATER = ("acknowledged_at", "first_human_reply_at", "answered_at", "followed_up_at", "bounced_at")


def _precedes(after: Sequence[float | None], sent: datetime) -> bool:
    """Whole seconds, as receipts have them: a reply in the second of sending came with it."""
    return any(wait is not None and wait < -sent.microsecond / 1e6 for wait in after)


def _not_negative(wait: float | None) -> float | None:
    return None if wait is None else max(0.0, wait)


def _until(wait: float | None, end: float) -> float | None:
    return None if wait is None or wait > end else wait
