"""The language of a text, by its script and by stop words; "" when there is too little to tell."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

from benchmark.core.classification.wording import TABLES

_MAX_WORDS = 250
_WORD = re.compile(r"[^\W\d_]+")
# Scripts that tell the language at once, in the order they are asked: Japanese holds Chinese signs too.
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("uk", re.compile(r"[іїєґ]")),
    ("ru", re.compile(r"[\u0430-\u044f]")),
    ("el", re.compile(r"[\u03b1-\u03c9]")),
    ("he", re.compile(r"[\u05d0-\u05ea]")),
    ("ar", re.compile(r"[\u0620-\u064a]")),
    ("th", re.compile(r"[\u0e01-\u0e5b]")),
)
_FEW_SIGNS = 4


def language_of(text: str) -> str:
    """The two-letter code of the most likely language."""
    sample = text[:2_500].lower()
    if not sample.isascii():
        for language, script in _SCRIPTS:
            if len(script.findall(sample)) >= _FEW_SIGNS:
                return language
    words = _WORD.findall(sample)[:_MAX_WORDS]
    scores: dict[str, float] = {}
    for word in words:
        for language, weight in _stop_words().get(word, ()):
            scores[language] = scores.get(language, 0.0) + weight
    best = max(scores, key=lambda language: scores[language], default="")
    return best if best and scores[best] >= 1 else ""


@cache
def _stop_words() -> dict[str, tuple[tuple[str, float], ...]]:
    """For each word the languages that use it; a word of many languages says little about any."""
    source = files(TABLES).joinpath("languages.csv").read_text(encoding="utf-8")
    spoken: dict[str, list[str]] = {}
    for row in csv.DictReader(source.splitlines()):
        for word in row["words"].split():
            spoken.setdefault(word, []).append(row["language"])
    return {word: tuple((name, _share(word, names)) for name in names) for word, names in spoken.items()}


def _share(word: str, names: list[str]) -> float:
    """Words of one letter stand in every text, as initials and in lists."""
    return (0.3 if len(word) == 1 else 1.0) / len(names)
