"""The things of the field as frozen values: what travels between the steps from campaign to outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from benchmark.core.quoting import own_text
from benchmark.core.vocabulary import (
    AcknowledgedBy,
    AttemptState,
    ChannelKind,
    Exclusion,
    FollowUpKind,
    FormAgent,
    HandOffState,
    InquiryKind,
    ReplyFlag,
    ReplyKind,
)


@dataclass(frozen=True)
class Attachment:
    """A part that is listed, never opened."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class InboundMessage:
    """A mail as read from its raw bytes; whatever could not be read is empty, never an error.

    `date` is the sender's word and is never used for timing.
    Header names in `headers` are lower case, in order of appearance.
    """

    sha256: str
    size: int
    subject: str = ""
    from_name: str = ""
    from_address: str = ""
    reply_to: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    envelope_to: tuple[str, ...] = ()  # Delivered-To, X-Original-To, Envelope-To as our own MX wrote them
    return_path: str | None = None  # "" is the empty path of a bounce, None is no such header
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    received_at: datetime | None = None  # topmost Received line
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/plain"
    part_types: tuple[str, ...] = ()
    text: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    report_fields: tuple[tuple[str, str], ...] = ()  # of message/delivery-status and disposition-notification
    returned_headers: tuple[tuple[str, str], ...] = ()  # of the mail a bounce gives back
    returned_text: str = ""
    defects: tuple[str, ...] = ()

    @cached_property
    def own_words(self) -> str:
        """What the sender wrote, without quotations; matching, tickets and rules all want it, and it costs time."""
        return own_text(self.text)

    def header(self, name: str) -> str:
        """First value of a header, "" when there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), "")


@dataclass(frozen=True)
class RuleHit:
    """One rule that spoke: where it looked and what it saw (at most 60 characters)."""

    rule: str
    where: str
    matched: str


@dataclass(frozen=True)
class HandOffTarget:
    channel: ChannelKind
    address: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a message is, by whom it was decided and why."""

    kind: ReplyKind
    confidence: float
    rules_version: str
    flags: frozenset[ReplyFlag] = frozenset()
    rules: tuple[RuleHit, ...] = ()
    ticket_ids: tuple[str, ...] = ()
    language: str = ""
    system: str = ""
    handoff: HandOffTarget | None = None
    followup_kind: FollowUpKind | None = None
    return_date: date | None = None


@dataclass(frozen=True)
class MatchContext:
    """What is known of the matched probe when its reply is classified; all empty for an unmatched mail."""

    t0: datetime | None = None
    received_at: datetime | None = None
    our_subject: str = ""
    our_text: str = ""
    our_address: str = ""
    language: str = ""
    answered_before: bool = False  # a substantive reply came already
    texts_seen: frozenset[str] = frozenset()  # digests of earlier mails of the same brand


@dataclass(frozen=True)
class ReplyFact:
    """One reply as the outcome needs it: when, and what its winning verdict says.

    `identity` is the same for copies of one reply (a second coder's entry, a mail delivered twice).
    `substantive` is a coder's word where there is one; None leaves it to the rule.
    """

    at: datetime
    kind: ReplyKind
    identity: str
    flags: frozenset[ReplyFlag] = frozenset()
    followup_kind: FollowUpKind | None = None
    handoff_state: HandOffState = HandOffState.NONE
    substantive: bool | None = None
    channel: ChannelKind = ChannelKind.EMAIL


@dataclass(frozen=True)
class ProbeHistory:
    """What is recorded of one probe. `t0` is None until the channel accepted it."""

    inquiry: InquiryKind = InquiryKind.QUESTION
    t0: datetime | None = None
    exclusion: Exclusion | None = None  # barrier, our own send error, withdrawn …
    closed_at: datetime | None = None  # removed by the platform or closed early: censored here
    tester_replied_at: tuple[datetime, ...] = ()  # when we answered a brand that asked back
    replies: tuple[ReplyFact, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The four clocks of one probe, each counted from t0 and never collapsed; None = has not happened."""

    t0: datetime | None
    exclusion: Exclusion | None = None
    acknowledged_after: timedelta | None = None
    acknowledged_by: AcknowledgedBy | None = None
    human_after: timedelta | None = None
    substantive_after: timedelta | None = None
    followed_up_after: timedelta | None = None
    followup_kinds: frozenset[FollowUpKind] = frozenset()
    bounced_after: timedelta | None = None
    closed_after: timedelta | None = None
    ticket_after: timedelta | None = None
    out_of_office_after: timedelta | None = None
    handoff: HandOffState = HandOffState.NONE
    handoff_lost_after: timedelta | None = None  # when an open hand-off counts as lost if no answer comes before
    tester_delay: timedelta = timedelta(0)
    first_contact_resolved: bool = False  # the first human reply answered fully


@dataclass(frozen=True)
class Windows:
    """Observation windows of a campaign; a probe is mature(W) at t0 + max(W, bounce)."""

    ack: timedelta = timedelta(hours=24)
    response: timedelta = timedelta(hours=168)
    long: timedelta = timedelta(days=14)
    followup: timedelta = timedelta(days=30)
    bounce: timedelta = timedelta(hours=72)


@dataclass(frozen=True)
class Weights:
    """Shares of the score per probe; published with every edition."""

    acknowledged: float = 0.15
    answered: float = 0.35
    speed: float = 0.35
    followed: float = 0.15


@dataclass(frozen=True)
class Calendar:
    """A weekly calendar in one zone: `hours[weekday]` are (open, close) minutes of the local day, Monday first."""

    zone: str
    country: str = ""
    subdivision: str | None = None
    hours: tuple[tuple[tuple[int, int], ...], ...] = field(
        default=(((540, 1020),),) * 5 + ((),) * 2,
    )
    closures: tuple[tuple[date, date], ...] = ()  # only those published before t0 count


@dataclass(frozen=True)
class Closure:
    """A brand's announced closure, first and last day included. It counts only if published before t0."""

    first: date
    last: date
    published_at: datetime


@dataclass(frozen=True)
class PublishedHours:
    """What a brand itself says of when it is open."""

    calendar: Calendar
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True)
class Persona:
    """The truthful sender of an inquiry: a real person or role with a reachable address."""

    key: str
    salutation: str
    first_name: str
    last_name: str
    phone: str = ""
    street: str = ""
    zip: str = ""
    city: str = ""
    country: str = ""
    language: str = "de"

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class ClaimedProbe:
    """All a channel needs to hand over one attempt; nothing else is read on the way."""

    probe_id: int
    attempt_id: int
    attempt_number: int
    channel: ChannelKind
    address: str  # mail address, form URL or handle of the contact point
    reply_address: str  # the probe's own secret address
    message_id: str
    persona: Persona
    inquiry: InquiryKind
    subject: str
    body: str
    language: str
    brand_name: str
    recipe: str | None = None  # YAML of the brand's form recipe
    order_no: str = ""
    claimed_at: datetime | None = None
    agent: FormAgent = FormAgent.PLAIN
    mailbox: str = ""  # the study mailbox that sends it, as known when it was claimed


@dataclass(frozen=True)
class Evidence:
    """A piece of proof; `name` says what it is (`before.jpg`, `mapping.json`, `dialogue.txt`)."""

    name: str
    media_type: str
    content: bytes
    taken_at: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """What a channel hands back of one attempt.

    `outcome` is the channel's own word: an SMTP reply ("250 2.0.0 Ok") or a FormOutcome with its detail.
    """

    state: AttemptState
    outcome: str
    detail: str = ""
    remote_id: str = ""
    acknowledgement: str = ""  # text the page showed at once, or ""
    ticket_ids: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
