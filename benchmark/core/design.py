"""The design of a campaign as a researcher writes it; one set of models for file, form and API."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from benchmark.core.placeholders import unknown_placeholders
from benchmark.core.values import Calendar, Closure, Persona, PublishedHours, Weights, Windows
from benchmark.core.vocabulary import ChannelKind, FormAgent, InquiryKind

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta) or str(value).startswith("P"):  # ISO 8601, as we store it
        return value
    found = re.fullmatch(r"(\d+)\s*([smhd])", str(value))
    if found is None:
        raise ValueError("a duration is a number with s, m, h or d, e.g. 24h or 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _clock_time(value: Any) -> Any:
    if isinstance(value, int):  # YAML 1.1 reads 08:30 without quotes as 510
        return time(value // 60, value % 60)
    return value


def _minute(value: Any) -> Any:
    """Minutes since midnight; 24:00 is the end of the day."""
    if isinstance(value, int):  # YAML 1.1 reads 08:30 without quotes as 510; as such it is stored too
        return value
    found = re.fullmatch(r"(\d{1,2}):([0-5]\d)", str(value))
    if found is None:
        raise ValueError("a time of day is written 08:30, the end of the day 24:00")
    return 60 * int(found[1]) + int(found[2])


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no IANA zone, e.g. Europe/Berlin") from None
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Minute = Annotated[int, BeforeValidator(_minute), Field(ge=0, le=1440)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Zone = Annotated[str, AfterValidator(_zone)]
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WindowsIn(_Part):
    ack: Duration = timedelta(hours=24)
    response: Duration = timedelta(hours=168)
    long: Duration = timedelta(days=14)
    followup: Duration = timedelta(days=30)

    def windows(self) -> Windows:
        return Windows(ack=self.ack, response=self.response, long=self.long, followup=self.followup)


class WeightsIn(_Part):
    acknowledged: float = Field(0.15, ge=0)
    answered: float = Field(0.35, ge=0)
    speed: float = Field(0.35, ge=0)
    followed: float = Field(0.15, ge=0)

    def weights(self) -> Weights:
        return Weights(self.acknowledged, self.answered, self.speed, self.followed)


class CapsIn(_Part):
    """Across all campaigns; `open` counts probes of a brand and channel younger than the response window."""

    open: int = Field(1, ge=1)
    per_90_days: int = Field(12, ge=1)
    per_year: int = Field(40, ge=1)


class FormsIn(_Part):
    """How web forms are visited: `pace` lies between two visits to forms of one registrable domain."""

    agent: FormAgent = FormAgent.PLAIN
    pace: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(days=1))] = timedelta(seconds=20)


class SendingIn(_Part):
    """When inquiries may leave, in the brand's own zone; public holidays are left out."""

    weekdays: tuple[Weekday, ...] = WEEKDAYS[:5]
    start: ClockTime = time(8)
    end: ClockTime = time(18)
    raster_minutes: int = Field(60, ge=1, le=720)
    jitter_minutes: int = Field(45, ge=0, le=720)
    min_gap: Duration = timedelta(hours=4)

    @model_validator(mode="after")
    def _in_order(self) -> SendingIn:
        if self.start >= self.end:
            raise ValueError(f"end {self.end:%H:%M} must be later than start {self.start:%H:%M}")
        return self


class WaveIn(_Part):
    name: str = ""
    starts_on: date
    days: int = Field(5, ge=1, le=366)


class PersonaIn(_Part):
    key: str = Field(pattern=SLUG)
    salutation: str = ""
    first_name: Text
    last_name: Text
    phone: str = ""
    street: str = ""
    zip: str = ""
    city: str = ""
    country: str = ""
    language: str = Field("de", pattern=r"^[a-z]{2}$")

    def persona(self) -> Persona:
        return Persona(**self.model_dump())


class TextIn(_Part):
    """One wording of an inquiry. Placeholders: {{brand}}, {{name}}, {{first_name}}, {{last_name}}, {{city}} …"""

    version: str = Field("a", pattern=SLUG)
    language: str = Field(pattern=r"^[a-z]{2}$")
    subject: Text
    body: Text

    @model_validator(mode="after")
    def _known_placeholders(self) -> TextIn:
        if "\n" in self.subject:
            raise ValueError("a subject is one line")
        if unknown := unknown_placeholders(self.subject + self.body):
            raise ValueError(f"unknown placeholder {unknown[0]}")
        return self


class InquiryIn(_Part):
    key: str = Field(pattern=SLUG)
    kind: InquiryKind
    answer_key: tuple[str, ...] = ()
    texts: tuple[TextIn, ...] = Field(min_length=1)


