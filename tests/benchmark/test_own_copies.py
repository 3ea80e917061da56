"""Our own copy of an inquiry, from an archive address or a Sent folder: it settles a doubt and is never a reply."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from benchmark import dispatch
from benchmark.core.values import ClaimedProbe, Delivery
from benchmark.core.vocabulary import AttemptState, ProbeState
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Event, EvidenceRow, Probe, Reply
from probes.channels.email import compose
from tests.samples import DAY, HOUR, MONDAY, accepted, brand, claimed, due_at, launched, mail, received


def armed(engine: Engine, probe_id: int) -> ClaimedProbe:
    claim = claimed(engine, probe_id)
    assert claim is not None
    with transaction(engine) as session:
        dispatch.arm(session, claim.attempt_id, now=due_at(engine, probe_id), real_now=MONDAY)
    return claim


def doubt(engine: Engine, claim: ClaimedProbe) -> None:
    now = due_at(engine, claim.probe_id)
    with transaction(engine) as session:
        dispatch.record(session, claim.attempt_id, Delivery(AttemptState.UNCONFIRMED, "no answer"), now=now)


def copy_comes(engine: Engine, claim: ClaimedProbe) -> None:
    now = due_at(engine, claim.probe_id)
    with transaction(engine) as session:
        assert received(session, compose(claim).as_bytes(), now + HOUR) is None


@pytest.mark.parametrize("copy_first", [False, True])
def test_an_own_copy_settles_a_doubt_whichever_comes_first(engine: Engine, copy_first: bool) -> None:
    probe_id = launched(engine)[0]
    claim = armed(engine, probe_id)

    for step in (copy_comes, doubt) if copy_first else (doubt, copy_comes):
        step(engine, claim)

    with reading(engine) as session:
        probe = session.get_one(Probe, probe_id)
        assert (probe.state, probe.t0) == (ProbeState.OPEN, due_at(engine, probe_id))
        assert session.exec(select(Reply)).all() == []
        assert session.exec(select(EvidenceRow.name)).all() == [dispatch.OWN_COPY]
        assert "resolved" in {event.kind for event in session.exec(select(Event))}


def test_an_answer_that_came_before_the_doubt_settles_it(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    claim = armed(engine, probe_id)
    now = due_at(engine, probe_id)
    with transaction(engine) as session:
        received(session, mail(claim, now + HOUR, "Guten Tag, bis 18 Uhr. Eva Kurz"), now + HOUR)

    doubt(engine, claim)

    with reading(engine) as session:
        assert session.get_one(Probe, probe_id).state is ProbeState.OPEN


def test_a_help_desk_that_answers_under_our_own_message_id_is_no_copy(engine: Engine) -> None:
    claim = accepted(engine, launched(engine)[0])
    answer = mail(claim, MONDAY + DAY, "Guten Tag, bis 18 Uhr. Eva Kurz", message_id=claim.message_id)

    with transaction(engine) as session:
        assert received(session, answer, MONDAY + DAY) is not None


def test_a_third_domain_that_quotes_us_answers_also_when_many_inquiries_share_the_text(
    engine: Engine,
) -> None:
    brands = [brand(f"B{n}", [{"channel": "email", "address": f"a@b{n}.example"}]) for n in range(60)]
    launched(engine, brands=brands)
    with transaction(engine) as session:
        probe = session.exec(select(Probe).order_by(col(Probe.id))).first()
        assert probe is not None
        probe.state, probe.t0 = ProbeState.OPEN, MONDAY
        for other in session.exec(select(Probe).where(Probe.id != probe.id)):
            other.state, other.t0 = ProbeState.OPEN, MONDAY + HOUR
        quoted = "\n".join(f"> {line}" for line in probe.body.splitlines())
        raw = f"From: help@desk.example\nTo: {probe.reply_address}\nSubject: Ihre Anfrage\n\nBis 18 Uhr.\n\n{quoted}\n"
        reply_id = received(session, raw.encode(), MONDAY + DAY)

    with reading(engine) as session:
        reply = session.get_one(Reply, reply_id)
        assert (reply.probe_id, reply.hint) == (probe.id, False)
