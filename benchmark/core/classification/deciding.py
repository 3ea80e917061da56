"""The order of the decisions, and everything that is said of a message beside its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from operator import attrgetter
from typing import TypeAlias

from benchmark.core.classification import changes, people, reports
from benchmark.core.classification.asking import asks_for_info
from benchmark.core.classification.dates import return_date
from benchmark.core.classification.findings import Finding, confidence_of
from benchmark.core.classification.handoffs import handoff
from benchmark.core.classification.judging import judged_all
from benchmark.core.classification.languages import language_of
from benchmark.core.classification.reading import Reading
from benchmark.core.classification.tickets import tickets_of
from benchmark.core.values import HandOffTarget, RuleHit, Verdict
from benchmark.core.vocabulary import ReplyFlag, ReplyKind

# Raise this with every change of a rule or a table: verdicts of different versions stand side by side.
RULES_VERSION = "2026.14"

_MAX_RULES = 12
_MAILS_ABOUT_MAIL = frozenset({ReplyKind.BOUNCE, ReplyKind.DELIVERY_DELAY, ReplyKind.READ_RECEIPT, ReplyKind.CHALLENGE})
_FROM_PEOPLE = frozenset({ReplyKind.HUMAN_REPLY, ReplyKind.FOLLOWUP, ReplyKind.AUTOMATED_ANSWER})
_SHORT_NOTE = 700  # characters; who writes more says more than that they will look into it

# The first form that is recognised holds. Reports come before everything (Exim's bounces say "auto-replied"), notes
# of a desk without anybody's words before agents, agents' words before the marks of their desk.
FORMS: tuple[Callable[[Reading], Finding | None], ...] = (
    reports.feedback_report,
    reports.read_receipt_report,
    reports.delivery_report,
    reports.challenge,
    reports.bounce_by_wording,
    reports.read_receipt_by_wording,
    changes.change_note,
    changes.comment_beside_note,
    changes.given_back,
    people.agent_in_template,
    people.desk_news_before_any_answer,
)
_FIRST_STEPS = tuple(map(attrgetter, ("own", "letter", "places", "speakers")))  # every message needs them
_Target: TypeAlias = "tuple[HandOffTarget, RuleHit]"


def decide_all(readings: Sequence[Reading]) -> list[Verdict]:
    """The verdicts on several messages, with all evidence.

    Step by step for all of them: each step's code and tables stay in the processor's caches, which takes a quarter
    less time than one message after the other.
    """
    for step in _FIRST_STEPS:
        for reading in readings:
            step(reading)
    found = found_by_all(readings)
    told = list(zip(readings, [one.kind for one in found], strict=True))
    tickets = [_tickets(reading, kind) for reading, kind in told]
    targets = [handoff(reading, kind) if _may_hand_off(kind) else None for reading, kind in told]
    backs = [_return_date(reading, kind) for reading, kind in told]
    languages = [_language(reading) for reading in readings]
    columns = zip(readings, found, tickets, targets, backs, languages, strict=True)
    return [_verdict(*column) for column in columns]


def _verdict(
    reading: Reading, found: Finding, tickets: tuple[str, ...], target: _Target | None, back: date | None, language: str
) -> Verdict:
    return Verdict(
        kind=found.kind,
        confidence=confidence_of(found),
        rules_version=RULES_VERSION,
        flags=found.flags | _flags(reading, found.kind, tickets, target, back),
        rules=(*found.rules, *([target[1]] if target else []))[:_MAX_RULES],
        ticket_ids=tickets,
        language=language,
        system=_system(reading),
        handoff=target[0] if target else None,
        followup_kind=found.followup_kind,
        return_date=back,
    )


def found_by_all(readings: Sequence[Reading]) -> list[Finding]:
    """Of each the first form that is recognised; where there is none, what the judge makes of all that speaks."""
    found: list[Finding | None] = [None] * len(readings)
    for form in FORMS:
        for number, reading in enumerate(readings):
            if found[number] is None:
                found[number] = form(reading)
    left = iter(judged_all([reading for number, reading in enumerate(readings) if found[number] is None]))
    return [one or next(left) for one in found]


def _tickets(reading: Reading, kind: ReplyKind) -> tuple[str, ...]:
    if kind in _MAILS_ABOUT_MAIL or kind is ReplyKind.UNSOLICITED:
        return ()
    ours = f"{reading.context.our_subject}\n{reading.context.our_text}"
    return tickets_of(reading.message, ours, reading.own)


def _may_hand_off(kind: ReplyKind) -> bool:
    return kind in _FROM_PEOPLE or kind in (ReplyKind.AUTO_ACK, ReplyKind.OUT_OF_OFFICE)


def _return_date(reading: Reading, kind: ReplyKind) -> date | None:
    if kind is not ReplyKind.OUT_OF_OFFICE:
        return None
    written = reading.context.received_at or reading.message.received_at or reading.message.date
    places = reading.places
    return return_date(f"{places['subject'].text}. {places['text'].text}", written.date() if written else None)


def _flags(
    reading: Reading,
    kind: ReplyKind,
    tickets: tuple[str, ...],
    target: _Target | None,
    back: date | None,
) -> frozenset[ReplyFlag]:
    said = {
        ReplyFlag.HAS_TICKET: bool(tickets),
        ReplyFlag.HANDOFF: target is not None,
        ReplyFlag.RETURN_DATE: back is not None,
        ReplyFlag.ASKS_FOR_INFO: kind in _FROM_PEOPLE and asks_for_info(reading).weight > 0,
        ReplyFlag.NEXT_STEP: kind is ReplyKind.HUMAN_REPLY and reading.asked("flags", "next_step").weight > 0,
        ReplyFlag.ACKNOWLEDGES_ONLY: kind is ReplyKind.HUMAN_REPLY and _only_acknowledges(reading),
    }
    return frozenset(flag for flag, is_said in said.items() if is_said)


def _only_acknowledges(reading: Reading) -> bool:
    """A person says that they look into it, and nothing of the matter."""
    words = reading.asked("flags", "acknowledges_only")
    return words.weight > 0 and 0 < len(reading.own) <= _SHORT_NOTE and not asks_for_info(reading).weight


def _language(reading: Reading) -> str:
    """The subject of an answer was written by whom it answers: it is asked only where the answer is too short."""
    words = reading.own or reading.message.text
    alone = language_of(words) if reading.looks_like_reply else ""
    return alone or language_of(f"{reading.message.subject}\n{words}")


def _system(reading: Reading) -> str:
    names = [seen.rule.partition(" (")[0] for seen in reading.asked("systems", "system").rules]
    return names[0] if names else ""
