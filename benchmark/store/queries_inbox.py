"""Mail that waits for a person: unmatched, doubtful, quarantined; and bounces and hints, to look through."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, exists, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from benchmark.core.messages import MAX_BARE_HEAD, bare_message
from benchmark.core.vocabulary import ChannelKind, DecidedBy, MailTrouble, MatchedBy, ReplyKind
from benchmark.store.queries_evidence import VerdictLine, verdict_line
from benchmark.store.tables import Brand, MailboxRow, Probe, RawMessage, Reply, VerdictRow
from benchmark.store.tables.replies import LOOSE, UNSURE

SURE = 0.8  # below it a person looks
SPOT_CHECKED = 0.05  # of the verdicts above it that a person looks at too
SHOWN_TEXT = 4_000  # characters
LONGEST_WORD = 200  # a longer one is cut


class Shelf(StrEnum):
    """Where in the inbox a mail lies."""

    UNMATCHED = "unmatched"
    UNSURE = "unsure"
    SPOT_CHECKS = "spot_checks"
    QUARANTINED = "quarantined"
    HINTS = "hints"
    BOUNCES = "bounces"


WAITING = (Shelf.UNMATCHED, Shelf.UNSURE, Shelf.QUARANTINED, Shelf.HINTS)
"""The shelves whose mail only a person can settle; spot checks and bounces press nobody."""


@dataclass(frozen=True)
class Guess:
    probe_id: int
    brand: str
    brand_slug: str
    subject: str
    confidence: float
    matched_by: MatchedBy | None
    reason: str


@dataclass(frozen=True)
class WaitingMail:
    """`to` are the addresses its head names, the envelope's first; `rest` is what a long text says behind `text`."""

    id: int
    received_at: datetime
    from_address: str
    to: tuple[str, ...]
    subject: str
    text: str
    rest: str
    verdict: VerdictLine
    probe_id: int | None
    brand: str
    brand_slug: str
    hint: bool
    quarantined: bool
    matched_by: MatchedBy | None
    match_confidence: float
    match_evidence: tuple[Any, ...]
    guesses: tuple[Guess, ...]


_others = aliased(VerdictRow)  # the outer question asks for one verdict of each reply, these for all of them
_of_reply = select(func.max(_others.id)).where(col(_others.reply_id) == col(Reply.id))
# A person's word wins, then the newest: no other verdict of the reply is better.
_by_rules = col(VerdictRow.decided_by) != DecidedBy.PERSON
_wins = not_(
    exists().where(
        col(_others.reply_id) == col(VerdictRow.reply_id),
        or_(
            and_(col(_others.decided_by) == DecidedBy.PERSON, _by_rules),
            and_(col(_others.id) > col(VerdictRow.id), or_(col(_others.decided_by) == DecidedBy.PERSON, _by_rules)),
        ),
    )
)
_winner = and_(col(VerdictRow.reply_id) == col(Reply.id), _wins)
_by_mail = and_(col(Reply.channel) == ChannelKind.EMAIL, col(Reply.sha256).is_not(None))
_lies_well = and_(col(Reply.probe_id).is_not(None), col(Reply.hint).is_(False), col(Reply.quarantined).is_(False))
# The digest of a mail draws it, so the same mails are drawn whoever looks whenever; hexadecimal digits sort as numbers.
_drawn = and_(_by_mail, _lies_well, col(Reply.sha256) < f"{round(SPOT_CHECKED * 2**32):08x}")


_loose = col(Reply.id).in_(select(col(Reply.id)).where(LOOSE))  # by its index, as the next one
_unsure = col(Reply.id).in_(select(col(VerdictRow.reply_id)).where(UNSURE))
_bounced = col(VerdictRow.kind).in_((ReplyKind.BOUNCE, ReplyKind.DELIVERY_DELAY))


