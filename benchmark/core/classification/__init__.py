"""What a message is: rules and wording tables turn it into a Verdict.

A new rule is one row in `tables/` or one function here; bring a sample mail and raise `RULES_VERSION`.
"""

from __future__ import annotations

from benchmark.core.classification.deciding import RULES_VERSION, decide
from benchmark.core.classification.reading import Reading, text_digest
from benchmark.core.values import InboundMessage, MatchContext, Verdict

__all__ = ["RULES_VERSION", "classify", "text_digest"]


def classify(message: InboundMessage, context: MatchContext | None = None) -> Verdict:
    """The kind of a message and all that is said of it; `context` is None for mail that matches no probe."""
    return decide(Reading(message, context))
