"""Of the probes shown as unanswered, how many were answered? A world in which answers go every way they can go wrong.

./run bench false_silence [--probes 1500] [--seed 1]

Two of five brands stay silent; the others answer in one of the ways below, chosen by their shares, in the words of the
people's letters of round e of the tests, which nothing was learnt from. The shares are assumptions, not measurements;
each way is also counted alone, so that other shares can be worked out. A missed answer that waits in the inbox, because
its verdict is unsure, is found there by a person.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache

from sqlmodel import Session, select

from benchmark import intake, observations
from benchmark.core.estimators import wilson
from benchmark.core.messages import read_message
from benchmark.core.vocabulary import ChannelKind, ObservationKind, ReplyKind
from benchmark.intake import FetchedMail
from benchmark.observations import ObservationIn
from benchmark.placing import place_mails
from benchmark.preparing import prepare_items
from benchmark.store.queries_inbox import SURE
from benchmark.store.session import reading, transaction
from benchmark.store.tables import OutcomeRow, Probe, Reply, VerdictRow
from tests.performance._mail_world import fresh_database, sent_campaign
from tests.samples import HOUR
from tools.letters.own_letters import FOLDER, letters

AIM = 0.005
SILENT = 0.4


@dataclass(frozen=True)
class Sent:
    """An inquiry as its brand sees it."""

    probe_id: int
    brand_domain: str
    reply_address: str
    message_id: str
    subject: str
    body: str
    t0: datetime


@dataclass(frozen=True)
class Answer:
    sender: str
    to: str
    after: timedelta
    subject: str
    thread: str = ""
    quotes: bool = True


Way = Callable[[Sent, random.Random], Answer]


def plainly(sent: Sent, chance: random.Random) -> Answer:
    after = timedelta(hours=chance.uniform(0.2, 90))
    return Answer(f"service@{sent.brand_domain}", sent.reply_address, after, f"Re: {sent.subject}", sent.message_id)


def late(sent: Sent, chance: random.Random) -> Answer:
    """Weeks later, or held back by a spam folder until somebody found it."""
    after = timedelta(days=chance.uniform(8, 40))
    return Answer(f"service@{sent.brand_domain}", sent.reply_address, after, f"AW: {sent.subject}", sent.message_id)


def desk_of_a_third_domain(sent: Sent, chance: random.Random) -> Answer:
    """A help desk's own host and thread id; it keeps our subject or quotes us."""
    subject = chance.choice((f"[Ticket#2026{chance.randrange(10**6)}] {sent.subject}", "Ihre Anfrage bei uns"))
    after = timedelta(hours=chance.uniform(1, 60))
    sender = f"support@{chance.choice(('desk.example', 'helpcenter.example'))}"
    return Answer(sender, sent.reply_address, after, subject, f"<{chance.randrange(10**9)}@desk.example>")


def retyped(sent: Sent, chance: random.Random) -> Answer:
    """Somebody copied the address by hand: capital letters, a new mail without any thread."""
    after = timedelta(hours=chance.uniform(1, 90))
    return Answer(f"eva@{sent.brand_domain}", sent.reply_address.upper(), after, "Ihre Anfrage", quotes=False)


def to_the_plain_address(sent: Sent, chance: random.Random) -> Answer:
    """The secret address got lost, the thread did not."""
    after = timedelta(hours=chance.uniform(1, 90))
    return Answer(f"service@{sent.brand_domain}", "info@study.example", after, f"Re: {sent.subject}", sent.message_id)


def by_telephone(sent: Sent, chance: random.Random) -> Answer | None:
    """A call-back, logged by a person days later."""
    return None


WAYS: tuple[tuple[float, str, Callable[[Sent, random.Random], Answer | None]], ...] = (
    (0.66, "plainly", plainly),
    (0.08, "late or out of a spam folder", late),
    (0.12, "a desk of a third domain", desk_of_a_third_domain),
    (0.05, "to the address retyped", retyped),
    (0.05, "to the plain address, in the thread", to_the_plain_address),
    (0.04, "by telephone, logged late", by_telephone),
)


