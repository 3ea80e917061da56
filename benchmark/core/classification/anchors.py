"""Plain text that every match of a pattern must contain, so that most patterns need not be tried at all.

Trying a few hundred patterns on a mail costs milliseconds; looking for plain text costs next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHORTEST = 3  # shorter text is in every mail
_MANY = 40  # more alternatives than this are slower to look for than the pattern is to try

_TOKEN = re.compile(
    r"(?P<open>\((?:\?(?:P<\w+>|[:=!]|<[=!]))?)|(?P<close>\))|(?P<bar>\|)"
    r"|(?P<other>\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[.^$])|(?P<sign>.)",
    re.DOTALL,
)
_REPEAT = re.compile(r"[?*]|\{0[,}]|\+|\{\d")


def anchors_of(pattern: str) -> tuple[str, ...]:
    """One of these is in every text the pattern matches; empty when no such texts can be named."""
    found = _Reader(pattern).alternatives()
    return tuple(sorted(found)) if 0 < len(found) <= _MANY else ()


class _Reader:
    """Walks through a pattern once; knows groups, alternatives and what may be missing."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def alternatives(self) -> frozenset[str]:
        """The union of what each alternative needs, empty when one of them needs nothing nameable."""
        needs: list[frozenset[str]] = []
        while True:
            needs.append(self._sequence())
            if self._pattern[self._at : self._at + 1] != "|":
                break
            self._at += 1
        return frozenset().union(*needs) if all(needs) else frozenset()

    def _sequence(self) -> frozenset[str]:
        """The best of what the steps of one alternative need: every one of them must be there."""
        return max(self._steps(), key=_worth, default=frozenset())

    def _steps(self) -> Iterator[frozenset[str]]:
        run = ""
        while self._at < len(self._pattern):
            token = _TOKEN.match(self._pattern, self._at)
            if token is None or token.lastgroup in ("bar", "close"):
                break
            self._at = token.end()
            if token.lastgroup == "open":
                yield _needed(run)
                run = ""
                yield self._group(token.group())
            elif token.lastgroup == "other" or self._may_miss():
                yield _needed(run)
                run = ""
                self._skip_repeat()
            else:
                run += token.group()
                if self._skip_repeat():
                    yield _needed(run)
                    run = ""
        yield _needed(run)

    def _group(self, opening: str) -> frozenset[str]:
        inside = self.alternatives()
        self._at += 1  # the closing sign
        optional = self._may_miss()
        self._skip_repeat()
        return frozenset() if optional or opening.endswith(("!", "=")) else inside

    def _may_miss(self) -> bool:
        repeat = _REPEAT.match(self._pattern, self._at)
        return repeat is not None and repeat.group() not in ("+",) and not repeat.group()[-1].isdigit()

    def _skip_repeat(self) -> bool:
        found = re.compile(r"(?:[?*+]|\{[\d,]+\})\??").match(self._pattern, self._at)
        if found:
            self._at = found.end()
        return found is not None


def _needed(run: str) -> frozenset[str]:
    return frozenset({run}) if len(run) >= _SHORTEST else frozenset()


def _worth(needs: frozenset[str]) -> float:
    """Long text is rare and few alternatives are quick to look for."""
    return min(map(len, needs), default=0) - len(needs) / 10
