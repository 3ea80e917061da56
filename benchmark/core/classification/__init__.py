"""What a message is: rules and wording tables turn it into a Verdict.

A new rule is one row in `tables/` or one function here; bring a sample mail and raise `RULES_VERSION`.
"""

from __future__ import annotations

from collections.abc import Iterable

from benchmark.core.classification.deciding import RULES_VERSION, decide_all
from benchmark.core.classification.reading import Reading, text_digest
from benchmark.core.values import InboundMessage, MatchContext, Verdict

__all__ = ["RULES_VERSION", "classify", "classify_all", "text_digest"]


def classify(message: InboundMessage, context: MatchContext | None = None) -> Verdict:
    """The kind of a message and all that is said of it; `context` is None for mail that matches no probe."""
    return classify_all([(message, context)])[0]


def classify_all(messages: Iterable[tuple[InboundMessage, MatchContext | None]]) -> list[Verdict]:
    """The same of several messages; some dozens together take a quarter less time each than one alone."""
    return decide_all([Reading(message, context) for message, context in messages])
