"""Verb 3, by hand: what a person posted, saw on a platform or heard on the telephone. Append-only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from sqlmodel import Session, col, select

from benchmark import second_looks
from benchmark.core.decoding import storable
from benchmark.core.problems import BadInput, Refused
from benchmark.core.values import HandOffTarget, Verdict
from benchmark.core.vocabulary import (
    AttemptState,
    ChannelKind,
    DecidedBy,
    EventKind,
    FollowUpKind,
    HandOffState,
    MatchedBy,
    ObservationKind,
    Precision,
    ProbeState,
    ReplyFlag,
    ReplyKind,
)
from benchmark.outcome_keeping import refresh_outcome
from benchmark.replies import add_verdict, note_reply
from benchmark.store.tables import Attempt, Event, Observation, Probe, Reply


def _aware(value: datetime) -> datetime:
    if value.utcoffset() is None:
        raise ValueError("a time needs its zone, e.g. 2026-03-02T10:00+01:00")
    return value


Instant = Annotated[datetime, AfterValidator(_aware)]


class ObservationIn(BaseModel):
    """What form, import and rehearsal hand in; a naive time or a reply without its time is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: ChannelKind
    kind: ObservationKind
    checked_at: Instant
    coder: str = Field(min_length=1)
    reply_at: Instant | None = None
    precision: Precision = Precision.SECOND
    reply_url: str = ""
    platform_id: str | None = None
    author_handle: str = ""
    reply_kind: ReplyKind = ReplyKind.HUMAN_REPLY
    flags: frozenset[ReplyFlag] = frozenset()
    followup_kind: FollowUpKind | None = None
    handoff: HandOffTarget | None = None
    handoff_state: HandOffState = HandOffState.NONE
    visibility: str = "public"
    text: str = ""
    method: str = "manual"
    note: str = ""

    @model_validator(mode="after")
    def _timed(self) -> ObservationIn:
        if self.kind is not ObservationKind.CHECK and self.reply_at is None:
            raise ValueError("a reply or removal needs its time (reply_at)")
        if self.reply_at is not None and self.reply_at > self.checked_at:
            raise ValueError("reply_at lies after checked_at; nobody sees a reply before it is there")
        return self


def log_posting(session: Session, probe_id: int, question_url: str, posted_at: datetime, *, coder: str) -> None:
    """A person did the task: posted, called, wrote. The posting's own time is t0. Raises Refused unless it was open."""
    probe = session.get_one(Probe, probe_id)
    if probe.state is not ProbeState.TASK:
        raise Refused(f"probe {probe_id} is {probe.state}, there is no open task to log")
    probe.state, probe.t0, probe.question_url = ProbeState.OPEN, posted_at, question_url
    attempt = session.exec(
        select(Attempt).where(Attempt.probe_id == probe_id, Attempt.state == AttemptState.TASK)
    ).one()
    attempt.state, attempt.finished_at = AttemptState.ACCEPTED, posted_at
    attempt.outcome, attempt.remote_id = f"posted by {coder}", question_url
    note = question_url[:500]
    session.add(Event(probe_id=probe_id, kind=EventKind.ACCEPTED, at=posted_at, attempt_id=attempt.id, note=note))
    session.flush()
    refresh_outcome(session, probe_id)


def log_observation(session: Session, probe_id: int, seen: ObservationIn, *, now: datetime) -> int | None:
    """Records a check, a reply or a removal; gives the observation's id, None when it was logged before.

    Raises BadInput for a probe that was never posted, Refused for a time before the question.
    """
    probe = session.get(Probe, probe_id)
    if probe is None or probe.t0 is None:
        raise BadInput(f"probe {probe_id}", "has no posted question", "log the posting first")
    if seen.reply_at is not None and seen.reply_at < probe.t0 - timedelta(minutes=1):
        raise Refused(f"reply_at {seen.reply_at:%Y-%m-%d %H:%M} lies before the question of probe {probe_id}")
    if _is_known(session, seen):
        return None
    row = _observation_row(probe, seen)
    session.add(row)
    session.flush()
    _draw_consequences(session, probe, row, seen, now)
    return row.id


def _is_known(session: Session, seen: ObservationIn) -> bool:
    """The same platform id twice is the same reply; a second coder's is double entry and kept."""
    if seen.platform_id is None:
        return False
    same = select(Observation.id).where(
        Observation.platform == seen.platform,
        Observation.platform_id == seen.platform_id,
        Observation.coder == seen.coder,
        col(Observation.supersedes_id).is_(None),
    )
    return session.exec(same).first() is not None


def _observation_row(probe: Probe, seen: ObservationIn) -> Observation:
    return Observation(
        probe_id=probe.id or 0,
        platform=seen.platform,
        kind=seen.kind,
        question_url=probe.question_url or "",
        reply_url=seen.reply_url,
        platform_id=seen.platform_id,
        author_handle=seen.author_handle,
        reply_at=seen.reply_at,
        precision=seen.precision,
        visibility=seen.visibility,
        reply_kind=seen.reply_kind if seen.kind is ObservationKind.REPLY else None,
        flags=sorted(seen.flags),
        text=storable(seen.text),
        checked_at=seen.checked_at,
        coder=seen.coder,
        method=seen.method,
        note=seen.note,
    )


def _draw_consequences(session: Session, probe: Probe, row: Observation, seen: ObservationIn, now: datetime) -> None:
    if seen.kind is ObservationKind.REPLY and seen.reply_at is not None:
        _as_reply(session, probe, row, seen, seen.reply_at, now)
        return
    removed = seen.kind is ObservationKind.REMOVED
    kind = EventKind.CLOSED if removed else EventKind.OBSERVATION
    at = seen.reply_at or seen.checked_at
    note = "removed" if removed else "checked, nothing there"
    session.add(Event(probe_id=probe.id or 0, kind=kind, at=at, observation_id=row.id, note=note))
    session.flush()
    refresh_outcome(session, probe.id or 0)


def _as_reply(
    session: Session, probe: Probe, row: Observation, seen: ObservationIn, reply_at: datetime, now: datetime
) -> None:
    reply = Reply(
        probe_id=probe.id,
        channel=seen.platform,
        received_at=reply_at,
        observation_id=row.id,
        message_id=f"{seen.platform}:{seen.platform_id}" if seen.platform_id else "",
        from_address=seen.author_handle,
        text=storable(seen.text),
        matched_by=MatchedBy.PERSON,
        match_confidence=1.0,
    )
    session.add(reply)
    session.flush()
    verdict = Verdict(
        seen.reply_kind, 1.0, "", flags=seen.flags, handoff=seen.handoff, followup_kind=seen.followup_kind
    )
    add_verdict(session, reply, verdict, now, DecidedBy.PERSON, seen.coder, seen.handoff_state)
    note_reply(session, probe.id or 0, reply, row.id)
    second_looks.refresh_and_follow(session, {probe.id or 0}, now=now)
