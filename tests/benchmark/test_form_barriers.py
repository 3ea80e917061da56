"""Barriers counted from the record of a campaign, on both databases."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlmodel import select

from benchmark.core.values import Delivery
from benchmark.core.vocabulary import AttemptState
from benchmark.dispatch import record
from benchmark.form_barriers import form_barriers
from benchmark.store.session import reading, transaction
from benchmark.store.tables import Campaign, Probe
from tests.samples import brand, claimed, due_at, launched


def test_one_form_of_two_stands_behind_a_captcha(engine: Engine) -> None:
    brands = [
        brand(name, [{"channel": "web_form", "address": f"http://{name.lower()}.example/kontakt"}])
        for name in ("Lindenhof", "Seewind")
    ]
    probes = launched(engine, brands=brands)
    ends = {
        "http://lindenhof.example/kontakt": Delivery(AttemptState.BARRIER, "blocked_captcha:hcaptcha"),
        "http://seewind.example/kontakt": Delivery(AttemptState.ACCEPTED, "success"),
    }
    for probe_id in probes:
        claim = claimed(engine, probe_id, due_at(engine, probe_id))
        if claim is not None:
            with transaction(engine) as session:
                record(session, claim.attempt_id, ends[claim.address], now=due_at(engine, probe_id))

    with reading(engine) as session:
        campaign = session.exec(select(Campaign)).one()
        found = form_barriers(session, campaign.id or 0)
        other = session.exec(select(Probe.brand_id).order_by(Probe.brand_id.desc())).first()  # type: ignore[attr-defined]
        of_brand = form_barriers(session, campaign.id or 0, other)

    assert (found.forms_met, found.forms.n) == (1, 2)
    assert found.reasons == (("blocked_captcha:hcaptcha", 1),)
    assert of_brand.forms.n == 1
