"""Rows of the downloads, streamed from the database's own cursor; text is guarded on the way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from benchmark.core.codebook import Level
from benchmark.core.columns import WAITING_S
from benchmark.core.formula_guard import guarded
from benchmark.core.outcomes import MOVES_NOTHING
from benchmark.store.queries_results import BrandFacts

BATCH = 5_000
Row = tuple[Any, ...]


def stream(
    session: Session, level: Level, campaign_id: int, as_of: datetime, brands: Mapping[int, BrandFacts]
) -> Iterator[list[Row]]:
    """Batches of rows in the order of the codebook's columns, in order of their ids."""
    dialect = _DIALECTS[session.connection().dialect.name](session)
    dialect.name_brands(brands)
    moment = as_of.astimezone(UTC)
    given = {"campaign": campaign_id, "as_of_s": moment.timestamp(), "as_of": dialect.instant(moment)}
    yield from dialect.rows(_QUERIES[level](dialect), given)


class Cells(ABC):
    """How a cell is asked for; each database has its own words for texts and times."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @abstractmethod
    def guard(self, column: str) -> str: ...

    def word(self, name: str, column: str) -> str:
        return self.guard(column)

    def until(self, column: str, written: str, delay: str = "") -> str:
        """What was not there yet at `as_of` is empty."""
        return f"CASE WHEN o.t0_s + {column}{delay} <= :as_of_s THEN {written} END"

    def exclusion(self) -> str:
        late = "o.exclusion = 'bounced' AND o.t0_s + o.bounced_s > :as_of_s"
        return f"CASE WHEN {late} THEN NULL ELSE o.exclusion END"

    def handoff(self) -> str:
        """A hand-off that waits for an answer is lost when the window of a response is over."""
        lost = "o.t0_s + o.handoff_lost_s <= :as_of_s"
        return f"CASE WHEN o.handoff_lost_s IS NULL THEN o.handoff WHEN {lost} THEN 'lost' ELSE 'open' END"

    def number(self, column: str) -> str:
        return column

    @abstractmethod
    def listed(self, column: str) -> str:
        """A JSON list of texts with semicolons between; empty where the list is."""

    @abstractmethod
    def day(self, column: str) -> str: ...

    def delay(self) -> str:
        """A brand that still waits for us has waited since its first word; see `OutcomeColumns.as_of`."""
        waited = ":as_of_s - o.t0_s - coalesce(o.human_s, 0.0)"
        return (
            f"CASE WHEN coalesce(o.tester_delay_s, 0.0) < {WAITING_S} THEN coalesce(o.tester_delay_s, 0.0)"
            f" WHEN {waited} > 0.0 THEN {waited} ELSE 0.0 END"
        )

    def brand_cell(self, word: str) -> str:
        return guarded(word)


class Sqlite(Cells):
    def __init__(self, session: Session) -> None:
        super().__init__(session)
        connection: Any = session.connection().connection
        self.driver = connection.driver_connection
        self.driver.create_function("guarded", 1, guarded, deterministic=True)

    def guard(self, column: str) -> str:
        """Python is asked only where a sign of a formula occurs at all."""
        signs = "'*[-=+@＝＋－＠' || char(9, 13) || ']*'"
        return f"CASE WHEN {column} GLOB {signs} THEN guarded({column}) ELSE {column} END"

    def seconds_as_instant(self, column: str) -> str:
        whole = f"CAST({column} AS INTEGER)"
        tail = f"CASE WHEN {column} = {whole} THEN 'Z' ELSE printf('.%06dZ', round(({column} - {whole}) * 1000000)) END"
        return f"strftime('%Y-%m-%dT%H:%M:%S', {whole}, 'unixepoch') || {tail}"

    def stored_as_instant(self, column: str) -> str:
        return f"replace(substr({column}, 1, 19), ' ', 'T') || 'Z'"

    def listed(self, column: str) -> str:
        return f"(SELECT group_concat(value, ';') FROM (SELECT value FROM json_each({column}) ORDER BY key))"

    def day(self, column: str) -> str:
        return column

    def instant(self, moment: datetime) -> str:
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")

    def name_brands(self, brands: Mapping[int, BrandFacts]) -> None:
        self.driver.execute("DROP TABLE IF EXISTS temp.export_brand")
        self.driver.execute(
            "CREATE TEMP TABLE export_brand"
            " (id INTEGER PRIMARY KEY, brand TEXT, company TEXT, sector TEXT, country TEXT)"
        )
        self.driver.executemany("INSERT INTO export_brand VALUES (?, ?, ?, ?, ?)", _brand_rows(brands, self.brand_cell))

    def rows(self, query: str, given: Mapping[str, Any]) -> Iterator[list[Row]]:
        cursor = self.driver.execute(query, given)
        while batch := cursor.fetchmany(BATCH):
            yield batch


class PostgreSql(Cells):
    def guard(self, column: str) -> str:
        pattern = r"(^|[\r\n])[ \ufeff\u200b-\u200f\u2060\u00ad]*[=+@\t\r＝＋－＠-]"
        return f"CASE WHEN {column} ~ '{pattern}' THEN '''' || {column} ELSE {column} END"

    def seconds_as_instant(self, column: str) -> str:
        return self.stored_as_instant(f"to_timestamp({column})")

    def stored_as_instant(self, column: str) -> str:
        whole = f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')"""
        parts = f"to_char({column}, 'US')"
        return f"{whole} || CASE WHEN {parts} = '000000' THEN 'Z' ELSE '.' || {parts} || 'Z' END"

    def listed(self, column: str) -> str:
        each = f"json_array_elements_text({column}) WITH ORDINALITY AS t (value, n)"
        return f"(SELECT string_agg(value, ';' ORDER BY n) FROM {each})"

    def day(self, column: str) -> str:
        return f"to_char({column}, 'YYYY-MM-DD')"

    def instant(self, moment: datetime) -> datetime:
        return moment

    def name_brands(self, brands: Mapping[int, BrandFacts]) -> None:
        self.session.execute(text("DROP TABLE IF EXISTS export_brand"))
        self.session.execute(
            text(
                "CREATE TEMP TABLE export_brand (id INTEGER PRIMARY KEY, brand TEXT, company TEXT, sector TEXT,"
                " country TEXT) ON COMMIT DROP"
            )
        )
        self.session.connection().exec_driver_sql(
            "INSERT INTO export_brand VALUES (%s, %s, %s, %s, %s)", _brand_rows(brands, self.brand_cell)
        )

    def rows(self, query: str, given: Mapping[str, Any]) -> Iterator[list[Row]]:
        driver: Any = self.session.connection().connection.driver_connection
        with driver.cursor(name="export") as cursor:
            cursor.itersize = BATCH
            cursor.execute(pyformat(query), given)
            while batch := cursor.fetchmany(BATCH):
                yield batch


