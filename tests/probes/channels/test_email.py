"""The mail channel against a real SMTP server that answers as it is told."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmark.core.mail_accounts import MailAccount, MailServer
from benchmark.core.problems import Refused, TemporaryFailure
from benchmark.core.values import ClaimedProbe, Persona
from benchmark.core.vocabulary import AttemptState, ChannelKind, InquiryKind
from probes.channels.email import EmailChannel, compose
from tests.samples import MONDAY

CLAIM = ClaimedProbe(
    probe_id=1,
    attempt_id=1,
    attempt_number=1,
    channel=ChannelKind.EMAIL,
    address="service@lindenhof.example",
    reply_address="jana.4eentqp5q44n@study.example",
    message_id="<abc@study.example>",
    persona=Persona("jana", "Frau", "Jana", "Brandt"),
    inquiry=InquiryKind.QUESTION,
    subject="Frage zu Ihren Öffnungszeiten",
    body="Guten Tag,\n\n.ein Punkt am Anfang der Zeile\n\nJana Brandt\n",
    language="de",
    brand_name="Lindenhof",
    claimed_at=MONDAY,
)


def account(port: int) -> MailAccount:
    return MailAccount("study", "study.example", MailServer("127.0.0.1", port), MailServer("127.0.0.1", 0))


@dataclass
class Server:
    """Answers RCPT and DATA with these lines; `hang_up` closes the connection instead of answering the final dot."""

    rcpt: str = "250 Ok"
    data: str = "250 2.0.0 Ok: queued"
    hang_up: bool = False
    received: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.received.append(envelope)
        if self.hang_up:
            assert server.transport is not None
            server.transport.abort()
        return self.data


@pytest.fixture
def server() -> Iterator[tuple[Server, EmailChannel]]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    answers = Server()
    controller = Controller(answers, hostname="127.0.0.1", port=port)
    controller.start()
    channel = EmailChannel(account(port), timeout_s=5)
    yield answers, channel
    channel.close()
    controller.stop()


def armed() -> tuple[list[str], Callable[[], None]]:
    calls: list[str] = []
    return calls, lambda: calls.append("armed")


def test_an_accepted_mail_arrives_once_as_a_persons_mail(server: tuple[Server, EmailChannel]) -> None:
    answers, channel = server
    calls, arm = armed()

    delivery = channel.hand_over(CLAIM, arm)

    assert delivery.state is AttemptState.ACCEPTED
    assert calls == ["armed"]
    assert len(answers.received) == 1
    envelope = answers.received[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == (CLAIM.reply_address, [CLAIM.address])
    assert isinstance(envelope.content, bytes)
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert message["Subject"] == CLAIM.subject
    assert message["Message-ID"] == CLAIM.message_id
    assert message.get_content().replace("\r\n", "\n") == CLAIM.body
    silencing = {"precedence", "auto-submitted", "x-auto-response-suppress", "list-id", "bcc"}
    assert not silencing & {name.lower() for name in message}


def test_one_connection_serves_many_mails(server: tuple[Server, EmailChannel]) -> None:
    answers, channel = server

    for number in range(5):
        channel.hand_over(replace(CLAIM, message_id=f"<{number}@study.example>"), armed()[1])

    assert len({id(envelope) for envelope in answers.received}) == 5


@pytest.mark.parametrize(
    ("rcpt", "data", "state"),
    [
        ("550 5.1.1 no such user", "", AttemptState.BARRIER),
        ("250 Ok", "554 5.7.1 we do not want this", AttemptState.BARRIER),
        ("250 Ok", "451 4.3.0 later", AttemptState.RETRY_LATER),
    ],
)
def test_the_servers_answer_is_split_as_the_protocol_means_it(
    server: tuple[Server, EmailChannel], rcpt: str, data: str, state: AttemptState
) -> None:
    answers, channel = server
    answers.rcpt, answers.data = rcpt, data

    assert channel.hand_over(CLAIM, armed()[1]).state is state


def test_greylisting_is_a_temporary_failure_and_nothing_was_armed(server: tuple[Server, EmailChannel]) -> None:
    answers, channel = server
    answers.rcpt = "450 4.2.0 greylisted"
    calls, arm = armed()

    with pytest.raises(TemporaryFailure, match="greylisted"):
        channel.hand_over(CLAIM, arm)
    assert calls == []


def test_silence_after_the_final_dot_is_unconfirmed(server: tuple[Server, EmailChannel]) -> None:
    answers, channel = server
    answers.hang_up = True

    delivery = channel.hand_over(CLAIM, armed()[1])

    assert delivery.state is AttemptState.UNCONFIRMED
    assert len(answers.received) == 1


def test_the_channel_opens_a_new_connection_after_a_lost_one(server: tuple[Server, EmailChannel]) -> None:
    answers, channel = server
    answers.hang_up = True
    channel.hand_over(CLAIM, armed()[1])
    answers.hang_up = False

    assert channel.hand_over(CLAIM, armed()[1]).state is AttemptState.ACCEPTED


def test_an_attempt_that_may_not_be_armed_sends_nothing(server: tuple[Server, EmailChannel]) -> None:
    answers, channel = server

    def refuse() -> None:
        raise Refused("somebody else has it")

    with pytest.raises(Refused):
        channel.hand_over(CLAIM, refuse)
    assert channel.hand_over(CLAIM, armed()[1]).state is AttemptState.ACCEPTED
    assert len(answers.received) == 1


def test_no_server_is_a_temporary_failure() -> None:
    with pytest.raises(TemporaryFailure):
        EmailChannel(account(1)).hand_over(CLAIM, armed()[1])


@pytest.mark.parametrize("address", ["someone@gmail.test", "a@example.org", "a@lindenhof.example.org", "a@example"])
def test_a_recipient_outside_the_rehearsal_world_is_refused(server: tuple[Server, EmailChannel], address: str) -> None:
    answers, channel = server

    with pytest.raises(Refused, match="outside the rehearsal world"):
        channel.hand_over(replace(CLAIM, address=address), armed()[1])
    assert answers.received == []


def test_a_line_break_in_a_subject_cannot_add_a_header() -> None:
    with pytest.raises(Exception, match="cannot be written as a mail"):
        compose(replace(CLAIM, subject="Frage\r\nBcc: all@brand.example"))
