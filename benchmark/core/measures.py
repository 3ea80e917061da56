"""How each metric is computed from what was observed; `metrics.py` says what it is called and means."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmark.core.columns import EXCLUSIONS, HANDOFFS, Floats, Mask
from benchmark.core.estimators import Estimate, SurvivalCurve, kaplan_meier, wilson
from benchmark.core.figures import HOUR_S, UNREACHABLE, share_masks
from benchmark.core.observed import Observed
from benchmark.core.vocabulary import Exclusion, HandOffState


def share(hit: Mask, base: Mask) -> Estimate:
    """Share of the rows of the base that are hits."""
    return wilson(int((hit & base).sum()), int(base.sum()))


def curve(wait_s: Floats, watched_s: Floats, delivered: Mask) -> SurvivalCurve:
    """Waits in hours of all delivered probes; those that still wait are censored when last watched."""
    happened = wait_s <= watched_s
    hours = np.where(happened, wait_s, watched_s) / HOUR_S
    return kaplan_meier(hours[delivered], happened[delivered])


def response_curve(observed: Observed) -> SurvivalCurve:
    return curve(observed.human_s, observed.watched_s, observed.delivered)


def answer_curve(observed: Observed) -> SurvivalCurve:
    return curve(observed.answered_s, observed.watched_for_answer_s, observed.delivered)


def acknowledgement_curve(observed: Observed) -> SurvivalCurve:
    return curve(observed.acknowledged_s, observed.watched_s, observed.delivered)


def delivery_rate(observed: Observed) -> Estimate:
    """Attempted = accepted, bounced or met by a barrier; our own errors and what was never sent are left out."""
    columns = observed.columns
    failed = np.isin(columns.exclusion, UNREACHABLE) | ~np.isnan(columns.bounced_s)
    return share(observed.delivered, observed.delivered | failed)


def unreachable_rate(observed: Observed) -> Estimate:
    columns = observed.columns
    failed = np.isin(columns.exclusion, UNREACHABLE) | ~np.isnan(columns.bounced_s)
    ours = np.isin(
        columns.exclusion, [EXCLUSIONS.index(reason) for reason in (Exclusion.SEND_ERROR, Exclusion.INVALID)]
    )
    return share(failed, ~ours)


def of_table(name: str) -> Callable[[Observed], Estimate]:
    def evaluate(observed: Observed) -> Estimate:
        seen = {"ack_rate": observed.columns.acknowledgements_seen, "followup_rate": observed.columns.followups_seen}
        return share(*share_masks(observed)[name]) if seen.get(name, True) else Estimate(None, None, None, 0)

    return evaluate


def acknowledged_by(code: int) -> Callable[[Observed], Estimate]:
    def evaluate(observed: Observed) -> Estimate:
        hit, base = share_masks(observed)["ack_rate"]
        return share(hit & (observed.columns.acknowledged_by == code), base)

    return evaluate


def acknowledged_never_answered(observed: Observed) -> Estimate:
    window = observed.windows.response
    silent = ~(observed.columns.human_s <= window.total_seconds())
    return share((observed.acknowledged_s >= 0) & silent, observed.mature(window))


def first_contact(observed: Observed) -> Estimate:
    return share(observed.columns.first_contact_resolved, observed.delivered & ~np.isnan(observed.human_s))


def first_contact_of_all(observed: Observed) -> Estimate:
    window = observed.windows.response
    in_time = observed.columns.human_s <= window.total_seconds()
    return share(observed.columns.first_contact_resolved & in_time, observed.mature(window))


def handed_off(*states: HandOffState) -> Callable[[Observed], Estimate]:
    codes = [HANDOFFS.index(state) for state in states]

    def evaluate(observed: Observed) -> Estimate:
        return share(np.isin(observed.columns.handoff, codes), observed.delivered & ~np.isnan(observed.human_s))

    return evaluate


def kept_promise(observed: Observed) -> Estimate:
    columns = observed.columns
    promised = ~np.isnan(columns.promised_s) & (observed.watched_s >= columns.promised_s)
    return share(columns.substantive_s <= columns.promised_s, observed.delivered & promised)


def ticket_rate(observed: Observed) -> Estimate:
    return share(~np.isnan(observed.columns.ticket_s), observed.mature(observed.windows.ack))


def out_of_office_rate(observed: Observed) -> Estimate:
    return share(~np.isnan(observed.columns.out_of_office_s), observed.mature(observed.windows.ack))


def average_wait(observed: Observed) -> Estimate:
    return response_curve(observed).restricted_mean(observed.windows.response.total_seconds() / HOUR_S)
