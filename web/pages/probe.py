"""One inquiry: its timeline, what was sent, what came back, which rule or person said what it is, and the proof."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from benchmark.core.messages import read_message
from benchmark.core.values import Attachment
from benchmark.core.vocabulary import EventKind, ReplyKind
from benchmark.store import queries_evidence
from benchmark.store.queries_evidence import EventLine, ProbeFacts, ReplyLine
from web import decision_forms as forms
from web import words
from web.evidence import safe_document
from web.proof import proof_of
from web.record import record, stand

MARKS = {
    ReplyKind.AUTO_ACK: "ack",
    ReplyKind.HUMAN_REPLY: "human",
    ReplyKind.AUTOMATED_ANSWER: "human",
    ReplyKind.FOLLOWUP: "follow",
    ReplyKind.OUT_OF_OFFICE: "absent",
    ReplyKind.BOUNCE: "bounce",
}


@dataclass(frozen=True)
class Moment:
    """One entry of the timeline; `after_s` counts from t0."""

    event: EventLine
    title: str
    mark: str
    after_s: float | None
    reply: ReplyLine | None


@dataclass(frozen=True)
class Mail:
    """What a reply's raw bytes say besides its text; empty for an observation or a text on a form's page."""

    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    defects: tuple[str, ...] = ()
    document: str = ""  # safe HTML, ready for an empty sandbox


def page(probe_id: int) -> ResponseReturnValue:
    return shown(probe_id)


def shown(probe_id: int, problem: forms.Refusal | None = None) -> str:
    """Never a remembered page: its forms carry the reader's token."""
    probe = queries_evidence.probe_by_id(record(), probe_id)
    if probe is None:
        abort(404)
    return render_template(
        "probe.html",
        as_of=stand().as_of,
        choices=forms.CHOICES,
        noted=forms.noted(),
        problem=problem,
        mails={reply.id: _mail(reply) for reply in probe.replies},
        moments=_timeline(probe),
        probe=probe,
        proofs={attempt.id: proof_of(attempt, _content) for attempt in probe.attempts},
    )


def _content(evidence_id: int) -> bytes:
    stored = queries_evidence.evidence_file(record(), evidence_id)
    return stored.content if stored else b""


def _timeline(probe: ProbeFacts) -> tuple[Moment, ...]:
    replies = {reply.id: reply for reply in probe.replies}
    return tuple(_moment(probe, event, replies.get(event.reply_id or 0)) for event in probe.events)


def _moment(probe: ProbeFacts, event: EventLine, reply: ReplyLine | None) -> Moment:
    verdict = reply.verdict if reply else None
    title = words.word(verdict.kind) if verdict else words.word(event.kind)
    after_s = (event.at - probe.t0).total_seconds() if probe.t0 and event.at > probe.t0 else None
    return Moment(event, title, _mark(probe, event, reply, after_s), after_s, reply)


def _mark(probe: ProbeFacts, event: EventLine, reply: ReplyLine | None, after_s: float | None) -> str:
    """The reply that stopped the clock of the answer is drawn as the answer."""
    if reply is None or reply.verdict is None:
        return "bounce" if event.kind in _TROUBLE else ""
    answered_s = probe.outcome.answered_s
    if answered_s is not None and after_s is not None and abs(after_s - answered_s) < 1:
        return "answer"
    return MARKS.get(reply.verdict.kind, "")


_TROUBLE = {EventKind.FAILED, EventKind.BARRIER, EventKind.UNCONFIRMED, EventKind.WITHDRAWN}


def _mail(reply: ReplyLine) -> Mail:
    stored = queries_evidence.raw_mail(record(), reply.id)
    if stored is None:
        return Mail()
    message = read_message(stored.content)
    return Mail(message.headers, message.attachments, message.defects, safe_document(message.html))
