"""What can be counted of a mail: the numbers the judge weighs beside the wording itself.

Most are weights of topics of the wording tables; the rest is form: who signs, who is greeted, how the mail is made.
What is known of our inquiry is left to the judge, for the mails it learnt from had none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from benchmark.core.classification import machines, people, reports
from benchmark.core.classification.asking import asks_for_info
from benchmark.core.classification.findings import Finding
from benchmark.core.classification.reading import Reading, once
from benchmark.core.classification.voices import (
    greets_by_name,
    quotes_itself,
    said_beside,
    sent_by_role,
    signed_by_person,
    sounds_impersonal,
)

# The decisions of mails that carry words, in the order in which the first one holds.
PROPOSALS: tuple[Callable[[Reading], Finding | None], ...] = (
    machines.absence,
    machines.declared_answer,
    people.followup,
    machines.evident_answer,
    machines.acknowledgement,
    people.unsolicited,
    reports.daemon_without_words,
    machines.machine_without_words,
)

_TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("acknowledgement", ("receipt", "promise", "time", "ticket", "moved", "filler")),
    ("absence", ("absence", "closed", "hours", "left")),
    ("followup", ("resolved", "checks_back", "survey", "progress", "keeps_promise", "again", "context", "agent")),
    ("machine", ("auto", "auto_subject", "declared", "no_reply")),
    ("unsolicited", ("bulk", "marketing", "notice")),
    ("flags", ("bot", "acknowledges_only", "next_step")),
    ("systems", ("system",)),
    ("notices", ("challenge", "read_receipt", "moderation", "undelivered")),
)
# Signals that mean something else where no mark of a machine stands beside them.
_SAYS_MORE_UNMARKED = (
    *("acknowledgement: receipt", "acknowledgement: promise", "acknowledgement: ticket", "absence: absence"),
    *("says more than 80 beside a receipt", "says more than 250 beside a receipt", "says I", "asks", "systems: system"),
    *("signed by a person", "greets by name", "answers an id", "from person to person", "html only", "link"),
)
_MUCH = 4.0  # weight of a topic that more adds nothing to
_LENGTHS = (40, 120, 300, 700, 1_500, 3_000)  # characters of own words
_BESIDE = (80, 250, 500)  # characters of sentences no receipt has
_SOME_CAPITALS = 0.3  # share of the letters at the beginning
_BEGINNING = 600


@once
def proposals(reading: Reading) -> dict[str, Finding | None]:
    """What each rule of PROPOSALS says by itself, in their order."""
    return {decision.__name__: decision(reading) for decision in PROPOSALS}


def signals(reading: Reading) -> dict[str, float]:
    """Name and value of all that is not nothing; values lie between -2 and 3."""
    counted = {name: float(value) for name, value in _counted(reading) if value}
    if not (machines.machine_marks(reading).weight >= 1 or machines.declared_marks(reading).rules):
        counted |= {f"{name}, unmarked": counted[name] for name in _SAYS_MORE_UNMARKED if name in counted}
    return counted


def _counted(reading: Reading) -> Iterator[tuple[str, float]]:
    for table, topics in _TOPICS:
        for topic in topics:
            found = reading.asked(table, topic)
            if found.rules and not (table == "absence" and machines.is_back(reading)):
                yield f"{table}: {topic}", min(found.weight, _MUCH) / 2
                yield f"{table}: {topic} in subject", any(hit.where == "subject" for hit in found.rules)
    for hit in reading.asked("machine", "auto").rules:
        yield f"mark: {hit.rule}", 1
    for name, proposed in proposals(reading).items():
        if proposed:
            yield f"proposed: {name}", 0.5 + min(proposed.weight, _MUCH) / 4
    yield from _letter(reading)
    yield from _make(reading)


def _letter(reading: Reading) -> Iterator[tuple[str, float]]:
    """How it is written."""
    letter, length = reading.letter, len(reading.own)
    yield "length", math.log1p(length) / 5
    for least in _LENGTHS:
        yield f"longer than {least}", length > least
    yield "says I", reading.says_i
    yield "asks", "?" in letter
    yield "asks for something", asks_for_info(reading).weight > 0
    yield "signed by a person", signed_by_person(reading)
    yield "greets by name", greets_by_name(letter)
    is_letter = signed_by_person(reading) and greets_by_name(letter)
    yield "from person to person", is_letter
    beside = said_beside(reading, *machines.RECEIPT_WORDS)
    for least in _BESIDE:
        yield f"says more than {least} beside a receipt", beside > least
    yield "impersonal", sounds_impersonal(reading)
    yield "names a return", machines.names_return(reading)
    yield "exclaims", "!" in letter
    yield "exclaims much", letter.count("!") > 3
    beginning = reading.own[:_BEGINNING]
    capitals, signs = sum(map(str.isupper, beginning)), sum(map(str.isalpha, beginning))
    yield "capitals", capitals > _SOME_CAPITALS * max(signs, 1)


def _make(reading: Reading) -> Iterator[tuple[str, float]]:
    """How it is made and sent."""
    message, headers = reading.message, reading.headers
    has_html = "text/html" in message.part_types
    yield "sent by a role", sent_by_role(reading)
    yield "sender has a name", bool(message.from_name.strip())
    yield "digits in sender", sum(map(str.isdigit, message.from_address)) > 2
    yield "answers an id", reading.replies_to_something
    yield "Re: without an id", reading.looks_like_reply and not reading.replies_to_something
    yield "quotes", reading.answers_with_quote
    yield "quotes itself", quotes_itself(reading)
    yield "a desk's comment", bool(reading.comment)
    yield "on a list", reading.on_discussion_list
    yield "html", has_html
    yield "html only", has_html and "text/plain" not in message.part_types
    yield "empty return path", message.return_path == ""
    yield "no subject", not reading.subject.text
    yield "mail program of people", people.written_with_a_mail_program(reading)
    yield "mail program", "x-mailer" in headers
    yield "link", "http" in reading.own
    yield "unsubscribe header", "list-unsubscribe" in headers
    recipients = len(message.to) + len(message.cc)
    yield "many recipients", recipients >= people.MANY_RECIPIENTS
    yield "no recipient", not recipients
    yield "build of bulk mail", people.build_marks(reading).weight
