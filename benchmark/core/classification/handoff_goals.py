"""Where a letter may send its reader: ways of writing, calling and coming, the words for them, and their addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from benchmark.core.vocabulary import ChannelKind

MAIL = re.compile(r"(?<![\w.+-])(?:[\w.+-]|(?<=\d),){1,64}@(?:[\w-]|[.,](?=\w)){3,80}")
URL = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"')\]]{3,200}|\b[\w-]{2,40}(?:\.[a-z][\w-]{1,30}){1,3}/[^\s<>\"')\]]{0,150}"
)
HANDLE = re.compile(r"(?<![\w.])@[a-z_][\w.]{1,29}")
_NUMBER = (
    r"\(?(?:\+|00?)[1-9(][\d ()/.-]{4,20}\d|\b0(?:,?[\d ()/-]){5,20}\d"
    r"|\(?\d{3}\)?[ -]\d{3,4}[ -]\d{4}|\b1[- ]?8\d\d[\d -]{5,12}\d|\b\d{3} \d{3} \d{3}\b|\b\d{2}(?: \d{2}){3}\b"
    r"|\b\d{2} \d{3} \d{2} \d{2}\b"
)
PHONE = re.compile(rf"(?<![\w,./@:-])(?:{_NUMBER})(?![\w@])")
# Numbers of four to six digits behind what is dialled: 1414, 116 117, 14 0999. Years are none.
SHORT = re.compile(
    r"\b(?:call|dial|ring|phone|on|at|via|unter|hotline|nummer|number|num(?:é|e)ro|telefono?|telefoon|tel(?:é|e)fono|t(?:é|e)l(?:é|e)phone|telefone|tel,?|au|al|op|bel|auf|på|na|pod)"
    r":? (?!(?:19|20)\d\d\b)(1\d{3,5}|1\d{1,2} \d{3,4}|\d{5,6}|\d{3} \d{3})"
    r"(?![\w@%€$:-]|[ .,]?\d| (?:uhr|euro|eur|pounds|people|am|pm|pieces)\b)"
)


@dataclass(frozen=True)
class Goal:
    """Where the sender may be sent: topics of the words that ask for it and that name it, and forms of its address."""

    channel: ChannelKind
    asked: tuple[str, ...]
    named: str = ""  # where there is none, the address is name enough
    addresses: tuple[re.Pattern[str], ...] = ()


_TURNS, _CALLS = ("turns_to", "responsible"), ("asks_to_call", "responsible")
ASKS = ("turns_to", "responsible", "asks_to_call", "asks_to_come")
WAY = ("way",)
# Without any of them nothing is handed off.
SEND_ELSEWHERE = (*ASKS, *WAY, "logs_in")
TAKE_UP = ("passes_on", "promises_call", "promises_letter")
SPEAK = (*SEND_ELSEWHERE, *TAKE_UP)
_PLATFORMS = (
    *(ChannelKind.INSTAGRAM, ChannelKind.FACEBOOK, ChannelKind.X, ChannelKind.LINKEDIN, ChannelKind.TIKTOK),
    *(ChannelKind.MASTODON, ChannelKind.BLUESKY, ChannelKind.THREADS, ChannelKind.YOUTUBE, ChannelKind.REDDIT),
)
# In this order: an address to write to says more than a telephone number in the same sentence. Those with "way" may
# also be told of, the rest must be asked for.
BY_MAIL = Goal(ChannelKind.EMAIL, _TURNS + WAY, addresses=(MAIL,))
BY_TELEPHONE = Goal(ChannelKind.TELEPHONE, _CALLS + WAY, addresses=(PHONE,))
BY_HOTLINE = Goal(ChannelKind.TELEPHONE, ("asks_to_call", *WAY), addresses=(SHORT,))
BY_DEALER = Goal(ChannelKind.OTHER, ("turns_to", "asks_to_come"), "names_dealer", (URL,))
GOALS = (
    BY_MAIL,
    *(Goal(platform, _TURNS + WAY, f"names_{platform.value}", (HANDLE, URL)) for platform in _PLATFORMS),
    Goal(ChannelKind.OTHER, _TURNS + WAY, "names_chat", (PHONE, HANDLE, URL)),
    Goal(ChannelKind.WEB_FORM, _TURNS + WAY, "names_web_form", (URL,)),
    BY_TELEPHONE,
    BY_HOTLINE,
    Goal(ChannelKind.TELEPHONE, ("asks_to_call",), "names_telephone"),
    Goal(ChannelKind.LETTER, _TURNS, "names_letter"),
    Goal(ChannelKind.VISIT, ("asks_to_come",), "names_visit", (URL,)),
    BY_DEALER,
    Goal(ChannelKind.OTHER, ("turns_to",), "names_forum", (URL,)),
)
IN_ACCOUNT = Goal(ChannelKind.WEB_FORM, ("logs_in",), addresses=(URL,))
