"""Who wrote: how much speaks for a machine, and the two letters machines write most (absence, receipt)."""

from __future__ import annotations

import re

from benchmark.core.classification.dates import return_date
from benchmark.core.classification.findings import Finding, finding, rule
from benchmark.core.classification.reading import OPENING, Reading, digest_of_words, once, says_i
from benchmark.core.classification.voices import coverage, said_beside, signed_by_person, sounds_impersonal
from benchmark.core.classification.wording import Hits
from benchmark.core.vocabulary import ReplyFlag, ReplyKind

AT_ONCE = 120  # seconds after our sending in which nobody types an answer
MACHINES_ANSWER_WITHIN = 3_600  # seconds; a receipt that takes longer was rather written by a person

_A_MARK = 0.4  # weight of the least thing that shows a machine
_ASKS_FOR_HOURS = re.compile(
    r"(?:ö|oe)ffnungszeit|ge(?:ö|oe)ffnet|sprechzeit|feiertag|business hours|bank holiday|\bare you open\b"
    r"|\bopen\?|\bopen(?:ing)? (?:hours|times|on|until|till|at|today|over|during)\b|\b(?:an|zu|(?:ü|ue)ber|at"
    r"|over) (?:ostern|weihnachten|easter|christmas)\b|horaires? d'ouverture|\bouverts?\b"
    r"|horarios? de (?:apertura|atenci)|\babiert[oa]s?\b|orari\w? di apertura|\bapert[oi]\b|openingstijd"
    r"|\bgeopend\b|godzin\w* otwarcia|(?:ö|o)ppettid|(?:å|a)bningstid|(?:å|a)pningstid|otev(?:í|i)rac(?:í"
    r"|i) dob|aukioloa|nyitvatart|часы работы|営業時間",
    re.IGNORECASE,
)
_LONG_LETTER = 1_500  # characters; longer ones are no notices
_NEARLY_ALL = 0.6  # share of a letter
_A_FEW_WORDS = 80  # characters of a notice in a language the tables do not know
_PARAGRAPH_OF_ANSWER = 320  # characters of own words no mere receipt needs
_SOME_ANSWER = 40  # characters said of the matter itself
DECLARED = 1.5  # weight of words that name a machine as the writer


@once
def machine_marks(reading: Reading) -> Hits:
    """Headers, subject forms, sender names and timing. They raise suspicion; wording decides."""
    marks = reading.asked("machine", "auto")
    if not reading.answers_with_quote:  # a person who answers an automatic reply keeps its subject
        marks += reading.asked("machine", "auto_subject")
    extra = []
    if reading.message.return_path == "":
        extra.append((0.6, rule("empty-return-path", "return-path", "<>")))
    if reading.seconds_after_ours is not None and -60 <= reading.seconds_after_ours <= AT_ONCE:
        extra.append((1.2, rule("at-once", "time", f"{reading.seconds_after_ours:.0f} s after ours")))
    if says_the_same(reading):
        extra.append((1.2 * says_the_same(reading), rule("same-text-before", "text", reading.letter)))
    return marks + Hits(sum(weight for weight, _ in extra), tuple(seen for _, seen in extra))


@once
def says_the_same(reading: Reading) -> float:
    """From 0 to 1: how much of a machine shows in words its brand sent before; who signs may use prepared answers."""
    if not reading.context.texts_seen:
        return 0.0
    if digest_of_words(reading.message.own_words) not in reading.context.texts_seen:
        return 0.0
    return 0.2 if signed_by_person(reading) else 1.0


@once
def declared_marks(reading: Reading) -> Hits:
    """The text says itself that nobody wrote it, or that nobody reads answers."""
    return reading.asked("machine", "declared") + reading.asked("machine", "no_reply")


@once
def absence(reading: Reading) -> Finding | None:
    """An absence notice says so in its subject or its first words; a person mentions it among other things."""
    away = reading.asked("absence", "absence")
    closed = reading.asked("absence", "closed")
    left, gone = reading.asked("absence", "left"), reading.asked("absence", "gone")
    marks = machine_marks(reading)
    total = away + closed + (left if left.rules else gone)
    if is_back(reading) or answers_about_hours(reading):
        return None
    if not _speaks_enough(reading, total, marks):
        return _vacation_form(reading, marks) if total.weight == 0 else None
    if _is_rather_receipt(reading, total):
        return None
    found = finding(ReplyKind.OUT_OF_OFFICE, total, marks)
    flags = frozenset({ReplyFlag.CLOSED}) if is_closure(reading) else frozenset[ReplyFlag]()
    return Finding(found.kind, found.weight, found.rules, flags)


