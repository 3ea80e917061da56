"""Results from a database: packs, filters, classes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from benchmark import results
from benchmark.core.leaderboard import By
from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import ChannelKind, Exclusion, ProbeState
from benchmark.store import packs
from benchmark.store.session import transaction
from benchmark.store.tables import Brand, Campaign, OutcomeRow, Probe, Wave

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
OLD = T0 + timedelta(days=60)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with transaction(engine) as session:
        yield session


def campaign_of(session: Session) -> Campaign:
    campaign = Campaign(name="spring", imported=True, as_of=OLD)
    session.add(campaign)
    session.flush()
    for number, name in enumerate(("first", "second"), start=1):
        session.add(Wave(campaign_id=campaign.id or 0, number=number, name=name))
    for name, sector in (("Bert", "shops"), ("Ada", "banks")):
        session.add(
            Brand(name=name, slug=name.lower(), sector=sector, company="Co", country="DE", zone="Europe/Berlin")
        )
    session.flush()
    return campaign


def add(session: Session, brand_id: int, human_s: float | None, *, wave_id: int = 1, sent: bool = True) -> int:
    probe = Probe(campaign_id=1, wave_id=wave_id, brand_id=brand_id, channel=ChannelKind.EMAIL, state=ProbeState.OPEN)
    session.add(probe)
    session.flush()
    if sent:
        session.add(
            OutcomeRow(
                probe_id=probe.id or 0, campaign_id=1, wave_id=wave_id, brand_id=brand_id, channel="email",
                inquiry="question", t0_s=T0.timestamp(), human_s=human_s, substantive_s=human_s,
            )
        )  # fmt: skip
    session.flush()
    packs.mark_stale(session, 1, [brand_id])
    return probe.id or 0


def test_a_leaderboard_is_read_from_the_tables(session: Session) -> None:
    campaign = campaign_of(session)
    for human_s in (3600.0, None):
        add(session, 1, human_s)
    add(session, 2, 60.0)
    add(session, 2, None, sent=False)

    table = results.leaderboard(session, campaign, min_n=1)

    assert [(row.brand, row.sector, row.n, row.within_1h) for row in table.rows] == [
        ("Ada", "banks", 1, 1), ("Bert", "shops", 2, 0.5),
    ]  # fmt: skip
    assert (table.denominators.assigned, table.denominators.waiting) == (4, 1)
    assert table.rows[0].ack_rate is None


def test_a_new_reply_shows_at_once_and_touches_one_bucket(session: Session) -> None:
    campaign = campaign_of(session)
    add(session, 1, 3600.0)
    silent = add(session, 2, None)
    assert packs.freshen(session, 1) == 2
    before = results.leaderboard(session, campaign, min_n=1)

    session.get_one(OutcomeRow, silent).human_s = 7200.0
    packs.mark_stale(session, 1, [2])

    after = results.leaderboard(session, campaign, min_n=1)
    assert [row.within_4h for row in before.rows] == [1, 0]
    assert [row.within_4h for row in after.rows] == [1, 1]
    assert packs.freshen(session, 1) == 1


def test_what_is_packed_is_what_is_unpacked(session: Session) -> None:
    campaign_of(session)
    for human_s in (3600.0, None):
        add(session, 1, human_s)
    pack = packs.pack_of(session, 1, None)

    again = packs.decode(packs.encode(pack))

    assert again.words == pack.words
    for name, array in pack.arrays.items():
        assert again.arrays[name].tobytes() == array.tobytes()


def test_filters_choose_probes_and_an_unknown_word_is_refused(session: Session) -> None:
    campaign = campaign_of(session)
    add(session, 1, 60.0)
    add(session, 2, 60.0, wave_id=2)

    banks = results.leaderboard(session, campaign, filters=results.Filters(sector=("banks",)))
    second = results.leaderboard(session, campaign, by=By.SECTOR, filters=results.Filters(wave=("second",)))

    assert [row.brand for row in banks.rows] == ["Ada"]
    assert [row.brand for row in second.rows] == ["banks"]
    with pytest.raises(BadInput, match=r"'zoo' does not occur.*known: banks, shops"):
        results.leaderboard(session, campaign, filters=results.Filters(sector=("zoo",)))


def test_exclusions_of_the_table_are_counted(session: Session) -> None:
    campaign = campaign_of(session)
    row = session.get_one(OutcomeRow, add(session, 1, None))
    row.exclusion = Exclusion.BARRIER
    row.t0_s = None

    table = results.leaderboard(session, campaign)

    assert table.rows[0].class_ == "unreachable"
    assert table.denominators.excluded[Exclusion.BARRIER] == 1


def test_an_unknown_campaign_is_refused(session: Session) -> None:
    with pytest.raises(BadInput, match="none of this name"):
        results.find_campaign(session, "summer")