Dialect = Sqlite | PostgreSql
_DIALECTS: dict[str, type[Sqlite] | type[PostgreSql]] = {"sqlite": Sqlite, "postgresql": PostgreSql}


def pyformat(query: str) -> str:
    """Our queries name their values `:name`; psycopg wants `%(name)s`."""
    named = query.replace("%", "%%")
    for name in ("as_of_s", "as_of", "campaign"):
        named = named.replace(f":{name}", f"%({name})s")
    return named


def _brand_rows(brands: Mapping[int, BrandFacts], cell: Callable[[str], str]) -> list[Row]:
    return [
        (key, *(cell(word) for word in (facts.name, facts.company, facts.sector, facts.country)))
        for key, facts in brands.items()
    ]


_ID = "coalesce(p.reference, CAST(p.id AS TEXT))"


def probe_cells(dialect: Dialect) -> list[str]:
    """One SQL expression a column of the codebook."""

    def wait(name: str, delay: str = "") -> str:
        return dialect.until(f"o.{name}", dialect.number(f"o.{name}"), delay)

    return [
        f"coalesce({dialect.guard('p.reference')}, CAST(p.id AS TEXT))",
        "b.brand",
        "b.company",
        "b.sector",
        "b.country",
        dialect.word("channel", "coalesce(o.channel, p.channel)"),
        dialect.word("inquiry", "coalesce(o.inquiry, i.kind, '')"),
        dialect.word("wave", "coalesce(nullif(w.name, ''), CAST(w.number AS TEXT))"),
        dialect.word("template", "p.text_version"),
        dialect.until("0", dialect.seconds_as_instant("o.t0_s")),
        wait("acknowledged_s"),
        dialect.until("o.acknowledged_s", "o.acknowledged_by"),
        wait("human_s"),
        wait("substantive_s", " + o.tester_delay_s"),
        wait("followed_up_s", " + o.tester_delay_s"),
        wait("bounced_s"),
        wait("closed_s"),
        wait("ticket_s"),
        wait("out_of_office_s"),
        dialect.handoff(),
        dialect.number(dialect.delay()),
        dialect.exclusion(),
    ]


FROM_PROBES = """
FROM probe AS p
JOIN export_brand AS b ON b.id = p.brand_id
JOIN wave AS w ON w.id = p.wave_id
LEFT JOIN outcome AS o ON o.probe_id = p.id
LEFT JOIN inquiry AS i ON i.id = p.inquiry_id
WHERE p.campaign_id = :campaign ORDER BY p.id"""