@once
def is_back(reading: Reading) -> bool:
    """Somebody was away and says why the answer is late."""
    was_away = reading.asked("absence", "past").weight > 0
    return was_away and machine_marks(reading).weight < 1 and not reading.asked("absence", "closed").rules


@once
def answers_about_hours(reading: Reading) -> bool:
    """We asked when they are open: then "closed from 3 to 14 August" is an answer, unless a machine shows itself,
    somebody speaks of their own absence, or our mail is to be answered later."""
    if reading.says_i or receipt_marks(reading).weight or not reading.asked("absence", "closed").rules:
        return False
    context = reading.context
    asked = f"{context.our_subject} {context.our_text}" if reading.is_matched else ""
    if reading.looks_like_reply:
        asked += f" {reading.message.subject}"
    marks = machine_marks(reading).weight + declared_marks(reading).weight
    return marks < _A_MARK and bool(_ASKS_FOR_HOURS.search(asked))


def is_closure(reading: Reading) -> bool:
    """The company is closed, not one person away."""
    away, closed = reading.asked("absence", "absence").weight, reading.asked("absence", "closed").weight
    return closed > away or (closed > 0 and not _alone(reading))


def _speaks_enough(reading: Reading, total: Hits, marks: Hits) -> bool:
    declared = declared_marks(reading).weight
    suspicion = marks.weight + declared
    by_subject = any(seen.where == "subject" for seen in total.rules) and not _subject_is_ours(reading)
    by_text = any(seen.where != "subject" for seen in total.rules)
    if marks.weight < 1 and (reading.on_discussion_list or (not by_text and len(reading.own) > _A_FEW_WORDS)):
        return False  # a person's mail about absence notices
    if suspicion >= 1:
        return total.weight >= 1
    if by_subject and suspicion >= 0.3:
        return total.weight >= 2
    if len(reading.own) > _LONG_LETTER:
        return False
    return total.weight >= 1.5 and _comes_first(reading)


def _comes_first(reading: Reading) -> bool:
    """Without any mark of a machine, absence must be said at once, be all that is said, and nothing be asked."""
    if "?" in reading.letter:
        return False
    first = reading.first_said("absence", "absence") + reading.first_said("absence", "closed")
    return first.weight >= 1.5 and coverage(reading, *_ABSENCE_TOPICS) >= _NEARLY_ALL


def _subject_is_ours(reading: Reading) -> bool:
    """Words that stood in our own subject say nothing about the sender."""
    ours = reading.context.our_subject.lower().strip()
    return bool(ours) and ours == reading.message.subject.lower().strip()


def _is_rather_receipt(reading: Reading, total: Hits) -> bool:
    """Receipts mention closing times and holidays: then the receipt weighs more, unless a day of return is named or
    somebody has left for good."""
    if names_return(reading) or reading.asked("absence", "gone").rules:
        return False
    receipt = receipt_marks(reading)
    by_subject = any(seen.where == "subject" for seen in total.rules)
    return not by_subject and receipt.weight >= 2.4 and receipt.weight > total.weight + 0.4


@once
def names_return(reading: Reading) -> bool:
    """A day on which somebody is back, in subject or letter that speak of absence."""
    if not any(reading.asked("absence", topic).rules for topic in ("absence", "closed", "hours", "left")):
        return False
    written = reading.context.received_at or reading.message.received_at or reading.message.date
    text = f"{reading.places['subject'].text}. {reading.places['text'].text}"
    return return_date(text, written.date() if written else None) is not None


def _alone(reading: Reading) -> bool:
    return says_i(reading.letter[:OPENING])


def _vacation_form(reading: Reading, marks: Hits) -> Finding | None:
    """Mail programs mark their absence notices in the subject; nothing said of receipt, so absence is meant."""
    vacation = any(seen.rule in ("x-apple-action", "x-vacation", "x-out-of-office") for seen in marks.rules)
    by_subject = any(seen.rule.startswith("auto-subject") for seen in marks.rules)
    sieve = "vacation" in reading.headers.get("auto-submitted", "")
    receipt = receipt_marks(reading).weight
    if vacation or ((by_subject or sieve) and receipt < 1.2 and not declared_marks(reading).weight):
        return Finding(ReplyKind.OUT_OF_OFFICE, 1.0 + 0.5 * vacation, marks.rules)
    return None


@once
def receipt_marks(reading: Reading) -> Hits:
    """Words of receipts; the subject of a mail that is quoted below says nothing of what is written above it."""
    topics = ("receipt", "promise", "time", "ticket", "moved")
    asked = reading.asked_beside_subject if reading.answers_with_quote else reading.asked
    return sum((asked("acknowledgement", topic) for topic in topics), start=Hits())


