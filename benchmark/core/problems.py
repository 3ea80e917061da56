"""What can go wrong, as the caller can act on it."""

from __future__ import annotations


class BadInput(ValueError):
    """A value from outside that cannot be used: says where, what and how to mend it, in one line."""

    def __init__(self, place: str, problem: str, remedy: str = "") -> None:
        self.place, self.problem, self.remedy = place, problem, remedy
        super().__init__(": ".join(part for part in (place, problem) if part) + (f" — {remedy}" if remedy else ""))


class Refused(RuntimeError):
    """A rail said no (mode, suppression, cap, window); the sentence names the rail and the reason."""


class TemporaryFailure(RuntimeError):
    """The other side asked for later (SMTP 4xx, connection refused before the final dot); try again later."""


class OwnFailure(TemporaryFailure):
    """Our own side is in trouble (no server, no log-in): it says nothing of the brand and costs it no attempt."""


class PermanentFailure(RuntimeError):
    """The other side said no for good; asking again would not help."""
