"""The hands work off what pages asked for, through the egress guard."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import Engine

from benchmark import contact_points, errands
from benchmark.core.vocabulary import ChannelKind, ErrandKind, ErrandState
from benchmark.settings import Settings
from benchmark.store import queries_errands
from benchmark.store.queries_errands import ErrandFacts
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Brand
from benchmark.wall_clock import real_now
from probes.browser import find_browser
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules
from probes.errands import work_off
from probes.sandbox.sites import SiteAnswer, SiteServer, SiteSpec

pytestmark = pytest.mark.real
HOST = "nordlicht.example"


@dataclass
class Stage:
    engine: Engine
    settings: Settings
    site: SiteServer
    brand_id: int

    def result_of(self, kind: ErrandKind, argument: dict[str, object]) -> ErrandFacts:
        with transaction(self.engine) as session:
            number = errands.ask(session, kind, self.brand_id, argument, now=real_now())
        assert work_off(self.settings, self.engine)
        with reading(self.engine) as session:
            done = queries_errands.errand(session, number)
        assert done is not None
        return done


@pytest.fixture
def stage(engine: Engine) -> Iterator[Stage]:
    site = SiteServer([SiteSpec(HOST, "Nordlicht", "de", "shop")], lambda host, fields: SiteAnswer("never"))
    with site, EgressProxy(EgressRules(dict.fromkeys(site.hosts, site.port))) as proxy:
        with transaction(engine) as session:
            row = Brand(slug="nordlicht", name="Nordlicht")
            session.add(row)
            session.flush()
            number = row.id or 0
        yield Stage(engine, Settings(egress_proxy=proxy.url, browser=find_browser().path, find_s=2), site, number)


def test_discovery_brings_proposals_with_their_source(stage: Stage) -> None:
    done = stage.result_of(ErrandKind.DISCOVER, {"address": HOST})

    assert done.state is ErrandState.DONE
    assert ("web_form", f"http://{HOST}/kontakt") in {(p["channel"], p["address"]) for p in done.result["proposals"]}


def test_a_rehearsal_brings_mapping_recipe_and_picture_and_sends_nothing(stage: Stage) -> None:
    with transaction(stage.engine) as session:
        url = f"http://{HOST}/kontakt"
        point = contact_points.confirm(session, stage.brand_id, ChannelKind.WEB_FORM, url, "", today=date(2026, 5, 4))

    done = stage.result_of(ErrandKind.REHEARSE, {"point": point})

    assert done.result["outcome"] == "ready"
    assert any(row["role"] == "message" and row["put"] for row in done.result["mapping"]["fields"])
    assert base64.b64decode(done.result["picture"])[:2] == b"\xff\xd8"
    assert "signature" in done.result["recipe"]
    assert stage.site.posts == []


@pytest.mark.parametrize("address", ["169.254.169.254", "elsewhere.invalid", "not a domain"])
def test_what_lies_outside_is_told_in_one_line(stage: Stage, address: str) -> None:
    done = stage.result_of(ErrandKind.DISCOVER, {"address": address})

    assert done.state is ErrandState.FAILED
    assert "\n" not in done.result["problem"]