def _on(shelf: Shelf) -> ColumnElement[bool]:
    """Does a reply with its winning verdict lie there?"""
    return {
        # A person who says what it is has not yet said where it belongs, unless nobody asked for it.
        Shelf.UNMATCHED: and_(
            _by_mail,
            or_(_by_rules, col(VerdictRow.kind) != ReplyKind.UNSOLICITED),
            col(Reply.probe_id).is_(None),
            col(Reply.quarantined).is_(False),
        ),
        Shelf.UNSURE: and_(_by_rules, _lies_well, col(VerdictRow.confidence) < SURE),
        Shelf.SPOT_CHECKS: and_(_by_rules, _drawn, col(VerdictRow.confidence) >= SURE),
        Shelf.QUARANTINED: and_(_by_mail, _by_rules, col(Reply.quarantined).is_(True)),
        Shelf.HINTS: and_(_by_mail, _by_rules, col(Reply.hint).is_(True)),
        Shelf.BOUNCES: and_(_by_mail, _bounced),
    }[shelf]


_AMONG: Mapping[Shelf, ColumnElement[bool]] = {Shelf.UNMATCHED: _loose, Shelf.QUARANTINED: _loose, Shelf.HINTS: _loose}
"""What narrows a shelf down to few by an index."""


def _lying_on(shelf: Shelf) -> ColumnElement[bool]:
    return and_(_AMONG[shelf], _on(shelf)) if shelf in _AMONG else _on(shelf)


def inbox_counts(session: Session) -> dict[Shelf, int]:
    """How many mails lie on each shelf."""
    joined = select(func.count()).select_from(Reply).join(VerdictRow, _winner)
    return {shelf: session.scalar(joined.where(_lying_on(shelf))) or 0 for shelf in Shelf}


def waiting_count(session: Session, shelves: Sequence[Shelf] = WAITING) -> int:
    """How many mails lie on these shelves of `WAITING`. Cheap: asked at every page."""
    among = or_(_loose, _unsure)
    statement = select(func.count()).select_from(Reply).join(VerdictRow, _winner)
    return session.scalar(statement.where(among, or_(*(_on(shelf) for shelf in shelves)))) or 0


def inbox(session: Session, shelf: Shelf, limit: int = 25, offset: int = 0) -> list[WaitingMail]:
    """The newest first."""
    statement = (
        select(Reply, VerdictRow, Brand.name, Brand.slug)  # type: ignore[call-overload]  # columns of a model
        .select_from(Reply)
        .join(VerdictRow, _winner)
        .outerjoin(Probe, col(Probe.id) == col(Reply.probe_id))
        .outerjoin(Brand, col(Brand.id) == col(Probe.brand_id))
        .where(_lying_on(shelf))
        .order_by(col(Reply.received_at).desc(), col(Reply.id).desc())
        .limit(limit)
        .offset(offset)
    )
    rows = session.execute(statement).all()
    guesses = _guesses(session, [reply for reply, *_ in rows if reply.probe_id is None])
    recipients = _recipients(session, [reply.sha256 for reply, *_ in rows if reply.sha256])
    texts = {reply.id: _cut(reply.text) for reply, *_ in rows}
    return [
        WaitingMail(
            id=reply.id or 0,
            received_at=reply.received_at,
            from_address=reply.from_address,
            to=recipients.get(reply.sha256 or "", ()),
            subject=reply.subject,
            text=texts[reply.id][0],
            rest=texts[reply.id][1],
            verdict=verdict_line(verdict),
            probe_id=reply.probe_id,
            brand=name or "",
            brand_slug=slug or "",
            hint=reply.hint,
            quarantined=reply.quarantined,
            matched_by=reply.matched_by,
            match_confidence=reply.match_confidence,
            match_evidence=tuple(reply.match_evidence),
            guesses=guesses.get(reply.id or 0, ()),
        )
        for reply, verdict, name, slug in rows
    ]


def _cut(text: str) -> tuple[str, str]:
    """The text up to the last word that `SHOWN_TEXT` has room for, and the rest."""
    if len(text) <= SHOWN_TEXT:
        return text, ""
    words = re.compile(r"\s\S*\Z").search(text, SHOWN_TEXT - LONGEST_WORD, SHOWN_TEXT + 1)
    end = words.start() if words else SHOWN_TEXT
    return text[:end].rstrip(), text[end:].strip()


