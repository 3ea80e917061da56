"""The words of the field as readers see them, one table a vocabulary; `{{ probe.channel | word }}` finds its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from babel import Locale
from flask import Flask
from flask_babel import lazy_gettext as _

from benchmark.core.leaderboard import By
from benchmark.core.metrics import Text
from benchmark.core.observed import Clock
from benchmark.core.vocabulary import (
    AcknowledgedBy,
    AttemptState,
    CampaignState,
    ChannelGroup,
    ChannelKind,
    DecidedBy,
    EventKind,
    Exclusion,
    FollowUpKind,
    HandOffState,
    InquiryKind,
    LeaderboardClass,
    MatchedBy,
    ProbeState,
    ReplyFlag,
    ReplyKind,
)
from benchmark.store.queries_inbox import Shelf
from web.languages import language

CHANNELS = {
    ChannelKind.EMAIL: _("E-mail"),
    ChannelKind.WEB_FORM: _("Web form"),
    ChannelKind.FACEBOOK: "Facebook",
    ChannelKind.INSTAGRAM: "Instagram",
    ChannelKind.X: "X",
    ChannelKind.MASTODON: "Mastodon",
    ChannelKind.BLUESKY: "Bluesky",
    ChannelKind.THREADS: "Threads",
    ChannelKind.LINKEDIN: "LinkedIn",
    ChannelKind.TIKTOK: "TikTok",
    ChannelKind.YOUTUBE: "YouTube",
    ChannelKind.REDDIT: "Reddit",
    ChannelKind.TRUSTPILOT: "Trustpilot",
    ChannelKind.GOOGLE_REVIEWS: "Google Reviews",
    ChannelKind.TELEPHONE: _("Telephone"),
    ChannelKind.LETTER: _("Letter"),
    ChannelKind.VISIT: _("Visit"),
    ChannelKind.OTHER: _("Other channel"),
}
CHANNEL_GROUPS = {
    ChannelGroup.EMAIL: _("E-mail"),
    ChannelGroup.WEB_FORM: _("Web form"),
    ChannelGroup.SOCIAL: _("Social media"),
    ChannelGroup.TELEPHONE: _("Telephone"),
    ChannelGroup.POST: _("Post"),
    ChannelGroup.OTHER: _("Other channel"),
}
INQUIRIES = {
    InquiryKind.QUESTION: _("Question"),
    InquiryKind.COMPLAINT: _("Complaint"),
    InquiryKind.SUGGESTION: _("Suggestion"),
    InquiryKind.ORDER: _("Order"),
    InquiryKind.OTHER: _("Other inquiry"),
}
CAMPAIGN_STATES = {
    CampaignState.DRAFT: _("Draft"),
    CampaignState.LAUNCHED: _("Running"),
    CampaignState.PAUSED: _("Paused"),
    CampaignState.STOPPED: _("Stopped"),
    CampaignState.CLOSED: _("Closed"),
}
PROBE_STATES = {
    ProbeState.PLANNED: _("Planned"),
    ProbeState.CLAIMED: _("Being sent"),
    ProbeState.TASK: _("Waits for a person"),
    ProbeState.RETRY_LATER: _("To be tried again"),
    ProbeState.OPEN: _("Open"),
    ProbeState.CLOSED: _("Closed"),
    ProbeState.FAILED: _("Not sent"),
    ProbeState.BARRIER: _("Barrier"),
    ProbeState.UNCONFIRMED: _("Unconfirmed"),
    ProbeState.WITHDRAWN: _("Withdrawn"),
}
ATTEMPT_STATES = {
    AttemptState.CLAIMED: _("Begun"),
    AttemptState.ACCEPTED: _("Accepted"),
    AttemptState.RETRY_LATER: _("To be tried again"),
    AttemptState.FAILED: _("Failed"),
    AttemptState.BARRIER: _("Barrier"),
    AttemptState.UNCONFIRMED: _("Unconfirmed"),
    AttemptState.TASK: _("Task for a person"),
}
REPLIES = {
    ReplyKind.BOUNCE: _("Bounce"),
    ReplyKind.DELIVERY_DELAY: _("Delay notice"),
    ReplyKind.AUTO_ACK: _("Automatic confirmation"),
    ReplyKind.OUT_OF_OFFICE: _("Absence notice"),
    ReplyKind.HUMAN_REPLY: _("Reply by a person"),
    ReplyKind.AUTOMATED_ANSWER: _("Automated answer"),
    ReplyKind.FOLLOWUP: _("Follow-up"),
    ReplyKind.READ_RECEIPT: _("Read receipt"),
    ReplyKind.CHALLENGE: _("Challenge"),
    ReplyKind.UNSOLICITED: _("Unasked-for mail"),
}
FLAGS = {
    ReplyFlag.ACKNOWLEDGES_ONLY: _("only confirms"),
    ReplyFlag.ASKS_FOR_INFO: _("asks back"),
    ReplyFlag.HANDOFF: _("hands over"),
    ReplyFlag.HAS_TICKET: _("case number"),
    ReplyFlag.NEXT_STEP: _("names the next step"),
    ReplyFlag.CLOSED: _("company closed"),
    ReplyFlag.RETURN_DATE: _("return date"),
    ReplyFlag.PARTIAL: _("answers partly"),
}
FOLLOWUPS = {
    FollowUpKind.CHECKS_BACK: _("checks back"),
    FollowUpKind.KEEPS_PROMISE: _("keeps a promise"),
    FollowUpKind.PROGRESS: _("reports progress"),
    FollowUpKind.SURVEY: _("survey"),
}
HANDOFFS = {
    HandOffState.NONE: _("no hand-off"),
    HandOffState.OPEN: _("handed over, open"),
    HandOffState.COMPLETED: _("handed over and completed"),
    HandOffState.LOST: _("handed over and lost"),
}
ACKNOWLEDGED_BY = {
    AcknowledgedBy.AUTO: _("automatically"),
    AcknowledgedBy.HUMAN: _("by a person"),
}
EXCLUSIONS = {
    Exclusion.SEND_ERROR: _("our own send error"),
    Exclusion.BARRIER: _("barrier on the way"),
    Exclusion.BOUNCED: _("bounced"),
    Exclusion.REPLY_BEFORE_T0: _("reply before the inquiry"),
    Exclusion.INVALID: _("invalid"),
    Exclusion.WITHDRAWN: _("withdrawn"),
    Exclusion.DUPLICATE: _("duplicate"),
}
CLASSES = {
    LeaderboardClass.RANKED: _("Ranked"),
    LeaderboardClass.TOO_FEW: _("Too few inquiries"),
    LeaderboardClass.UNREACHABLE: _("Not reachable"),
    LeaderboardClass.NOT_OFFERED: _("Channel not offered"),
    LeaderboardClass.OPTED_OUT: _("Opted out"),
}
EVENTS = {
    EventKind.CLAIMED: _("Sending began"),
    EventKind.TASK_OPENED: _("Task for a person opened"),
    EventKind.ACCEPTED: _("Inquiry accepted"),
    EventKind.RETRY_LATER: _("Put off, to be tried again"),
    EventKind.FAILED: _("Could not be sent"),
    EventKind.BARRIER: _("Barrier met"),
    EventKind.UNCONFIRMED: _("Sending unconfirmed"),
    EventKind.RESOLVED: _("Doubt resolved: it had arrived"),
    EventKind.REPLY: _("Reply received"),
    EventKind.OBSERVATION: _("Observation logged"),
    EventKind.WITHDRAWN: _("Withdrawn"),
    EventKind.CLOSED: _("Observation ended"),
}
DECIDERS = {DecidedBy.RULES: _("by rules"), DecidedBy.PERSON: _("by a person")}
SHELVES = {
    Shelf.UNMATCHED: _("unmatched"),
    Shelf.UNSURE: _("unsure"),
    Shelf.SPOT_CHECKS: _("spot checks"),
    Shelf.QUARANTINED: _("quarantined"),
    Shelf.HINTS: _("address passed on"),
    Shelf.BOUNCES: _("bounces"),
}
MATCHES = {
    MatchedBy.ENVELOPE: _("secret address on the envelope"),
    MatchedBy.ADDRESS: _("secret address of the inquiry"),
    MatchedBy.THREAD: _("reply to our message"),
    MatchedBy.LEARNED: _("thread known from an earlier reply"),
    MatchedBy.RETURNED: _("our mail came back inside it"),
    MatchedBy.TICKET: _("case number"),
    MatchedBy.SUBJECT: _("subject and sender"),
    MatchedBy.QUOTE: _("quotes our text"),
    MatchedBy.PERSON: _("placed by a person"),
}
PLACES = {
    "subject": _("subject"),
    "opening": _("opening"),
    "text": _("text of the mail"),
    "whole": _("the whole mail"),
    "time": _("time between"),
    "report": _("delivery report"),
}
"""Where a rule looks; every other place is the name of a header."""
CLOCKS = {
    Clock.CALENDAR: _("Clock time"),
    Clock.BUSINESS: _("Business time"),
    Clock.PUBLISHED: _("Own published hours"),
}
BYS = {By.BRAND: _("Brands"), By.COMPANY: _("Companies"), By.SECTOR: _("Sectors"), By.CHANNEL: _("Channels")}

WORDS: Mapping[type[StrEnum], Mapping[Any, Any]] = {
    ChannelKind: CHANNELS,
    ChannelGroup: CHANNEL_GROUPS,
    InquiryKind: INQUIRIES,
    CampaignState: CAMPAIGN_STATES,
    ProbeState: PROBE_STATES,
    AttemptState: ATTEMPT_STATES,
    ReplyKind: REPLIES,
    ReplyFlag: FLAGS,
    FollowUpKind: FOLLOWUPS,
    HandOffState: HANDOFFS,
    AcknowledgedBy: ACKNOWLEDGED_BY,
    Exclusion: EXCLUSIONS,
    LeaderboardClass: CLASSES,
    EventKind: EVENTS,
    DecidedBy: DECIDERS,
    MatchedBy: MATCHES,
    Shelf: SHELVES,
    Clock: CLOCKS,
    By: BYS,
}


def add_to(app: Flask) -> None:
    app.jinja_env.filters.update(
        word=word,
        channel=channel,
        country=country,
        flag=flag,
        inquiry=inquiry,
        looked_at=looked_at,
        matched=matched,
        text=text,
    )


def word(value: StrEnum) -> str:
    return str(WORDS[type(value)][value])


def text(value: Text) -> str:
    """A sentence that carries both languages itself."""
    return value.de if language() == "de" else value.en


def flag(value: str) -> str:
    """A stored flag; one from a newer version stands as it is."""
    return word(ReplyFlag(value)) if value in set(ReplyFlag) else value


Patterns: TypeAlias = tuple[tuple[re.Pattern[str], Any], ...]
"""Sentences with parts that change, and their words with placeholders of the same names."""


def in_words(sentence: str, patterns: Patterns) -> str:
    """A stored sentence in the reader's language; one that no pattern knows stands as it is."""
    for pattern, words in patterns:
        if found := pattern.fullmatch(sentence):
            return str(words) % found.groupdict()
    return sentence


def matched(value: str) -> str:
    """A stored kind of evidence; one from a newer version stands as it is."""
    return word(MatchedBy(value)) if value in set(MatchedBy) else value


def looked_at(place: str) -> str:
    return str(PLACES.get(place, place))


def channel(value: str) -> str:
    """A channel of a campaign; an import may bring names of its own."""
    return word(ChannelKind(value)) if value in set(ChannelKind) else value


def inquiry(value: str) -> str:
    return word(InquiryKind(value)) if value in set(InquiryKind) else value


def country(code: str) -> str:
    """DE → Germany, in the reader's language."""
    return str(Locale(language()).territories.get(code, code))
