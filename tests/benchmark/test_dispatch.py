"""Claim, commit, send, record: never twice, and a doubt stays a doubt."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import func, select

from benchmark import campaigns, dispatch, policy
from benchmark.core.design import FormsIn
from benchmark.core.problems import Refused
from benchmark.core.values import Delivery, Evidence
from benchmark.core.vocabulary import (
    AttemptState,
    CampaignState,
    EventKind,
    Exclusion,
    FormAgent,
    ProbeState,
)
from benchmark.store import queries
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Attempt, Brand, ContactPoint, Event, EvidenceContent, OutcomeRow, Probe, Suppression
from tests.samples import DAY, HOUR, LEASE, MONDAY, accepted, brand, claimed, due_at, launched


def state_of(engine: Engine, probe_id: int) -> ProbeState:
    with reading(engine) as session:
        return session.get_one(Probe, probe_id).state


def test_a_claim_carries_all_a_channel_needs(engine: Engine) -> None:
    probe_id = launched(engine)[0]

    claim = claimed(engine, probe_id)

    assert claim is not None
    assert claim.address.endswith(".example")
    assert claim.reply_address.endswith("@study.example")
    assert claim.body.endswith("Jana Brandt\n")
    assert claim.message_id.startswith("<")


def test_only_one_of_two_workers_gets_the_probe(engine: Engine) -> None:
    probe_id = launched(engine)[0]

    first, second = claimed(engine, probe_id), claimed(engine, probe_id)

    assert first is not None
    assert second is None


def test_a_probe_is_not_claimed_before_it_is_due(engine: Engine) -> None:
    probe_id = launched(engine)[0]

    assert claimed(engine, probe_id, due_at(engine, probe_id) - timedelta(minutes=1)) is None


def test_acceptance_sets_t0_and_opens_the_probe(engine: Engine) -> None:
    probe_id = launched(engine)[0]

    accepted(engine, probe_id)

    with reading(engine) as session:
        probe = session.get_one(Probe, probe_id)
        assert (probe.state, probe.t0) == (ProbeState.OPEN, probe.due_at)
        assert session.get_one(OutcomeRow, probe_id).t0_s is not None


def test_a_late_record_changes_nothing(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    claim = accepted(engine, probe_id)

    with transaction(engine) as session:
        again = dispatch.record(session, claim.attempt_id, Delivery(AttemptState.FAILED, "late"), now=MONDAY + DAY)

    assert not again
    assert state_of(engine, probe_id) is ProbeState.OPEN


@pytest.mark.parametrize(
    ("state", "expected", "exclusion"),
    [
        (AttemptState.FAILED, ProbeState.FAILED, Exclusion.SEND_ERROR),
        (AttemptState.BARRIER, ProbeState.BARRIER, Exclusion.BARRIER),
        (AttemptState.UNCONFIRMED, ProbeState.UNCONFIRMED, None),
        (AttemptState.TASK, ProbeState.TASK, None),
    ],
)
def test_each_answer_of_a_channel_has_its_state(
    engine: Engine, state: AttemptState, expected: ProbeState, exclusion: Exclusion | None
) -> None:
    probe_id = launched(engine)[0]
    claim = claimed(engine, probe_id)
    assert claim is not None

    with transaction(engine) as session:
        dispatch.record(session, claim.attempt_id, Delivery(state, "word"), now=MONDAY)

    with reading(engine) as session:
        assert session.get_one(Probe, probe_id).state is expected
        assert session.get_one(OutcomeRow, probe_id).exclusion is exclusion


def test_greylisting_is_tried_again_later_and_t0_is_the_acceptance(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    claim = claimed(engine, probe_id)
    assert claim is not None
    first_due = due_at(engine, probe_id)

    with transaction(engine) as session:
        dispatch.record(session, claim.attempt_id, Delivery(AttemptState.RETRY_LATER, "451"), now=first_due)
    again_at = due_at(engine, probe_id)
    second = accepted(engine, probe_id, again_at)

    assert again_at == first_due + timedelta(minutes=15)
    assert second.attempt_number == 2
    assert second.message_id != claim.message_id
    with reading(engine) as session:
        assert session.get_one(Probe, probe_id).t0 == again_at


def test_a_worker_lost_before_arming_leaves_nothing_and_the_probe_is_tried_again(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    claimed(engine, probe_id)

    with transaction(engine) as session:
        swept = dispatch.sweep(session, now=MONDAY, real_now=MONDAY + LEASE + HOUR)

    assert swept == 1
    assert state_of(engine, probe_id) is ProbeState.RETRY_LATER


def test_a_worker_lost_after_arming_leaves_a_doubt_that_is_never_repeated(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    claim = claimed(engine, probe_id)
    assert claim is not None
    with transaction(engine) as session:
        dispatch.arm(session, claim.attempt_id, now=MONDAY, real_now=MONDAY)

    with transaction(engine) as session:
        dispatch.sweep(session, now=MONDAY, real_now=MONDAY + LEASE + HOUR)

    assert state_of(engine, probe_id) is ProbeState.UNCONFIRMED
    assert claimed(engine, probe_id, MONDAY + 30 * DAY) is None


def test_an_attempt_is_armed_once_and_not_after_its_lease(engine: Engine) -> None:
    first, second = launched(engine)
    claim, late = claimed(engine, first), claimed(engine, second)
    assert claim is not None
    assert late is not None
    with transaction(engine) as session:
        dispatch.arm(session, claim.attempt_id, now=MONDAY, real_now=MONDAY)

    with pytest.raises(Refused), transaction(engine) as session:
        dispatch.arm(session, claim.attempt_id, now=MONDAY, real_now=MONDAY)
    with pytest.raises(Refused), transaction(engine) as session:
        dispatch.arm(session, late.attempt_id, now=MONDAY, real_now=MONDAY + LEASE + HOUR)


def test_a_pause_is_instant_and_a_stop_withdraws(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    with transaction(engine) as session:
        campaigns.move(session, "spring", "pause", now=MONDAY)

    while_paused = claimed(engine, probe_id)
    with transaction(engine) as session:
        campaigns.move(session, "spring", "stop", now=MONDAY)

    assert while_paused is None
    assert state_of(engine, probe_id) is ProbeState.WITHDRAWN


def test_a_suppressed_domain_is_withdrawn_at_the_claim(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    with transaction(engine) as session:
        probe = session.get_one(Probe, probe_id)
        address = session.get_one(ContactPoint, probe.contact_point_id).address
        value = policy.suppression_sha256(address.rpartition("@")[2])
        session.add(Suppression(kind="domain", value_sha256=value, created_at=MONDAY))

    assert claimed(engine, probe_id) is None
    assert state_of(engine, probe_id) is ProbeState.WITHDRAWN


def test_the_cap_puts_a_second_open_probe_off_until_the_first_window_ends(engine: Engine) -> None:
    waves = [{"starts_on": "2026-03-02", "days": 1}, {"starts_on": "2026-03-04", "days": 1}]
    first, second = launched(engine, waves=waves, brands=[_one_brand()])
    accepted(engine, first)

    claim = claimed(engine, second)

    assert claim is None
    assert due_at(engine, second) >= due_at(engine, first) + 7 * DAY


def test_caps_hold_when_many_threads_claim_at_once(engine: Engine) -> None:
    points = [{"channel": "email", "address": f"desk{number}@lindenhof.example"} for number in range(6)]
    probes = launched(engine, brands=[brand("Lindenhof", points)], sending={"min_gap": "0m"}, caps={"open": 2})
    moment = max(due_at(engine, probe) for probe in probes)

    def claim(probe_id: int) -> None:
        claimed(engine, probe_id, moment)

    threads = [threading.Thread(target=claim, args=(probe,)) for probe in probes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with reading(engine) as session:
        taken = session.exec(select(func.count()).select_from(Probe).where(Probe.state == ProbeState.CLAIMED)).one()
    assert taken == 2


def form_brands(*hosts: str) -> dict[str, Any]:
    brands = [
        brand(f"Brand {number}", [{"channel": "web_form", "address": f"http://{host}/kontakt"}])
        for number, host in enumerate(hosts)
    ]
    return {"brands": brands, "sending": {"min_gap": "0m"}}


def test_forms_of_one_domain_are_visited_one_after_the_other_whatever_brand_they_belong_to(engine: Engine) -> None:
    probes = launched(engine, **form_brands("a.lindenhof.example", "b.lindenhof.example", "seewind.example"))
    moment = max(due_at(engine, probe) for probe in probes)

    def claim(probe_id: int) -> None:
        claimed(engine, probe_id, moment)

    threads = [threading.Thread(target=claim, args=(probe,)) for probe in probes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    states = [state_of(engine, probe) for probe in probes]
    waiting = [probe for probe in probes if state_of(engine, probe) is ProbeState.PLANNED]
    assert states.count(ProbeState.CLAIMED) == 2
    pace = FormsIn().pace
    assert [due_at(engine, probe) for probe in waiting] == [moment + pace]
    assert claimed(engine, waiting[0], moment + pace) is not None


def test_a_campaign_sets_the_pace_and_the_declared_agent_of_its_forms(engine: Engine) -> None:
    changes = form_brands("a.lindenhof.example", "b.lindenhof.example")
    probes = launched(engine, **changes, forms={"pace": "90s", "agent": "declared"})
    moment = max(due_at(engine, probe) for probe in probes)

    first, second = claimed(engine, probes[0], moment), claimed(engine, probes[1], moment)

    assert first is not None
    assert first.agent is FormAgent.DECLARED
    assert second is None
    assert due_at(engine, probes[1]) == moment + timedelta(seconds=90)


def test_mail_is_not_held_to_the_pace_of_forms(engine: Engine) -> None:
    points = [{"channel": "email", "address": "service@lindenhof.example"}]
    probes = launched(engine, brands=[brand("One", points), brand("Two", points)])
    moment = max(due_at(engine, probe) for probe in probes)

    assert all(claimed(engine, probe, moment) is not None for probe in probes)


def test_a_late_worker_sends_nothing_in_quiet_hours(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    at_night = due_at(engine, probe_id).replace(hour=23)

    claim = claimed(engine, probe_id, at_night)

    assert claim is None
    assert due_at(engine, probe_id) > at_night


def test_evidence_is_kept_once_by_content(engine: Engine) -> None:
    first, second = launched(engine)
    piece = Evidence("dialogue.txt", "text/plain", b"same words")
    for probe_id in (first, second):
        claim = claimed(engine, probe_id)
        assert claim is not None
        with transaction(engine) as session:
            delivery = Delivery(AttemptState.ACCEPTED, "250", evidence=(piece,))
            dispatch.record(session, claim.attempt_id, delivery, now=MONDAY)

    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(EvidenceContent)).one() == 1


def test_probes_close_when_their_longest_window_has_ended(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    accepted(engine, probe_id)
    ends_at = due_at(engine, probe_id) + 30 * DAY

    with transaction(engine) as session:
        before = dispatch.close_matured(session, now=ends_at - HOUR)
        assert dispatch.next_close_at(session) == ends_at
        after = dispatch.close_matured(session, now=ends_at)

    assert (before, after) == (0, 1)
    with reading(engine) as session:
        kinds = session.exec(select(Event.kind).where(Event.probe_id == probe_id).order_by(Event.id)).all()  # type: ignore[arg-type]
        assert kinds == [EventKind.CLAIMED, EventKind.ACCEPTED, EventKind.CLOSED]


def test_a_campaign_closes_with_its_last_probe(engine: Engine) -> None:
    probes = launched(engine)
    for probe_id in probes:
        accepted(engine, probe_id)
    first, last = sorted(due_at(engine, probe_id) for probe_id in probes)

    states = []
    for moment in (first + 30 * DAY, last + 30 * DAY):
        with transaction(engine) as session:
            dispatch.close_matured(session, now=moment)
            states.append(queries.find_campaign(session, "spring").state)

    assert states == [CampaignState.LAUNCHED, CampaignState.CLOSED]


def test_nothing_outside_the_rehearsal_world_is_ever_claimed(engine: Engine) -> None:
    probe_id = launched(engine)[0]
    with transaction(engine) as session:
        point = session.get_one(ContactPoint, session.get_one(Probe, probe_id).contact_point_id)
        point.address = "service@lindenhof.test"

    assert claimed(engine, probe_id) is None
    assert state_of(engine, probe_id) is ProbeState.WITHDRAWN
    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(Attempt)).one() == 0


def _one_brand() -> dict[str, object]:
    return brand("Lindenhof", [{"channel": "email", "address": "service@lindenhof.example"}])


def test_a_brand_is_one_row_however_many_campaigns_ask_it(engine: Engine) -> None:
    launched(engine)
    launched(engine, campaign="autumn")

    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(Brand)).one() == 2