class ContactPointIn(_Part):
    channel: ChannelKind
    address: str = ""
    offered: bool = True
    provenance: str = ""
    checked_on: date | None = None
    promised_response: Duration | None = None
    invites_dialogue: bool | None = None
    recipe: str | None = None

    @model_validator(mode="after")
    def _has_address(self) -> ContactPointIn:
        if self.offered and not self.address:
            raise ValueError("an offered contact point needs its address")
        if self.offered and self.channel is ChannelKind.EMAIL and not re.fullmatch(r"[^@\s]+@[^@\s]+", self.address):
            raise ValueError(f"{self.address!r} is no mail address")
        if self.offered and self.channel is ChannelKind.WEB_FORM and not re.match(r"https?://\S+$", self.address):
            raise ValueError(f"{self.address!r} is no web address (https://…)")
        return self


class OpenIn(_Part):
    """Open on these days from start to end; an end before the start is one after midnight."""

    days: tuple[Weekday, ...] = Field(min_length=1)
    start: Minute
    end: Minute

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end if self.end > self.start else self.end + 1440


class ClosureIn(_Part):
    """First and last day of a closure, and when the brand published it."""

    first: date
    last: date
    published_at: AwareDatetime

    @model_validator(mode="after")
    def _in_order(self) -> ClosureIn:
        if self.first > self.last:
            raise ValueError(f"last day {self.last} must not be before the first day {self.first}")
        return self


class PublishedHoursIn(_Part):
    """When a brand itself says that it is open; for the clock of published hours."""

    source: Text
    checked_on: date | None = None
    open: tuple[OpenIn, ...] = Field(min_length=1)
    open_on_holidays: bool = False
    closures: tuple[ClosureIn, ...] = ()

    def hours(self, zone: str, country: str, subdivision: str | None) -> PublishedHours:
        weekly = tuple(tuple(part.span for part in self.open if day in part.days) for day in WEEKDAYS)
        place = ("", None) if self.open_on_holidays else (country, subdivision)
        closures = tuple(Closure(part.first, part.last, part.published_at) for part in self.closures)
        return PublishedHours(Calendar(zone, *place, hours=weekly), closures)


class BrandIn(_Part):
    name: Text
    slug: str = Field("", pattern=rf"^$|{SLUG}")
    company: str = ""
    sector: str = ""
    country: str = Field("", pattern=r"^([A-Z]{2})?$")
    subdivision: str | None = None
    zone: Zone = "Europe/Berlin"
    language: str = Field("de", pattern=r"^[a-z]{2}$")
    published_hours: PublishedHoursIn | None = None
    contact_points: tuple[ContactPointIn, ...] = ()

    @property
    def own_hours(self) -> PublishedHours | None:
        found = self.published_hours
        return found.hours(self.zone, self.country, self.subdivision) if found else None

    @property
    def key(self) -> str:
        return self.slug or re.sub(r"[^a-z0-9]+", "-", _ascii(self.name)).strip("-")


def _ascii(name: str) -> str:
    folded = name.lower().translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"})
    return folded.encode("ascii", "ignore").decode()


class CampaignDesign(_Part):
    campaign: str = Field(pattern=SLUG)
    title: str = ""
    purpose: Text
    responsible: Text
    seed: int = 0
    min_n: int = Field(10, ge=1)
    windows: WindowsIn = WindowsIn()
    weights: WeightsIn = WeightsIn()
    caps: CapsIn = CapsIn()
    sending: SendingIn = SendingIn()
    forms: FormsIn = FormsIn()
    waves: tuple[WaveIn, ...] = Field(min_length=1)
    personas: tuple[PersonaIn, ...] = Field(min_length=1)
    inquiries: tuple[InquiryIn, ...] = Field(min_length=1)
    brands: tuple[BrandIn, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> CampaignDesign:
        for what, keys in (
            ("persona", [persona.key for persona in self.personas]),
            ("inquiry", [inquiry.key for inquiry in self.inquiries]),
            ("brand", [brand.key for brand in self.brands]),
        ):
            doubles = sorted({key for key in keys if keys.count(key) > 1})
            if doubles:
                raise ValueError(f"the {what} {doubles[0]!r} is there twice; give each its own key")
        languages = {brand.language for brand in self.brands}
        for inquiry in self.inquiries:
            missing = languages - {text.language for text in inquiry.texts}
            if missing:
                raise ValueError(f"inquiry {inquiry.key!r} has no text in {sorted(missing)[0]!r}, which a brand needs")
        missing = languages - {persona.language for persona in self.personas}
        if missing:
            raise ValueError(f"no persona writes {sorted(missing)[0]!r}, which a brand needs")
        return self


class AssignedProbe(BaseModel):
    """One line of the send plan: who is asked what, by whom, over which channel and when."""

    model_config = ConfigDict(frozen=True)

    wave: int
    brand: str
    channel: ChannelKind
    address: str
    inquiry: str
    version: str
    language: str
    persona: str
    due_at: datetime