def _recipients(session: Session, digests: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Whom the heads of mails name, by pattern: a mail that broke its reader has some too."""
    head = func.substr(col(RawMessage.content), 1, MAX_BARE_HEAD)
    rows = session.execute(select(col(RawMessage.sha256), head).where(col(RawMessage.sha256).in_(digests)))
    heads = ((digest, bare_message(bytes(content or b""), "")) for digest, content in rows)  # NULL where all is empty
    return {digest: tuple(dict.fromkeys((*message.envelope_to, *message.to))) for digest, message in heads}


def _guesses(session: Session, replies: Sequence[Reply]) -> dict[int, tuple[Guess, ...]]:
    """The ranked candidates that matching left, with the names of their brands."""
    wanted = {guess["probe_id"] for reply in replies for guess in _candidates(reply)}
    rows = session.execute(
        select(Probe.id, Brand.name, Brand.slug, Probe.subject)  # type: ignore[call-overload]  # columns of a model
        .join(Brand, col(Brand.id) == col(Probe.brand_id))
        .where(col(Probe.id).in_(wanted))
    )
    named = {row[0]: row for row in rows}
    return {
        reply.id or 0: tuple(
            _guess(named[guess["probe_id"]], guess)
            for guess in sorted(_candidates(reply), key=lambda guess: -float(guess.get("confidence", 0)))
            if guess["probe_id"] in named
        )
        for reply in replies
    }


def _guess(named: Sequence[Any], guess: dict[str, Any]) -> Guess:
    probe_id, brand, slug, subject = named
    matched_by = MatchedBy(guess["matched_by"]) if guess.get("matched_by") else None
    confidence = float(guess.get("confidence", 0))
    return Guess(probe_id, brand, slug, subject, confidence, matched_by, str(guess.get("reason", "")))


def _candidates(reply: Reply) -> list[dict[str, Any]]:
    return [guess for guess in reply.match_evidence if isinstance(guess, dict) and "probe_id" in guess]


@dataclass(frozen=True)
class SpotChecks:
    """Sure verdicts of one version of the rules: how many were drawn, checked by a person, and found right."""

    rules_version: str
    drawn: int
    checked: int
    right_kind: int
    right_marks: int  # kind and every mark


def spot_checks(session: Session) -> list[SpotChecks]:
    """The rules' word before a person had one against the person's last word, by version, the newest version first."""
    said, word, people = aliased(VerdictRow), aliased(VerdictRow), aliased(VerdictRow)
    first_word = select(func.min(people.id)).where(
        col(people.reply_id) == col(Reply.id), col(people.decided_by) == DecidedBy.PERSON
    )
    by_person = _of_reply.where(col(_others.decided_by) == DecidedBy.PERSON)
    before = _of_reply.where(
        col(_others.decided_by) == DecidedBy.RULES,
        col(_others.id) < func.coalesce(first_word.correlate(Reply).scalar_subquery(), col(_others.id) + 1),
    )
    same_kind = col(word.kind) == col(said.kind)
    same_marks = and_(same_kind, cast(col(word.flags), Text) == cast(col(said.flags), Text))
    statement = (
        select(col(said.rules_version), func.count(), func.count(col(word.id)), _times(same_kind), _times(same_marks))
        .select_from(Reply)
        .join(said, col(said.id) == before.scalar_subquery())
        .outerjoin(word, col(word.id) == by_person.scalar_subquery())
        .where(_drawn, col(said.confidence) >= SURE)
        .group_by(col(said.rules_version))
        .order_by(func.max(said.id).desc())
    )
    return [SpotChecks(*row) for row in session.execute(statement)]


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


@dataclass(frozen=True)
class MailboxStanding:
    """How a mailbox was last seen (real time); `error` and `next_try_at` are set while it is away.

    `error_at`, `last_error` and `trouble` are of the last error, also when it is over.
    """

    name: str
    looked_at: datetime | None
    fetched_at: datetime | None
    last_uid: int
    way: str
    error: str
    error_at: datetime | None
    last_error: str
    trouble: MailTrouble | None
    next_try_at: datetime | None


def mailbox_standings(session: Session) -> list[MailboxStanding]:
    rows = session.scalars(select(MailboxRow).order_by(col(MailboxRow.name)))
    names = tuple(MailboxStanding.__dataclass_fields__)
    return [MailboxStanding(**{name: getattr(row, name) for name in names}) for row in rows]
