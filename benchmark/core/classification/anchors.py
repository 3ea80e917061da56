"""Plain pieces of text a pattern cannot do without, so that most patterns need not be tried at all.

Trying a few hundred patterns on a mail costs milliseconds; asking whether their pieces are among the pieces of the
text costs next to nothing. A pattern is split at its outermost bars, each branch names what it needs: for
`(a|b) … (c|d)` one of a, b and one of c, d. Needs may be too weak (then a pattern is tried in vain), never too strong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

GRAM = 3  # characters of the pieces texts are cut into
_MANY = 60  # more alternatives than this are in nearly every text
_COMMON = " etaoinsrhldcumfgpwybvkxjqz"  # from frequent to rare in the languages of the study

_TOKEN = re.compile(
    r"(?P<open>\((?:\?(?:P<\w+>|[:=!]|<[=!]))?)|(?P<close>\))|(?P<bar>\|)"
    r"|(?P<other>\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[.^$])|(?P<sign>.)",
    re.DOTALL,
)
_REPEAT = re.compile(r"(?:[?*+]|\{[\d,]+\})\??")
_OPTIONAL = ("?", "*", "{0", "{,")


@dataclass(frozen=True, eq=False)
class Branch:
    """One outermost alternative of a pattern; each of `needs` must have a piece in the text."""

    pattern: re.Pattern[str]
    needs: tuple[frozenset[str], ...]
    words: tuple[tuple[str, ...], ...]  # the runs that the pieces in `needs` are taken from
    is_foreign: bool  # holds no Latin letter, so that plain English and most German text cannot match

    @cached_property
    def rarest_need(self) -> frozenset[str]:
        return max(self.needs, key=_worth, default=frozenset())

    @cached_property
    def further_needs(self) -> tuple[frozenset[str], ...]:
        """All but the rarest, which brought this branch into question."""
        return tuple(need for need in self.needs if need is not self.rarest_need)

    def may_match(self, text: str, grams: frozenset[str]) -> bool:
        """Pieces are asked first, which costs least; finding whole runs still costs less than trying the pattern."""
        for need in self.needs:
            if need.isdisjoint(grams):
                return False
        for words in self.words:
            for word in words:
                if word in text:
                    break
            else:
                return False
        return True


def branches_of(pattern: str) -> tuple[Branch, ...]:
    """The outermost alternatives of a pattern, each with what it needs."""
    return tuple(_branch(part) for part in _outermost(pattern))


def _branch(part: str) -> Branch:
    words = needs_of(part)
    needs = tuple(frozenset(map(_rarest_piece, runs)) for runs in words)
    return Branch(re.compile(part), needs, tuple(tuple(sorted(runs)) for runs in words), _is_foreign(part))


def needs_of(part: str) -> tuple[frozenset[str], ...]:
    """What a pattern without outermost bars needs, as sets of plain runs of which one must be there."""
    return tuple(need for need in _Reader(part).steps() if need)


def grams_of(text: str, size: int = GRAM) -> frozenset[str]:
    """All pieces of `size` characters of a text."""
    return frozenset([text[at : at + size] for at in range(len(text) - size + 1)])


def _is_foreign(part: str) -> bool:
    letters = [sign for sign in re.sub(r"\\.|\(\?P<\w+>", "", part) if sign.isalnum()]
    return bool(letters) and not any(sign.isascii() for sign in letters)


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
        run = ""
        while self._at < len(self._pattern):
            token = _TOKEN.match(self._pattern, self._at)
            if token is None or token.lastgroup in ("bar", "close"):
                break
            self._at = token.end()
            if token.lastgroup == "sign" and not self._may_miss():
                run += token.group()
                if not self._skip_repeat():
                    continue
                yield _needed(run)
            else:
                yield _needed(run)
                if token.lastgroup == "open":
                    yield self._group(token.group())
                else:
                    self._skip_repeat()
            run = ""
        yield _needed(run)

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


def _needed(run: str) -> frozenset[str]:
    """A run of plain characters that is long enough to hold a piece."""
    return frozenset({run}) if len(run) >= GRAM else frozenset()


def _rarest_piece(run: str) -> str:
    return max(sorted(grams_of(run)), key=_rarity)


def _worth(needs: frozenset[str]) -> float:
    return min((_rarity(_rarest_piece(run)) for run in needs), default=-1) - len(needs)


def _rarity(gram: str) -> int:
    return sum(_COMMON.find(sign) % len(_COMMON) for sign in gram)
