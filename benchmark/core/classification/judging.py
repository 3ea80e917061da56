"""Weighs all that can be told of a mail where no form decides: a linear model over its wording and its signals.

Multinomial logistic regression: each piece of four characters, each word and each pair of words counts 1/sqrt(number of
pieces), each signal its value; weights are learnt by `tools/judge`. What a rule says with weight stands unless the
model finds it next to impossible (stacked generalization, Wolpert 1992: the rules' proposals are signals too).
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmark.core.classification.findings import Finding, rule
from benchmark.core.classification.machines import (
    AT_ONCE,
    MACHINES_ANSWER_WITHIN,
    answers_about_hours,
    is_back,
    is_closure,
    machine_marks,
    says_the_same,
)
from benchmark.core.classification.people import likely_followup_kind, writes_again
from benchmark.core.classification.reading import Reading, once
from benchmark.core.classification.reports import is_about_goods
from benchmark.core.classification.signals import PROPOSALS, proposals, signals
from benchmark.core.classification.voices import quotes_itself
from benchmark.core.classification.wording import TABLES, table
from benchmark.core.values import RuleHit
from benchmark.core.vocabulary import ReplyFlag, ReplyKind

KINDS = tuple(
    ReplyKind(kind)
    for kind in (
        *("auto_ack", "out_of_office", "human_reply", "automated_answer", "followup", "challenge", "unsolicited"),
        *("bounce", "read_receipt", "delivery_delay"),
    )
)
SCALE = 20  # weights are stored as whole numbers of twentieths

# Pairs of Chinese, Japanese and Korean signs: four of them say more than a word and seldom come twice.
_IN_SIGNS = re.compile(r"(?=([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}))")
_WORD = re.compile(r"[^\W\d_]+|\d+|[?!]")
_READ = 1_500  # characters; a letter says early what it is
_PIECE = 4  # characters
_EIGHT_BYTES = np.dtype("<u8")
_FEW_PIECES = 100
_A_FEW_PIECES = 10  # nobody says anything with less
_FAMILIAR = 0.12  # share of the pieces that were ever learnt; letters have .15 and more, nearly all .4
_RULE_HOLDS = 1.6  # weight from which a rule's word stands
_UNLIKELY = 0.05  # share below which it does not
_LIST_SERVER = "Mailman"  # hands on what it is sent, advertising too
_REASONS = 3  # signals named in the evidence
_NOTICES = [KINDS.index(kind) for kind in (ReplyKind.AUTO_ACK, ReplyKind.OUT_OF_OFFICE)]
_MACHINES = [*_NOTICES, KINDS.index(ReplyKind.AUTOMATED_ANSWER)]
_SLOW_NOTICES = np.array([5.0, 2.0])  # in the order of _NOTICES
_FOLLOWUP, _UNSOLICITED = KINDS.index(ReplyKind.FOLLOWUP), KINDS.index(ReplyKind.UNSOLICITED)
_HUMAN, _AWAY = KINDS.index(ReplyKind.HUMAN_REPLY), KINDS.index(ReplyKind.OUT_OF_OFFICE)
_OF_DELIVERY = [KINDS.index(kind) for kind in (ReplyKind.BOUNCE, ReplyKind.DELIVERY_DELAY)]
_HARDLY_A_WORD = 25  # characters; machines always say what they are for
_GREETED = 2.0  # log odds for a person who says no more
_UNSPOKEN = 4.0  # log odds against a report that says no word of delivery


@dataclass(frozen=True)
class Opinion:
    """The share (0 to 1) of each of KINDS, and what spoke most for the likeliest one."""

    shares: NDArray[np.float64]
    reasons: tuple[str, ...]

    @property
    def kind(self) -> ReplyKind:
        return KINDS[int(self.shares.argmax())]

    def share_of(self, kind: ReplyKind) -> float:
        return float(self.shares[KINDS.index(kind)])


def read_of(reading: Reading) -> str:
    """What is read of subject and letter; the subject of an answer was written by whom it answers."""
    subject = "" if reading.looks_like_reply else reading.subject.text + " "
    return (subject + reading.letter)[:_READ]


def pieces_of(text: str) -> frozenset[str]:
    """All pieces of what is read of a mail."""
    return frozenset([text[at : at + _PIECE] for at in range(len(text) - _PIECE + 1)]) | _pieces_beside_runs(text)


def _runs_of(text: str) -> NDArray[np.uint64]:
    """The pieces of four characters as sorted numbers, each once: the eight bytes of four signs of two bytes.

    Numbers are looked up together, which takes half the time of looking up each piece by itself.
    """
    count = len(text) - _PIECE + 1
    if count <= 0:
        return np.empty(0, _EIGHT_BYTES)
    numbers: NDArray[np.uint64] = np.ndarray(count, _EIGHT_BYTES, _signs_of(text), strides=(2,))
    numbers = np.sort(numbers)
    is_first = np.empty(count, np.bool_)
    is_first[0] = True
    np.not_equal(numbers[1:], numbers[:-1], out=is_first[1:])
    return numbers[is_first]


def _signs_of(text: str) -> bytes:
    """Two bytes a character: the lower 16 bits of its code point, so emojis may be mistaken for rare letters."""
    signs = text.encode("utf-16-le", "surrogatepass")
    if len(signs) == 2 * len(text):
        return signs
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype("<u2").tobytes()


def _pieces_beside_runs(text: str) -> frozenset[str]:
    """Words, pairs of words, and pairs of signs."""
    words = words_of(text)
    return words if text.isascii() else words | frozenset(_IN_SIGNS.findall(text))


def words_of(text: str) -> frozenset[str]:
    """The words and pairs of neighbouring words, marked so that no word is taken for a piece; all numbers are one."""
    words = ["0" if word[0].isdigit() else word for word in _WORD.findall(text)]
    pairs = (f"·{word} {following}" for word, following in pairwise(words))
    return frozenset((*(f"·{word}" for word in words), *pairs))


def piece_value(count: int) -> float:
    """What each of so many pieces counts: a long letter as much as a short one, a few words less."""
    return 1 / math.sqrt(max(count, _FEW_PIECES))


def judged_all(readings: Sequence[Reading]) -> list[Finding]:
    """What mails are that have no form of their own; always finds something. Step by step, as `decide_all`."""
    for step in (*PROPOSALS, _signals, _met, opinion):
        for reading in readings:
            step(reading)
    return [_judged(reading) for reading in readings]


def _judged(reading: Reading) -> Finding:
    proposed = next((found for found in proposals(reading).values() if found), None)
    heard = opinion(reading)
    if proposed and proposed.kind is ReplyKind.BOUNCE:
        is_final = reading.asked_of_report("final").weight > 0
        is_delay = not is_final and heard.share_of(ReplyKind.DELIVERY_DELAY) > heard.share_of(ReplyKind.BOUNCE)
        return replace(proposed, kind=ReplyKind.DELIVERY_DELAY) if is_delay else proposed
    if proposed and proposed.weight >= _RULE_HOLDS and heard.share_of(proposed.kind) >= _UNLIKELY:
        return replace(proposed, share=heard.share_of(proposed.kind))
    kind = heard.kind
    agreeing = [found for found in proposals(reading).values() if found and found.kind is kind]
    told_by = (*(hit for found in agreeing for hit in found.rules), _evidence(heard))
    if kind is ReplyKind.HUMAN_REPLY:
        told_by = (rule("own-words", "text", reading.letter), *told_by)
    return Finding(
        kind,
        max((found.weight for found in agreeing), default=0.0),
        tuple(dict.fromkeys(told_by)),
        flags=frozenset({ReplyFlag.CLOSED} if kind is ReplyKind.OUT_OF_OFFICE and is_closure(reading) else ()),
        followup_kind=likely_followup_kind(reading) if kind is ReplyKind.FOLLOWUP else None,
        share=heard.share_of(kind),
    )


def _evidence(heard: Opinion) -> RuleHit:
    return rule("judgement", "whole", f"{heard.share_of(heard.kind):.2f}: {', '.join(heard.reasons)}")


@once
def opinion(reading: Reading) -> Opinion:
    """Shares of all kinds, by wording, signals and what is known of our inquiry."""
    table = _weights()
    met, count = _met(reading)
    score = table.own + table.piece_weights.take(met, axis=0).sum(axis=0) * piece_value(count)
    counted = [(at, value) for name, value in _signals(reading).items() if (at := table.signals.get(name)) is not None]
    rows, values = [at for at, _ in counted], np.array([value for _, value in counted])
    weights = table.signal_weights[rows]
    score += values @ weights + _of_relation(reading)
    if len(reading.letter) < _HARDLY_A_WORD and machine_marks(reading).weight < 1:
        score[_HUMAN] += _GREETED
    if score.argmax() in _OF_DELIVERY and not _speaks_of_delivery(reading):
        score[_OF_DELIVERY] -= _UNSPOKEN
    share = np.exp(score - score.max())
    share /= share.sum()
    if len(met) < _FAMILIAR * count or count < _A_FEW_PIECES:  # noise, or a language never seen
        share = (share + 1 / len(KINDS)) / 2
    best = int(share.argmax())
    spoke = sorted(zip((values * weights[:, best]).tolist(), rows, strict=True), reverse=True)[:_REASONS]
    return Opinion(share, tuple(table.names[at] for weight, at in spoke if weight > 0))


@once
def _met(reading: Reading) -> tuple[NDArray[np.intp], int]:
    return _weights().met(read_of(reading))


@once
def _signals(reading: Reading) -> dict[str, float]:
    return signals(reading)


def _of_relation(reading: Reading) -> NDArray[np.float64]:
    """What our own inquiry or a list tells, in log odds. Set by hand: the mails learnt from answered none of ours."""
    score = np.zeros(len(KINDS))
    if reading.on_discussion_list and machine_marks(reading).weight < 1:
        score[_MACHINES] -= 5.0  # whoever posts to a list, it is no machine without a mark that answers there
        score[_FOLLOWUP] -= 3.0  # and who keeps a promise there answers everybody
    if is_back(reading):
        score[_AWAY] -= 3.0
    if answers_about_hours(reading):
        score[_AWAY] -= 6.0 if reading.is_matched else 3.0
    if reading.on_discussion_list:
        score[_UNSOLICITED] -= 2.0  # whoever may post to a list seldom advertises
    if any(seen.rule != _LIST_SERVER for seen in reading.asked("systems", "system").rules):
        score[_UNSOLICITED] -= 3.0  # help desks do no advertising, whatever stands at the foot of their mails
    if writes_again(reading) and len(reading.letter) >= _HARDLY_A_WORD:
        score[_FOLLOWUP] += 3.5 if quotes_itself(reading) and not reading.on_discussion_list else 1.0
    if not reading.is_matched:
        return score
    after = reading.seconds_after_ours
    if after is not None and -60 <= after <= AT_ONCE:
        score[_MACHINES] += 1.5
    elif after is not None and after > MACHINES_ANSWER_WITHIN:
        score[_NOTICES] -= _SLOW_NOTICES
    score[_MACHINES] += 1.5 * says_the_same(reading)
    if not writes_again(reading):  # nothing was answered yet, unless its words are those of a follow-up
        score[_FOLLOWUP] += 2.0 if proposals(reading)["followup"] else -4.0
    if not proposals(reading)["unsolicited"]:  # who knows our secret address was asked
        is_mailing = "list-unsubscribe" in reading.headers and not reading.looks_like_reply
        score[_UNSOLICITED] -= 2.0 if is_mailing else 20.0
    return score


def _speaks_of_delivery(reading: Reading) -> bool:
    if is_about_goods(reading):
        return False
    topics = {row.topic for row in table("delivery")}
    by_system = any(reading.asked_of_report(topic).rules for topic in topics)
    return by_system or bool(reading.asked("notices", "undelivered").rules)


@dataclass(frozen=True)
class Weights:
    """Rows of weights, one column a kind; `own` is what each kind has before anything is known."""

    pieces: dict[str, int]
    piece_weights: NDArray[np.float64]
    signals: dict[str, int]
    signal_weights: NDArray[np.float64]
    own: NDArray[np.float64]

    @cached_property
    def names(self) -> list[str]:
        return list(self.signals)

    def met(self, text: str) -> tuple[NDArray[np.intp], int]:
        """The rows of the pieces of a text that were learnt, and how many pieces it has."""
        numbers, rows = self._runs
        runs, others = _runs_of(text), _pieces_beside_runs(text)
        at = numbers.searchsorted(runs)
        at[at == len(numbers)] = 0
        met = [self.pieces[piece] for piece in others & self._beside_runs]
        known = rows[at[numbers[at] == runs]]
        return np.concatenate((known, np.array(met, np.intp))), len(runs) + len(others)

    @cached_property
    def _runs(self) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
        """The numbers of the pieces of four characters, sorted, and their rows."""
        runs = [piece for piece in self.pieces if _is_run(piece)]
        numbers = np.frombuffer(_signs_of("".join(runs)), _EIGHT_BYTES)
        order = numbers.argsort()
        return numbers[order], np.array([self.pieces[run] for run in runs], np.intp)[order]

    @cached_property
    def _beside_runs(self) -> frozenset[str]:
        return frozenset(piece for piece in self.pieces if not _is_run(piece))


def _is_run(piece: str) -> bool:
    return len(piece) == _PIECE and not piece.startswith("·")


WEIGHTS: list[Weights] = []  # the last one is used; the tables' where there is none (tools.judge tries others)


def _weights() -> Weights:
    return WEIGHTS[-1] if WEIGHTS else weights_of_tables()


@cache
def weights_of_tables() -> Weights:
    pieces, piece_weights = _table("judge_pieces")
    signal_names, signal_weights = _table("judge_signals")
    own = signal_names.index("")
    return Weights(
        {piece: at for at, piece in enumerate(pieces)},
        piece_weights,
        {name: at for at, name in enumerate(signal_names)},
        signal_weights,
        signal_weights[own],
    )


def _table(name: str) -> tuple[list[str], NDArray[np.float64]]:
    source = files(TABLES).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(source.splitlines()))[1:]
    return [row[0] for row in rows], np.array([row[1:] for row in rows], dtype=np.float64) / SCALE
