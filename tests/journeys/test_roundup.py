"""A real ticket system as a brand: Roundup acknowledges, its agent answers, and it tells that the issue is resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner
from sqlalchemy import Engine
from sqlmodel import col, select

from benchmark.core.vocabulary import AcknowledgedBy, FollowUpKind, MatchedBy, ProbeState, ReplyFlag, ReplyKind
from benchmark.store.session import reading, transaction
from benchmark.store.tables import OutcomeRow, Probe, Reply, VerdictRow
from benchmark.wall_clock import real_now
from probes import jobs
from probes.command_line.receive import receive
from probes.sandbox.study_clock import set_clock
from probes.supervisor import free_port
from tests.journeys.environments import python_with
from tests.journeys.ticket_tracker import AGENT, DESK, PostOffice, Tracker
from tests.samples import brand, launched

pytestmark = [pytest.mark.real, pytest.mark.timeout(180), pytest.mark.parametrize("language", ["en", "de"])]

PACKAGES = ("roundup==2.6.0",)
ANSWERS = {
    "en": "Hello,\n\nthe floor lamp reaches you within two weeks. It is sold in brass, too, at 149 euros.\n\n"
    "Kind regards\nTom Field\n",
    "de": "Guten Tag,\n\ndie Stehlampe ist in zwei Wochen bei Ihnen. Es gibt sie für 149 Euro auch in Messing.\n\n"
    "Viele Grüße\nTom Field\n",
}
INQUIRIES = {
    "en": ("Floor lamp", "Hello,\n\nhow long does delivery of the floor lamp take?\n\nKind regards\n{{name}}\n"),
    "de": ("Stehlampe", "Guten Tag,\n\nwie lange dauert die Lieferung der Stehlampe?\n\nViele Grüße\n{{name}}\n"),
}


@dataclass
class Desk:
    """The study and the tracker, with the post office between them."""

    engine: Engine
    tracker: Tracker
    post: PostOffice
    now: datetime

    def later(self, by: timedelta) -> None:
        self.now += by
        with transaction(self.engine) as session:
            set_clock(session, self.now)

    def take_in(self) -> bytes:
        """The one mail the tracker has sent, piped into the study."""
        (mail,) = self.post.all_of(self.post.to_study)
        done = CliRunner().invoke(receive, [], mail, catch_exceptions=False)
        assert done.output == "1 new\n"
        return mail


@pytest.fixture
def desk(
    sqlite_engine: Engine, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> Iterator[Desk]:
    post, port = PostOffice(), free_port()
    tracker = Tracker(python_with("roundup", PACKAGES), tmp_path / "tracker", language)
    tracker.install(port)
    # Roundup dates its mails by the real clock, so the study's days lie just before: whatever weekday and hour it is.
    monkeypatch.setattr("benchmark.policy.public_holidays", lambda *_: {})
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("REPLYMARK_SMTP_PORT", str(port))
    for kept in (jobs.settings, jobs.channel, jobs._rates):
        kept.cache_clear()
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield Desk(sqlite_engine, tracker, post, real_now() - timedelta(days=3))
    finally:
        controller.stop()
        for kept in (jobs.settings, jobs.channel, jobs._rates):
            kept.cache_clear()


def sent_probe(desk: Desk, language: str) -> None:
    subject, body = INQUIRIES[language]
    texts = [{"language": language, "subject": subject, "body": body}]
    persona = {"key": "jana", "first_name": "Jana", "last_name": "Brandt", "salutation": "Frau", "language": language}
    (probe_id,) = launched(
        desk.engine,
        brands=[brand("Lampworks", [{"channel": "email", "address": DESK}], language=language)],
        personas=[persona],
        inquiries=[{"key": "lamp", "kind": "question", "texts": texts}],
        sending={
            "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "start": "00:00",
            "end": "23:59",
        },
    )
    desk.later(timedelta())
    with transaction(desk.engine) as session:
        session.get_one(Probe, probe_id).due_at = desk.now
    jobs.send_probe(probe_id)
    with reading(desk.engine) as session:
        assert session.get_one(Probe, probe_id).state is ProbeState.OPEN


def agents_mail(subject: str, text: str) -> bytes:
    """An agent answers from their own mail program; the tracker passes it on under its own address."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"Tom Field <{AGENT}>", DESK, f"Re: {subject}"
    mail["Message-ID"] = "<answer-1@lampworks.example>"
    mail.set_content(text)
    return mail.as_bytes()


def test_a_ticket_system_acknowledges_answers_and_resolves(desk: Desk, language: str) -> None:
    sent_probe(desk, language)
    (inquiry,) = desk.post.all_of(desk.post.to_desk)
    desk.tracker.take(inquiry)
    desk.later(timedelta(seconds=5))
    receipt = message_from_bytes(desk.take_in(), policy=policy.default)
    desk.tracker.take(agents_mail(receipt["Subject"], ANSWERS[language]))
    desk.later(timedelta(hours=2))
    desk.take_in()
    (issue,) = re.findall(r"issue\d+", receipt["Subject"])
    desk.tracker.admin("set", issue, "status=resolved")
    desk.later(timedelta(days=1))
    desk.take_in()

    with reading(desk.engine) as session:
        together = select(Reply, VerdictRow).join(VerdictRow, col(VerdictRow.reply_id) == col(Reply.id))
        found = session.exec(together.order_by(col(Reply.received_at))).all()
        outcome = session.exec(select(OutcomeRow)).one()
    assert [verdict.kind for _, verdict in found] == [ReplyKind.AUTO_ACK, ReplyKind.HUMAN_REPLY, ReplyKind.FOLLOWUP]
    assert {reply.matched_by for reply, _ in found} == {MatchedBy.ENVELOPE}
    assert all(ReplyFlag.HAS_TICKET in verdict.flags for _, verdict in found)
    assert (outcome.acknowledged_by, outcome.acknowledged_s) == (AcknowledgedBy.AUTO, 5)
    assert (outcome.human_s, outcome.substantive_s) == (7205, 7205)
    assert (outcome.followed_up_s, outcome.followup_kinds) == (93605, FollowUpKind.CHECKS_BACK)


def test_an_issue_resolved_without_a_word_is_not_answered(desk: Desk, language: str) -> None:
    sent_probe(desk, language)
    (inquiry,) = desk.post.all_of(desk.post.to_desk)
    desk.tracker.take(inquiry)
    desk.later(timedelta(seconds=5))
    desk.take_in()
    desk.tracker.admin("set", "issue1", "status=resolved")
    desk.later(timedelta(days=1))
    desk.take_in()

    with reading(desk.engine) as session:
        kinds = session.exec(select(VerdictRow.kind)).all()
        outcome = session.exec(select(OutcomeRow)).one()
    assert list(kinds) == [ReplyKind.AUTO_ACK, ReplyKind.AUTO_ACK]
    assert (outcome.acknowledged_s, outcome.human_s, outcome.substantive_s) == (5, None, None)
