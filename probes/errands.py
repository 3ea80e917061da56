"""Works off what pages ask for, one errand at a time; a browser is started for a rehearsal and ended after it."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from playwright.sync_api import Error as BrowserError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from benchmark import errands, mail_accounts
from benchmark.core.problems import BadInput, Refused
from benchmark.core.vocabulary import ErrandKind
from benchmark.settings import Settings
from benchmark.store import queries_contact_points
from benchmark.store.queries_errands import ErrandFacts
from benchmark.store.session import ChangeWatcher, engine_for, reading, transaction
from benchmark.wall_clock import pause, real_now
from probes.contacts import discover
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules
from probes.sign_of_life import SignOfLife

log = logging.getLogger(__name__)
LOOK_EVERY_S = 0.2

Hand = Callable[[Settings, Engine, ErrandFacts], dict[str, Any]]


def run(settings: Settings) -> None:
    """Until SIGTERM. Without a running egress guard a guard of its own is started: it opens nothing but refusals."""
    with EgressProxy(EgressRules()) as own:
        guarded = settings if settings.egress_proxy else settings.model_copy(update={"egress_proxy": own.url})
        engine = engine_for(settings.database)
        watcher, life = ChangeWatcher(engine), SignOfLife(engine, "errands")
        while True:
            life.give()
            if not (watcher.changed() and work_off(guarded, engine)):
                pause(LOOK_EVERY_S)


def work_off(settings: Settings, engine: Engine) -> bool:
    """The oldest errand that waits; False when there is none."""
    try:
        with reading(engine) as session:
            if not errands.any_open(session):
                return False
        with transaction(engine) as session:
            errand = errands.take(session, now=real_now())
    except OperationalError as problem:  # the database is away for a moment: errands can wait
        log.warning("errands wait: %s", problem.orig)
        return False
    if errand is None:
        return False
    result, failed = _done(settings, engine, errand)
    with transaction(engine) as session:
        errands.finish(session, errand.id, result, now=real_now(), failed=failed)
    return True


def _done(settings: Settings, engine: Engine, errand: ErrandFacts) -> tuple[dict[str, Any], bool]:
    try:
        return HANDS[errand.kind](settings, engine, errand), False
    except (BadInput, Refused) as problem:
        return {"problem": str(problem)}, True
    except (BrowserError, OSError) as problem:
        log.warning("errand %s failed", errand.id, exc_info=problem)
        first = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
        return {"problem": f"it did not work: {first[:200]}"}, True
    except Exception as problem:  # a fault of ours must not leave the page waiting for ever
        log.exception("errand %s failed", errand.id)
        return {"problem": f"an error of this program ({type(problem).__name__}); see the log of errands"}, True


def _discover(settings: Settings, _engine: Engine, errand: ErrandFacts) -> dict[str, Any]:
    return discover(str(errand.argument["address"]), settings.egress_proxy).as_json()


def _rehearse(settings: Settings, engine: Engine, errand: ErrandFacts) -> dict[str, Any]:
    from probes.channels.web_form import WebFormSettings
    from probes.channels.web_form.rehearsal import rehearse

    with reading(engine) as session:
        point = queries_contact_points.point(session, int(errand.argument["point"]))
    if point is None:
        raise BadInput("contact point", "it is no longer there", "choose another one")
    chosen = WebFormSettings(
        browser_path=settings.browser, proxy_url=settings.egress_proxy, dwell_s=0, find_s=settings.find_s
    )
    told = rehearse(chosen, point.address, real_now().date(), point.recipe or None)
    return {
        "outcome": told.outcome,
        "note": told.note,
        "recipe": told.recipe,
        "mapping": told.mapping,
        "refused": told.refused,
        "picture": base64.b64encode(told.picture).decode("ascii"),
    }


def _try_mailbox(settings: Settings, engine: Engine, errand: ErrandFacts) -> dict[str, Any]:
    from probes.mail.mailbox_trial import try_mailbox
    from probes.mail.name_records import asked_at
    from probes.mail.study_domain import domain_records

    with reading(engine) as session:
        account = mail_accounts.named(session, settings, str(errand.argument["mailbox"]))
    told, resolver = try_mailbox(account), asked_at(settings)
    records = [asdict(record) for record in domain_records(resolver, account)] if resolver else []
    facts = {name: value for name, value in asdict(told).items() if name != "name"}
    return facts | {"records": records, "asked": resolver is not None}


HANDS: dict[ErrandKind, Hand] = {
    ErrandKind.DISCOVER: _discover,
    ErrandKind.REHEARSE: _rehearse,
    ErrandKind.MAILBOX: _try_mailbox,
}
