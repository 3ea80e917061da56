"""Placing prepared mails: a short transaction a batch, and what is written of each of them.

Nothing is worked out here but what became different since a mail was prepared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session

from benchmark import dispatch, second_looks
from benchmark.core.matching import Learned
from benchmark.core.values import MatchContext, Verdict
from benchmark.core.vocabulary import ChannelKind, ProbeState
from benchmark.outcome_keeping import refresh_outcomes
from benchmark.preparing import PreparedMail, is_after, prepare, times_known, verdict_on
from benchmark.replies import verdict_values
from benchmark.store import queries_placing, queries_second_looks
from benchmark.store.queries_placing import Key, Saying, Standing, WaitingItem, words_of_brand
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
    sought: frozenset[str]
    reply_id: int | None = None

    @property
    def probe_id(self) -> int | None:
        return cast("int | None", self.values["probe_id"])

    def seeks(self) -> list[tuple[str, int]]:
        """What it waits for where it found no inquiry."""
        if self.probe_id is not None and not self.values["hint"]:
            return []
        return [(value, self.reply_id or 0) for value in self.sought]

    def teaches(self) -> list[Key]:
        """What later mails may be known by."""
        if self.probe_id is None or self.values["hint"]:
            return []
        return second_looks.keys_of(self.probe_id, self.learned, self.verdict.ticket_ids)


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
        self.answered: dict[int, float] = {}
        self.said: dict[Saying, int | None] = {}
        self.saying: defaultdict[str, list[_Placed]] = defaultdict(list)  # in this batch
        self.said_again: list[_Placed | int] = []  # whose words turned out to be a template
        self._look_at(mails)
        self.sought = {value for mail in mails for value in mail.sought}
        self.learned = queries_placing.learned_counts(session, self.sought)

    def _look_at(self, mails: Sequence[PreparedMail]) -> None:
        """How the probes of these mails stand now; they stay as they are until this transaction ends."""
        probe_ids = {mail.match.probe_id for mail in mails if mail.match.probe_id is not None}
        self.probes |= queries_placing.locked_probes(self.session, probe_ids)
        self.answered |= queries_placing.answered_after(self.session, probe_ids)
        sayings = {saying for mail in mails if (saying := self._saying(mail))}
        self.said |= queries_placing.said_before(self.session, sayings)

    def _saying(self, mail: PreparedMail) -> Saying | None:
        words = self._words_of(mail)
        return Saying(words, mail.mail.read.message.message_id) if words else None

    def _words_of(self, mail: PreparedMail) -> str:
        probe_id = mail.match.probe_id
        return "" if probe_id is None else words_of_brand(self.probes[probe_id].brand_id, mail.digest)

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
        verdict = self._verdict(mail, probe)
        placed = _Placed(_values_of(mail, item, self._words_of(mail)), verdict, mail.match.learned, mail.sought)
        self.waiting.append(placed)
        self._note_words(mail, placed)
        return placed

    def _note_words(self, mail: PreparedMail, placed: _Placed) -> None:
        """Who said the same words once before gets a second look."""
        saying = self._saying(mail)
        if saying is None:
            return
        others = self._others_in_batch(saying)
        if saying in self.said and not others and (first := self.said[saying]) is not None:
            self.said_again.append(first)
        elif saying not in self.said and len(others) == 1:
            self.said_again += others
        self.saying[saying.words].append(placed)

    def _others_in_batch(self, saying: Saying) -> list[_Placed]:
        same_words = self.saying[saying.words]
        return [placed for placed in same_words if saying.is_other_than(placed.values["message_id"])]

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
        saying = self._saying(mail)
        is_said = saying is not None and (saying in self.said or bool(self._others_in_batch(saying)))
        answered = is_after(mail.mail.received_at, probe.t0, self.answered.get(probe.id))
        seen = frozenset({mail.digest} if is_said else ())
        return replace(context, t0=probe.t0, answered_before=answered, texts_seen=seen)

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
        keys = list(dict.fromkeys(key for placed in matched for key in placed.teaches()))
        queries_placing.write_keys(self.session, keys)
        queries_second_looks.write_sought(self.session, [key for placed in waiting for key in placed.seeks()])
        if not self.sought.isdisjoint(key[1] for key in keys):
            self.learned = queries_placing.learned_counts(self.session, self.sought)
        probe_ids = list(dict.fromkeys(placed.probe_id or 0 for placed in matched))
        before = {probe_id: self.answered[probe_id] for probe_id in probe_ids if probe_id in self.answered}
        refresh_outcomes(self.session, probe_ids)
        answered = queries_placing.answered_after(self.session, probe_ids)
        self.answered |= answered
        self._look_again(keys, second_looks.after_answers(self.session, before, answered))

    def _look_again(self, keys: Sequence[Key], after_answers: Sequence[int]) -> None:
        """At earlier mails that stand in another light now, or whose inquiry is known now."""
        said_again, self.said_again = self.said_again, []
        again = {first if isinstance(first, int) else first.reply_id or 0 for first in said_again}
        people = queries_second_looks.taken_for_people(self.session, again) if again else set()
        changed = second_looks.look_again(self.session, people.union(after_answers), now=self.now)
        found = second_looks.match_waiting(self.session, keys, now=self.now)
        if changed or found:
            self.answered = {}
            self._look_at(self.mails)
            self.learned = queries_placing.learned_counts(self.session, self.sought)


def _values_of(mail: PreparedMail, item: WaitingItem, words: str) -> dict[str, Any]:
    """The columns of the reply's row."""
    read, where = mail.mail.read, second_looks.lying_of(mail.match)
    message = read.message
    return {
        "probe_id": where.probe_id,
        "channel": ChannelKind.EMAIL,
        "received_at": item.internal_at,
        "sha256": item.sha256,
        "message_id": message.message_id,
        "subject": message.subject[:500],
        "from_address": message.from_address[:320],
        "text": message.text[:MAX_TEXT],
        "text_digest": words,
        "matched_by": where.matched_by,
        "match_confidence": where.confidence,
        "match_evidence": list(where.evidence),
        "hint": where.hint,
        "quarantined": read.is_broken or (bool(message.defects) and not message.text and not message.subject),
    }
