"""What a page asks of the hands: written down here, worked off by `probes`, looked at again by the page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from benchmark import policy
from benchmark.core.problems import Refused
from benchmark.core.vocabulary import ErrandKind, ErrandState
from benchmark.store import queries_errands
from benchmark.store.queries_errands import ErrandFacts
from benchmark.store.tables import Brand

AT_ONCE = 10  # a page that is asked again and again must not fill the queue
GIVEN_UP_AFTER = timedelta(minutes=5)  # an errand takes two minutes at most; its worker is gone
KEPT = timedelta(days=7)


def ask(session: Session, kind: ErrandKind, brand_id: int, argument: dict[str, Any], *, now: datetime) -> int:
    """Its number. The same wish twice is one errand; raises Refused for suppressed brands and when too many wait."""
    argument = {**argument, "brand": brand_id}
    brand = session.get_one(Brand, brand_id)
    policy.refuse_suppressed(session, brand, str(argument.get("address", "")))
    return _asked(session, kind, argument, now)


def ask_mailbox(session: Session, name: str, *, now: datetime) -> int:
    """Its number. To try a mailbox of our own concerns no brand."""
    return _asked(session, ErrandKind.MAILBOX, {"mailbox": name}, now)


def _asked(session: Session, kind: ErrandKind, argument: dict[str, Any], now: datetime) -> int:
    waiting = queries_errands.open_errands(session)
    same = next((errand.id for errand in waiting if (errand.kind, errand.argument) == (kind, argument)), None)
    if same is not None:
        return same
    if len(waiting) >= AT_ONCE:
        raise Refused(f"{len(waiting)} errands wait already; look again in a minute")
    return queries_errands.add_errand(session, kind, argument, now)


def any_open(session: Session) -> bool:
    """Cheap, and without a lock: whether there is anything to take."""
    return bool(queries_errands.open_errands(session))


def take(session: Session, *, now: datetime) -> ErrandFacts | None:
    """The oldest one that waits, now this worker's; what a lost worker left is closed on the way."""
    for errand in queries_errands.open_errands(session):
        if errand.state is ErrandState.WORKING and errand.created_at < now - GIVEN_UP_AFTER:
            finish(session, errand.id, {"problem": "it was interrupted; ask again"}, now=now, failed=True)
    errand_id = queries_errands.oldest_waiting(session)
    if errand_id is None or not queries_errands.take_errand(session, errand_id):
        return None
    return queries_errands.errand(session, errand_id)


def finish(session: Session, errand_id: int, result: dict[str, Any], *, now: datetime, failed: bool = False) -> None:
    """Keeps what the hands brought, and forgets what is older than a week."""
    state = ErrandState.FAILED if failed else ErrandState.DONE
    queries_errands.end_errand(session, errand_id, state, result, now)
    queries_errands.forget_errands(session, now - KEPT)
