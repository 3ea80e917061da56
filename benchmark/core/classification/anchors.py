"""Plain words a pattern cannot do without, so that most patterns need not be tried at all.

Trying a few hundred patterns on a mail costs milliseconds; finding which of their words stand in the text takes one
pass over it (Aho and Corasick 1975). A pattern is split at its outermost bars, each branch names what it needs: for
`(a|b) … (c|d)` one of a, b and one of c, d. Needs may be too weak (then a pattern is tried in vain), never too strong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from ahocorasick_rs import AhoCorasick

_SHORTEST = 3  # characters of a word worth looking for
_TELLING = frozenset("?€£$©¿¡№★☆⭐😐")  # signs that are worth it alone
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1cff\u3040-\ud7af]")  # Greek to Korean: rare in text of the study's languages
_RARE_PAIR = 24  # together in _COMMON: "pm" is, "us" is not
_MOST_RUNS = 8  # spellings of one run of characters
_MANY = 60  # more alternatives than this are in nearly every text
_COMMON = " etaoinsrhldcumfgpwybvkxjqz"  # from frequent to rare in the languages of the study

_TOKEN = re.compile(
    r"(?P<open>\((?:\?(?:P<\w+>|[:=!]|<[=!]))?)|(?P<close>\))|(?P<bar>\|)"
    r"|(?P<other>\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[.^$])|(?P<sign>.)",
    re.DOTALL,
)
# Signs that stand for themselves, each once
_PLAIN = re.compile(r"[^\\()\[\]{}.^$*+?|]+(?![?*+{])")
# A group of a few short spellings: (?:ü|ue)
_SPELLINGS = re.compile(r"\((?:\?:)?(?P<all>[^\\()\[\]{}.^$*+?|]{1,4}(?:\|[^\\()\[\]{}.^$*+?|]{1,4}){1,3})\)(?![?*+{])")
_REPEAT = re.compile(r"(?:[?*+]|\{[\d,]+\})\??")
_OPTIONAL = ("?", "*", "{0", "{,")


@dataclass(frozen=True, eq=False)
class Branch:
    """One outermost alternative of a pattern; of each of `needs` one word must stand in the text."""

    source: str
    needs: tuple[frozenset[str], ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when it is first tried: most never are, and compiling all of them takes half a second."""
        return re.compile(self.source)

    @property
    def rarest_need(self) -> frozenset[str]:
        return max(self.needs, key=_worth, default=frozenset())


def branches_of(pattern: str) -> tuple[Branch, ...]:
    """The outermost alternatives of a pattern, each with what it needs."""
    return tuple(Branch(part, needs_of(part)) for part in _outermost(pattern))


class Vocabulary:
    """Words that are looked for all at once."""

    def __init__(self, words: Iterable[str]) -> None:
        listed = sorted(set(words))
        self._numbers = {word: number for number, word in enumerate(listed)}
        self._automaton = AhoCorasick(listed)

    def numbers(self, words: Iterable[str]) -> frozenset[int]:
        """The numbers of words of the vocabulary."""
        return frozenset(map(self._numbers.__getitem__, words))

    def in_text(self, text: str) -> frozenset[int]:
        """The numbers of all words that stand in a text, also within and across each other."""
        return frozenset([found[0] for found in self._automaton.find_matches_as_indexes(text, overlapping=True)])


def needs_of(part: str) -> tuple[frozenset[str], ...]:
    """What a pattern without outermost bars needs, as sets of plain runs of which one must be there."""
    return tuple(need for need in _Reader(part).steps() if need)


def _outermost(pattern: str) -> Iterator[str]:
    depth = begin = 0
    for token in _TOKEN.finditer(pattern):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if token.lastgroup == "bar" and depth == 0:
            yield pattern[begin : token.start()]
            begin = token.end()
    yield pattern[begin:]


class _Reader:
    """Walks through a pattern once; knows groups, alternatives and what may be missing."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def steps(self) -> Iterator[frozenset[str]]:
        """What each step of one alternative needs; empty sets need nothing that can be named."""
        runs = [""]
        while self._at < len(self._pattern):
            plain = _PLAIN.match(self._pattern, self._at)
            if plain:
                self._at = plain.end()
                runs = [run + plain.group() for run in runs]
                continue
            spelled = self._spelled(runs)
            if spelled:
                runs = spelled
                continue
            token = _TOKEN.match(self._pattern, self._at)
            if token is None or token.lastgroup in ("bar", "close"):
                break
            self._at = token.end()
            sign = _literal(token)
            if sign and not self._may_miss():
                runs = [run + sign for run in runs]
                if not self._skip_repeat():
                    continue
                yield _needed(runs)
            else:
                yield _needed(runs)
                if token.lastgroup == "open":
                    yield self._group(token.group())
                else:
                    self._skip_repeat()
            runs = [""]
        yield _needed(runs)

    def _spelled(self, runs: list[str]) -> list[str]:
        """The runs continued by each spelling of the group that begins here; none where there is no such group."""
        group = _SPELLINGS.match(self._pattern, self._at)
        spellings = group["all"].split("|") if group else []
        if group is None or len(runs) * len(spellings) > _MOST_RUNS:
            return []
        self._at = group.end()
        return [run + spelling for run in runs for spelling in spellings]

    def _group(self, opening: str) -> frozenset[str]:
        """The union of the best needs of the alternatives inside, nothing when one of them needs nothing."""
        inside: list[frozenset[str]] = []
        while True:
            inside.append(max(self.steps(), key=_worth))
            if self._pattern[self._at : self._at + 1] != "|":
                break
            self._at += 1
        self._at += 1  # the closing sign
        optional = self._may_miss()
        self._skip_repeat()
        union: frozenset[str] = frozenset().union(*inside)
        usable = all(inside) and not optional and not opening.endswith(("!", "=")) and len(union) <= _MANY
        return union if usable else frozenset()

    def _may_miss(self) -> bool:
        return self._pattern.startswith(_OPTIONAL, self._at)

    def _skip_repeat(self) -> bool:
        found = _REPEAT.match(self._pattern, self._at)
        if found:
            self._at = found.end()
        return found is not None


def _literal(token: re.Match[str]) -> str:
    """The sign a token stands for; "" where it stands for more than one."""
    seen = token.group()
    if token.lastgroup == "sign":
        return seen
    return seen[1:] if len(seen) == 2 and seen[0] == "\\" and not seen[1].isalnum() else ""


def _needed(runs: list[str]) -> frozenset[str]:
    """The spellings of a run of plain characters, where each is long or telling enough."""
    return frozenset(runs) if all(map(_is_worth_looking_for, runs)) else frozenset()


def _is_worth_looking_for(run: str) -> bool:
    if len(run) >= _SHORTEST or not _TELLING.isdisjoint(run):
        return True
    is_foreign = not run.isascii() and any(map(_OTHER_SCRIPT.match, run))
    return is_foreign or (len(run) == _SHORTEST - 1 and _rarity(run) >= _RARE_PAIR)


@cache
def _worth(needs: frozenset[str]) -> float:
    """How seldom any of the words stands in a text, about."""
    return min(map(_rarity, needs), default=-1) - len(needs)


@cache
def _rarity(word: str) -> int:
    """Of its rarest three letters."""
    return max(sum(map(_rank, word[at : at + 3])) for at in range(max(len(word) - 2, 1)))


def _rank(sign: str) -> int:
    return _COMMON.find(sign) % len(_COMMON)