def _probes(dialect: Dialect) -> str:
    return f"SELECT {', '.join(probe_cells(dialect))} {FROM_PROBES}"


def _handed(dialect: Dialect) -> str:
    """A reply that moves the matter says what became of it: a person's last word on it, else what became of its
    inquiry (`outcomes._hand_off`). Absence notices and what is no reply move nothing."""
    moved = """v.handoff_state = 'open' OR CAST(v.flags AS TEXT) LIKE '%"handoff"%'"""
    kinds = ", ".join(f"'{kind.value}'" for kind in sorted(MOVES_NOTHING))
    return f"""
       CASE WHEN v.kind IN ({kinds}) THEN 'none'
            WHEN v.handoff_state IN ('completed', 'lost') THEN v.handoff_state
            WHEN {moved} THEN coalesce({dialect.handoff()}, 'none')
            ELSE 'none' END"""


def _replies(dialect: Dialect) -> str:
    return f"""
SELECT {dialect.guard(_ID)}, r.id, r.channel, {dialect.stored_as_instant("r.received_at")}, v.kind,
       {_words("v.flags")}, v.followup_kind, {_handed(dialect)}, v.substantive, v.language, v.confidence, v.decided_by,
       v.rules_version, r.matched_by, v.handoff_channel, {dialect.guard("v.handoff_address")},
       {dialect.guard(dialect.listed("v.ticket_ids"))}, {dialect.day("v.return_on")}
FROM reply AS r
JOIN probe AS p ON p.id = r.probe_id
LEFT JOIN outcome AS o ON o.probe_id = p.id
LEFT JOIN verdict AS v ON v.id = (
    SELECT won.id FROM verdict AS won WHERE won.reply_id = r.id
    ORDER BY CASE WHEN won.decided_by = 'person' THEN 0 ELSE 1 END, won.id DESC LIMIT 1)
WHERE p.campaign_id = :campaign AND r.received_at <= :as_of ORDER BY r.id"""


def _events(dialect: Dialect) -> str:
    return f"""
SELECT {dialect.guard(_ID)}, e.id, e.kind, {dialect.stored_as_instant("e.at")}, e.reply_id
FROM event AS e JOIN probe AS p ON p.id = e.probe_id
WHERE p.campaign_id = :campaign AND e.at <= :as_of ORDER BY e.id"""


def _assignment(dialect: Dialect) -> str:
    """The plan as it was frozen, and what became different from it."""
    sent = "p.t0 <= :as_of"
    return f"""
SELECT {dialect.guard(_ID)}, b.brand, p.channel,
       {dialect.guard("coalesce(nullif(w.name, ''), CAST(w.number AS TEXT))")}, {dialect.guard("p.text_version")},
       {dialect.guard("coalesce(s.key, '')")}, {dialect.stored_as_instant("p.planned_at")}, p.state,
       CASE WHEN {sent} THEN {dialect.stored_as_instant("p.t0")} END,
       CASE WHEN p.state IN ('barrier', 'failed', 'withdrawn', 'unconfirmed') THEN p.state
            WHEN p.planned_at IS NULL OR p.due_at = p.planned_at THEN ''
            WHEN {sent} THEN 'sent_later' ELSE 'postponed' END
FROM probe AS p
JOIN export_brand AS b ON b.id = p.brand_id
JOIN wave AS w ON w.id = p.wave_id
LEFT JOIN persona AS s ON s.id = p.persona_id
WHERE p.campaign_id = :campaign ORDER BY p.id"""


def _codes(dialect: Dialect) -> str:
    """Coders are numbered, never named."""
    return f"""
SELECT {dialect.guard(_ID)}, r.id, v.id,
       CASE WHEN v.decided_by = 'person' THEN dense_rank() OVER (PARTITION BY v.decided_by ORDER BY v.coder) ELSE 0 END,
       v.kind, {_words("v.flags")}, v.substantive, {dialect.stored_as_instant("v.decided_at")}
FROM verdict AS v JOIN reply AS r ON r.id = v.reply_id JOIN probe AS p ON p.id = r.probe_id
WHERE p.campaign_id = :campaign AND v.decided_at <= :as_of ORDER BY v.id"""


def _words(column: str) -> str:
    """A JSON list of words as words with semicolons between."""
    return f"""replace(replace(replace(replace(CAST({column} AS TEXT), '[', ''), ']', ''), '"', ''), ', ', ';')"""


_QUERIES = {
    Level.PROBES: _probes,
    Level.REPLIES: _replies,
    Level.EVENTS: _events,
    Level.ASSIGNMENT: _assignment,
    Level.CODES: _codes,
}
