"""Hand-offs: to which channel and address the sender is sent, or by which way others take the matter up.

A request and what it names stand in one sentence: "please write" and an address, "message us" and the name of a
platform. What is merely a way to reach somebody ("for questions call us") counts only where the letter refuses to
answer here or tells of an absence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from typing import TypeAlias

from benchmark.core.addresses import domain_of
from benchmark.core.classification.anchors import Branch
from benchmark.core.classification.handoff_goals import (
    ASKS,
    BY_DEALER,
    BY_HOTLINE,
    BY_MAIL,
    BY_TELEPHONE,
    GOALS,
    IN_ACCOUNT,
    PHONE,
    SEND_ELSEWHERE,
    SHORT,
    SPEAK,
    TAKE_UP,
    Goal,
)
from benchmark.core.classification.reading import MAX_TEXT, Reading
from benchmark.core.classification.wording import SEEN, Place, Row, as_asked, as_written, rows
from benchmark.core.values import HandOffTarget, RuleHit
from benchmark.core.vocabulary import ChannelKind, ReplyKind

_PARAGRAPH = re.compile(r"(?<!:)\n\s*\n|\n(?=[-*•·] )")
_SHORTENED = "tel| mr| ms|mrs| dr| hr| fr| nr|bzw|z.b| st|ggf|evtl| no|str|inkl| ca"  # their dots end no sentence
_SENTENCE_END = re.compile(
    r"(?<=[.!?])" + "".join(rf"(?<!{word}\.)" for word in _SHORTENED.split("|")) + r"[)\"]? |(?<=[.!?][)\"]) "
)
_LONGEST = 400  # characters of a sentence that are looked at
_SHORT_QUESTION = 60
_LITTLE = 12  # characters beside a telephone number
_STEM = 5  # characters of a word that stay in all its forms
_DIGIT = re.compile(r"\d")
_AFTER_NUMBER = re.compile(r"(?<=\d), ")

_DATE = re.compile(r"\d{1,2}[.,/-] ?\d{1,2}[.,/-] ?(?:19|20)?\d\d(?:,? \d{1,2})?")  # maybe with an hour

# What stands before a number that nobody dials.
_OF_A_CASE = re.compile(
    r"\b(?:ref(?:erence)?|case|ticket|request|order|invoice|customer|account|claim|vorgang\w*|aktenzeichen|(?:kunden|bestell|rechnungs|auftrags|vertrags)nummer"
    r"|dossier|r(?:é|e)f(?:é|e)rence|referencia|pratica|kenmerk)(?: (?:no|number|nr|id|n°|is|ist|lautet))?[ :#.,]{0,3}$"
)


_FROM_PEOPLE = (ReplyKind.HUMAN_REPLY, ReplyKind.FOLLOWUP)
_Found: TypeAlias = tuple[HandOffTarget, RuleHit]
_Named: TypeAlias = list[tuple[Goal, str]]  # goals a sentence names, with their addresses


def handoff(reading: Reading, kind: ReplyKind) -> _Found | None:
    """Where the sender shall turn instead, or how others go on with the matter. Our own address is never a target."""
    letter = _Letter(reading, kind)
    return letter.asked_elsewhere() or letter.passed_on()


class _Letter:
    """The sentences of one letter, what they name and what they ask. Every row is asked as late as can be."""

    def __init__(self, reading: Reading, kind: ReplyKind) -> None:
        self._reading, self._kind = reading, kind
        self._is_absence = kind is ReplyKind.OUT_OF_OFFICE
        self._likely: dict[str, list[tuple[Row, Branch]]] = {}
        self._speaking: dict[str, list[tuple[Row, Branch]]] = {}
        self._sentences = list(_sentences(reading)) if any(map(self._rows, SPEAK)) else []

    def asked_elsewhere(self) -> _Found | None:
        """The first request to turn to somebody or something else."""
        if not (self._goals or self._heard("logs_in")) or not any(map(self._heard, SEND_ELSEWHERE)):
            return None
        for number in range(len(self._sentences)):
            if inside := self._asked_inside(number):
                return inside
            asked = self._asked(number)
            if not asked or self._answers_a_question(number) or self._is_of_other_matters(number):
                continue
            before, here, after = map(self._named, (number - 1, number, number + 1))
            told = self._told(number + 1) if _addressed(after) and set(asked) != {"asks_to_come"} else None
            target = (
                _first_asked(here, asked, addressed=True)
                or (told and _first_asked(after, {**asked, "way": told}, addressed=True))
                or _first_asked(self._bare(number + 1, after), asked, addressed=True)
                or _first_asked(here, asked)
                or _first_asked([goal for goal in before if goal[0] is BY_MAIL], asked)
            )
            if target:
                return target
        return None

    def _told(self, number: int) -> RuleHit | None:
        """The way a sentence tells of; where this letter neither refuses nor tells of an absence, an offer is none."""
        is_offer = self._says("offers", self._sentences[number]) and not (self._is_absence or self._refuses)
        return None if is_offer else self._says("way", self._sentences[number])

    def _asked_inside(self, number: int) -> _Found | None:
        """Log in, and ask there: a way of their own behind a door, also over two sentences. Who refuses need not say
        more than that."""
        logs_in = None if number >= self._closing else self._says("logs_in", self._sentences[number])
        near = self._sentences[number : number + 2]
        if not logs_in or not (self._refuses or self._asks_there(near)):
            return None
        return HandOffTarget(ChannelKind.WEB_FORM, next(self._addresses(IN_ACCOUNT, near[0]), "")), logs_in

    def _asks_there(self, near: list[str]) -> bool:
        return self._any_says("asks_there", near) and not self._any_says("offers", near)

    def _is_of_other_matters(self, number: int) -> bool:
        """ "Orders please to …" concerns us only where we wrote of one."""
        told = self._says("other_matters", self._sentences[number])
        context = self._reading.context
        ours = f"{context.our_subject} {context.our_text}".lower()
        return told is not None and told.matched.split()[-1][:_STEM] not in ours

    def _bare(self, number: int, named: _Named) -> _Named:
        """A sentence that is little more than a telephone number belongs to the one before it."""
        if number >= self._closing:
            return []
        longest = len(self._sentences[number]) - _LITTLE
        return [(goal, dialled) for goal, dialled in named if goal is BY_TELEPHONE and len(dialled) > longest]

    def passed_on(self) -> _Found | None:
        """Others take the matter up: at an address of their own, by telephone or letter, or by answering for us."""
        if not any(map(self._heard, TAKE_UP)):
            return None
        plain: _Found | None = None
        for number, sentence in enumerate(self._sentences):
            passed = self._says("passes_on", sentence)
            address = next(self._addresses(BY_MAIL, sentence), "") if passed else ""
            if passed and address:
                return HandOffTarget(ChannelKind.EMAIL, address), passed
            if promised := self._promised(sentence):
                return promised
            if passed and not plain and self._kind in _FROM_PEOPLE:
                near = self._sentences[number : number + 3]
                plain = (HandOffTarget(ChannelKind.EMAIL), passed) if self._any_says("comes_back", near) else None
        return plain

    def _promised(self, sentence: str) -> _Found | None:
        for channel, topic in ((ChannelKind.TELEPHONE, "promises_call"), (ChannelKind.LETTER, "promises_letter")):
            if not self._is_absence and (hit := self._says(topic, sentence)):
                goes_on_here = self._says("offers", sentence) or self._says("errand", sentence)
                return None if goes_on_here else (HandOffTarget(channel), hit)
        return None

    def _asked(self, number: int) -> dict[str, RuleHit]:
        """What the sentence asks for, by topic. An offer asks for nothing, unless there is no other way."""
        sentence = self._sentences[number]
        asked = {topic: hit for topic in self._asking if (hit := self._says(topic, sentence))}
        told = None if asked else self._says("way", sentence)
        is_plain = number < self._closing and not self._is_absence
        if asked and is_plain and not self._says("offers", sentence):
            return asked
        if not (asked or told) or not (self._is_absence or self._refuses):
            return {}
        if number >= self._closing:
            return {} if self._says("offers", sentence) else asked
        return asked | ({"way": hit} if (hit := told or self._says("way", sentence)) else {})

    @cached_property
    def _asking(self) -> list[str]:
        return [topic for topic in ASKS if self._heard(topic)]

    @cached_property
    def _goals(self) -> list[Goal]:
        """Those this letter may name at all."""
        letter = self._reading.letter
        has_digits = bool(_DIGIT.search(letter))
        signs = {
            BY_MAIL: "@" in letter,
            BY_TELEPHONE: has_digits and bool(PHONE.search(letter)),
            BY_HOTLINE: has_digits and bool(SHORT.search(letter)),
        }
        return [goal for goal in GOALS if (self._heard(goal.named) if goal.named else signs[goal])]

    @cached_property
    def _refuses(self) -> bool:
        """Machines also tell that they turned a letter away; who does so in person has read it in the end."""
        return self._any_says("refuses", self._sentences) or (
            self._kind not in _FROM_PEOPLE and self._any_says("turned_away", self._sentences)
        )

    @cached_property
    def _closing(self) -> int:
        """The number of the sentence that closes the letter; below it stands how the writer is reached."""
        closing = (
            number for number, sentence in enumerate(self._sentences) if number and self._says("closes", sentence)
        )
        return next(closing, len(self._sentences))

    def _answers_a_question(self, number: int) -> bool:
        """ "Need it sooner? Call us" is an offer, too. Behind a number a question begins with a comma."""
        before = _AFTER_NUMBER.split(self._sentences[number - 1])[-1] if number else ""
        is_question = before.endswith("?") and len(before) < _SHORT_QUESTION
        return is_question and not (self._is_absence or self._refuses)

    def _named(self, number: int) -> _Named:
        """The goals a sentence names; none beyond the first and the last sentence."""
        if not 0 <= number < len(self._sentences):
            return []
        found: _Named = []
        sentence = self._sentences[number]
        for goal in self._goals:
            if goal is BY_DEALER and self._says("own_errand", sentence):
                continue
            if not goal.named or self._says(goal.named, sentence):
                address = next(self._addresses(goal, sentence), "")
                if goal.named or address:
                    found.append((goal, address))
        return found

    def _addresses(self, goal: Goal, sentence: str) -> Iterator[str]:
        for form in goal.addresses:
            for match in form.finditer(sentence):
                # Rows see dates with commas; in addresses the dots behind digits come back.
                address = re.sub(r"(?<=\d),(?=\w)", ".", match[match.lastindex or 0]).strip(".,;:!? ")
                if form is PHONE and (_DATE.fullmatch(address) or _OF_A_CASE.search(sentence[: match.start()])):
                    continue
                if goal is not BY_MAIL:
                    yield as_written(address, self._reading.own)
                elif self._is_elsewhere(address):
                    yield address

    def _is_elsewhere(self, address: str) -> bool:
        """Neither the address this mail came from nor one of ours."""
        message = self._reading.message
        known = (*message.to, *message.cc, *message.envelope_to, self._reading.context.our_address)
        here = {message.from_address, *message.reply_to}
        return address not in here and domain_of(address) not in set(map(domain_of, known))

    def _any_says(self, topic: str, sentences: list[str]) -> bool:
        return any(self._says(topic, sentence) for sentence in sentences)

    def _says(self, topic: str, sentence: str) -> RuleHit | None:
        """The first row of a topic that speaks in a sentence."""
        for row, branch in self._heard(topic):
            if match := branch.pattern.search(sentence):
                return RuleHit(row.id, row.where, match.group()[:SEEN])
        return None

    def _heard(self, topic: str) -> list[tuple[Row, Branch]]:
        """The rows of a topic that speak somewhere in this letter."""
        if topic not in self._speaking:
            self._speaking[topic] = [found for found in self._rows(topic) if self._speaks_somewhere(found[1])]
        return self._speaking[topic]

    def _speaks_somewhere(self, branch: Branch) -> bool:
        """One search in all sentences spares one in each of them."""
        return _of_lines(branch).search(self._together) is not None

    @cached_property
    def _together(self) -> str:
        """All sentences, a line each, kept apart by what no pattern reads across."""
        return "\n.\n".join(self._sentences)

    def _rows(self, topic: str) -> list[tuple[Row, Branch]]:
        """The rows of a topic that may speak in this letter."""
        if topic not in self._likely:
            likely = self._letter.likely
            self._likely[topic] = [(row, branch) for row in rows("handoffs", topic) for branch in likely.get(row, ())]
        return self._likely[topic]

    @cached_property
    def _letter(self) -> Place:
        """The letter as one text of sentences."""
        text = self._reading.places["text"]
        return Place("sentence", text.text, text, tables=("handoffs",))


@cache
def _of_lines(branch: Branch) -> re.Pattern[str]:
    """The same with the ends of lines for the ends of a sentence."""
    is_bound = "^" in branch.source or "$" in branch.source
    return re.compile(branch.source, re.MULTILINE) if is_bound else branch.pattern


def _addressed(named: _Named) -> bool:
    return any(address for _, address in named)


def _first_asked(named: _Named, asked: dict[str, RuleHit], *, addressed: bool = False) -> _Found | None:
    """The first goal that is asked for, with the row that asks; with `addressed` only one that names an address or that
    needs none."""
    for goal, address in named:
        hit = next((asked[topic] for topic in goal.asked if topic in asked), None)
        if hit and (address or not addressed or "way" in goal.asked):
            return HandOffTarget(goal.channel, address), hit
    return None


def _sentences(reading: Reading) -> Iterator[str]:
    for paragraph in _PARAGRAPH.split(reading.written[: 2 * MAX_TEXT]):
        for sentence in _SENTENCE_END.split(as_asked("sentence", paragraph)):
            if sentence:
                yield sentence[:_LONGEST]
