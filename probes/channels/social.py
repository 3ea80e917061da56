"""Social platforms, telephone, letters: a person acts, so the channel only opens a task."""

from __future__ import annotations

from collections.abc import Callable

from benchmark.core.values import ClaimedProbe, Delivery
from benchmark.core.vocabulary import AttemptState


class TaskChannel:
    """Never posts anything itself: platforms forbid it and people can tell."""

    def hand_over(self, claimed: ClaimedProbe, arm: Callable[[], None]) -> Delivery:
        """Puts the inquiry on a person's list; t0 is set when the posting is logged."""
        return Delivery(
            AttemptState.TASK, f"task for {claimed.persona.name}: ask {claimed.address or claimed.brand_name}"
        )

    def close(self) -> None:
        """Holds nothing."""
