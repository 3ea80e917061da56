"""What a letter sounds like where no rule speaks: a linear model over pieces of four characters.

Multinomial logistic regression, x = 1/sqrt(number of pieces) for each piece of the letter; weights are learnt by
`tools/second_opinion` from sentences written for it. It is asked after the rules, so a rule that is sure never yields.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from benchmark.core.classification.anchors import grams_of
from benchmark.core.classification.findings import Finding, rule
from benchmark.core.classification.machines import MACHINES_ANSWER_WITHIN, declared_marks, machine_marks, receipt_marks
from benchmark.core.classification.people import likely_followup_kind
from benchmark.core.classification.reading import Reading, once, says_i
from benchmark.core.classification.voices import greets_by_name, sent_by_role, signed_by_person
from benchmark.core.classification.wording import TABLES
from benchmark.core.vocabulary import ReplyKind

KINDS = (
    *("auto_ack", "out_of_office", "human_reply", "automated_answer", "followup", "challenge", "unsolicited"),
    "bounce",
)
SCALE = 20  # weights are stored as whole numbers of twentieths

_READ = 1_500  # characters; a letter says early what it is
_SHORT = 36  # characters too few to sound like anything
_BRIEF = 80  # characters of people's short answers, which sound like much; they must sound very much like it
_BRIEF_MORE = 0.2
_LIKELY = 0.5  # share from which a letter is what it sounds like
_LIKELY_RECEIPT = 0.56  # people thank for messages too
_CLEARLY = 0.8  # share from which a rule that only hears notices is corrected
_NO_MACHINE = 0.3  # weight of marks that mean nothing
_SURE = 3.0  # weight from which other kinds than notices need no second opinion
_BY_FORM = frozenset({ReplyKind.BOUNCE, ReplyKind.DELIVERY_DELAY, ReplyKind.READ_RECEIPT, ReplyKind.CHALLENGE})
_NOTICES = frozenset({ReplyKind.AUTO_ACK, ReplyKind.OUT_OF_OFFICE})
_KNOWN = 0.5  # share of its pieces the model must have met

_ACK, _AWAY, _PERSON, _FOLLOWUP, _UNSOLICITED = (
    KINDS.index(kind) for kind in ("auto_ack", "out_of_office", "human_reply", "followup", "unsolicited")
)


@dataclass(frozen=True)
class Opinion:
    """The likeliest kind, how likely it is, and how much of the letter the model knows (shares, 0 to 1)."""

    kind: ReplyKind
    share: float
    known: float
    shares: NDArray[np.float64]  # of all KINDS


def pieces_of(text: str) -> frozenset[str]:
    """The pieces of the first characters of a text in the form of `as_asked`."""
    return grams_of(text[:_READ])


@once
def opinion(reading: Reading) -> Opinion | None:
    """None for letters of a few words."""
    subject = "" if reading.looks_like_reply else reading.subject.text + " "
    text = subject + reading.letter
    if len(reading.letter) < _SHORT:
        return None
    table = _weights()
    pieces = pieces_of(text)
    met = [at for piece in pieces if (at := table.place.get(piece)) is not None]
    score = table.weights[met].sum(axis=0) / max(len(pieces), 1) ** 0.5 + table.own + _circumstances(reading)
    share = np.exp(score - score.max())
    share /= share.sum()
    best = int(share.argmax())
    return Opinion(ReplyKind(KINDS[best]), float(share[best]), len(met) / max(len(pieces), 1), share)


def _circumstances(reading: Reading) -> NDArray[np.float64]:
    """What headers, signature and form say, in log odds."""
    score = np.zeros(len(KINDS))
    score[[_ACK, _AWAY]] += min(machine_marks(reading).weight + declared_marks(reading).weight, 2.5)
    asks, length = "?" in reading.letter, len(reading.own)
    score[_ACK] += 0.5 * sent_by_role(reading) - 0.8 * says_i(reading.letter) - 0.9 * asks
    score[_ACK] -= 1.2 * signed_by_person(reading) + 0.8 * (length > 1_500)
    score[_AWAY] -= 1.0 * asks + 0.8 * (length > 900)
    score[_PERSON] += 0.6 * reading.replies_to_something + 6.0 * reading.on_discussion_list
    if greets_by_name(reading.letter):  # absence notices know nobody's name, receipts of desks do
        score[[_ACK, _AWAY]] -= 0.7, 1.5
    if reading.seconds_after_ours is not None and reading.seconds_after_ours > MACHINES_ANSWER_WITHIN:
        score[[_ACK, _AWAY]] -= 5.0
    if not (reading.is_matched or reading.looks_like_reply or reading.on_discussion_list):
        score[_UNSOLICITED] += 0.7
    elif reading.is_matched:  # who knows our secret address was asked; only marks of bulk mail speak against it
        score[_UNSOLICITED] -= 20.0
    elif reading.replies_to_something:
        score[_UNSOLICITED] -= 1.5
    return score + _wording(reading)


def _wording(reading: Reading) -> NDArray[np.float64]:
    """What the tables found, too little of it to decide alone."""
    absence = sum(reading.asked("absence", topic).weight for topic in ("absence", "closed", "left"))
    followup = max(reading.asked("followup", topic).weight for topic in ("survey", "checks_back", "keeps_promise"))
    marketing = reading.asked("unsolicited", "marketing").weight
    score = np.zeros(len(KINDS))
    score[_ACK] = 0.5 * min(receipt_marks(reading).weight, 3.0)
    score[_AWAY] = 0.6 * min(absence, 3.0)
    score[_FOLLOWUP] = 0.6 * min(followup, 3.0)
    score[_UNSOLICITED] = 0.6 * min(marketing, 3.0)
    return score


def second_thoughts(reading: Reading, found: Finding) -> Finding:
    """Receipt or absence is mostly a matter of tone: where the other one is heard clearly, it is the other one.

    A person who mentions an absence in a letter without any mark of a machine stays a person. Everything else keeps its
    kind; agreement or doubt only tells how sure it is.
    """
    if found.kind in _BY_FORM or (found.weight >= _SURE and found.kind not in _NOTICES):
        return found
    heard = opinion(reading)
    if heard is None:
        return found
    seen = rule("second-opinion", "text", f"{heard.share:.2f} {reading.letter}")
    if heard.kind is ReplyKind.HUMAN_REPLY and heard.share >= _LIKELY and _is_only_words(reading, found):
        return Finding(heard.kind, 0.8, (seen, *found.rules))
    if found.kind in _NOTICES and heard.kind in _NOTICES - {found.kind} and heard.share >= _CLEARLY:
        by_subject = any(hit.rule.startswith("absence") and hit.where == "subject" for hit in found.rules)
        if not by_subject:
            return Finding(heard.kind, min(found.weight, 2.0 * (heard.share - 0.5)), (seen, *found.rules))
    same = float(heard.shares[KINDS.index(found.kind)])
    return replace(found, agreement=2.0 * same - 1.0)


def _is_only_words(reading: Reading, found: Finding) -> bool:
    """Nothing in the headers speaks for a machine or for bulk mail: a person may use such words."""
    if found.kind in _NOTICES:
        return machine_marks(reading).weight < _NO_MACHINE and reading.looks_like_reply
    answers = reading.looks_like_reply or reading.on_discussion_list
    return found.kind is ReplyKind.UNSOLICITED and found.weight < _SURE and answers


def by_sound(reading: Reading) -> Finding | None:
    """No rule spoke, yet the letter sounds like something else than a person's reply."""
    heard = opinion(reading)
    if heard is None or heard.kind is ReplyKind.HUMAN_REPLY or heard.known < _KNOWN:
        return None
    if heard.kind is ReplyKind.FOLLOWUP and reading.is_matched and not reading.context.answered_before:
        return None  # nothing was answered yet that it could follow up
    needed = _LIKELY_RECEIPT if heard.kind is ReplyKind.AUTO_ACK else _LIKELY
    if heard.share < needed + _BRIEF_MORE * (len(reading.letter) < _BRIEF):
        return None
    seen = rule("second-opinion", "text", f"{heard.share:.2f} {reading.letter}")
    kind = likely_followup_kind(reading) if heard.kind is ReplyKind.FOLLOWUP else None
    return Finding(heard.kind, 2.0 * (heard.share - 0.5), (seen,), followup_kind=kind)


@dataclass(frozen=True)
class Weights:
    place: dict[str, int]
    weights: NDArray[np.float64]
    own: NDArray[np.float64]


WEIGHTS: list[Weights] = []  # the last one is used; the table's where there is none (tools/confidence tries others)


def _weights() -> Weights:
    return WEIGHTS[-1] if WEIGHTS else weights_of_table()


@cache
def weights_of_table() -> Weights:
    source = files(TABLES).joinpath("second_opinion.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(source.splitlines()))[1:]
    values = np.array([row[1:] for row in rows], dtype=np.float64) / SCALE
    return Weights({row[0]: at for at, row in enumerate(rows[1:])}, values[1:], values[0])
