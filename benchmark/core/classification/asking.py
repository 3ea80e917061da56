"""Does the brand ask something of the sender now? Instructions, offers and questions for form's sake are answers."""

from __future__ import annotations

import re

from benchmark.core.classification.reading import Reading, once
from benchmark.core.classification.wording import Hits, Place, Row, rows
from benchmark.core.values import RuleHit

# What is asked, and what in the same sentence takes it back: "if your parcel is lost, send us its number" asks nothing
# now, "we need your number" asks even then, and a question is only idle or meant.
_TAKEN_BACK_BY = (
    ("question", ("idle",)),
    ("need", ("instruction",)),
    ("request", ("instruction", "condition")),
)
_SEEN = 60  # characters of evidence
_SENTENCE_END = re.compile(r"[.!?](?= |$)")


@once
def asks_for_info(reading: Reading) -> Hits:
    """The rows that ask the sender for something the brand cannot go on without."""
    place = reading.places["text"]
    found = [
        (row.weight, RuleHit(row.id, row.where, match.group()[:_SEEN]))
        for topic, excuses in _TAKEN_BACK_BY
        for row, _ in reading.speakers.get(("asking", topic), ())
        if (match := _meant(row, place, excuses))
    ]
    return Hits(sum(weight for weight, _ in found), tuple(seen for _, seen in found))


def _meant(row: Row, place: Place, excuses: tuple[str, ...]) -> re.Match[str] | None:
    """The first match in a sentence in which no row of the topics `excuses` speaks."""
    for match in row.matches(place):
        if not _is_excused(_sentence_around(place.text, match), place, excuses):
            return match
    return None


def _is_excused(sentence: str, letter: Place, excuses: tuple[str, ...]) -> bool:
    spoken = (branch for topic in excuses for row in rows("asking", topic) for branch in letter.likely.get(row, ()))
    return any(branch.pattern.search(sentence) for branch in spoken)


def _sentence_around(text: str, match: re.Match[str]) -> str:
    """From the end of the sentence before to the end of this one; a match may begin with a sign of the one before."""
    start = match.start()
    while start < match.end() and text[start] in ".!?,:; ":
        start += 1
    before = [end.end() for end in _SENTENCE_END.finditer(text, 0, start)]
    after = _SENTENCE_END.search(text, max(start, match.end() - 1))
    return text[before[-1] if before else 0 : after.end() if after else len(text)]
