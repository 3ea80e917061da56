"""Rows of an import wait in a private temporary database until all of them are known to be good, then move at once.

The study's own database is locked for the move only, and memory stays flat however long the file is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, func, select, text
from sqlmodel import Session, col

from benchmark.core.import_rows import ImportedRow
from benchmark.core.vocabulary import ChannelKind, HandOffState, ProbeState
from benchmark.store.packs import BUCKETS, pack_rows, store_pack
from benchmark.store.tables import Probe

BATCH = 10_000
CHANNELS = frozenset(ChannelKind)


@dataclass(frozen=True)
class StagedBrand:
    """What the rows say of a brand: the first company, sector and country that were given."""

    name: str
    company: str
    sector: str
    country: str


class Staging:
    """A temporary table of imported rows; brands and waves are numbered in order of appearance."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="replymark-import-")
        self._database = sqlite3.connect(Path(self._folder.name) / "staged.sqlite", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-65536", "temp_store=FILE"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(_TABLE)
        self._database.execute("BEGIN")
        self.brands: dict[str, int] = {}
        self.waves: dict[str, int] = {}
        self._facts: list[list[str]] = []
        self.count = 0

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        self._database.close()
        self._folder.cleanup()

    def add(self, rows: Sequence[ImportedRow]) -> None:
        self._database.executemany(_STAGE, [self._coded(row) for row in rows])
        self.count += len(rows)

    def _coded(self, row: ImportedRow) -> tuple[Any, ...]:
        brand = self.brands.get(row.brand)
        if brand is None:
            brand = self.brands[row.brand] = len(self.brands)
            self._facts.append(["", "", ""])
        facts = self._facts[brand]
        if not all(facts):
            for place, said in enumerate((row.company, row.sector, row.country)):
                facts[place] = facts[place] or said
        wave = self.waves.setdefault(row.wave, len(self.waves))
        return (row.line, row.reference, brand, wave, row.channel, row.inquiry, *row[9:])

    def doubles(self, most: int = 100) -> list[tuple[str, int, int]]:
        """(probe_id, first line, last line) of ids that occur more than once."""
        return self._database.execute(_DOUBLES, (most,)).fetchall()

    def brand_facts(self) -> list[StagedBrand]:
        return [StagedBrand(name, *self._facts[code]) for name, code in self.brands.items()]

    def exclusions(self) -> dict[str, int]:
        rows = self._database.execute("SELECT exclusion, count(*) FROM staged WHERE exclusion <> '' GROUP BY exclusion")
        return dict(rows.fetchall())

    def move(self, session: Session, campaign_id: int, brand_ids: Sequence[int], wave_ids: Sequence[int]) -> None:
        """Writes all rows as probes with their outcomes, and packs them for reading."""
        first_id = _next_probe_id(session)
        connection = session.connection()
        for batch in self._batches("SELECT rowid, brand, wave, reference, channel FROM staged ORDER BY rowid"):
            rows = (
                (first_id + row, reference, campaign_id, wave_ids[wave], brand_ids[brand], _channel(channel), *_BLANKS)
                for row, brand, wave, reference, channel in batch
            )
            _insert(connection, "probe", _PROBE, rows)
        for batch in self._batches(_STAGED_OUTCOMES):
            rows = (
                (first_id + row, campaign_id, wave_ids[wave], brand_ids[brand], *rest, *_UNSEEN)
                for row, brand, wave, *rest in batch
            )
            _insert(connection, "outcome", _OUTCOME, rows)
        _advance_ids(session)
        self._pack(session, campaign_id, brand_ids, wave_ids)

    def _pack(self, session: Session, campaign_id: int, brand_ids: Sequence[int], wave_ids: Sequence[int]) -> None:
        self._database.execute("CREATE INDEX staged_brand ON staged (brand)")
        buckets: dict[int, list[int]] = {}
        for code, brand_id in enumerate(brand_ids):
            buckets.setdefault(brand_id % BUCKETS, []).append(code)
        for bucket, codes in sorted(buckets.items()):
            rows: list[tuple[Any, ...]] = []
            for code in codes:
                found = self._database.execute("SELECT * FROM staged WHERE brand = ? ORDER BY rowid", (code,))
                rows += [_pack_row(row, brand_ids[code], wave_ids[row[3]]) for row in found]
            store_pack(session, campaign_id, bucket, pack_rows(rows))

    def _batches(self, query: str) -> Iterator[list[tuple[Any, ...]]]:
        cursor = self._database.execute(query)
        while batch := cursor.fetchmany(BATCH):
            yield batch


_TABLE = """CREATE TABLE staged (line INTEGER, reference TEXT, brand INTEGER, wave INTEGER, channel TEXT, inquiry TEXT,
t0_s REAL, acknowledged_s REAL, acknowledged_by TEXT, human_s REAL, substantive_s REAL, followed_up_s REAL,
bounced_s REAL, exclusion TEXT)"""
_STAGED_OUTCOMES = """SELECT rowid, brand, wave, channel, inquiry, t0_s, acknowledged_s, acknowledged_by, human_s,
substantive_s, followed_up_s, bounced_s, exclusion, coalesce(human_s = substantive_s, 0) FROM staged ORDER BY rowid"""
_STAGE = f"INSERT INTO staged VALUES ({', '.join('?' * 14)})"
_DOUBLES = """SELECT reference, min(line), max(line) FROM staged GROUP BY reference HAVING count(*) > 1
ORDER BY min(line) LIMIT ?"""
_PROBE = (
    "id", "reference", "campaign_id", "wave_id", "brand_id", "channel",
    "state", "language", "text_version", "subject", "subject_folded", "body",
)  # fmt: skip
_BLANKS = (ProbeState.CLOSED.value, "", "", "", "", "")
"""No t0 here: what others measured must not count towards our own caps."""

_OUTCOME = (
    "probe_id", "campaign_id", "wave_id", "brand_id", "channel", "inquiry",
    "t0_s", "acknowledged_s", "acknowledged_by", "human_s", "substantive_s", "followed_up_s", "bounced_s", "exclusion",
    "first_contact_resolved", "text_version", "followup_kinds", "handoff", "tester_delay_s",
)  # fmt: skip
_UNSEEN = ("", "", HandOffState.NONE.value, 0.0)


def _channel(word: str) -> str:
    """Free text is kept in the outcome; the probe itself knows only the words of the field."""
    return word if word in CHANNELS else ChannelKind.OTHER.value


def _resolved(human_s: float | None, substantive_s: float | None) -> bool:
    return human_s is not None and human_s == substantive_s


def _pack_row(row: tuple[Any, ...], brand_id: int, wave_id: int) -> tuple[Any, ...]:
    """A staged row in the order of `packs.pack_rows`."""
    t0_s, acknowledged_s, by, human_s, substantive_s, followed_up_s, bounced_s, exclusion = row[6:14]
    seconds = (t0_s, acknowledged_s, human_s, substantive_s, followed_up_s, bounced_s, None, None, None, 0.0, None)
    small = (by, None, exclusion, "", _resolved(human_s, substantive_s))
    return (brand_id, wave_id, row[4], row[5], "", *seconds, *small)


def _insert(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        with connection.connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))


def _next_probe_id(session: Session) -> int:
    """One less than the first free id: staged rows count from 1. Nobody else may add probes until we are done."""
    if session.connection().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE probe IN SHARE ROW EXCLUSIVE MODE"))
    return int(session.execute(select(func.coalesce(func.max(col(Probe.id)), 0))).scalar_one())


def _advance_ids(session: Session) -> None:
    if session.connection().dialect.name == "postgresql":
        session.execute(text("SELECT setval(pg_get_serial_sequence('probe', 'id'), (SELECT max(id) FROM probe))"))
