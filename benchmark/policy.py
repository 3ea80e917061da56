"""The rails every verb asks: mode, suppression, caps, sending windows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlmodel import Session

from benchmark import mail_accounts
from benchmark.core.addresses import organisation_domain
from benchmark.core.design import CapsIn, SendingIn
from benchmark.core.mail_accounts import PER_HOST_HOUR, PER_HOUR, sender_of
from benchmark.core.planning import WEEKDAYS, public_holidays
from benchmark.core.problems import Refused
from benchmark.core.vocabulary import ChannelKind, Mode
from benchmark.store import queries_sending
from benchmark.store.queries_sending import Addressee, LookedUp, TakenProbe
from benchmark.store.tables import Brand

RATE_SPAN = timedelta(hours=1)
REHEARSAL_SUFFIX = ".example"  # RFC 2606: a name that can never belong to anyone


def host_of(channel: ChannelKind, address: str) -> str:
    """The host a contact point would lead to, lower case; "" where no machine is contacted."""
    if channel is ChannelKind.EMAIL:
        return address.rpartition("@")[2].lower().rstrip(".")
    return (urlsplit(address).hostname or "").rstrip(".") if "://" in address else ""


def refuse_outside_rehearsal(mode: Mode, host: str) -> None:
    """Raises Refused for every host outside the rehearsal world. There is no mode in which it would pass."""
    if mode is not Mode.SANDBOX or not host.endswith(REHEARSAL_SUFFIX):
        raise Refused(f"sandbox mode: {host or 'this address'} lies outside the rehearsal world, nothing is sent there")


def refuse_suppressed(session: Session, brand: Brand | Addressee, address: str) -> None:
    """Raises Refused when the brand opted out, or it, the address or its domain stands on the suppression list."""
    refuse_listed(brand, look_up(session, brand, address))


def look_up(session: Session, brand: Brand | Addressee, address: str) -> LookedUp:
    """What the lists of receiving hosts and of suppressed names say of it."""
    hashes = {suppression_sha256(value) for value in (brand.slug, address, address.rpartition("@")[2])}
    return queries_sending.looked_up(session, host_of(ChannelKind.EMAIL, address), hashes)


def refuse_listed(brand: Brand | Addressee, looked_up: LookedUp) -> None:
    """`refuse_suppressed` for what was looked up."""
    if brand.opted_out or looked_up.is_suppressed:
        raise Refused(f"{brand.name} must not be written to (suppression list)")


def suppression_sha256(value: str) -> str:
    return hashlib.sha256(value.strip().lower().encode()).hexdigest()


@dataclass(frozen=True)
class CapAnswer:
    """`free_at` is None when a further probe fits now, else the moment the fullest cap has room again."""

    reason: str = ""
    free_at: datetime | None = None


def ask_caps(session: Session, probe: TakenProbe, caps: CapsIn, response: timedelta, now: datetime) -> CapAnswer:
    """Counts across all campaigns; call it inside the claiming transaction, with the brand's row locked.

    The probe itself does not count, though it is claimed.
    """
    rules = (
        ("open probes of this brand and channel", caps.open, response, probe.channel),
        ("probes in 90 days", caps.per_90_days, timedelta(days=90), None),
        ("probes in a year", caps.per_year, timedelta(days=365), None),
    )
    longest = max(span for _, _, span, _ in rules)
    sent = queries_sending.sent_since(session, probe.brand.id, now - longest, but=probe.id)
    for name, limit, span, only in rules:
        counted = [at for at, by in sent if at > now - span and only in (None, by)]
        if len(counted) >= limit:
            return CapAnswer(f"cap: {limit} {name}", counted[-limit] + span)
    return CapAnswer()


def ask_pace(session: Session, channel: ChannelKind, address: str, pace: timedelta, now: datetime) -> CapAnswer:
    """One form of a registrable domain at a time, whatever brands share it; call it inside the claiming transaction."""
    if channel is not ChannelKind.WEB_FORM:
        return CapAnswer()
    domain = organisation_domain(host_of(channel, address))
    queries_sending.lock_words(session, f"form pace {domain}")
    opened = [
        claimed_at
        for other, claimed_at in queries_sending.forms_claimed_since(session, now - pace)
        if organisation_domain(host_of(channel, other)) == domain
    ]
    return CapAnswer(f"pace: a form of {domain} was opened just now", max(opened) + pace) if opened else CapAnswer()


@dataclass(frozen=True)
class MailRates:
    """How fast mail may leave: `mailbox` and `per_hour` are of the settings' own mailbox, others have their row."""

    mailbox: str = ""
    per_hour: int = PER_HOUR
    per_host_hour: int = PER_HOST_HOUR


@dataclass(frozen=True)
class MailWay:
    """Which study mailbox sends an inquiry, how much it may send in an hour, and which host receives it."""

    mailbox: str
    per_hour: int
    host: str
    per_host_hour: int


def mail_way(session: Session, probe: TakenProbe, host: str, rates: MailRates) -> MailWay:
    """The way to a receiving host; the sender is who owns the secret address."""
    account = sender_of(mail_accounts.added(session), probe.reply_address) if probe.has_mailboxes else None
    if account is None:
        return MailWay(rates.mailbox, rates.per_hour, host, rates.per_host_hour)
    return MailWay(account.name, account.per_hour, host, rates.per_host_hour)


def ask_mail_rate(session: Session, way: MailWay, now: datetime) -> CapAnswer:
    """Mails of the last hour by mailbox and by receiving host; call it inside the claiming transaction."""
    queries_sending.lock_words(session, f"mail rate mailbox {way.mailbox}", f"mail rate host {way.host}")
    mailbox, host = (way.mailbox, way.per_hour), (way.host, way.per_host_hour)
    full = queries_sending.full_since(session, mailbox, host, now - RATE_SPAN)
    answers = [
        CapAnswer(f"rate: {limit} mails an hour by {kind} {name}", claimed_at + RATE_SPAN)
        for kind, (name, limit), claimed_at in (("mailbox", mailbox, full.mailbox), ("host", host, full.host))
        if claimed_at is not None
    ]
    return max(answers, key=lambda answer: answer.free_at or now, default=CapAnswer())


def next_sending_time(sending: SendingIn, brand: Addressee, moment: datetime) -> datetime:
    """`moment` itself when the brand may be written to then, else the next opening of its sending window (UTC)."""
    zone = ZoneInfo(brand.zone)
    local = moment.astimezone(zone)
    if _open_day(sending, brand, local) and sending.start <= local.time() <= sending.end:
        return moment
    day = local.date() if local.time() < sending.start else local.date() + timedelta(days=1)
    for offset in range(400):
        opening = datetime.combine(day + timedelta(days=offset), sending.start, tzinfo=zone)
        if _open_day(sending, brand, opening):
            return opening.astimezone(moment.tzinfo)
    raise Refused(f"{brand.name}: no day in a year on which it may be written to")


def _open_day(sending: SendingIn, brand: Addressee, local: datetime) -> bool:
    closed = public_holidays(brand.country, brand.subdivision, (local.year,))
    return WEEKDAYS[local.weekday()] in sending.weekdays and local.date() not in closed
