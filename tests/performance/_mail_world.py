"""A mailbox full of made-up replies to a launched campaign: what the mail benchmarks fetch and place."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, select

from benchmark import campaigns, dispatch
from benchmark.core.design import CampaignDesign
from benchmark.core.values import Delivery
from benchmark.core.vocabulary import AttemptState
from benchmark.policy import MailRates
from benchmark.store.session import engine_for, transaction, upgrade
from benchmark.store.tables import Attempt, Probe
from tests import databases
from tests.samples import DOMAIN, HOUR, LEASE, MONDAY, brand, design_document, entropy

NO_RATES = MailRates(per_hour=1_000_000, per_host_hour=1_000_000)
ACKS = (
    "Vielen Dank für Ihre Nachricht. Ihre Anfrage ist bei uns eingegangen und wird unter der Vorgangsnummer {n} "
    "bearbeitet. Dies ist eine automatisch erzeugte Nachricht, bitte antworten Sie nicht darauf.",
    "Thank you for contacting us. We have received your request and will get back to you within two working days. "
    "Your ticket number is #{n}. This is an automated message.",
)
ANSWERS = (
    "Guten Tag,\n\nunser Kundenservice ist montags bis freitags von 8 bis 18 Uhr für Sie da. Samstags erreichen Sie "
    "uns von 9 bis 13 Uhr.\n\nMit freundlichen Grüßen\nEva Kurz\nKundenservice",
    "Dear Ms Brandt,\n\nyou can reach us on weekdays until six o'clock, and until one on Saturdays. Do ring if you "
    "need anything else.\n\nKind regards\nTom Weaver\nCustomer care",
)
TOWNS = ("Lindau", "Husum", "Passau", "Goslar", "Emden", "Zwickau", "Bautzen", "Soest", "Celle", "Wismar")


@contextmanager
def fresh_database(kind: str) -> Iterator[Engine]:
    """`kind` is sqlite or postgresql; both are files on this machine's disk."""
    if kind == "postgresql":
        with databases.postgresql() as cluster:
            engine = engine_for(cluster.database())
            upgrade(engine)
            yield engine
            engine.dispose()
        return
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_for(f"sqlite:///{folder}/bench.sqlite")
        upgrade(engine)
        yield engine
        engine.dispose()


def launched_campaign(engine: Engine, brands: int) -> None:
    """One inquiry by mail to each brand, due now, caps out of the way."""
    points = [brand(f"Brand {n}", [{"channel": "email", "address": f"a@b{n}.example"}]) for n in range(brands)]
    document = design_document(brands=points, sending={"start": "00:00", "end": "23:59"})
    design = CampaignDesign.model_validate(document)
    with transaction(engine) as session:
        campaigns.launch(session, design, study_domain=DOMAIN, now=MONDAY, entropy=entropy)
        for probe in session.exec(select(Probe)):
            probe.due_at = MONDAY + HOUR


def sent_campaign(engine: Engine, brands: int) -> list[tuple[Probe, str]]:
    """All its inquiries accepted; gives each probe with the Message-ID it was sent under."""
    launched_campaign(engine, brands)
    at = MONDAY + HOUR
    with transaction(engine) as session:
        for probe_id in session.exec(select(Probe.id)).all():
            _accept(session, probe_id or 0, at)
        return [(probe, _message_id(session, probe)) for probe in session.exec(select(Probe)).all()]


def _accept(session: Session, probe_id: int, at: object) -> None:
    moment = MONDAY + HOUR
    claim = dispatch.claim(session, probe_id, now=moment, real_now=moment, lease=LEASE, rates=NO_RATES)
    assert claim is not None, at
    dispatch.arm(session, claim.attempt_id, now=moment, real_now=moment)
    dispatch.record(session, claim.attempt_id, Delivery(AttemptState.ACCEPTED, "250 Ok"), now=moment)


def _message_id(session: Session, probe: Probe) -> str:
    return session.exec(select(Attempt.message_id).where(Attempt.probe_id == probe.id)).one()


def replies(sent: list[tuple[Probe, str]], count: int, seed: int = 1) -> Iterator[bytes]:
    """Acknowledgements and answers of 2 to 40 kB, half of them with HTML, a tenth with an attachment.

    A brand's machine says the same each time, its people do not.
    """
    chance = random.Random(seed)
    for number in range(count):
        probe, message_id = sent[number % len(sent)]
        message = EmailMessage(policy=SMTP)
        is_ack = chance.random() < 0.5
        message["Received"] = f"from mx.b.example by mx.{DOMAIN}; {format_datetime(MONDAY + timedelta(hours=2))}"
        message["Delivered-To"] = probe.reply_address
        message["From"] = f"Kundenservice <a@b{number % len(sent)}.example>"
        message["To"] = probe.reply_address
        message["Subject"] = f"Re: {probe.subject}"
        message["Date"] = format_datetime(MONDAY + timedelta(hours=2, seconds=number))
        message["Message-ID"] = f"<{number}@b.example>"
        message["In-Reply-To"] = message["References"] = message_id
        if is_ack:
            message["Auto-Submitted"] = "auto-replied"
        if is_ack:
            words = ACKS[number % len(sent) % len(ACKS)].format(n=100_000 + number)
        else:
            words = f"{chance.choice(ANSWERS)}\n\nP. S. {', '.join(chance.sample(TOWNS, 6))}"
        quoted = "\n".join(f"> {line}" for line in probe.body.splitlines())
        message.set_content(f"{words}\n\nAm 2. März 2026 schrieb Jana Brandt:\n{quoted}\n")
        if chance.random() < 0.5:
            filler = "".join(f"<tr><td>{n}</td></tr>" for n in range(chance.randrange(10, 400)))
            message.add_alternative(f"<html><body><p>{words}</p><table>{filler}</table></body></html>", subtype="html")
        if chance.random() < 0.1:
            message.add_attachment(chance.randbytes(20_000), "application", "pdf", filename="Preise.pdf")
        yield message.as_bytes()


@contextmanager
def served(count: int, seed: int, sent: list[tuple[Probe, str]]) -> Iterator[int]:
    """A fast IMAP server in a process of its own that holds the replies; gives its port."""
    with tempfile.TemporaryDirectory() as folder:
        box = Path(folder) / "mails"
        with box.open("wb") as file:
            for content in replies(sent, count, seed):
                file.write(len(content).to_bytes(4, "big") + content)
        server = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("_imap_shelf.py")), str(box)], stdout=subprocess.PIPE
        )
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()
            server.wait()
