"""Measurements collected elsewhere: read as a stream, checked to the last row, then imported all or not at all."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import Engine
from sqlmodel import Session, select

from benchmark.core.import_rows import ImportedRow, RowError, RowReader, header_of
from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import CampaignState
from benchmark.store import queries
from benchmark.store.session import reading
from benchmark.store.staging import BATCH, StagedBrand, Staging, beside
from benchmark.store.tables import Brand, Campaign, Wave

LONGEST_CELL = 131_072  # characters, the standard library's own default
LONGEST_LINE = 1_000_000
FOREIGN = {
    b"\xff\xfe": "is UTF-16",
    b"\xfe\xff": "is UTF-16",
    b"PK\x03\x04": "is a spreadsheet or zip file",
    b"\x1f\x8b": "is compressed with gzip",
    b"%PDF": "is a PDF",
    b"\xd0\xcf\x11\xe0": "is an old Excel file",
    b"SQLite format 3": "is a database",
}

MOST_PEOPLE = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MX": "America/Mexico_City",
    "RU": "Europe/Moscow",
}
"""Where the zone database begins with a remote corner of the country."""

Tell = Callable[[RowError], None]


@dataclass(frozen=True)
class Imported:
    """What an import brought, or would bring."""

    campaign: str
    rows: int
    brands: int
    exclusions: Mapping[str, int]


def import_file(
    engine: Engine,
    path: Path,
    name: str,
    *,
    as_of: datetime,
    zone: ZoneInfo | None = None,
    dry_run: bool = False,
    tell: Tell = lambda _error: None,
) -> Imported:
    """Imports a file as the campaign `name`, seen as of a moment. Every fault of a row is told as it is found.

    Raises BadInput when the file cannot be read, any row has a fault, or the name is taken; then nothing is imported.
    """
    with reading(engine) as session:
        _refuse_taken(session, name)
    with Staging() as staging:
        _stage(path, zone, staging, tell)
        _refuse_doubles(staging, tell)
        if not dry_run:
            with beside(engine, staging) as session:
                _refuse_taken(session, name)
                _write(session, staging, name, as_of, zone)
        return Imported(name, staging.count, len(staging.brands), staging.exclusions())


def _refuse_taken(session: Session, name: str) -> None:
    if queries.campaign_named(session, name) is not None:
        raise BadInput(f"campaign {name}", "is there already", "choose another name")


def _stage(path: Path, zone: ZoneInfo | None, staging: Staging, tell: Tell) -> None:
    faults, batch = 0, list[ImportedRow]()
    cells = csv_rows(path)
    _line, head = next(cells, (0, []))
    if not head:
        raise BadInput(path.name, "is empty", "the first line names the columns")
    reader = RowReader(header_of(head), zone)
    for line, row in cells:
        found = reader.read(line, row)
        if isinstance(found, list):
            faults += len(found)
            for fault in found:
                tell(fault)
        elif not faults:
            batch.append(found)
            if len(batch) >= BATCH:
                staging.add(batch)
                batch.clear()
    if faults:
        raise BadInput(path.name, f"{faults} cells cannot be used; nothing was imported", "mend them and try again")
    staging.add(batch)
    if not staging.count:
        raise BadInput(path.name, "has no rows below its header", "add one row a probe")


def _refuse_doubles(staging: Staging, tell: Tell) -> None:
    doubles = staging.doubles()
    for reference, first, last in doubles:
        tell(RowError(last, "probe_id", reference, f"stands in line {first} already", "give each row its own id"))
    if doubles:
        raise BadInput("probe_id", "occurs more than once; nothing was imported", "mend the lines named and try again")


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row that is not blank. Raises BadInput for what is no CSV in UTF-8."""
    _refuse_foreign(path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        csv.field_size_limit(LONGEST_CELL)  # of the whole process; libraries set it to no limit at all
        rows = csv.reader(_lines(stream, path), strict=True)
        line = 1
        while True:
            try:
                row = next(rows, None)
            except csv.Error as problem:
                raise BadInput(f"{path.name}, line {line}", _csv_problem(problem), _CSV_REMEDY) from None
            except UnicodeDecodeError:
                raise BadInput(
                    f"{path.name}, line {_undecodable_line(path)}", "is not in UTF-8", "save the file as UTF-8"
                ) from None
            if row is None:
                return
            if row:
                yield line, row
            line = rows.line_num + 1


_CSV_REMEDY = "close the quotes; a quote inside a cell is written twice"


def _csv_problem(problem: csv.Error) -> str:
    if "field larger" in str(problem) or "unexpected end" in str(problem):
        return "a quote is opened and never closed"
    return f"is no CSV ({problem})"


def _lines(stream: TextIO, path: Path) -> Iterator[str]:
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if "\0" in line:
            raise BadInput(f"{path.name}, line {number}", "holds a NUL character", "save the file as plain text")
        if len(line) >= LONGEST_LINE:
            raise BadInput(f"{path.name}, line {number}", "is longer than a million characters", "is it a CSV file?")
        yield line


def _refuse_foreign(path: Path) -> None:
    if not path.is_file():
        raise BadInput(str(path), "there is no such file", "check the path")
    with path.open("rb") as stream:
        start = stream.read(16)
    for mark, problem in FOREIGN.items():
        if start.startswith(mark):
            raise BadInput(path.name, problem, "save it as CSV in UTF-8")
    if start[1:2] == b"\0" or start[:1] == b"\0":
        raise BadInput(path.name, "is UTF-16 or binary", "save it as CSV in UTF-8")


def _undecodable_line(path: Path) -> int:
    number = 0
    with path.open("rb") as stream:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE), b""), start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return number


