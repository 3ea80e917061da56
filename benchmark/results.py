"""Verb 5: outcomes → metrics → leaderboard, as of a moment. Reads columns, never single rows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from benchmark.core.columns import DIMENSIONS, OutcomeColumns, columns_of
from benchmark.core.design import CampaignDesign
from benchmark.core.leaderboard import By, Leaderboard, leaderboard_of
from benchmark.core.observed import Clock, observe
from benchmark.core.problems import BadInput
from benchmark.core.scoring import edition_formula
from benchmark.core.values import Calendar, PublishedHours, Weights, Windows
from benchmark.core.vocabulary import LeaderboardClass
from benchmark.store import packs
from benchmark.store.queries import find_campaign as find_campaign
from benchmark.store.queries_results import BrandFacts, brand_facts, campaign_brand_ids, set_classes, wave_names
from benchmark.store.tables import Campaign
from benchmark.wall_clock import study_now

T = TypeVar("T")


@dataclass(frozen=True)
class Filters:
    """Which probes a table is made of; empty = all. Several words in one filter mean any of them."""

    sector: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    wave: tuple[str, ...] = ()
    inquiry: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()

    def apply(self, columns: OutcomeColumns) -> OutcomeColumns:
        """Raises BadInput for a word the campaign does not know."""
        mask = np.ones(len(columns), dtype=bool)
        for name, wanted in vars(self).items():
            if wanted:
                _check_known(name, wanted, columns.labels[name])
                mask &= columns.label_mask(name, wanted)
        return columns if mask.all() else columns.where(mask)


def _check_known(name: str, wanted: tuple[str, ...], known: tuple[str, ...]) -> None:
    for word in wanted:
        if word not in known:
            some = ", ".join(label for label in known[:8] if label) or "none"
            raise BadInput(name, f"{word!r} does not occur in this campaign", f"known: {some}")


@dataclass(frozen=True)
class Rules:
    """Settings of a campaign that its figures depend on."""

    windows: Windows = field(default_factory=Windows)
    weights: Weights = field(default_factory=Weights)
    min_n: int = 10


def rules_of(campaign: Campaign) -> Rules:
    if campaign.imported:
        return Rules()
    design = CampaignDesign.model_validate(campaign.design)
    return Rules(design.windows.windows(), design.weights.weights(), design.min_n)


def default_as_of(session: Session, campaign: Campaign) -> datetime:
    """An import is looked at as of its own moment, a campaign of ours as of now."""
    return campaign.as_of or study_now(session)


def leaderboard(
    session: Session,
    campaign: Campaign,
    as_of: datetime | None = None,
    *,
    by: By = By.BRAND,
    clock: Clock = Clock.CALENDAR,
    rank_by: str = "score",
    min_n: int | None = None,
    filters: Filters | None = None,
) -> Leaderboard:
    """The ranking of a campaign. Filters choose probes; the formula stays that of the whole campaign."""
    moment, chosen = as_of or default_as_of(session, campaign), filters or Filters()
    least = rules_of(campaign).min_n if min_n is None else min_n

    def make() -> Leaderboard:
        return _leaderboard(session, campaign, moment, by, clock, rank_by, least, chosen)

    return remembered(session, campaign, ("leaderboard", moment, by, clock, rank_by, least, chosen), make)


def remembered(session: Session, campaign: Campaign, key: tuple[Hashable, ...], make: Callable[[], T]) -> T:
    """What `make` gives, or gave this process before, as long as no outcome of the campaign has changed since."""
    memory, version = _memory(_engine(session)), packs.data_version(session, campaign.id or 0)
    whole = (campaign.id, campaign.name, version, *key)
    found = memory.figure(whole) if version[0] else None
    if found is None:
        found = make()
        memory.keep_figure(whole, found)
    return cast("T", found)


def _leaderboard(
    session: Session,
    campaign: Campaign,
    moment: datetime,
    by: By,
    clock: Clock,
    rank_by: str,
    least: int,
    chosen: Filters,
) -> Leaderboard:
    rules = rules_of(campaign)
    columns = outcome_columns(session, campaign)
    whole = observe(columns, moment, rules.windows)
    observed = whole
    if clock is not Clock.CALENDAR or chosen != Filters():
        observed = observe(chosen.apply(columns), moment, rules.windows, clock)
    return leaderboard_of(
        observed,
        by=by,
        rank_by=rank_by,
        min_n=least,
        classes=classes_of(session, campaign, chosen) if by is By.BRAND else {},
        formula=edition_formula(whole, rules.weights),
    )


def classes_of(session: Session, campaign: Campaign, filters: Filters | None = None) -> Mapping[str, LeaderboardClass]:
    """Brands that are unranked whatever their probes say."""
    filters = filters or Filters()
    classes = set_classes(session, campaign, filters.channel, filters.sector, filters.country)
    return {name: kind for name, kind in classes.items() if not filters.brand or name in filters.brand}


def outcome_columns(session: Session, campaign: Campaign) -> OutcomeColumns:
    """All outcomes of a campaign in columns; unpacked once per process and change."""
    campaign_id = campaign.id or 0
    count, total = packs.data_version(session, campaign_id)
    if count == 0:
        return _columns(session, campaign, [packs.pack_of(session, campaign_id, None)])
    memory = _memory(_engine(session))
    key = (campaign_id, campaign.name, total)
    columns = memory.columns(key)
    if columns is None:
        columns = _columns(session, campaign, _packs(session, campaign_id, memory))
        memory.keep_columns(key, columns)
    return columns


def _packs(session: Session, campaign_id: int, memory: _Memory) -> list[packs.Pack]:
    """Buckets that changed are read, the others are remembered."""
    versions = packs.bucket_versions(session, campaign_id)
    known = memory.buckets(campaign_id)
    missing = [bucket for bucket, version in versions.items() if known.get(bucket, (0,))[0] != version]
    for bucket, pack in packs.read_packs(session, campaign_id, missing).items():
        known[bucket] = (versions[bucket], pack)
    return [known[bucket][1] for bucket in sorted(versions)]


def _columns(session: Session, campaign: Campaign, parts: list[packs.Pack]) -> OutcomeColumns:
    arrays = {name: np.concatenate([part.arrays[name] for part in parts]) for name in parts[0].arrays}
    labels: dict[str, tuple[str, ...]] = {}
    for name in packs.WORDS:
        labels[name] = tuple(sorted(set().union(*(part.words[name] for part in parts))))
        code = {word: number for number, word in enumerate(labels[name])}
        arrays[name] = np.concatenate(
            [
                np.array([code[word] for word in part.words[name]] or [0], dtype=np.int32)[part.arrays[name]]
                for part in parts
            ]
        )
    brand_ids, wave_ids = arrays.pop("brand_id"), arrays.pop("wave_id")
    waves = wave_names(session, campaign.id or 0)
    arrays["wave"], labels["wave"] = _coded(wave_ids, waves)
    facts = _facts_of(session, campaign, np.unique(brand_ids).tolist())
    for name in ("brand", "company", "sector", "country"):
        attribute = "name" if name == "brand" else name
        arrays[name], labels[name] = _coded(brand_ids, {key: getattr(fact, attribute) for key, fact in facts.items()})
    calendars = tuple(dict.fromkeys(fact.calendar for fact in facts.values()))
    arrays["calendar"] = _mapped(brand_ids, {key: calendars.index(fact.calendar) for key, fact in facts.items()})
    published = _published(campaign, labels["brand"])
    seen = {
        "acknowledgements_seen": not campaign.imported or bool(np.isfinite(arrays["acknowledged_s"]).any()),
        "followups_seen": not campaign.imported or bool(np.isfinite(arrays["followed_up_s"]).any()),
    }
    return columns_of(len(brand_ids), labels, calendars=calendars, published=published, **arrays, **seen)


def _published(campaign: Campaign, brands: Sequence[str]) -> dict[int, PublishedHours]:
    """The hours that brands of a campaign publish themselves, by the code of the brand."""
    if campaign.imported:
        return {}
    designed = CampaignDesign.model_validate(campaign.design).brands
    hours = {brand.name: brand.own_hours for brand in designed}
    return {code: found for code, name in enumerate(brands) if (found := hours.get(name)) is not None}


def _facts_of(session: Session, campaign: Campaign, brand_ids: list[int]) -> dict[int, BrandFacts]:
    """An import says itself what its brands belong to; the same brand may stand elsewhere in another campaign."""
    facts = brand_facts(session, brand_ids)
    said: Mapping[str, Any] = campaign.design.get("brands", {}) if campaign.imported else {}
    for key, fact in facts.items():
        if fact.name in said:
            company, sector, country, zone, holidays_of = said[fact.name]
            facts[key] = BrandFacts(fact.name, company, sector, country, Calendar(zone, holidays_of))
    return facts


def brand_facts_of(session: Session, campaign: Campaign) -> dict[int, BrandFacts]:
    """What each brand of a campaign is called and belongs to, by row id."""
    return _facts_of(session, campaign, campaign_brand_ids(session, campaign.id or 0))


def _coded(ids: np.ndarray[Any, np.dtype[np.int32]], names: Mapping[int, str]) -> tuple[Any, tuple[str, ...]]:
    """Codes into sorted labels, so that row ids leave no trace in the figures."""
    labels = tuple(sorted(set(names.values()))) or ("",)
    code = {label: number for number, label in enumerate(labels)}
    return _mapped(ids, {key: code[name] for key, name in names.items()}), labels


def _mapped(ids: np.ndarray[Any, np.dtype[np.int32]], codes: Mapping[int, int]) -> Any:
    table = np.zeros(max((*codes, int(ids.max(initial=0)))) + 1 if codes else 1, dtype=np.int32)
    for key, code in codes.items():
        table[key] = code
    return table[ids]


class _Memory:
    """What one process remembers of one database: unpacked buckets, columns, finished tables; a few of each."""

    CAMPAIGNS = 2
    FIGURES = 128

    def __init__(self) -> None:
        self._lock = Lock()
        self._columns: OrderedDict[tuple[Any, ...], OutcomeColumns] = OrderedDict()
        self._figures: OrderedDict[tuple[Any, ...], object] = OrderedDict()
        self._buckets: OrderedDict[int, dict[int, tuple[int, packs.Pack]]] = OrderedDict()

    def columns(self, key: tuple[Any, ...]) -> OutcomeColumns | None:
        return self._columns.get(key)

    def keep_columns(self, key: tuple[Any, ...], columns: OutcomeColumns) -> None:
        with self._lock:
            for old in [other for other in self._columns if other[0] == key[0]]:
                del self._columns[old]
            _keep(self._columns, key, columns, self.CAMPAIGNS)

    def figure(self, key: tuple[Any, ...]) -> object | None:
        return self._figures.get(key)

    def keep_figure(self, key: tuple[Any, ...], figure: object) -> None:
        with self._lock:
            _keep(self._figures, key, figure, self.FIGURES)

    def buckets(self, campaign_id: int) -> dict[int, tuple[int, packs.Pack]]:
        with self._lock:
            if campaign_id not in self._buckets:
                _keep(self._buckets, campaign_id, {}, self.CAMPAIGNS)
            return self._buckets[campaign_id]


def _keep(store: OrderedDict[Any, Any], key: Any, value: Any, most: int) -> None:
    store[key] = value
    store.move_to_end(key)
    while len(store) > most:
        store.popitem(last=False)


_MEMORIES: WeakKeyDictionary[Engine, _Memory] = WeakKeyDictionary()


def _memory(engine: Engine) -> _Memory:
    return _MEMORIES.setdefault(engine, _Memory())


def _engine(session: Session) -> Engine:
    return session.get_bind().engine


assert set(vars(Filters())) <= set(DIMENSIONS)
