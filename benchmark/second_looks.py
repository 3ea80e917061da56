"""Second looks: what comes later may tell what an earlier mail is, and which inquiry it answers.

A mail of a ticket system may arrive before the one that teaches its thread, an answer may be placed after the mail that
follows it up, and that words are a template is known when they are said again.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from benchmark import dispatch
from benchmark.careful_reading import CarefullyRead, read_carefully
from benchmark.core.classification.reading import digest_of_words
from benchmark.core.matching import Learned, Match, learned_from
from benchmark.core.values import MatchContext, Verdict
from benchmark.core.vocabulary import EventKind, MatchedBy, ProbeState
from benchmark.outcome_keeping import refresh_outcomes
from benchmark.preparing import ReadMail, context_of, prepare, verdict_on
from benchmark.replies import add_verdict, verdict_values
from benchmark.store import queries, queries_inbox, queries_placing, queries_second_looks
from benchmark.store.probe_index import PreloadedIndex
from benchmark.store.queries_placing import Key, words_of_brand
from benchmark.store.tables import Event, Probe, Reply, VerdictRow

log = logging.getLogger(__name__)
_ROUNDS = 4  # of looks that change what other mails are
_SAME = ("kind", "flags", "followup_kind", "handoff_channel", "handoff_address", "return_on", "ticket_ids", "language")


@dataclass(frozen=True)
class Lying:
    """Where a reply lies, and why."""

    probe_id: int | None
    matched_by: MatchedBy | None
    confidence: float
    hint: bool
    evidence: tuple[Any, ...] = ()


def lying_of(found: Match) -> Lying:
    evidence: list[Any] = [vars(candidate) for candidate in found.candidates] or list(found.evidence)
    matched_by = found.matched_by if found.probe_id is not None else None
    return Lying(found.probe_id, matched_by, found.confidence, found.hint, tuple(evidence))


def classify_again(session: Session, reply: Reply, *, now: datetime) -> bool:
    """The present rules' word on a stored mail in the present light; False where it is what they said last."""
    if reply.sha256 is None:
        return False
    read = read_carefully(queries.raw_content(session, reply.sha256))
    context = _context(session, reply, read)
    try:
        verdict = verdict_on(read, context)
    except Exception:
        # Hostile mail may yet find a way to break the rules: it keeps the verdict it has and holds up no other.
        log.exception("the mail of reply %s breaks the rules", reply.id)
        return False
    reply.text_digest = _words(session, reply, read)
    latest = queries.latest_rules_verdict(session, reply.id or 0)
    if latest is not None and _is_same(latest, verdict):
        return False
    add_verdict(session, reply, verdict, now)
    return True


def _context(session: Session, reply: Reply, read: CarefullyRead) -> MatchContext | None:
    """A hint answers nothing of ours, so nothing of our inquiry explains it."""
    if reply.probe_id is None or reply.hint:
        return None
    return context_of(session, reply.probe_id, reply.id or 0, reply.received_at, read.message)


def _words(session: Session, reply: Reply, read: CarefullyRead) -> str:
    if reply.probe_id is None:
        return ""
    return words_of_brand(session.get_one(Probe, reply.probe_id).brand_id, digest_of_words(read.message.own_words))


def _is_same(row: VerdictRow, verdict: Verdict) -> bool:
    """Of the confidence only counts whether a person has to look."""
    new = verdict_values(row.reply_id, verdict, row.decided_at)
    doubts = [confidence < queries_inbox.SURE for confidence in (row.confidence, verdict.confidence)]
    return doubts[0] == doubts[1] and all(getattr(row, name) == new[name] for name in _SAME)


def refresh_and_follow(session: Session, probe_ids: Collection[int], *, now: datetime) -> None:
    """Derives the outcomes of probes; where their first answer moved, the mails after it stand in another light."""
    look_again(session, _after_moved_answers(session, probe_ids), now=now)


def _after_moved_answers(session: Session, probe_ids: Collection[int]) -> list[int]:
    session.flush()
    before = queries_placing.answered_after(session, probe_ids)
    refresh_outcomes(session, sorted(probe_ids))
    return after_answers(session, before, queries_placing.answered_after(session, probe_ids))


def after_answers(session: Session, before: Mapping[int, float], now: Mapping[int, float]) -> list[int]:
    """Mails of probes that came after a first answer which was not the first, or none, before.

    `before` and `now` are seconds from t0 to it, of the probes that have one.
    """
    moved = {probe_id for probe_id in {*before, *now} if before.get(probe_id) != now.get(probe_id)}
    since = {probe_id: min(after[probe_id] for after in (before, now) if probe_id in after) for probe_id in moved}
    return queries_second_looks.mails_since(session, since) if since else []