def _write(session: Session, staging: Staging, name: str, as_of: datetime, zone: ZoneInfo | None) -> None:
    brands = staging.brand_facts()
    campaign = Campaign(
        name=name,
        title=name,
        state=CampaignState.CLOSED,
        imported=True,
        as_of=as_of,
        design={"brands": {brand.name: _belongings(brand, zone) for brand in brands}},
    )
    session.add(campaign)
    session.flush()
    waves = [
        Wave(campaign_id=campaign.id or 0, number=number, name=wave) for number, wave in enumerate(staging.waves, 1)
    ]
    session.add_all(waves)
    brand_ids = _brand_ids(session, brands, zone)
    session.flush()
    staging.move(session, campaign.id or 0, brand_ids, [wave.id or 0 for wave in waves])


def _belongings(brand: StagedBrand, zone: ZoneInfo | None) -> list[str]:
    """Company, sector, country, zone and the country whose public holidays count."""
    country = brand.country.upper()
    known = country if country in holidays.list_supported_countries() else ""
    return [brand.company, brand.sector, brand.country, zone_of(brand.country, zone), known]


def _brand_ids(session: Session, brands: list[StagedBrand], zone: ZoneInfo | None) -> list[int]:
    """Row ids in the order of the brands; a brand known by name is the same brand."""
    known = {row.name: row for row in session.exec(select(Brand)).all()}
    slugs = {row.slug for row in known.values()}
    rows = []
    for brand in brands:
        row = known.get(brand.name)
        if row is None:
            row = Brand(
                name=brand.name,
                slug=_slug(brand.name, slugs),
                company=brand.company,
                sector=brand.sector,
                country=brand.country,
                zone=zone_of(brand.country, zone),
            )
            slugs.add(row.slug)
            session.add(row)
        rows.append(row)
    session.flush()
    return [row.id or 0 for row in rows]


def _slug(name: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss")).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "brand"
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def zone_of(country: str, fallback: ZoneInfo | None) -> str:
    """The zone most people of a country live in, as the zone database orders them."""
    code = country.upper()
    return MOST_PEOPLE.get(code) or _zones().get(code, fallback.key if fallback else "UTC")


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """First zone of each country; a country that only shares another one's zone comes after the owners."""
    table = (files("tzdata") / "zoneinfo" / "zone1970.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    owners = [(row[0].split(",")[0], row[2]) for row in rows]
    sharers = [(country, row[2]) for row in rows for country in row[0].split(",")[1:]]
    zones: dict[str, str] = {}
    for country, zone in owners + sharers:
        zones.setdefault(country, zone)
    return zones