@cache
def words_of_people() -> tuple[str, ...]:
    found = letters(FOLDER / "round_e.txt")
    return tuple(read_message(raw).own_words for _, kind, raw in found if kind is ReplyKind.HUMAN_REPLY)


def written(sent: Sent, answer: Answer, chance: random.Random, number: int) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = answer.sender, answer.to, answer.subject
    message["Date"] = format_datetime(sent.t0 + answer.after)
    message["Message-ID"] = f"<{number}.{chance.randrange(10**9)}@{answer.sender.partition('@')[2]}>"
    if answer.thread:
        message["In-Reply-To"] = answer.thread
    quoted = "\n".join(f"> {line}" for line in sent.body.splitlines()) if answer.quotes else ""
    message.set_content(f"{chance.choice(words_of_people())}\n\n{quoted}\n")
    return message.as_bytes()


def logged_call(session: Session, sent: Sent, chance: random.Random) -> None:
    rang_at = sent.t0 + timedelta(hours=chance.uniform(2, 72))
    logged_at = rang_at + timedelta(days=chance.uniform(1, 9))
    seen = ObservationIn(
        platform=ChannelKind.TELEPHONE,
        kind=ObservationKind.REPLY,
        checked_at=logged_at,
        coder="ada",
        reply_at=rang_at,
        reply_kind=ReplyKind.HUMAN_REPLY,
    )
    observations.log_observation(session, sent.probe_id, seen, now=logged_at)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probes", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    truth: dict[int, str] = {}
    with fresh_database("sqlite") as engine:
        mails = []
        for number, (probe, message_id) in enumerate(sent_campaign(engine, arguments.probes)):
            assert probe.t0 is not None
            domain = f"b{(probe.brand_id or 1) - 1}.example"
            sent = Sent(
                probe.id or 0, domain, probe.reply_address or "", message_id, probe.subject, probe.body, probe.t0
            )
            if chance.random() < SILENT:
                continue
            name, way = chance.choices([way[1:] for way in WAYS], [way[0] for way in WAYS])[0]
            truth[sent.probe_id] = name
            answer = way(sent, chance)
            if answer is None:
                with transaction(engine) as session:
                    logged_call(session, sent, chance)
            else:
                mails.append((sent.t0 + answer.after, written(sent, answer, chance, number)))
        mails.sort()
        for start in range(0, len(mails), 50):
            with transaction(engine) as session:
                batch = [FetchedMail(start + n, raw, at) for n, (at, raw) in enumerate(mails[start : start + 50], 1)]
                now = batch[-1].internal_at + HOUR
                items = intake.keep_mail(session, "box", 1, batch, now=now, real_now=now)
                place_mails(session, prepare_items(session, items), now=now)
        with reading(engine) as session:
            shown = {row.probe_id for row in session.exec(select(OutcomeRow)) if row.human_s is None}
            probes = len(session.exec(select(Probe.id)).all())
            unsure = select(Reply.probe_id).join(VerdictRow).where(VerdictRow.confidence < SURE)
            looked_at = set(session.exec(unsure).all())
    false = [probe_id for probe_id in shown if probe_id in truth]
    of_way, of_false = Counter(truth.values()), Counter(truth[probe_id] for probe_id in false)
    print(f"{probes} probes, {len(truth)} answered, {len(shown)} shown as unanswered, {len(false)} of them answered")
    for name, count in of_way.most_common():
        print(f"  {name:<38} {count:5} answers, {of_false[name]:4} missed")
    limits = wilson(len(false), len(shown))
    waiting = sum(probe_id in looked_at for probe_id in false)
    print(
        f"false silence {len(false) / max(len(shown), 1):.2%}, at most {limits.high:.2%} (aim at most {AIM:.1%}); "
        f"{waiting} of the {len(false)} wait in the inbox"
    )


if __name__ == "__main__":
    main()
