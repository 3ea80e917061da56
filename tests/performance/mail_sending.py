"""How fast inquiries leave over one connection beside bare smtplib: the channel alone, and the whole way.

./run bench mail_sending [--database sqlite|postgresql] [--mails 600]
"""

from __future__ import annotations

import argparse
import os
import smtplib
import time
from collections.abc import Callable
from email.policy import SMTP

from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from sqlalchemy import Engine
from sqlmodel import col, func, select

from benchmark.core.mail_accounts import MailAccount, MailServer
from benchmark.core.values import ClaimedProbe, Persona
from benchmark.core.vocabulary import ChannelKind, InquiryKind, ProbeState
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Probe, StudyClock
from probes import jobs
from probes.channels.email import EmailChannel, compose
from probes.supervisor import free_port
from tests.performance._mail_world import fresh_database, launched_campaign
from tests.samples import HOUR, MONDAY

AIM_CHANNEL, AIM_WHOLE = 0.70, 0.15


class Sink:
    """Takes everything."""

    taken = 0

    async def handle_DATA(self, _server: smtp.SMTP, _session: smtp.Session, _envelope: smtp.Envelope) -> str:  # noqa: N802
        Sink.taken += 1
        return "250 2.0.0 Ok"


def claim(number: int) -> ClaimedProbe:
    persona = Persona("jana", "Frau", "Jana", "Brandt")
    body = "Guten Tag,\n\nbis wann sind Sie an Werktagen telefonisch erreichbar?\n\nJana Brandt\n"
    return ClaimedProbe(
        number, number, 1, ChannelKind.EMAIL, f"a@b{number}.example", f"jana.{number:012d}@study.example",
        f"<{number}@study.example>", persona, InquiryKind.QUESTION, "Frage zu Ihren Servicezeiten", body, "de", "B",
        claimed_at=MONDAY,
    )  # fmt: skip


def bare(port: int, claims: list[ClaimedProbe]) -> None:
    """One connection, each message serialised when it is sent."""
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for claimed in claims:
            content = compose(claimed).as_bytes(policy=SMTP)
            connection.sendmail(claimed.reply_address, [claimed.address], content)


def channel_alone(port: int, claims: list[ClaimedProbe]) -> None:
    none = MailServer("127.0.0.1", 0)
    channel = EmailChannel(MailAccount("study", "study.example", MailServer("127.0.0.1", port), none))
    for claimed in claims:
        channel.hand_over(claimed, lambda: None)
    channel.close()


def whole_way(engine: Engine) -> None:
    """Claim, commit, arm, commit, send, record, commit: what a worker does for each bell."""
    with reading(engine) as session:
        ids = session.exec(select(Probe.id).order_by(col(Probe.id))).all()
    for probe_id in ids:
        jobs.send_probe(probe_id or 0)


def seconds(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--mails", type=int, default=600)
    arguments = parser.parse_args()
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    claims = [claim(number) for number in range(1, arguments.mails + 1)]
    with fresh_database(arguments.database) as engine:
        launched_campaign(engine, arguments.mails)
        with transaction(engine) as session:
            session.add(StudyClock(id=1, now_at=MONDAY + 2 * HOUR))
        os.environ |= {
            "DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "REPLYMARK_SMTP_PORT": str(controller.port),
            "REPLYMARK_MAIL_PER_HOUR": "1000000",
            "REPLYMARK_MAIL_PER_HOST_HOUR": "1000000",
        }
        jobs.settings.cache_clear()
        bare(controller.port, claims[:20])
        # The ways take turns, so that a busy machine slows all alike.
        alone = [seconds(lambda: bare(controller.port, claims)) for _ in range(2)]
        channel = [seconds(lambda: channel_alone(controller.port, claims)) for _ in range(2)]
        taken = Sink.taken
        whole = seconds(lambda: whole_way(engine))
        with reading(engine) as session:
            sent = session.exec(select(func.count()).select_from(Probe).where(Probe.state == ProbeState.OPEN)).one()
    controller.stop()
    assert sent == arguments.mails == Sink.taken - taken, (sent, Sink.taken - taken)
    rate = arguments.mails / min(alone)
    print(f"{arguments.database}: {arguments.mails} mails over one connection each way")
    print(f"bare smtplib   {rate:7.0f} mails/s")
    for name, spent, aim in (("channel alone", min(channel), AIM_CHANNEL), ("whole way", whole, AIM_WHOLE)):
        own = arguments.mails / spent
        print(f"{name:<14} {own:7.0f} mails/s  ratio {own / rate:.2f} (aim {aim})")


if __name__ == "__main__":
    main()
