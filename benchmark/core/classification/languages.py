"""The language of a text, by its script, stop words, greetings and closings; "" when there is too little to tell."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from functools import cache
from importlib.resources import files

from benchmark.core.classification.wording import TABLES

_MAX_WORDS = 150
_SHORT = 40  # words; longer texts have stop words enough
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
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1cff\u3040-\ud7af]")
_FEW_SIGNS = 4
# Letters and endings that few languages have, for texts too short for stop words: language, weight, form, and what of
# it a text must hold (one of these runs of letters) to be searched at all.
_FORMS: tuple[tuple[str, float, re.Pattern[str], tuple[str, ...]], ...] = (
    (
        "de",
        1.0,
        re.compile(
            r"ß|\b\w*(?:ü|[äö](?!\w*[äöy]))\w*(?:en|er|st)\b|\b\w{3,}(?:ungs?|ungen|lich|liche[nrs]?|keit|heit|schaft|ieren|isch)\b"
        ),
        ("ß", "ü", "ä", "ö", "ung", "lich", "keit", "heit", "schaft", "ieren", "isch"),
    ),
    (
        "en",
        1.0,
        re.compile(r"\b(?:\w+n't|\w+'(?:s|ll|m|ve|re|d)|\w{3,}(?:ing|ight|ould|ness|ful))\b"),
        ("'", "ing", "ight", "ould", "ness", "ful"),
    ),
    ("fr", 1.0, re.compile(r"\b(?:[ldjcnsm]|qu)'\w|\b\w+(?:ez|eux|aux|ée)\b|œ"), ("'", "ez", "eux", "aux", "ée", "œ")),
    (
        "es",
        1.5,
        re.compile(r"[ñ¿¡]|\b\w+(?:ción|amos|emos|ará)\b"),
        ("ñ", "¿", "¡", "ción", "amos", "emos", "ará"),
    ),
    (
        "it",
        1.0,
        re.compile(r"\b\w+(?:zione|iamo|mente|remo)\b|\b(?:dell|all|nell|un|l)'\w"),
        ("zione", "iamo", "mente", "remo", "'"),
    ),
    ("pt", 1.5, re.compile(r"[ãõ]"), tuple("ãõ")),
    ("pl", 1.5, re.compile(r"[łżśęą]"), tuple("łżśęą")),
    ("cs", 1.5, re.compile(r"[řěů]"), tuple("řěů")),
    ("hu", 1.5, re.compile(r"[őű]"), tuple("őű")),
    ("tr", 1.5, re.compile(r"[ğış]\w"), tuple("ğış")),
    ("ro", 1.5, re.compile(r"[țăș]"), tuple("țăș")),
    ("da", 0.8, re.compile(r"[øæ]"), tuple("øæ")),
    ("no", 0.8, re.compile(r"[øæ]"), tuple("øæ")),
    ("sv", 0.8, re.compile(r"å"), ("å",)),
)
_MOST_FORMS = 6
_FORMULA = 1.5  # more than a stop word: who greets in a language writes in it
# Most mail is written in these; another language must be told by two words, not by one that happens to be in its list.
_USUAL = frozenset({"de", "en", "fr", "es", "it", "nl"})


def language_of(text: str) -> str:
    """The two-letter code of the most likely language."""
    sample = text[:2_500].lower().replace("\u2019", "'")
    if not sample.isascii() and _OTHER_SCRIPT.search(sample):
        for language, script in _SCRIPTS:
            if len(script.findall(sample)) >= _FEW_SIGNS:
                return language
    scores: defaultdict[str, float] = defaultdict(float)
    told: defaultdict[str, set[str]] = defaultdict(set)
    words, known = _WORD.findall(sample)[:_MAX_WORDS], _known_words()
    for word in words:
        if word in known:
            for language, weight in known[word]:
                scores[language] += weight
                told[language].add(word)
    if len(words) <= _SHORT:
        for language, weight, form, needs in _FORMS:
            if any(need in sample for need in needs) and (seen := form.findall(sample)[:_MOST_FORMS]):
                scores[language] += weight * len(seen)
                told[language].update(seen)
    likely = [
        name
        for name in _languages()
        if name in scores and scores[name] >= 1 and (name in _USUAL or len(told[name]) > 1)
    ]
    return max(likely, key=scores.__getitem__, default="")


@cache
def _languages() -> tuple[str, ...]:
    return tuple(row["language"] for row in _table())


@cache
def _table() -> list[dict[str, str]]:
    source = files(TABLES).joinpath("languages.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(source.splitlines()))


@cache
def _known_words() -> dict[str, tuple[tuple[str, float], ...]]:
    """For each word the languages that use it, with its weight; a word of many languages says little about any."""
    spoken: dict[str, dict[str, float]] = {}
    for row in _table():
        for column, weight in (("words", 1.0), ("formulas", _FORMULA)):
            for word in row[column].split():
                spoken.setdefault(word, {})[row["language"]] = weight
    return {
        word: tuple((name, _share(word) * weight / len(names)) for name, weight in names.items())
        for word, names in spoken.items()
    }


def _share(word: str) -> float:
    """Words of one letter stand in every text, as initials and in lists."""
    return 0.3 if len(word) == 1 else 1.0
