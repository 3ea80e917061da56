"""How fast inquiries leave over one connection beside bare smtplib: the channel alone, and the whole way.

./run bench mail_sending [--database sqlite|postgresql] [--mails 400]
"""

from __future__ import annotations

import argparse
import os
import smtplib
import time
from collections.abc import Callable, Sequence
from email.policy import SMTP
from functools import partial

from aiosmtpd import smtp
from aiosmtpd.controller import Controller
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
ROUNDS, WARM_UP = 3, 20


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


def whole_way(probe_ids: Sequence[int]) -> None:
    """Claim, commit, arm, commit, send, record, commit: what a worker does for each bell."""
    for probe_id in probe_ids:
        jobs.send_probe(probe_id)


def seconds(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--mails", type=int, default=400)
    arguments = parser.parse_args()
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    claims = [claim(number) for number in range(1, arguments.mails + 1)]
    with fresh_database(arguments.database) as engine:
        launched_campaign(engine, ROUNDS * arguments.mails)
        with transaction(engine) as session:
            session.add(StudyClock(id=1, now_at=MONDAY + 2 * HOUR))
        os.environ |= {
            "DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "REPLYMARK_SMTP_PORT": str(controller.port),
            "REPLYMARK_MAIL_PER_HOUR": "1000000",
            "REPLYMARK_MAIL_PER_HOST_HOUR": "1000000",
        }
        jobs.settings.cache_clear()
        bare(controller.port, claims[:WARM_UP])
        with reading(engine) as session:
            ids = [probe_id or 0 for probe_id in session.exec(select(Probe.id).order_by(col(Probe.id)))]
        ways: dict[str, Callable[[int], None]] = {
            "bare smtplib": lambda _: bare(controller.port, claims),
            "channel alone": lambda _: channel_alone(controller.port, claims),
            "whole way": lambda number: whole_way(ids[number::ROUNDS]),
        }
        # The ways take turns, so that a busy machine slows all alike; each one's best round counts.
        rounds = [{name: seconds(partial(way, number)) for name, way in ways.items()} for number in range(ROUNDS)]
        best = {name: min(spent[name] for spent in rounds) for name in ways}
        with reading(engine) as session:
            sent = session.exec(select(func.count()).select_from(Probe).where(Probe.state == ProbeState.OPEN)).one()
    controller.stop()
    expected, warmed = ROUNDS * arguments.mails, len(claims[:WARM_UP])
    assert (sent, Sink.taken) == (expected, warmed + len(ways) * expected), (sent, Sink.taken)
    print(f"{arguments.database}: {arguments.mails} mails over one connection each way, the best of {ROUNDS} rounds")
    for name, aim in (("bare smtplib", 0.0), ("channel alone", AIM_CHANNEL), ("whole way", AIM_WHOLE)):
        ratio = f"  ratio {best['bare smtplib'] / best[name]:.2f} (aim {aim})" if aim else ""
        print(f"{name:<14} {arguments.mails / best[name]:7.0f} mails/s{ratio}")


if __name__ == "__main__":
    main()
