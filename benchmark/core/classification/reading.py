"""A message prepared for the rules: its own words, its headers and what is known of our inquiry."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cached_property, wraps
from typing import TypeVar, cast

from benchmark.core.classification.wording import (
    NOTHING,
    Hits,
    Place,
    Row,
    Speakers,
    as_asked,
    folded,
    hits,
    place_of,
    places_asked,
    places_of_topic,
    speakers,
)
from benchmark.core.quoting import above_rule, desk_comment, own_text
from benchmark.core.values import InboundMessage, MatchContext

MAX_TEXT = 3_000  # characters of own words the rules look at
MAX_WHOLE = 4_000  # characters of the uncut mail, for reports about mail
OPENING = 700  # characters in which a letter says what it is
_SOME_QUOTE = 40  # characters of a quotation; less is white space and a signature's dashes
FIRST_WORDS = 200  # a greeting, thanks, and the first thing said

_REPLY_SUBJECT = re.compile(r"^(?:re|aw|antw|antwort|sv|vs|ref|rif|r|res|odp|bls|ynt|rv)(?:\[\d+\]|\(\d+\)|\^\d+)?\s*:")


_WORD = re.compile(r"[^\W\d_]{2,}")
_DIGIT_OR_AT = re.compile(r"[@\d]")
_FIRST_PERSON = re.compile(
    r"\bi(?:'m|'ll|'ve|'d)?\b(?! ?\.)|\bmy\b|\bich\b|\bmir\b|\bmein\w*\b|\bje\b|\bj'|\byo\b|\bmi\b|\bik\b"
    r"|\bjag\b|\bjeg\b|\bя\b"
)


def says_i(letter: str) -> bool:
    """Machines and companies rarely say "I"."""
    return bool(_FIRST_PERSON.search(letter))


T = TypeVar("T")


def once(work: Callable[[Reading], T]) -> Callable[[Reading], T]:
    """What several decisions want to know of one reading is worked out for the first of them and kept with it."""

    @wraps(work)
    def kept(reading: Reading) -> T:
        if work not in reading.worked_out:
            reading.worked_out[work] = work(reading)
        return cast("T", reading.worked_out[work])

    return kept


class Reading:
    """Everything is worked out when first asked for: most mails are decided by a few of these."""

    def __init__(self, message: InboundMessage, context: MatchContext | None = None) -> None:
        self.message = message
        self.context = context or MatchContext()
        self.is_matched = context is not None
        self.worked_out: dict[Callable[[Reading], object], object] = {}
        self._answers: dict[tuple[str, str, str], Hits] = {}

    @cached_property
    def own(self) -> str:
        """The sender's own words."""
        ours, without = self.context.our_text, self.message.own_words
        return own_text(self.message.text, ours, without) if ours else without

    @cached_property
    def letter(self) -> str:
        """`written` as the rules see it."""
        return as_asked("text", self.written[: 2 * MAX_TEXT])[:MAX_TEXT]

    @cached_property
    def written(self) -> str:
        """Own words above the first drawn line, or a desk's newest comment below it."""
        return self.comment or above_rule(self.own)

    @cached_property
    def comment(self) -> str:
        """What somebody wrote into a desk that mails the ticket's comments as they come; "" where there is none."""
        return desk_comment(self.own)

    @cached_property
    def says_i(self) -> bool:
        return says_i(self.letter)

    @cached_property
    def headers(self) -> dict[str, str]:
        return {name: value.lower() for name, value in reversed(self.message.headers)}

    @cached_property
    def subject(self) -> Place:
        return Place("subject", folded(self.message.subject))

    @cached_property
    def sender(self) -> Place:
        return Place("from", folded(f"{self.message.from_name} <{self.message.from_address}>"))

    @cached_property
    def places(self) -> dict[str, Place]:
        """What rows may ask: header names, and the places that stand for more than one header."""
        text = Place("text", self.letter)
        anywhere = Place("opening", self.letter, text)
        return {
            **{name: place_of(name, self.headers[name]) for name in self.headers.keys() & places_asked()},
            "subject": self.subject,
            "from": self.sender,
            "text": text,
            "opening": Place("opening", self.letter[:OPENING], anywhere),
            "first words": Place("opening", self.letter[:FIRST_WORDS], anywhere),
            "opening anywhere": anywhere,
        }

    @cached_property
    def _subject_of_sender(self) -> Place:
        """Behind "Automatic reply:" stands what they were asked."""
        first, colon, _ = self.subject.text.partition(":")
        if not colon or not self.asked("machine", "auto_subject").rules:
            return self.subject
        return Place("subject", f"{first}:")

    def _whole(self) -> str:
        return folded(self.message.text[: 2 * MAX_WHOLE])[:MAX_WHOLE]

    def asked(self, table: str, topic: str, only: str = "") -> Hits:
        """All rows of a topic (or `only` those of one place); asked once however many decisions want to know."""
        likely = self.speakers.get((table, topic))
        return self._answer((table, topic, only), likely) if likely else NOTHING

    def _answer(self, key: tuple[str, str, str], likely: list[tuple[Row, Place]]) -> Hits:
        if key not in self._answers:
            self._answers[key] = hits(pair for pair in likely if key[2] in ("", pair[0].where))
        return self._answers[key]

    @cached_property
    def speakers(self) -> Speakers:
        """By table and topic the rows of which something stands in the mail: most say nothing of most mails."""
        return speakers(self.places)

    @cached_property
    def _speakers_of_report_head(self) -> Speakers:
        """Of reports about mail, with no subject of ours."""
        return speakers({"subject": self._subject_of_sender, "from": self.sender})

    @cached_property
    def _speakers_of_report(self) -> Speakers:
        """Of the mail as it is, quotations included; most mails are known to be no report before it is read so."""
        return speakers({"whole": Place("whole", self._whole)})

    def asked_beside_subject(self, table: str, topic: str) -> Hits:
        """`asked` without the subject."""
        likely = self.speakers.get((table, topic), ())
        return hits(pair for pair in likely if pair[0].where != "subject")

    def asked_of_report(self, topic: str, only: str = "") -> Hits:
        """`asked` of reports about mail, with `only` one place of their heads."""
        key = ("delivery", topic)
        likely = self._speakers_of_report_head.get(key, [])
        if not only and "whole" in places_of_topic(*key):
            likely = likely + self._speakers_of_report.get(key, [])
        return self._answer((*key, only), likely) if likely else NOTHING

    def first_said(self, table: str, topic: str) -> Hits:
        """`asked` with nothing but the subject and the first words of the letter."""
        places = {"subject": self.subject, "opening": self.places["first words"]}
        likely = self.speakers.get((table, topic), ())
        return hits((row, places[row.where]) for row, _ in likely if row.where in places)

    @cached_property
    def replies_to_something(self) -> bool:
        """Has what only an answer has: ids of an earlier mail."""
        return bool(self.message.in_reply_to or self.message.references)

    @cached_property
    def looks_like_reply(self) -> bool:
        return self.replies_to_something or bool(_REPLY_SUBJECT.match(self.subject.text))

    @cached_property
    def answers_with_quote(self) -> bool:
        """Re: in the subject and the mail it answers below own words, as mail programs of people do."""
        return bool(_REPLY_SUBJECT.match(self.subject.text)) and len(self.message.text) > len(self.own) + _SOME_QUOTE

    @cached_property
    def on_discussion_list(self) -> bool:
        """People's mail through a list carries every mark of bulk mail; only lists one can post to say so."""
        posting = self.headers.get("list-post", "no")
        marks = ("x-mailman-version", "x-beenthere", "x-ml-name", "x-google-group-id", "mailing-list", "x-mailing-list")
        by_list = self.headers.get("precedence", "") == "list" and "list-unsubscribe-post" not in self.headers
        named = any(name in self.headers for name in ("list-archive", "list-owner")) or self._is_post
        return not posting.startswith("no") or any(mark in self.headers for mark in marks) or (by_list and named)

    @property
    def _is_post(self) -> bool:
        """Of a list that says little in its headers: an answer, or with the list's page at its foot."""
        return "list-id" in self.headers and (self.looks_like_reply or "/listinfo/" in self.message.text)

    @cached_property
    def on_posted_mail(self) -> bool:
        """Somebody's post on a list, not a word of the list's own software."""
        return "list-post" in self.headers or self.headers.get("precedence", "") == "list"

    @cached_property
    def seconds_after_ours(self) -> float | None:
        sent, received = self.context.t0, self.context.received_at or self.message.received_at
        return None if sent is None or received is None else (received - sent).total_seconds()


def speaks_personally(reading: Reading) -> bool:
    """Greets, asks or says "I" in a way no mail system does (qmail's "I'm afraid" is known by its own rule)."""
    letter = reading.letter
    return "?" in letter or (reading.says_i and not letter.startswith(("hi. this is", "i'm ", "i am ")))


def text_digest(text: str) -> str:
    """Equal for texts that differ only in names of days, numbers and addresses: a machine says the same every time."""
    return digest_of_words(own_text(text))


def digest_of_words(own: str) -> str:
    """The same for own words already cut from a mail."""
    plain = [word for word in own.lower().split() if not _DIGIT_OR_AT.search(word)]
    words = _WORD.findall(" ".join(plain))
    return hashlib.sha256(" ".join(words[:400]).encode()).hexdigest()[:24] if len(words) >= 8 else ""
