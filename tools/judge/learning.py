"""Fits the judge's weights: multinomial logistic regression by scikit-learn over the features the product counts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from sklearn.linear_model import LogisticRegression

from benchmark.core.classification.deciding import FORMS
from benchmark.core.classification.judging import KINDS, Weights, piece_value, pieces_of, read_of
from benchmark.core.classification.reading import Reading
from benchmark.core.classification.signals import signals
from benchmark.core.messages import read_message
from benchmark.core.vocabulary import ReplyKind
from tools.judge.mails import LabelledMail

PIECE_SCALE = 4.0  # pieces are many and each counts little: without it the penalty would keep them from counting at all
STRENGTH = 2.0  # C of scikit-learn
RARE = 4  # mails a piece must be in


@dataclass(frozen=True)
class Counted:
    """A mail as the judge sees it; `by_form` is set where a form decides before the judge is asked."""

    name: str
    kind: ReplyKind
    weight: float
    by_form: bool
    pieces: frozenset[str]
    signals: dict[str, float]


def counted(mails: Iterable[LabelledMail]) -> list[Counted]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(_counted, mails, chunksize=64))


def _counted(mail: LabelledMail) -> Counted:
    reading = Reading(read_message(mail.raw))
    by_form = any(form(reading) for form in FORMS)
    told = (frozenset[str](), {}) if by_form else (pieces_of(read_of(reading)), signals(reading))
    return Counted(mail.name, mail.kind, mail.weight, by_form, *told)


def fitted(mails: Sequence[Counted]) -> Weights:
    """The weights for KINDS, in the order of the judge's tables."""
    asked = [mail for mail in mails if not mail.by_form]
    often = Counter(piece for mail in asked for piece in mail.pieces)
    pieces = {piece: at for at, piece in enumerate(sorted(piece for piece, n in often.items() if n >= RARE))}
    names = {name: at for at, name in enumerate(sorted({name for mail in asked for name in mail.signals}))}
    truth = [KINDS.index(mail.kind) for mail in asked]
    model = LogisticRegression(C=STRENGTH, max_iter=400)
    model.fit(_matrix(asked, pieces, names), truth, sample_weight=[mail.weight for mail in asked])
    columns = np.zeros((len(pieces) + len(names), len(KINDS)))
    own = np.full(len(KINDS), -20.0)  # a kind that was never seen is never heard
    columns[:, model.classes_] = model.coef_.T
    own[model.classes_] = model.intercept_
    return Weights(pieces, columns[: len(pieces)] * PIECE_SCALE, names, columns[len(pieces) :], own)


def _matrix(mails: Sequence[Counted], pieces: dict[str, int], names: dict[str, int]) -> scipy.sparse.csr_matrix:
    entries = [
        (row, at, value)
        for row, mail in enumerate(mails)
        for at, value in (
            *((pieces[piece], PIECE_SCALE * piece_value(len(mail.pieces))) for piece in mail.pieces if piece in pieces),
            *((len(pieces) + names[name], value) for name, value in mail.signals.items()),
        )
    ]
    rows, columns, values = zip(*entries, strict=True)
    return scipy.sparse.csr_matrix((values, (rows, columns)), shape=(len(mails), len(pieces) + len(names)))


def pruned(weights: Weights, most: int) -> Weights:
    """The same with the `most` pieces that say most; what is common to all kinds says nothing and is taken off."""
    centred = weights.piece_weights - weights.piece_weights.mean(axis=1, keepdims=True)
    kept = sorted(np.argsort(-np.abs(centred).max(axis=1))[:most])
    names = list(weights.pieces)
    return Weights(
        {names[at]: row for row, at in enumerate(kept)},
        centred[kept],
        weights.signals,
        weights.signal_weights - weights.signal_weights.mean(axis=1, keepdims=True),
        weights.own - weights.own.mean(),
    )
