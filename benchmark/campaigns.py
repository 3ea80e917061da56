"""Verb 1: check a design, launch it as an assignment frozen and hashed before the first send, pause, resume, stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from benchmark import mail_accounts, policy
from benchmark.core.addresses import folded_token, reply_address, secret_token
from benchmark.core.design import AssignedProbe, BrandIn, CampaignDesign, ContactPointIn, InquiryIn, PersonaIn, TextIn
from benchmark.core.mail_accounts import MailAccount
from benchmark.core.matching import folded_subject, phrases_of
from benchmark.core.placeholders import fill, values_for
from benchmark.core.planning import assignment_sha256, plan
from benchmark.core.problems import BadInput, Refused
from benchmark.core.vocabulary import (
    CampaignState,
    ChannelKind,
    EventKind,
    Mode,
    ProbeState,
)
from benchmark.outcome_keeping import refresh_outcome
from benchmark.store import queries
from benchmark.store.packs import mark_stale
from benchmark.store.tables import (
    Brand,
    Campaign,
    ContactPoint,
    Event,
    Inquiry,
    PersonaRow,
    Probe,
    ProbePhrase,
    Wave,
)

Entropy = Callable[[int], bytes]  # number of bytes → random bytes, e.g. `secrets.token_bytes`


def check(design: CampaignDesign) -> tuple[AssignedProbe, ...]:
    """The send plan. Raises BadInput or Refused when the design could not be launched; writes nothing."""
    for brand in design.brands:
        for point in brand.contact_points:
            if point.offered and (host := policy.host_of(point.channel, point.address)):
                policy.refuse_outside_rehearsal(Mode.SANDBOX, host)
    probes = plan(design)
    if not probes:
        raise BadInput("brands", "no brand has an offered contact point", "add a contact point with an address")
    _check_caps(design, probes)
    return probes


def _check_caps(design: CampaignDesign, probes: tuple[AssignedProbe, ...]) -> None:
    for brand, count in Counter(probe.brand for probe in probes).items():
        limit = min(design.caps.per_90_days, design.caps.per_year)
        if count > limit:
            raise BadInput(
                f"brand {brand}",
                f"{count} probes are planned, the cap is {limit}",
                "plan fewer waves or contact points, or raise caps.per_90_days with a stated reason",
            )


def launch(session: Session, design: CampaignDesign, *, study_domain: str, now: datetime, entropy: Entropy) -> Campaign:
    """Writes campaign, brands, texts and all probes with their due times; one transaction, all or nothing.

    Raises BadInput for a name that is taken or a brand that is written differently in the database.
    """
    if queries.campaign_named(session, design.campaign):
        raise BadInput(f"campaign {design.campaign}", "is there already", "choose another name")
    probes = check(design)
    campaign = Campaign(
        name=design.campaign,
        title=design.title or design.campaign,
        purpose=design.purpose,
        state=CampaignState.LAUNCHED,
        seed=design.seed,
        design=design.model_dump(mode="json"),
        assignment_sha256=assignment_sha256(probes),
        launched_at=now,
    )
    session.add(campaign)
    session.flush()
    _Launch(session, design, campaign.id or 0, study_domain, entropy).write(probes)
    return campaign


@dataclass
class _Launch:
    """Row ids collected while a campaign is written."""

    session: Session
    design: CampaignDesign
    campaign_id: int
    study_domain: str
    entropy: Entropy
    brands: dict[str, int] = field(default_factory=dict)
    points: dict[tuple[str, ChannelKind, str], int] = field(default_factory=dict)
    waves: dict[int, int] = field(default_factory=dict)
    inquiries: dict[str, int] = field(default_factory=dict)
    personas: dict[str, int] = field(default_factory=dict)
    senders: list[MailAccount] = field(default_factory=list)
    given: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        known = mail_accounts.added(self.session)
        self.senders = [account for account in known if account.domain == self.study_domain and account.smtp.port]

    def write(self, probes: tuple[AssignedProbe, ...]) -> None:
        for brand in self.design.brands:
            self._write_brand(brand)
        for number, wave in enumerate(self.design.waves, start=1):
            row = Wave(campaign_id=self.campaign_id, number=number, name=wave.name, starts_on=wave.starts_on)
            self.waves[number] = self._saved(row)
        for inquiry in self.design.inquiries:
            self.inquiries[inquiry.key] = self._saved(_inquiry_row(self.campaign_id, inquiry))
        for persona in self.design.personas:
            row_ = PersonaRow(campaign_id=self.campaign_id, key=persona.key, details=persona.model_dump())
            self.personas[persona.key] = self._saved(row_)
        rows = [self._probe(probe) for probe in probes]
        self.session.add_all(rows)
        self.session.flush()
        self.session.add_all(
            ProbePhrase(probe_id=row.id or 0, digest=digest) for row in rows for digest in phrases_of(row.body)
        )
        self.session.flush()
        mark_stale(self.session, self.campaign_id, self.brands.values())

    def _saved(self, row: Wave | Inquiry | PersonaRow | Brand | ContactPoint) -> int:
        self.session.add(row)
        self.session.flush()
        return row.id or 0

    def _write_brand(self, brand: BrandIn) -> None:
        row = self.session.exec(select(Brand).where(Brand.slug == brand.key)).first()
        if row is not None and row.name != brand.name:
            raise BadInput(f"brand {brand.key}", f"is {row.name!r} in the database", "give this one its own slug")
        self.brands[brand.key] = row.id or 0 if row else self._saved(_brand_row(brand))
        for point in brand.contact_points:
            self.points[(brand.key, point.channel, point.address)] = self._write_point(self.brands[brand.key], point)

    def _write_point(self, brand_id: int, point: ContactPointIn) -> int:
        known = select(ContactPoint).where(
            ContactPoint.brand_id == brand_id,
            ContactPoint.channel == point.channel,
            ContactPoint.address == point.address,
        )
        row = self.session.exec(known).first()
        return row.id or 0 if row else self._saved(_point_row(brand_id, point))

    def _probe(self, probe: AssignedProbe) -> Probe:
        text, persona, brand = _text(self.design, probe), _persona(self.design, probe), _brand(self.design, probe)
        token = secret_token(self.entropy(16))
        values = values_for(brand.name, persona.persona())
        subject = fill(text.subject, values)
        word = persona.first_name.lower() if persona.first_name.isascii() and persona.first_name.isalpha() else "mail"
        return Probe(
            campaign_id=self.campaign_id,
            wave_id=self.waves[probe.wave],
            brand_id=self.brands[probe.brand],
            contact_point_id=self.points[(probe.brand, probe.channel, probe.address)],
            inquiry_id=self.inquiries[probe.inquiry],
            persona_id=self.personas[probe.persona],
            channel=probe.channel,
            planned_at=probe.due_at,
            due_at=probe.due_at,
            language=probe.language,
            text_version=f"{probe.inquiry}/{probe.version}",
            subject=subject,
            subject_folded=folded_subject(subject),
            body=fill(text.body, values),
            token=folded_token(token),
            reply_address=self._reply_address(word, token),
        )

    def _reply_address(self, word: str, token: str) -> str:
        """From the mailboxes of the study domain in turn, in proportion to how much each of them may send."""
        if not self.senders:
            return reply_address(word, token, self.study_domain)
        sender = min(self.senders, key=lambda account: (self.given[account.name] + 1) / account.per_hour)
        self.given[sender.name] += 1
        return sender.address(word, token)


def _brand(design: CampaignDesign, probe: AssignedProbe) -> BrandIn:
    return next(brand for brand in design.brands if brand.key == probe.brand)


def _persona(design: CampaignDesign, probe: AssignedProbe) -> PersonaIn:
    return next(persona for persona in design.personas if persona.key == probe.persona)


def _text(design: CampaignDesign, probe: AssignedProbe) -> TextIn:
    inquiry = next(inquiry for inquiry in design.inquiries if inquiry.key == probe.inquiry)
    wanted = (probe.version, probe.language)
    return next(text for text in inquiry.texts if (text.version, text.language) == wanted)


def _inquiry_row(campaign_id: int, inquiry: InquiryIn) -> Inquiry:
    return Inquiry(campaign_id=campaign_id, key=inquiry.key, kind=inquiry.kind, answer_key=list(inquiry.answer_key))


def _brand_row(brand: BrandIn) -> Brand:
    return Brand(
        slug=brand.key,
        name=brand.name,
        company=brand.company,
        sector=brand.sector,
        country=brand.country,
        subdivision=brand.subdivision,
        zone=brand.zone,
    )


def _point_row(brand_id: int, point: ContactPointIn) -> ContactPoint:
    promised = point.promised_response
    return ContactPoint(
        brand_id=brand_id,
        channel=point.channel,
        address=point.address,
        offered=point.offered,
        provenance=point.provenance,
        checked_on=point.checked_on,
        promised_response_s=int(promised.total_seconds()) if promised else None,
        invites_dialogue=point.invites_dialogue,
        recipe=point.recipe,
    )


_MOVES = {
    "pause": ({CampaignState.LAUNCHED}, CampaignState.PAUSED),
    "resume": ({CampaignState.PAUSED}, CampaignState.LAUNCHED),
    "stop": ({CampaignState.LAUNCHED, CampaignState.PAUSED}, CampaignState.STOPPED),
}


def move(session: Session, name: str, verb: str, *, now: datetime) -> Campaign:
    """pause | resume | stop. A pause is instant: the state is checked at every claim. Stop withdraws what is unsent."""
    campaign = queries.find_campaign(session, name)
    allowed, target = _MOVES[verb]
    if campaign.state not in allowed:
        raise Refused(f"campaign {name} is {campaign.state}; it cannot {verb}")
    campaign.state = target
    session.add(campaign)
    session.flush()
    if target is CampaignState.STOPPED:
        _withdraw_unsent(session, campaign, now)
    return campaign


def _withdraw_unsent(session: Session, campaign: Campaign, now: datetime) -> None:
    open_states = (*queries.WAITING, ProbeState.TASK)
    unsent = select(Probe).where(Probe.campaign_id == campaign.id, col(Probe.state).in_(open_states))
    for probe in session.exec(unsent).all():
        session.execute(update(Probe).where(col(Probe.id) == probe.id).values(state=ProbeState.WITHDRAWN))
        session.add(Event(probe_id=probe.id or 0, kind=EventKind.WITHDRAWN, at=now, note="campaign stopped"))
        session.flush()
        session.refresh(probe)
        refresh_outcome(session, probe.id or 0)


@dataclass(frozen=True)
class Progress:
    """Where the probes of a campaign stand; `sent` counts all that were accepted, whatever came of them."""

    planned: int = 0
    due: int = 0
    sent: int = 0
    unconfirmed: int = 0
    not_sent: int = 0
    acknowledged: int = 0
    answered: int = 0
    closed: int = 0
    total: int = 0


def progress(session: Session, campaign_id: int, now: datetime) -> Progress:
    """The counts of the progress bar: planned · due · sent · unconfirmed · acknowledged · answered · closed."""
    states = Counter(dict(queries.probe_states(session, campaign_id)))
    acknowledged, answered = queries.clocks_stopped(session, campaign_id)
    return Progress(
        planned=states[ProbeState.PLANNED] + states[ProbeState.RETRY_LATER],
        due=queries.count_due(session, campaign_id, now) + states[ProbeState.CLAIMED] + states[ProbeState.TASK],
        sent=states[ProbeState.OPEN] + states[ProbeState.CLOSED],
        unconfirmed=states[ProbeState.UNCONFIRMED],
        not_sent=states[ProbeState.FAILED] + states[ProbeState.BARRIER] + states[ProbeState.WITHDRAWN],
        acknowledged=acknowledged,
        answered=answered,
        closed=states[ProbeState.CLOSED],
        total=sum(states.values()),
    )
