"""What the queue runs: thin functions around the verbs. Every job may run twice and does nothing the second time."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Engine

from benchmark import dispatch, intake, mail_accounts
from benchmark.core.problems import OwnFailure, PermanentFailure, Refused, TemporaryFailure
from benchmark.core.values import ClaimedProbe, Delivery
from benchmark.core.vocabulary import AttemptState, ChannelGroup
from benchmark.policy import MailRates
from benchmark.settings import Settings, load_settings
from benchmark.store import packs, queries_sending
from benchmark.store.session import engine_for, one_statement, reading, transaction
from benchmark.wall_clock import clock_while_claimed, real_now, study_now
from probes.channels.registry import OPENERS, Channel

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read once per worker process."""
    return load_settings()


@lru_cache(maxsize=len(ChannelGroup))
def channel(group: ChannelGroup) -> Channel:
    """The worker's own warm connection or browser."""
    opened = OPENERS[group](settings())
    atexit.register(opened.close)
    return opened


def send_probe(probe_id: int) -> None:
    """Claim, commit, send, record."""
    engine = engine_for(settings().database)
    if settings().dns_server:
        _note_receiving_host(engine, probe_id)
    with transaction(engine) as session:
        lease = timedelta(seconds=settings().lease_s)
        clock = clock_while_claimed(session)
        claimed = dispatch.claim(session, probe_id, now=clock(), real_now=real_now(), lease=lease, rates=_rates())
    if claimed is None:
        return
    delivery = _hand_over(claimed, clock)
    with transaction(engine) as session:
        now = clock()
        if dispatch.record(session, claimed.attempt_id, delivery, now=now):
            intake.note_page_acknowledgement(session, claimed.attempt_id, probe_id, delivery, now)


def _note_receiving_host(engine: Engine, probe_id: int) -> None:
    from probes.mail.name_records import note_receiving_host  # dnspython is only loaded where a name server is set

    with reading(engine) as session:
        domain = queries_sending.mail_domain_of(session, probe_id)
    note_receiving_host(engine, settings(), domain, real_now())


@lru_cache(maxsize=1)
def _rates() -> MailRates:
    own = mail_accounts.of_settings(settings())
    return MailRates(own.name, own.per_hour, settings().mail_per_host_hour)


def _hand_over(claimed: ClaimedProbe, clock: Callable[[], datetime]) -> Delivery:
    """The channel's answer, or what its failure means. Any other exception fails loudly and is swept later."""
    too_slow: list[Refused] = []

    def arm() -> None:
        try:
            _arm(claimed.attempt_id, clock)
        except Refused as late:
            too_slow.append(late)
            raise

    try:
        return channel(claimed.channel.group).hand_over(claimed, arm)
    except OwnFailure as trouble:
        log.warning("probe %s waits: %s", claimed.probe_id, trouble)
        return Delivery(AttemptState.RETRY_LATER, f"{dispatch.OURS} {trouble}"[:200], detail=str(trouble))
    except TemporaryFailure as later:
        return Delivery(AttemptState.RETRY_LATER, f"later: {later}"[:200], detail=str(later))
    except PermanentFailure as never:
        return Delivery(AttemptState.FAILED, f"failed: {never}"[:200], detail=str(never))
    except Refused as rail:
        if too_slow:  # our lease ran out before anything left: that is no fault of the brand
            return Delivery(AttemptState.RETRY_LATER, f"{dispatch.OURS} {rail}"[:200], detail=str(rail))
        log.warning("probe %s was not sent: %s", claimed.probe_id, rail)
        return Delivery(AttemptState.FAILED, f"refused by a rail: {rail}"[:200], detail=str(rail))


def _arm(attempt_id: int, clock: Callable[[], datetime]) -> None:
    with one_statement(engine_for(settings().database)) as session:
        dispatch.arm(session, attempt_id, now=clock(), real_now=real_now())


def close_matured() -> None:
    """Closes probes whose longest window has ended."""
    with transaction(engine_for(settings().database)) as session:
        dispatch.close_matured(session, now=study_now(session))


def sweep() -> None:
    """Settles attempts of workers that are gone."""
    with transaction(engine_for(settings().database)) as session:
        swept = dispatch.sweep(session, now=study_now(session), real_now=real_now())
    if swept:
        log.warning("swept %s attempts of lost workers", swept)


def freshen_packs() -> None:
    """Packs what changed since the last time, so that a fresh page need not."""
    engine = engine_for(settings().database)
    with reading(engine) as session:
        stale = packs.stale_campaigns(session)
    for campaign_id in stale:
        with transaction(engine) as session:
            packs.freshen(session, campaign_id)
