"""A brand that asks back and never hears from us waits on: in every figure and file its wait grows with the moment."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from benchmark import decisions, results
from benchmark.core.codebook import Level
from benchmark.core.observed import observe
from benchmark.core.values import Windows
from benchmark.core.vocabulary import ReplyFlag, ReplyKind
from benchmark.exports import export
from benchmark.results import find_campaign
from benchmark.store.packs import freshen
from benchmark.store.session import reading, transaction
from tests.samples import DAY, HOUR, accepted, due_at, launched, mail, received


@pytest.mark.parametrize("packed", [True, False])
def test_the_wait_for_us_grows_with_the_moment(engine: Engine, packed: bool) -> None:
    probe_id, *_others = launched(engine)
    claim, t0 = accepted(engine, probe_id), due_at(engine, probe_id)
    asked_at = t0 + 5 * HOUR
    with transaction(engine) as session:
        reply_id = received(session, mail(claim, asked_at, "Um welchen Standort geht es Ihnen denn?"), asked_at)
        asks = decisions.Correction(ReplyKind.HUMAN_REPLY, frozenset({ReplyFlag.ASKS_FOR_INFO}))
        decisions.correct(session, reply_id or 0, asks, coder="Eva", now=asked_at)
        if packed:
            freshen(session, 1)

    for moment in (t0 + HOUR, t0 + 3 * DAY, t0 + 20 * DAY + timedelta(seconds=1, microseconds=500_000)):
        waited = max(timedelta(0), moment - asked_at).total_seconds()
        assert watched_for_answer(engine, moment) == pytest.approx(min(5 * 3600, (moment - t0).total_seconds()), abs=1)
        for kind in ("csv", "csv-excel-en"):
            assert float(row(engine, kind, moment)["tester_delay_s"]) == pytest.approx(waited, abs=1)


def watched_for_answer(engine: Engine, moment: datetime) -> float:
    with reading(engine) as session:
        columns = results.outcome_columns(session, find_campaign(session, "spring"))
    found = observe(columns, moment, Windows()).watched_for_answer_s
    return float(found[found == found][0])


def row(engine: Engine, kind: str, moment: datetime) -> dict[str, str]:
    with reading(engine) as session:
        campaign = find_campaign(session, "spring")
        text = b"".join(export(session, campaign, kind, Level.PROBES, moment)).decode("utf-8-sig")
    return next(row for row in csv.DictReader(io.StringIO(text, newline="")) if row["sent_at"])
