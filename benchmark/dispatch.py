"""Verb 2: claim a probe, commit, and record what the channel handed back.

Claim first, commit, then send: a worker that dies in between leaves a doubt (`unconfirmed`), never a second inquiry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from benchmark import policy
from benchmark.core.addresses import token_of
from benchmark.core.design import CampaignDesign
from benchmark.core.problems import Refused
from benchmark.core.values import (
    ClaimedProbe,
    Delivery,
    Evidence,
    InboundMessage,
    Persona,
)
from benchmark.core.vocabulary import (
    AttemptState,
    CampaignState,
    ChannelGroup,
    ChannelKind,
    EventKind,
    ProbeState,
)
from benchmark.designs import design_known, design_of
from benchmark.outcome_keeping import refresh_outcome
from benchmark.policy import CapAnswer, MailRates, MailWay
from benchmark.store import queries, queries_sending
from benchmark.store.queries_sending import LookedUp, SettledAttempt, TakenProbe
from benchmark.store.rows import write_row
from benchmark.store.tables import Attempt, Campaign, Event, Probe
from benchmark.store.writes import Insert, Write, write_together

MAX_ATTEMPTS = 8
OURS = "our own trouble:"  # how the outcome of an attempt begins that failed before any brand was spoken of
OURS_FOR = timedelta(days=3)
OWN_COPY = "own-copy.eml"
RETRY_AFTER = (timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1), timedelta(hours=3))

_PROBE_STATE = {
    AttemptState.ACCEPTED: (ProbeState.OPEN, EventKind.ACCEPTED),
    AttemptState.RETRY_LATER: (ProbeState.RETRY_LATER, EventKind.RETRY_LATER),
    AttemptState.FAILED: (ProbeState.FAILED, EventKind.FAILED),
    AttemptState.BARRIER: (ProbeState.BARRIER, EventKind.BARRIER),
    AttemptState.UNCONFIRMED: (ProbeState.UNCONFIRMED, EventKind.UNCONFIRMED),
    AttemptState.TASK: (ProbeState.TASK, EventKind.TASK_OPENED),
}


def claim(
    session: Session,
    probe_id: int,
    *,
    now: datetime,
    real_now: datetime,
    lease: timedelta,
    rates: MailRates = MailRates(),  # noqa: B008  # frozen
) -> ClaimedProbe | None:
    """Takes a due probe for one attempt; None when another worker was first or a rail says later.

    `now` is study time, `real_now` guards the machine: an attempt whose lease ran out is swept.
    """
    if not queries_sending.take_probe(session, probe_id, now):
        return None
    taken = queries_sending.taken_probe(session, probe_id)
    design = design_known(session, taken.campaign_id, taken.assignment_sha256)
    looked_up = policy.look_up(session, taken.brand, taken.address)
    way = _way_of(session, taken, looked_up, rates)
    if not _rails_agree(session, taken, design, looked_up, way, now):
        return None
    attempt = _open_attempt(session, taken, way, now, real_now + lease)
    return _claimed(taken, design, attempt, way, now)


def _way_of(session: Session, taken: TakenProbe, looked_up: LookedUp, rates: MailRates) -> MailWay | None:
    """None for what is not sent by mail."""
    if taken.channel is not ChannelKind.EMAIL:
        return None
    return policy.mail_way(session, taken, looked_up.receiving_host, rates)


def _rails_agree(
    session: Session,
    taken: TakenProbe,
    design: CampaignDesign,
    looked_up: LookedUp,
    way: MailWay | None,
    now: datetime,
) -> bool:
    """Puts the probe back for later, or withdraws it, when a rail says no."""
    try:
        policy.refuse_listed(taken.brand, looked_up)
        if host := policy.host_of(taken.channel, taken.address):
            policy.refuse_outside_rehearsal(taken.mode, host)
    except Refused as reason:
        _settle(session, taken.id, ProbeState.WITHDRAWN, EventKind.WITHDRAWN, now, str(reason))
        return False
    answer = policy.ask_caps(session, taken, design.caps, design.windows.response, now)
    pace = policy.ask_pace(session, taken.channel, taken.address, design.forms.pace, now)
    rate = policy.ask_mail_rate(session, way, now) if way else CapAnswer()
    free_at = max(said.free_at or now for said in (answer, pace, rate))
    allowed_at = policy.next_sending_time(design.sending, taken.brand, free_at)
    if allowed_at > now:
        queries_sending.move_probe(session, taken.id, state=ProbeState.PLANNED, due_at=allowed_at)
    return allowed_at <= now


@dataclass(frozen=True)
class _Opened:
    """An attempt that was opened."""

    id: int
    number: int
    message_id: str


def _open_attempt(
    session: Session, taken: TakenProbe, way: MailWay | None, now: datetime, lease_until: datetime
) -> _Opened:
    number = taken.attempts + 1
    domain = (taken.reply_address or "@study.example").rpartition("@")[2]
    digest = hashlib.sha256(f"{taken.token}:{number}".encode()).hexdigest()[:24]
    values = {
        "probe_id": taken.id,
        "number": number,
        "message_id": f"<{digest}@{domain}>",
        "state": AttemptState.CLAIMED,
        "claimed_at": now,
        "lease_until": lease_until,
        "outcome": "",
        "detail": "",
        "remote_id": "",
        "mailbox": way.mailbox if way else "",
        "host": way.host if way else "",
    }
    attempt_id = write_row(session, Attempt, values)
    write_together(session, [_event(taken.id, EventKind.CLAIMED, now, attempt_id=attempt_id)])
    return _Opened(attempt_id, number, str(values["message_id"]))


def _claimed(
    taken: TakenProbe, design: CampaignDesign, attempt: _Opened, way: MailWay | None, now: datetime
) -> ClaimedProbe:
    return ClaimedProbe(
        probe_id=taken.id,
        attempt_id=attempt.id,
        attempt_number=attempt.number,
        channel=taken.channel,
        address=taken.address,
        reply_address=taken.reply_address,
        message_id=attempt.message_id,
        persona=Persona(**taken.persona),
        inquiry=taken.inquiry,
        subject=taken.subject,
        body=taken.body,
        language=taken.language,
        brand_name=taken.brand.name,
        recipe=taken.recipe,
        claimed_at=now,
        agent=design.forms.agent,
        mailbox=way.mailbox if way else "",
    )


def arm(session: Session, attempt_id: int, *, now: datetime, real_now: datetime) -> None:
    """Marks the point of no return; commit right after. Raises Refused when the attempt is no longer ours.

    Until it is armed nothing has left, so a swept attempt may be repeated; afterwards a doubt stays a doubt.
    """
    if not queries_sending.arm_attempt(session, attempt_id, now, real_now):
        raise Refused(f"attempt {attempt_id} was armed before or its lease ran out; nothing is sent")


def record(session: Session, attempt_id: int, delivery: Delivery, *, now: datetime) -> bool:
    """Writes what the channel handed back; False when the attempt had been settled already (a late worker)."""
    values = {
        "state": delivery.state,
        "outcome": delivery.outcome,
        "detail": delivery.detail,
        "remote_id": delivery.remote_id,
        "finished_at": now,
    }
    attempt = queries_sending.settle_attempt(session, attempt_id, values)
    if attempt is None:
        return False
    _move_on(session, attempt, delivery, now)
    if delivery.state is AttemptState.UNCONFIRMED and queries_sending.was_heard_of(session, attempt, OWN_COPY):
        # the proof was here before the doubt
        resolve_unconfirmed(session, session.get_one(Probe, attempt.probe_id), now=now)
    return True


def _move_on(session: Session, attempt: SettledAttempt, delivery: Delivery, now: datetime) -> None:
    state, kind = _PROBE_STATE[delivery.state]
    moments = {}
    if state is ProbeState.RETRY_LATER:
        if _has_tried_enough(session, attempt.probe_id, now):
            state, kind = ProbeState.FAILED, EventKind.FAILED
        else:
            moments["due_at"] = now + RETRY_AFTER[min(attempt.number, len(RETRY_AFTER)) - 1]
    if state is ProbeState.OPEN:
        moments["t0"] = now
    proof = [write for piece in delivery.evidence for write in queries_sending.evidence_writes(attempt.id, piece)]
    _settle(session, attempt.probe_id, state, kind, now, delivery.outcome, attempt.id, also=proof, **moments)


def _has_tried_enough(session: Session, probe_id: int, now: datetime) -> bool:
    """Troubles of our own are not held against the brand: they only end when days have gone by."""
    tried = session.exec(select(Attempt).where(Attempt.probe_id == probe_id)).all()
    if min(attempt.claimed_at for attempt in tried) + OURS_FOR <= now:
        return True
    return sum(not attempt.outcome.startswith(OURS) for attempt in tried) >= MAX_ATTEMPTS


def _settle(
    session: Session,
    probe_id: int,
    state: ProbeState,
    kind: EventKind,
    now: datetime,
    note: str = "",
    attempt_id: int | None = None,
    *,
    also: Sequence[Write] = (),
    **moments: datetime,
) -> None:
    """`moments` are further columns of the probe: t0, due_at; `also` is written beside."""
    noted = _event(probe_id, kind, now, note[:500], attempt_id)
    queries_sending.move_probe(session, probe_id, [*also, noted], state=state, **moments)
    refresh_outcome(session, probe_id)


def _event(probe_id: int, kind: EventKind, now: datetime, note: str = "", attempt_id: int | None = None) -> Insert:
    return Insert(Event, {"probe_id": probe_id, "kind": kind, "at": now, "attempt_id": attempt_id, "note": note})


def sweep(session: Session, *, now: datetime, real_now: datetime) -> int:
    """Settles attempts whose worker is gone (not armed: again later; armed: unconfirmed); gives their number."""
    expired = queries_sending.expired_attempts(session, real_now)
    for attempt in expired:
        state = AttemptState.RETRY_LATER if attempt.armed_at is None else AttemptState.UNCONFIRMED
        record(session, attempt.id or 0, Delivery(state=state, outcome="worker lost"), now=now)
        if state is AttemptState.RETRY_LATER:
            queries_sending.move_probe(session, attempt.probe_id, due_at=now)
    return len(expired)


def resolve_unconfirmed(
    session: Session, probe: Probe, *, now: datetime, because: str = "proved by what came back"
) -> None:
    """A reply, a bounce or our own copy proves that the inquiry left: t0 is the moment the attempt was armed."""
    attempt = session.exec(
        select(Attempt).where(Attempt.probe_id == probe.id, Attempt.state == AttemptState.UNCONFIRMED)
    ).first()
    if attempt is None:
        return
    attempt.state = AttemptState.ACCEPTED
    campaign = session.get_one(Campaign, probe.campaign_id)
    if campaign.state is CampaignState.CLOSED:
        campaign.state = CampaignState.LAUNCHED  # its windows run again
    t0 = attempt.armed_at or attempt.claimed_at
    session.flush()
    _settle(session, probe.id or 0, ProbeState.OPEN, EventKind.RESOLVED, now, because, attempt.id, t0=t0)


def note_own_copy(session: Session, message: InboundMessage, *, now: datetime) -> bool:
    """Is this our own inquiry, from the archive address or the Sent folder? Then it settles a doubt; it is no reply.

    Such a copy proves that the submission server took the inquiry; what the brand's server did, only its silence or
    its bounce can say. Help desks answer under our own Message-ID too, so the sender's secret address must be ours.
    """
    attempt = queries_sending.attempt_of_message(session, message.message_id)
    if attempt is None:
        return False
    probe = session.get_one(Probe, attempt.probe_id)
    if not probe.token or token_of(message.from_address) != probe.token:
        return False
    if queries_sending.evidence_named(session, attempt.id or 0, OWN_COPY) is None:
        content = queries.raw_content(session, message.sha256)
        copy = Evidence(OWN_COPY, "message/rfc822", content, now)
        write_together(session, queries_sending.evidence_writes(attempt.id or 0, copy))
    if attempt.state is AttemptState.UNCONFIRMED:
        resolve_unconfirmed(session, probe, now=now, because=f"{OWN_COPY}: the submission server took it")
    return True


def close_matured(session: Session, *, now: datetime) -> int:
    """Closes probes whose longest window has ended, and a campaign with its last one; gives the number of probes."""
    closed = 0
    for campaign in queries.launched_campaigns(session):
        for probe in queries.closable_probes(session, campaign.id or 0, now - longest_window(campaign)):
            _settle(session, probe.id or 0, ProbeState.CLOSED, EventKind.CLOSED, now)
            closed += 1
        if (
            closed
            and campaign.state is CampaignState.LAUNCHED
            and not queries.has_unfinished(session, campaign.id or 0)
        ):
            campaign.state = CampaignState.CLOSED
    return closed


def next_close_at(session: Session) -> datetime | None:
    """When the next open probe's longest window ends."""
    ends = [
        t0 + longest_window(campaign)
        for campaign in queries.launched_campaigns(session)
        if (t0 := queries.earliest_open_t0(session, campaign.id or 0)) is not None
    ]
    return min(ends, default=None)


def longest_window(campaign: Campaign) -> timedelta:
    windows = design_of(campaign).windows.windows()
    return max(windows.ack, windows.response, windows.long, windows.followup, windows.bounce)


def waits_for_person(probe: Probe) -> bool:
    """Social posts, calls and letters are made by a person, never by a job."""
    return probe.channel.group not in (ChannelGroup.EMAIL, ChannelGroup.WEB_FORM)
