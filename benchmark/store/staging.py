"""Rows of an import wait in a private temporary database until all of them are known to be good, then move at once.

The study's own database is locked for the move only, and memory stays flat however long the file is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import numpy as np
from sqlalchemy import Engine, func, select, text
from sqlmodel import Session, col

from benchmark.core.columns import ACKNOWLEDGED_BY, EXCLUSIONS
from benchmark.core.import_rows import ImportedRow
from benchmark.core.vocabulary import ChannelKind
from benchmark.store.packs import BUCKETS, SECONDS, SMALL, Arrays, Pack, store_pack
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
        line, reference, name, company, sector, country, channel, inquiry, wave, *waits = row
        brand = self.brands.get(name)
        if brand is None:
            brand = self.brands[name] = len(self.brands)
            self._facts.append(["", "", ""])
        facts = self._facts[brand]
        if not all(facts):
            for place, said in enumerate((company, sector, country)):
                facts[place] = facts[place] or said
        return (
            line,
            reference,
            brand,
            self.waves.setdefault(wave, len(self.waves)),
            self._channels.setdefault(channel, len(self._channels)),
            self._inquiries.setdefault(inquiry, len(self._inquiries)),
            *waits,
        )

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
        self._database.execute("CREATE INDEX staged_by_brand ON staged (brand)")
        self._database.execute("COMMIT")

    def _pack(self, session: Session, campaign_id: int, brand_ids: Sequence[int], wave_ids: Sequence[int]) -> None:
        buckets: dict[int, list[int]] = {}
        for code, brand_id in enumerate(brand_ids):
            buckets.setdefault(brand_id % BUCKETS, []).append(code)
        words = {"channel": tuple(self._channels), "inquiry": tuple(self._inquiries), "template": ("",)}
        for bucket, codes in sorted(buckets.items()):
            rows = [row for code in codes for row in self._database.execute(_PACKED, (code,))]
            arrays = _arrays(np.array(rows, dtype=np.float64), np.array(brand_ids), np.array(wave_ids))
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
    t0_s REAL, acknowledged_s REAL, acknowledged_by TEXT, human_s REAL, substantive_s REAL, followed_up_s REAL,
    bounced_s REAL, exclusion TEXT);
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


def _code_of(column: str, words: Sequence[str]) -> str:
    cases = " ".join(f"WHEN '{word}' THEN {code}" for code, word in enumerate(words))
    return f"CASE {column} {cases} ELSE -1 END"


_NUMBERS = ("t0_s", "acknowledged_s", "human_s", "substantive_s", "followed_up_s", "bounced_s")
_CODES = f"{_code_of('acknowledged_by', ACKNOWLEDGED_BY)}, {_code_of('exclusion', EXCLUSIONS)}"
_PACKED = f"""SELECT brand, wave, channel, inquiry, {", ".join(_NUMBERS)}, {_CODES},
coalesce(human_s = substantive_s, 0) FROM staged WHERE brand = ? ORDER BY rowid"""


def _arrays(rows: Any, brand_ids: Any, wave_ids: Any) -> Arrays:
    """Arrays of a pack from the numbers of `_PACKED`; what an import cannot tell is empty."""
    n, columns = len(rows), rows.T
    arrays: Arrays = {
        "brand_id": brand_ids[columns[0].astype(np.int64)].astype(np.int32),
        "wave_id": wave_ids[columns[1].astype(np.int64)].astype(np.int32),
        "channel": columns[2].astype(np.int32),
        "inquiry": columns[3].astype(np.int32),
        "template": np.zeros(n, dtype=np.int32),
    }
    arrays |= {name: np.full(n, np.nan) for name in SECONDS} | {"tester_delay_s": np.zeros(n)}
    arrays |= {name: np.ascontiguousarray(columns[place]) for place, name in enumerate(_NUMBERS, start=4)}
    arrays |= {name: np.zeros(n, dtype=np.int8) for name in SMALL}
    told = ("acknowledged_by", "exclusion", "first_contact_resolved")
    return arrays | {name: columns[place].astype(np.int8) for place, name in enumerate(told, start=4 + len(_NUMBERS))}


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
