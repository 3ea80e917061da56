"""How each fictional brand behaves: what it does after an inquiry, and when. Chance comes from seed and place only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from benchmark.core.planning import draw
from benchmark.core.vocabulary import (
    ChannelGroup,
    ChannelKind,
    FollowUpKind,
    ReplyFlag,
    ReplyKind,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Act:
    """One thing a brand will do: after how long, in which words, and what it truly is (for the truth ledger)."""

    after: timedelta
    letter: str
    kind: ReplyKind
    flags: frozenset[ReplyFlag] = frozenset()
    followup_kind: FollowUpKind | None = None
    by_telephone: bool = False
    automatic: bool = False  # carries the headers robots carry
    threaded: bool = True  # In-Reply-To and References point to our mail
    from_desk: bool = False  # comes from a help-desk vendor's domain
    marketing: bool = False


@dataclass(frozen=True)
class Asked:
    """One inquiry as the brand sees it; `turn` counts its inquiries on this channel, from 0."""

    slug: str
    group: ChannelGroup
    channel: ChannelKind
    turn: int
    at: datetime
    zone: str
    seed: int


Behaviour = Callable[[Asked], list[Act]]


def between(asked: Asked, what: str, low: timedelta, high: timedelta) -> timedelta:
    """A delay in whole minutes, fixed by seed, brand, channel and turn; early values are likelier than late ones."""
    share: float = (draw(asked.seed, asked.slug, asked.channel, asked.turn, what) / 2**64) ** 1.6
    return max(1, (low + (high - low) * share) // MINUTE) * MINUTE


def happens(asked: Asked, what: str, share: float) -> bool:
    return draw(asked.seed, asked.slug, asked.channel, asked.turn, what) / 2**64 < share


def in_office_hours(asked: Asked, after: timedelta) -> timedelta:
    """Moves a delay to the next moment between 9 and 17 on a weekday in the brand's zone."""
    moment = (asked.at + after).astimezone(ZoneInfo(asked.zone))
    while moment.weekday() >= 5 or not time(9) <= moment.time() < time(17):
        opening = moment.replace(hour=9, minute=moment.minute % 45, second=0)
        moment = opening if moment.time() < time(9) and moment.weekday() < 5 else opening + DAY
        moment = moment.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(asked.zone))
    return max(1, (moment - asked.at) // MINUTE) * MINUTE


def _answer(asked: Asked, low: timedelta, high: timedelta, letter: str = "answer") -> Act:
    letter = "social_answer" if asked.group is ChannelGroup.SOCIAL else letter
    return Act(between(asked, "answer", low, high), letter, ReplyKind.HUMAN_REPLY)


def _ack(asked: Asked, letter: str = "ack", threaded: bool = True) -> list[Act]:
    """Robots confirm mail; a form's page has confirmed already and nobody confirms on a wall."""
    if asked.group is not ChannelGroup.EMAIL:
        return []
    flags = frozenset({ReplyFlag.HAS_TICKET}) if letter == "ack" else frozenset[ReplyFlag]()
    return [
        Act(
            between(asked, "ack", MINUTE, 8 * MINUTE),
            letter,
            ReplyKind.AUTO_ACK,
            flags,
            automatic=True,
            threaded=threaded,
        )
    ]


def exemplary(asked: Asked) -> list[Act]:
    """Ticket number within minutes, a personal answer within hours, asks days later whether all is well."""
    answer = _answer(asked, 40 * MINUTE, 7 * HOUR)
    later = answer.after + between(asked, "check", 3 * DAY, 5 * DAY)
    return [*_ack(asked), answer, *_check_back(asked, later)]


def _check_back(asked: Asked, after: timedelta) -> list[Act]:
    if asked.group is ChannelGroup.SOCIAL:
        return []
    return [Act(after, "checks_back", ReplyKind.FOLLOWUP, followup_kind=FollowUpKind.CHECKS_BACK)]


def surveying(asked: Asked) -> list[Act]:
    """Answers well, and a robot asks for stars afterwards: shown, not scored."""
    answer = _answer(asked, HOUR, 11 * HOUR)
    acts = [*_ack(asked), answer]
    if asked.group is not ChannelGroup.SOCIAL and happens(asked, "survey", 0.7):
        after = answer.after + between(asked, "survey-at", DAY, 3 * DAY)
        acts.append(
            Act(after, "survey", ReplyKind.FOLLOWUP, followup_kind=FollowUpKind.SURVEY, automatic=True, threaded=False)
        )
    return acts


def silent(asked: Asked) -> list[Act]:
    """Invites dialogue and says nothing."""
    return []


def company_holiday(asked: Asked) -> list[Act]:
    """Confirms, is closed for fourteen days in March, and forgets what came in meanwhile."""
    closed_from, closed_to = date(2026, 3, 14), date(2026, 3, 27)
    if closed_from <= asked.at.date() <= closed_to:
        if asked.group is not ChannelGroup.EMAIL:
            return []
        flags = frozenset({ReplyFlag.CLOSED, ReplyFlag.RETURN_DATE})
        return [Act(2 * MINUTE, "closure", ReplyKind.OUT_OF_OFFICE, flags, automatic=True)]
    return [*_ack(asked, "ack_plain"), _answer(asked, 20 * HOUR, 60 * HOUR)]


def quick_personal(asked: Asked) -> list[Act]:
    """No confirmation, but a person within the hour."""
    return [_answer(asked, 9 * MINUTE, 95 * MINUTE)]


def slow(asked: Asked) -> list[Act]:
    """A person, some days later; now and then after the window has ended."""
    return [*_ack(asked, "ack_plain"), _answer(asked, 3 * DAY, 9 * DAY)]


def partly(asked: Asked) -> list[Act]:
    """Answers half of what was asked."""
    if asked.group is ChannelGroup.SOCIAL:
        return [_answer(asked, 5 * HOUR, 40 * HOUR)] if happens(asked, "bother", 0.6) else []
    after = between(asked, "answer", 4 * HOUR, 30 * HOUR)
    return [*_ack(asked), Act(after, "partial", ReplyKind.HUMAN_REPLY)]


def hands_over(asked: Asked) -> list[Act]:
    """Moves a public question to e-mail, and an e-mail to the telephone; every other time it calls by itself."""
    handoff = frozenset({ReplyFlag.HANDOFF})
    if asked.group is ChannelGroup.SOCIAL:
        return [Act(between(asked, "answer", HOUR, 9 * HOUR), "handoff_mail", ReplyKind.HUMAN_REPLY, handoff)]
    first = Act(between(asked, "answer", 3 * HOUR, 20 * HOUR), "handoff_phone", ReplyKind.HUMAN_REPLY, handoff)
    if asked.turn % 2:
        return [first]
    call = Act(first.after + between(asked, "call", DAY, 3 * DAY), "call", ReplyKind.HUMAN_REPLY, by_telephone=True)
    return [first, call]


def ticket_desk(asked: Asked) -> list[Act]:
    """A vendor's help desk answers: another domain, no In-Reply-To, its own subject."""
    if asked.group is ChannelGroup.SOCIAL:
        return [_answer(asked, 2 * HOUR, 26 * HOUR)] if happens(asked, "bother", 0.75) else []
    flags = frozenset({ReplyFlag.HAS_TICKET})
    after = between(asked, "answer", 5 * HOUR, 44 * HOUR)
    answer = Act(after, "desk_answer", ReplyKind.HUMAN_REPLY, flags, threaded=False, from_desk=True)
    ack = [Act(a.after, a.letter, a.kind, a.flags, automatic=True, threaded=False, from_desk=True) for a in _ack(asked)]
    return [*ack, answer]


def confirms_only(asked: Asked) -> list[Act]:
    """Acknowledged, never answered; on the wall a kind word now and then."""
    if asked.group is ChannelGroup.SOCIAL and happens(asked, "bother", 0.3):
        return [_answer(asked, 8 * HOUR, 70 * HOUR)]
    return _ack(asked)


def bouncing(asked: Asked) -> list[Act]:
    """The published address does not exist; form and wall work."""
    if asked.group is ChannelGroup.EMAIL:
        return [Act(between(asked, "bounce", MINUTE, 5 * MINUTE), "bounce", ReplyKind.BOUNCE, automatic=True)]
    return [_answer(asked, 6 * HOUR, 50 * HOUR)]


def asks_back(asked: Asked) -> list[Act]:
    """Wants a customer number before it says anything."""
    if asked.group is ChannelGroup.SOCIAL:
        return [_answer(asked, 3 * HOUR, 30 * HOUR)] if happens(asked, "bother", 0.5) else []
    flags = frozenset({ReplyFlag.ASKS_FOR_INFO})
    return [Act(between(asked, "answer", 2 * HOUR, 28 * HOUR), "ask_back", ReplyKind.HUMAN_REPLY, flags)]


def newsletter(asked: Asked) -> list[Act]:
    """Answers, and takes the address for its newsletter."""
    acts = [*_ack(asked), _answer(asked, 5 * HOUR, 34 * HOUR)]
    if asked.group is not ChannelGroup.SOCIAL:
        after = between(asked, "newsletter", 2 * DAY, 6 * DAY)
        acts.append(Act(after, "newsletter", ReplyKind.UNSOLICITED, automatic=True, threaded=False, marketing=True))
    return acts


def robot(asked: Asked) -> list[Act]:
    """A language model answers completely within minutes."""
    if asked.group is ChannelGroup.SOCIAL:
        return [_answer(asked, 4 * HOUR, 40 * HOUR)] if happens(asked, "bother", 0.5) else []
    after = between(asked, "answer", 2 * MINUTE, 12 * MINUTE)
    return [Act(after, "robot", ReplyKind.AUTOMATED_ANSWER, automatic=True)]


def working_days(asked: Asked) -> list[Act]:
    """Answers during office hours only."""
    answer = _answer(asked, 2 * HOUR, 20 * HOUR)
    return [*_ack(asked), Act(in_office_hours(asked, answer.after), answer.letter, answer.kind)]


def middling(asked: Asked) -> list[Act]:
    """Answers most inquiries within two days or so."""
    return [
        *_ack(asked, "ack_plain"),
        *([_answer(asked, 6 * HOUR, 55 * HOUR)] if happens(asked, "bother", 0.7) else []),
    ]


CHARACTERS: dict[str, Behaviour] = {
    "lindenhof": exemplary,
    "seewind": silent,
    "nordlicht": company_holiday,
    "brightwell": quick_personal,
    "moorgate-gas": slow,
    "harbourline": middling,
    "funkwerk": partly,
    "telvio": hands_over,
    "ringfield": ticket_desk,
    "fernklang": confirms_only,
    "kupferkanne": bouncing,
    "papierschiff": newsletter,
    "tuchmeister": surveying,
    "glasklar": robot,
    "moorland-mills": asks_back,
    "oakridge": quick_personal,
    "wanderfalke": middling,
    "alpenpass": working_days,
    "kestrel-tours": middling,
    "sunmere": exemplary,
    "stadtrad": middling,
}

# How each brand's site is built (`sites.STYLES`); brands without a form have no row.
FORM_STYLES: dict[str, str] = {
    "lindenhof": "shop",
    "seewind": "plain",
    "brightwell": "ajax",
    "funkwerk": "multi_step",
    "ringfield": "iframe",
    "kupferkanne": "plain",
    "papierschiff": "honeypot",
    "tuchmeister": "cookie_layer",
    "glasklar": "ajax",
    "oakridge": "captcha",
    "wanderfalke": "no_form",
    "alpenpass": "plain",
    "sunmere": "shop",
}