def look_again(session: Session, reply_ids: Iterable[int], *, now: datetime) -> int:
    """Classifies stored mails again, and those to which that makes a difference; gives the number of new verdicts."""
    looked_at, added = list(reply_ids), 0
    for _ in range(_ROUNDS):
        replies = queries_second_looks.replies(session, looked_at) if looked_at else []
        changed = [reply for reply in replies if classify_again(session, reply, now=now)]
        added += len(changed)
        probe_ids = {reply.probe_id for reply in changed if reply.probe_id is not None}
        if not probe_ids:
            break
        looked_at = _after_moved_answers(session, probe_ids)
    return added


def lay(session: Session, reply: Reply, where: Lying, *, now: datetime) -> list[Key]:
    """Puts a stored mail where it belongs, with its true time of receipt; gives what it teaches of its probe."""
    was, probe_id = reply.probe_id, where.probe_id
    probes = queries_placing.locked_probes(session, {number for number in (was, probe_id) if number is not None})
    reply.probe_id, reply.matched_by, reply.hint = probe_id, where.matched_by, where.hint
    reply.match_confidence, reply.match_evidence = where.confidence, list(where.evidence)
    if was != probe_id:
        if was is not None:
            queries.forget_reply_event(session, was, reply.id or 0)
        if probe_id is not None:
            if probes[probe_id].state is ProbeState.UNCONFIRMED:
                dispatch.resolve_unconfirmed(session, session.get_one(Probe, probe_id), now=now)
            event = Event(probe_id=probe_id, kind=EventKind.REPLY, at=reply.received_at, reply_id=reply.id)
            session.add(event)
    session.flush()
    classify_again(session, reply, now=now)
    refresh_and_follow(session, set(probes), now=now)
    return teach(session, reply)


def teach(session: Session, reply: Reply) -> list[Key]:
    """Keeps what later mails of the same thread or ticket may be known by."""
    if reply.probe_id is None or reply.hint or reply.sha256 is None:
        return []
    message = read_carefully(queries.raw_content(session, reply.sha256)).message
    latest = queries.latest_rules_verdict(session, reply.id or 0)
    learned = learned_from(message, PreloadedIndex(session, [message]))
    keys = keys_of(reply.probe_id, learned, latest.ticket_ids if latest else ())
    queries_placing.write_keys(session, keys)
    return keys


def keys_of(probe_id: int, learned: Learned, ticket_ids: Iterable[str]) -> list[Key]:
    """What later mails may be known by: the ids of a thread, and ticket numbers for the domain that gave them."""
    ids = [("message_id", value[:500], "", probe_id) for value in learned.ids]
    return ids + [("ticket", value[:500], learned.domain, probe_id) for value in ticket_ids]


def match_waiting(session: Session, keys: Collection[Key], *, now: datetime) -> int:
    """Finds the inquiries of mails that waited for one of these keys, and of those that waited for theirs in turn.

    Gives the number of mails that were placed.
    """
    placed, waiting = 0, deque([list(keys)])
    while waiting:
        for reply in _seekers(session, waiting.popleft()):
            taught = match_again(session, reply, now=now)
            if taught is not None:
                placed += 1
                waiting.append(taught)
    return placed


def _seekers(session: Session, keys: Collection[Key]) -> Iterator[Reply]:
    values = {key[1] for key in keys}
    return iter(queries_second_looks.seekers(session, values)) if values else iter(())


def match_again(session: Session, reply: Reply, *, now: datetime) -> list[Key] | None:
    """Looks once more which inquiry a mail answers; gives what it teaches, None where it lies as before.

    Guesses for a person are renewed in any case.
    """
    read = read_carefully(queries.raw_content(session, reply.sha256 or ""))
    prepared = prepare(session, [ReadMail(0, reply.received_at, read)])[0]
    where = lying_of(prepared.match)
    if where.probe_id is None or where.hint:
        queries_second_looks.write_sought(session, [(value, reply.id or 0) for value in prepared.sought])
    if (where.probe_id, where.hint) != (reply.probe_id, reply.hint):
        return lay(session, reply, where, now=now)
    reply.match_confidence, reply.match_evidence = where.confidence, list(where.evidence)
    session.flush()
    return None


def learn_anew(session: Session, probe_id: int, *, now: datetime) -> None:
    """After a mail was taken away from a probe: what only that mail taught is forgotten, and what followed from it."""
    queries_second_looks.forget_keys(session, probe_id)
    replies = queries_second_looks.mails_of_probe(session, probe_id)
    for reply in replies:
        if reply.matched_by not in (MatchedBy.LEARNED, MatchedBy.TICKET):
            teach(session, reply)
    for reply in replies:
        if reply.matched_by in (MatchedBy.LEARNED, MatchedBy.TICKET):
            match_again(session, reply, now=now)
            teach(session, reply)
