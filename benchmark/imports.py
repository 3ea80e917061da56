"""Measurements collected elsewhere: read as a stream, checked to the last row, then imported all or not at all."""

from __future__ import annotations

import gc
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import Engine
from sqlmodel import Session, select

from benchmark.core.import_cells import RowError, header_of
from benchmark.core.import_rows import BatchReader
from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import CampaignState
from benchmark.csv_files import csv_batches
from benchmark.store import queries
from benchmark.store.session import reading
from benchmark.store.staging import StagedBrand, Staging, beside
from benchmark.store.tables import Brand, Campaign, Wave

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
    with _collector_paused(), Staging() as staging:
        _stage(path, zone, staging, tell)
        _refuse_doubles(staging, tell)
        if not dry_run:
            with beside(engine, staging) as session:
                _refuse_taken(session, name)
                _write(session, staging, name, as_of, zone)
        return Imported(name, staging.count, len(staging.brands), staging.exclusions())


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Millions of cells come and go without one cycle among them; looking for cycles would cost a third of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _refuse_taken(session: Session, name: str) -> None:
    if queries.campaign_named(session, name) is not None:
        raise BadInput(f"campaign {name}", "is there already", "choose another name")


def _stage(path: Path, zone: ZoneInfo | None, staging: Staging, tell: Tell) -> None:
    faults = 0
    batches = csv_batches(path)
    _lines, head = next(batches, ([], []))
    if not head:
        raise BadInput(path.name, "is empty", "the first line names the columns")
    reader = BatchReader(header_of(head[0]), zone)
    for lines, rows in batches:
        found = reader.read(lines, rows)
        if isinstance(found, list):
            faults += len(found)
            for fault in found:
                tell(fault)
        elif not faults:
            staging.add(found)
    if faults:
        raise BadInput(path.name, f"{faults} cells cannot be used; nothing was imported", "mend them and try again")
    if not staging.count:
        raise BadInput(path.name, "has no rows below its header", "add one row a probe")


def _refuse_doubles(staging: Staging, tell: Tell) -> None:
    doubles = staging.doubles()
    for reference, first, last in doubles:
        tell(RowError(last, "probe_id", reference, f"stands in line {first} already", "give each row its own id"))
    if doubles:
        raise BadInput("probe_id", "occurs more than once; nothing was imported", "mend the lines named and try again")


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
