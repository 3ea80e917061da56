"""What people post and see: times are checked, copies are the same reply, nothing is overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from benchmark import observations
from benchmark.core.problems import BadInput, Refused
from benchmark.core.values import Delivery
from benchmark.core.vocabulary import (
    AttemptState,
    ChannelKind,
    FollowUpKind,
    ObservationKind,
    ProbeState,
    ReplyKind,
)
from benchmark.dispatch import record
from benchmark.observations import ObservationIn
from benchmark.store.session import reading, transaction
from benchmark.store.tables import OutcomeRow, Probe
from tests.samples import DAY, HOUR, MONDAY, brand, claimed, launched

WALL = "http://facebook.example/lindenhof"


def a_posted_question(engine: Engine) -> int:
    probe_id = launched(engine, brands=[brand("Lindenhof", [{"channel": "facebook", "address": WALL}])])[0]
    claim = claimed(engine, probe_id)
    assert claim is not None
    with transaction(engine) as session:
        record(session, claim.attempt_id, Delivery(AttemptState.TASK, "task"), now=MONDAY)
        observations.log_posting(session, probe_id, f"{WALL}/posts/1", MONDAY, coder="ada")
    return probe_id


def seen(**changes: Any) -> ObservationIn:
    values = {
        "platform": ChannelKind.FACEBOOK,
        "kind": ObservationKind.REPLY,
        "checked_at": MONDAY + 3 * HOUR,
        "reply_at": MONDAY + 2 * HOUR,
        "coder": "ada",
        "platform_id": "r-1",
    }
    return ObservationIn(**{**values, **changes})


def outcome(engine: Engine, probe_id: int) -> OutcomeRow:
    with reading(engine) as session:
        return session.get_one(OutcomeRow, probe_id)


def test_the_posting_is_clock_zero(engine: Engine) -> None:
    probe_id = a_posted_question(engine)

    with reading(engine) as session:
        probe = session.get_one(Probe, probe_id)
        assert (probe.state, probe.t0, probe.question_url) == (ProbeState.OPEN, MONDAY, f"{WALL}/posts/1")


def test_a_posting_is_logged_once(engine: Engine) -> None:
    probe_id = a_posted_question(engine)

    with pytest.raises(Refused, match="no open task"), transaction(engine) as session:
        observations.log_posting(session, probe_id, WALL, MONDAY, coder="ada")


def test_a_reply_on_the_wall_counts_from_its_own_time(engine: Engine) -> None:
    probe_id = a_posted_question(engine)

    with transaction(engine) as session:
        observations.log_observation(session, probe_id, seen(), now=MONDAY + 3 * HOUR)

    assert outcome(engine, probe_id).human_s == 7_200


def test_the_same_platform_id_is_the_same_reply(engine: Engine) -> None:
    probe_id = a_posted_question(engine)

    with transaction(engine) as session:
        first = observations.log_observation(session, probe_id, seen(), now=MONDAY)
        again = observations.log_observation(session, probe_id, seen(), now=MONDAY)
        second_coder = observations.log_observation(session, probe_id, seen(coder="bob"), now=MONDAY)

    assert first is not None
    assert again is None
    assert second_coder is not None
    assert outcome(engine, probe_id).human_s == 7_200


def test_a_check_that_found_nothing_is_a_record_and_no_reply(engine: Engine) -> None:
    probe_id = a_posted_question(engine)

    with transaction(engine) as session:
        observations.log_observation(session, probe_id, seen(kind="check", reply_at=None), now=MONDAY)

    assert outcome(engine, probe_id).human_s is None


def test_a_removed_question_is_censored_there(engine: Engine) -> None:
    probe_id = a_posted_question(engine)

    with transaction(engine) as session:
        observations.log_observation(session, probe_id, seen(kind="removed"), now=MONDAY)

    assert outcome(engine, probe_id).closed_s == 7_200


def test_a_call_after_an_answer_can_be_a_follow_up(engine: Engine) -> None:
    probe_id = a_posted_question(engine)
    call = seen(
        platform=ChannelKind.TELEPHONE,
        platform_id="call-1",
        reply_kind=ReplyKind.FOLLOWUP,
        followup_kind=FollowUpKind.CHECKS_BACK,
        reply_at=MONDAY + DAY,
        checked_at=MONDAY + DAY,
    )

    with transaction(engine) as session:
        observations.log_observation(session, probe_id, seen(), now=MONDAY)
        observations.log_observation(session, probe_id, call, now=MONDAY + DAY)

    assert outcome(engine, probe_id).followed_up_s == 86_400


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reply_at": datetime(2026, 3, 2, 10)}, "needs its zone"),  # noqa: DTZ001  # the naive time is the point
        ({"reply_at": MONDAY + DAY}, "lies after checked_at"),
        ({"reply_at": None}, "needs its time"),
        ({"coder": ""}, "at least 1 character"),
    ],
)
def test_an_impossible_observation_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        seen(**changes)


def test_a_reply_before_the_question_is_refused(engine: Engine) -> None:
    probe_id = a_posted_question(engine)

    with pytest.raises(Refused, match="before the question"), transaction(engine) as session:
        observations.log_observation(session, probe_id, seen(reply_at=MONDAY - HOUR), now=MONDAY)


def test_nothing_is_logged_for_a_question_nobody_posted(engine: Engine) -> None:
    probe_id = launched(engine)[0]

    with pytest.raises(BadInput, match="log the posting first"), transaction(engine) as session:
        observations.log_observation(session, probe_id, seen(), now=MONDAY)
