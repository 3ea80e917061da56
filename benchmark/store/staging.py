"""Rows of an import wait in a private temporary database until all of them are known to be good, then move at once.

The study's own database is locked for the move only, and memory stays flat however long the file is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import numpy as np
from sqlalchemy import Engine, func, select, text
from sqlmodel import Session, col

from benchmark.core.import_rows import ImportedBatch
from benchmark.core.vocabulary import ChannelKind
from benchmark.store.packs import Pack, store_pack
from benchmark.store.spill import NUMBERS, Spill
from benchmark.store.tables import Probe

CHANNELS = frozenset(ChannelKind)


@dataclass(frozen=True)
class StagedBrand:
    """What the rows say of a brand: the first company, sector and country that were given."""

    name: str
    company: str
    sector: str
    country: str


class Staging:
    """A temporary table of imported rows; brands, waves and words are numbered in order of appearance."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="replymark-import-")
        self.path = Path(self._folder.name) / "staged.sqlite"
        self._database = sqlite3.connect(self.path, isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-32768", "temp_store=FILE"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")
        self.brands: dict[str, int] = {}
        self.waves: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self._inquiries: dict[str, int] = {}
        self._facts: list[list[str]] = []
        self._spill = Spill(Path(self._folder.name))
        self.count = 0

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        self._database.close()
        self._spill.close()
        self._folder.cleanup()

    def add(self, batch: ImportedBatch) -> None:
        words, waits = batch.words, batch.waits
        self._learn_brands(words)
        codes = [
            _codes(self.brands, words["brand"]),
            _codes(self.waves, words["wave"]),
            _codes(self._channels, words["channel"]),
            _codes(self._inquiries, words["inquiry"]),
        ]
        numbers = [waits[name].tolist() for name in NUMBERS]  # SQLite reads NaN as NULL
        by, exclusion = words["acknowledged_by"], words["exclusion"]
        rows = zip(
            batch.lines,
            words["probe_id"],
            *codes,
            *numbers,
            [word or None for word in by],
            [word or None for word in exclusion],
            strict=True,
        )
        self._database.executemany(_STAGE, rows)
        self._spill.add(codes, waits, by, exclusion)
        self.count += len(batch)

    def _learn_brands(self, words: Mapping[str, Sequence[str]]) -> None:
        told = zip(words["brand"], words["company"], words["sector"], words["country"], strict=True)
        for name, *said in dict.fromkeys(told):
            if name not in self.brands:
                self.brands[name] = len(self.brands)
                self._facts.append(["", "", ""])
            facts = self._facts[self.brands[name]]
            facts[:] = [known or new for known, new in zip(facts, said, strict=True)]

    def doubles(self, most: int = 100) -> list[tuple[str, int, int]]:
        """(probe_id, first line, last line) of ids that occur more than once."""
        return self._database.execute(_DOUBLES, (most,)).fetchall()

    def brand_facts(self) -> list[StagedBrand]:
        return [StagedBrand(name, *self._facts[code]) for name, code in self.brands.items()]

    def exclusions(self) -> dict[str, int]:
        rows = self._database.execute("SELECT exclusion, count(*) FROM staged WHERE exclusion <> '' GROUP BY exclusion")
        return dict(rows.fetchall())

    def move(self, session: Session, campaign_id: int, brand_ids: Sequence[int], wave_ids: Sequence[int]) -> None:
        """Writes all rows as probes with their outcomes, and packs them for reading. See `beside`."""
        raw: Any = session.connection().connection.driver_connection
        namer = raw if session.connection().dialect.name == "sqlite" else self._database
        _name(namer, "staged_brand", enumerate(brand_ids))
        _name(namer, "staged_wave", enumerate(wave_ids))
        _name(namer, "staged_channel", ((code, word, _kind(word)) for word, code in self._channels.items()))
        _name(namer, "staged_inquiry", ((code, word) for word, code in self._inquiries.items()))
        given = {"campaign": campaign_id, "first": _last_probe_id(session)}
        write = _WRITERS[session.connection().dialect.name]
        for table, columns, query in ((*_PROBE, _PROBES), (*_OUTCOME, _OUTCOMES)):
            write(session, self._database, f"{table} ({', '.join(columns)})", query, given)
        self._pack(session, campaign_id, brand_ids, wave_ids)

    def seal(self) -> None:
        """No more rows: other connections may read now."""
        self._database.execute("COMMIT")

    def _pack(self, session: Session, campaign_id: int, brand_ids: Sequence[int], wave_ids: Sequence[int]) -> None:
        words = {"channel": tuple(self._channels), "inquiry": tuple(self._inquiries), "template": ("",)}
        for bucket, arrays in self._spill.buckets(np.array(brand_ids), np.array(wave_ids)):
            store_pack(session, campaign_id, bucket, Pack(arrays, words))