@once
def acknowledgement(reading: Reading) -> Finding | None:
    """We have your mail, somebody will answer, this is your number. A person who says so in passing is a person."""
    wording = receipt_marks(reading)
    marks = machine_marks(reading) + declared_marks(reading)
    total = wording + reading.asked("absence", "hours") + reading.asked("notices", "moderation")
    found = finding(ReplyKind.AUTO_ACK, total, marks)
    if total.weight - _personal(reading) >= _wording_needed(marks.weight):
        return found
    return found if marks.weight < 1.5 and _is_all_receipt(reading, total, marks) else None


def _wording_needed(suspicion: float) -> float:
    if suspicion >= 1.5:
        return 0.6
    if suspicion >= 0.9:
        return 1.2
    return 2.2 if suspicion >= 0.4 else 4.0


def _personal(reading: Reading) -> float:
    """What speaks for a person behind the words: "I", a question, more to say than a receipt has."""
    return (
        0.6 * reading.says_i
        + 0.4 * ("?" in reading.letter)
        + 0.5 * (len(reading.letter) > _LONG_LETTER)
        + 1.0 * signed_by_person(reading)
    )


def _is_all_receipt(reading: Reading, wording: Hits, marks: Hits) -> bool:
    """Nothing in the headers: then the whole letter must be what receipts say, and nobody may sign it."""
    if wording.weight < 1.5 or len(reading.letter) > _LONG_LETTER:
        return False
    if not any(seen.rule.startswith("ack-") and "filler" not in seen.rule for seen in wording.rules):
        return False
    share = coverage(reading, *_RECEIPT_TOPICS)
    slow = reading.seconds_after_ours is not None and reading.seconds_after_ours > MACHINES_ANSWER_WITHIN
    speaks_for = share * 2 + min(wording.weight, 3.0) * 0.4 + marks.weight
    return speaks_for + sounds_impersonal(reading) - 1.0 * slow >= _ALL_RECEIPT


RECEIPT_WORDS = (
    *(("acknowledgement", topic) for topic in ("receipt", "promise", "ticket", "moved")),
    *(("machine", topic) for topic in ("declared", "no_reply")),
    ("absence", "hours"),
)
_RECEIPT_TOPICS = (*RECEIPT_WORDS, ("acknowledgement", "time"), ("acknowledgement", "filler"))
_ABSENCE_TOPICS = (*(("absence", topic) for topic in ("absence", "closed", "left", "hours")), *_RECEIPT_TOPICS)
_ALL_RECEIPT = 2.7  # of at most 4.6; set so that none of the people's mails of the tests reaches it


@once
def declared_answer(reading: Reading) -> Finding | None:
    """A complete answer that says a machine wrote it; that a person may take over makes no difference."""
    declared = reading.asked("flags", "bot")
    if declared.weight < DECLARED or reading.asked("followup", "survey").weight >= 2:
        return None
    receipt = receipt_marks(reading).weight
    said = said_beside(reading, *(_RECEIPT_TOPICS if receipt >= 3 else RECEIPT_WORDS), ("flags", "bot"))
    if said < (_SOME_ANSWER if receipt < 3 else _PARAGRAPH_OF_ANSWER):
        return None
    return finding(ReplyKind.AUTOMATED_ANSWER, declared, machine_marks(reading))


@once
def evident_answer(reading: Reading) -> Finding | None:
    """A machine's mail that holds more than a receipt does."""
    declared = reading.asked("flags", "bot")
    marks = machine_marks(reading)
    receipt = receipt_marks(reading).weight
    if len(reading.own) < _PARAGRAPH_OF_ANSWER:
        return None
    if declared.weight and marks.weight >= 1 and receipt < 2.4 and said_beside(reading, *_RECEIPT_TOPICS):
        return finding(ReplyKind.AUTOMATED_ANSWER, declared, marks)
    if marks.weight >= 2 and receipt < 1.2 and not reading.asked("absence", "absence").weight:
        return Finding(ReplyKind.AUTOMATED_ANSWER, 1.0, marks.rules)
    return None


@once
def machine_without_words(reading: Reading) -> Finding | None:
    """Surely a machine, and nothing recognised in what it says: a receipt is the likeliest."""
    marks = machine_marks(reading)
    replied = [seen for seen in marks.rules if seen.rule not in _WEAK_MARKS]
    if marks.weight >= 2 and replied:
        return Finding(ReplyKind.AUTO_ACK, marks.weight - 1.0, marks.rules)
    return None


# Desks and lists put these on people's mail as well.
_WEAK_MARKS = frozenset(
    {"auto-submitted-generated", "precedence-bulk", "precedence-junk", "x-loop", "x-rt-loop", "x-otrs-loop"}
    | {"x-auto-suppress", "empty-return-path", "from-no-reply", "x-zammad-auto"}
)
