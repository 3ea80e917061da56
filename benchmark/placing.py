"""Placing prepared mails: a short transaction a batch, and what is written of each of them.

Nothing is worked out here but what became different since a mail was prepared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session

from benchmark import dispatch
from benchmark.core.matching import Learned, Match
from benchmark.core.values import MatchContext, Verdict
from benchmark.core.vocabulary import ChannelKind, ProbeState
from benchmark.outcome_keeping import refresh_outcomes
from benchmark.preparing import PreparedMail, prepare, times_known, verdict_on
from benchmark.replies import verdict_values
from benchmark.store import queries_placing
from benchmark.store.queries_placing import Said, Standing, WaitingItem
from benchmark.store.tables import Probe

MAX_TEXT = 100_000


def place_mails(session: Session, mails: Sequence[PreparedMail], *, now: datetime) -> list[int | None]:
    """Writes down prepared mails in their order; gives for each the id of its reply.

    None stands for bytes that were placed before and for our own copies. What earlier mails, other workers or a
    person changed since a mail was prepared is seen here, and only such mails are matched or classified again.
    """
    return _Batch(session, mails, now).place()


@dataclass
class _Placed:
    """A mail of the batch, and what is to be written of it; `reply_id` is known once it is."""

    values: dict[str, Any]
    verdict: Verdict
    learned: Learned
    reply_id: int | None = None

    @property
    def probe_id(self) -> int | None:
        return cast("int | None", self.values["probe_id"])

    def teaches(self) -> list[queries_placing.Key]:
        """What later mails may be known by."""
        if self.probe_id is None:
            return []
        ids = [("message_id", value[:500], "", self.probe_id) for value in self.learned.ids]
        return ids + [("ticket", value[:500], self.learned.domain, self.probe_id) for value in self.verdict.ticket_ids]


@dataclass
class _Batch:
    """Mails of one batch that may explain each other are written before the next of them is looked at."""

    session: Session
    mails: Sequence[PreparedMail]
    now: datetime
    waiting: list[_Placed] = field(default_factory=list)

    def __post_init__(self) -> None:
        session, mails = self.session, self.mails
        self.items = queries_placing.locked_items(session, [mail.mail.item_id for mail in mails])
        self.known = queries_placing.placed_contents(session, {item.sha256 for item in self.items.values()})
        self.probes: dict[int, Standing] = {}
        self.answered: set[int] = set()
        self.said: set[Said] = set()
        self._look_at(mails)
        self.sought = {value for mail in mails for value in mail.sought}
        self.learned = queries_placing.learned_counts(session, self.sought)

    def _look_at(self, mails: Sequence[PreparedMail]) -> None:
        """How the probes of these mails stand now; they stay as they are until this transaction ends."""
        matched = [(mail.match.probe_id, mail.digest) for mail in mails if mail.match.probe_id is not None]
        probe_ids = {probe_id for probe_id, _ in matched}
        self.probes |= queries_placing.locked_probes(self.session, probe_ids)
        self.answered |= queries_placing.answered(self.session, probe_ids)
        said = {(self.probes[probe_id].brand_id, digest) for probe_id, digest in matched if digest}
        self.said |= queries_placing.said_before(self.session, said)

    def place(self) -> list[int | None]:
        placed = [self._place(mail) for mail in self.mails]
        self.settle()
        waited = [item.id for item in self.items.values() if not item.is_placed]
        queries_placing.note_placed(self.session, waited, self.now)
        return [mail.reply_id if mail else None for mail in placed]

    def _place(self, mail: PreparedMail) -> _Placed | None:
        item = self.items[mail.mail.item_id]
        if item.is_placed or item.sha256 in self.known or self._is_own_copy(mail):
            return None
        self.known.add(item.sha256)
        if self._taught_since(mail):
            mail = self._matched_again(mail)
        probe = self._made_ready(mail.match.probe_id) if mail.match.probe_id is not None else None
        placed = _Placed(_values_of(mail, item), self._verdict(mail, probe), mail.match.learned)
        self.waiting.append(placed)
        if probe is not None and mail.digest:
            self.said.add((probe.brand_id, mail.digest))
        return placed

    def _is_own_copy(self, mail: PreparedMail) -> bool:
        return mail.under_our_id and dispatch.note_own_copy(self.session, mail.mail.read.message, now=self.now)

    def _taught_since(self, mail: PreparedMail) -> bool:
        """Did another mail teach an id or a ticket that this one was looked for by?"""
        if not mail.sought:
            return False
        if any(key[1] in mail.sought for placed in self.waiting for key in placed.teaches()):
            self.settle()
        return times_known(mail.sought, self.learned) != mail.times_known

    def _matched_again(self, mail: PreparedMail) -> PreparedMail:
        self.settle()
        again = prepare(self.session, [mail.mail])[0]
        self._look_at([again])
        return again

    def _made_ready(self, probe_id: int) -> Standing:
        """An earlier mail of the same probe is part of what explains this one."""
        if any(placed.probe_id == probe_id for placed in self.waiting):
            self.settle()
        if self.probes[probe_id].state is ProbeState.UNCONFIRMED:
            dispatch.resolve_unconfirmed(self.session, self.session.get_one(Probe, probe_id), now=self.now)
            self.probes |= queries_placing.locked_probes(self.session, {probe_id})
        return self.probes[probe_id]

    def _verdict(self, mail: PreparedMail, probe: Standing | None) -> Verdict:
        """The prepared one, unless it was given in another light."""
        if mail.context is None or probe is None:
            return mail.verdict
        context = self._context(mail, mail.context, probe)
        return mail.verdict if context == mail.context else verdict_on(mail.mail.read, context)

    def _context(self, mail: PreparedMail, context: MatchContext, probe: Standing) -> MatchContext:
        seen = frozenset({mail.digest} if (probe.brand_id, mail.digest) in self.said else ())
        return replace(context, t0=probe.t0, answered_before=probe.id in self.answered, texts_seen=seen)

    def settle(self) -> None:
        """Writes what waits: replies, verdicts, events, what was learned, and the outcomes they change."""
        if not self.waiting:
            return
        waiting, self.waiting = self.waiting, []
        ids = queries_placing.write_replies(self.session, [placed.values for placed in waiting])
        for placed in waiting:
            placed.reply_id = ids[placed.values["sha256"]]
        verdicts = [verdict_values(placed.reply_id or 0, placed.verdict, self.now) for placed in waiting]
        queries_placing.write_verdicts(self.session, verdicts)
        matched = [placed for placed in waiting if placed.probe_id is not None]
        events = [(mail.probe_id or 0, mail.reply_id or 0, mail.values["received_at"]) for mail in matched]
        queries_placing.write_reply_events(self.session, events)
        keys = dict.fromkeys(key for placed in matched for key in placed.teaches())
        queries_placing.write_keys(self.session, list(keys))
        if not self.sought.isdisjoint(key[1] for key in keys):
            self.learned = queries_placing.learned_counts(self.session, self.sought)
        probe_ids = list(dict.fromkeys(placed.probe_id or 0 for placed in matched))
        refresh_outcomes(self.session, probe_ids)
        self.answered |= queries_placing.answered(self.session, probe_ids)


def _values_of(mail: PreparedMail, item: WaitingItem) -> dict[str, Any]:
    """The columns of the reply's row."""
    read, found = mail.mail.read, mail.match
    message = read.message
    return {
        "probe_id": found.probe_id,
        "channel": ChannelKind.EMAIL,
        "received_at": item.internal_at,
        "sha256": item.sha256,
        "message_id": message.message_id,
        "subject": message.subject[:500],
        "from_address": message.from_address[:320],
        "text": message.text[:MAX_TEXT],
        "text_digest": mail.digest,
        "matched_by": found.matched_by if found.probe_id is not None else None,
        "match_confidence": found.confidence,
        "match_evidence": _evidence(found),
        "hint": found.hint,
        "quarantined": read.is_broken or (bool(message.defects) and not message.text and not message.subject),
    }


def _evidence(found: Match) -> list[Any]:
    return [vars(candidate) for candidate in found.candidates] or list(found.evidence)