@contextmanager
def beside(engine: Engine, staging: Staging) -> Iterator[Session]:
    """A writing transaction that sees the staged rows where the database is SQLite too (attached before it begins)."""
    staging.seal()
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        attached = connection.dialect.name == "sqlite"
        if attached:
            raw.execute("ATTACH DATABASE ? AS staging", (str(staging.path),))
            # The indexes of a million probes do not fit the usual 2 MB; and every id that is pointed to was read or
            # written in this very transaction, so that nobody need look it up five times a row.
            for pragma in ("main.cache_size = -65536", "foreign_keys = OFF"):
                raw.execute(f"PRAGMA {pragma}")
        try:
            with Session(connection, expire_on_commit=False) as session, session.begin():
                yield session
        finally:
            if attached:
                connection.rollback()
                raw.execute("DETACH DATABASE staging")
                for pragma in ("main.cache_size = -2000", "foreign_keys = ON"):
                    raw.execute(f"PRAGMA {pragma}")


_TABLES = """
CREATE TABLE staged (line INTEGER, reference TEXT, brand INTEGER, wave INTEGER, channel INTEGER, inquiry INTEGER,
    t0_s REAL, acknowledged_s REAL, human_s REAL, substantive_s REAL, followed_up_s REAL, bounced_s REAL,
    acknowledged_by TEXT, exclusion TEXT);
CREATE TABLE staged_brand (code INTEGER PRIMARY KEY, id INTEGER);
CREATE TABLE staged_wave (code INTEGER PRIMARY KEY, id INTEGER);
CREATE TABLE staged_channel (code INTEGER PRIMARY KEY, word TEXT, kind TEXT);
CREATE TABLE staged_inquiry (code INTEGER PRIMARY KEY, word TEXT);"""
_STAGE = f"INSERT INTO staged VALUES ({', '.join('?' * 14)})"
_DOUBLES = """SELECT reference, min(line), max(line) FROM staged GROUP BY reference HAVING count(*) > 1
ORDER BY min(line) LIMIT ?"""

_JOINS = """
FROM staged AS s CROSS JOIN staged_brand AS b ON b.code = s.brand CROSS JOIN staged_wave AS w ON w.code = s.wave
CROSS JOIN staged_channel AS c ON c.code = s.channel CROSS JOIN staged_inquiry AS i ON i.code = s.inquiry
ORDER BY s.rowid"""
# No t0 in `probe`: what others measured must not count towards our own caps.
_PROBE = ("probe", (
    "id", "reference", "campaign_id", "wave_id", "brand_id", "channel",
    "state", "language", "text_version", "subject", "subject_folded", "body",
))  # fmt: skip
_PROBES = f"""SELECT :first + s.rowid, s.reference, :campaign, w.id, b.id, c.kind,
'closed', '', '', '', '', '' {_JOINS}"""
_OUTCOME = ("outcome", (
    "probe_id", "campaign_id", "wave_id", "brand_id", "channel", "inquiry", "text_version",
    "t0_s", "acknowledged_s", "acknowledged_by", "human_s", "substantive_s", "followed_up_s", "followup_kinds",
    "bounced_s", "handoff", "tester_delay_s", "exclusion", "first_contact_resolved",
))  # fmt: skip
_OUTCOMES = f"""SELECT :first + s.rowid, :campaign, w.id, b.id, c.word, i.word, '',
s.t0_s, s.acknowledged_s, s.acknowledged_by, s.human_s, s.substantive_s, s.followed_up_s, '',
s.bounced_s, 'none', 0.0, s.exclusion, coalesce(s.human_s = s.substantive_s, 0) {_JOINS}"""


def _codes(known: dict[str, int], words: Sequence[str]) -> list[int]:
    """Numbers of words in order of their first appearance."""
    for word in dict.fromkeys(words):
        known.setdefault(word, len(known))
    return list(map(known.__getitem__, words))


def _name(database: Any, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    named = list(rows)
    if named:
        database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(named[0]))})", named)


def _kind(word: str) -> str:
    """Free text is kept in the outcome; the probe itself knows only the words of the field."""
    return word if word in CHANNELS else ChannelKind.OTHER.value


def _insert_attached(
    session: Session, _staged: sqlite3.Connection, into: str, query: str, given: dict[str, Any]
) -> None:
    session.execute(text(f"INSERT INTO main.{into} {query}"), given)


def _copy(session: Session, staged: sqlite3.Connection, into: str, query: str, given: dict[str, Any]) -> None:
    raw: Any = session.connection().connection.driver_connection
    with raw.cursor().copy(f"COPY {into} FROM STDIN") as copy:
        for row in staged.execute(query, given):
            copy.write_row(row)
    session.execute(text("SELECT setval(pg_get_serial_sequence('probe', 'id'), (SELECT max(id) FROM probe))"))


_WRITERS = {"sqlite": _insert_attached, "postgresql": _copy}


def _last_probe_id(session: Session) -> int:
    """Staged rows count on from here. Nobody else may add probes until we are done."""
    if session.connection().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE probe IN SHARE ROW EXCLUSIVE MODE"))
    return int(session.execute(select(func.coalesce(func.max(col(Probe.id)), 0))).scalar_one())
