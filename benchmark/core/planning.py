"""Design + contact points + seed → assigned probes with due times; the same input gives the same plan everywhere.

Chance comes from SHA-256 of seed and place, so that a plan depends neither on a library's generator nor on row order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from benchmark.core.design import AssignedProbe, BrandIn, CampaignDesign, InquiryIn, SendingIn, WaveIn
from benchmark.core.problems import BadInput

Place = tuple[int, int, int]  # of a probe in the square: brand, wave, contact point
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def plan(design: CampaignDesign) -> tuple[AssignedProbe, ...]:
    """All probes of a campaign, ordered by due time.

    Each offered contact point gets one probe a wave. Inquiries, personas, weekdays and hours rotate over brands,
    channels and waves (Latin square), so that over the waves each brand meets each of them about equally often.
    Raises BadInput when a wave has no room for a brand's probes.
    """
    order = {brand.key: place for place, brand in enumerate(_shuffled(design))}
    probes = [
        probe
        for number, wave in enumerate(design.waves, start=1)
        for brand in design.brands
        for probe in _probes_of_brand(design, number, wave, brand, order[brand.key])
    ]
    return tuple(sorted(probes, key=lambda probe: (probe.due_at, probe.brand, probe.channel.value, probe.address)))


def assignment_sha256(probes: Iterable[AssignedProbe]) -> str:
    """Fingerprint of a plan; frozen before the first send, so that nobody can choose afterwards."""
    lines = (json.dumps(probe.model_dump(mode="json"), sort_keys=True, ensure_ascii=False) for probe in probes)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def draw(seed: int, *place: object) -> int:
    """A number of 64 evenly distributed bits, fixed by seed and place."""
    text = ":".join(str(part) for part in (seed, *place))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _shuffled(design: CampaignDesign) -> list[BrandIn]:
    return sorted(design.brands, key=lambda brand: draw(design.seed, "brand", brand.key))


def _probes_of_brand(
    design: CampaignDesign, number: int, wave: WaveIn, brand: BrandIn, place: int
) -> Iterable[AssignedProbe]:
    offered = [point for point in brand.contact_points if point.offered]
    if not offered:
        return
    days = sendable_days(design.sending, wave, brand)
    if not days:
        raise BadInput(
            f"wave {number}",
            f"has no day on which {brand.name} may be written to",
            "add days to the wave or weekdays to sending",
        )
    personas = [persona for persona in design.personas if persona.language == brand.language]
    taken: list[datetime] = []
    for turn, point in enumerate(offered):
        inquiry = design.inquiries[(place + number + turn) % len(design.inquiries)]
        text = _text_for(inquiry, brand.language, place + number)
        first = (place + number + turn * max(1, len(days) // len(offered))) % len(days)
        taken.append(_free_moment(design, number, brand, days[first:] + days[:first], (place, number, turn), taken))
        yield AssignedProbe(
            wave=number,
            brand=brand.key,
            channel=point.channel,
            address=point.address,
            inquiry=inquiry.key,
            version=text.version,
            language=text.language,
            persona=personas[(place + number + turn) % len(personas)].key,
            due_at=taken[-1],
        )


class _Wording:
    def __init__(self, version: str, language: str) -> None:
        self.version, self.language = version, language


def _text_for(inquiry: InquiryIn, language: str, turn: int) -> _Wording:
    texts = [text for text in inquiry.texts if text.language == language]
    chosen = texts[turn % len(texts)]
    return _Wording(chosen.version, chosen.language)


def sendable_days(sending: SendingIn, wave: WaveIn, brand: BrandIn) -> list[date]:
    """Days of the wave on which this brand may be written to: listed weekdays without its public holidays."""
    closed = public_holidays(brand.country, brand.subdivision, (wave.starts_on.year, wave.starts_on.year + 1))
    days = (wave.starts_on + timedelta(days=offset) for offset in range(wave.days))
    return [day for day in days if WEEKDAYS[day.weekday()] in sending.weekdays and day not in closed]


@lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str | None, years: tuple[int, ...]) -> frozenset[date]:
    """Public holidays of a country (ISO 3166-1 alpha-2) and subdivision; none for a country that is not known."""
    if not country:
        return frozenset()
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=years))
    except NotImplementedError:
        return frozenset()


def _free_moment(
    design: CampaignDesign, number: int, brand: BrandIn, days: list[date], place: Place, taken: list[datetime]
) -> datetime:
    """The first moment in rotation that keeps the minimum gap to the brand's other probes of this wave."""
    slots = _slots(design.sending)
    start = (place[0] + 2 * place[1] + 3 * place[2]) % len(slots)
    for offset in range(len(slots)):
        for day in days:
            moment = _due_at(design, brand, day, slots[(start + offset) % len(slots)], place)
            if all(abs(moment - other) >= design.sending.min_gap for other in taken):
                return moment
    raise BadInput(
        f"wave {number}",
        f"has no room for all probes of {brand.name} with a gap of {design.sending.min_gap}",
        "add days to the wave or lower sending.min_gap",
    )


def _due_at(design: CampaignDesign, brand: BrandIn, day: date, slot: int, place: Place) -> datetime:
    sending = design.sending
    jitter = draw(design.seed, "jitter", brand.key, *place) % (sending.jitter_minutes + 1)
    last = _minutes(sending.end) - 1
    minute = min(slot + jitter, last)
    # fold=0: of an hour that comes twice the first one; of an hour that does not exist zoneinfo gives the one after it
    local = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=ZoneInfo(brand.zone))
    return local.astimezone(UTC)


def _slots(sending: SendingIn) -> range:
    return range(_minutes(sending.start), _minutes(sending.end), sending.raster_minutes)


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
