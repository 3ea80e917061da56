"""The channel against the fictional brands' sites, with a real browser behind a real egress guard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from benchmark.core.values import ClaimedProbe, Delivery, Persona
from benchmark.core.vocabulary import AttemptState, ChannelKind, InquiryKind
from probes.channels.web_form import WebFormChannel, WebFormSettings
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules
from probes.sandbox.sites import STYLES, TEXTS, SiteAnswer, SiteServer, SiteSpec

pytestmark = pytest.mark.real

SPECS = [
    SiteSpec(f"{style.replace('_', '-')}-{language}.example", "Nordlicht", language, style)
    for style in STYLES
    for language in TEXTS
]


@dataclass
class World:
    """The sites, the guard and one open channel."""

    sites: SiteServer
    channel: WebFormChannel
    armed: list[int] = field(default_factory=list)

    def hand_over(self, claimed: ClaimedProbe) -> Delivery:
        return self.channel.hand_over(claimed, lambda: self.armed.append(claimed.probe_id))


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    def on_inquiry(host: str, fields: dict[str, str]) -> SiteAnswer:
        if host.startswith("shop"):
            return SiteAnswer("Vielen Dank für Ihre Anfrage.", "NL-2026-17")
        return SiteAnswer("Vielen Dank für Ihre Nachricht." if "-de." in host else "Thank you for your message.")

    with SiteServer(SPECS, on_inquiry) as sites:
        rules = EgressRules(dict.fromkeys(sites.hosts, sites.port))
        with EgressProxy(rules) as proxy:
            settings = WebFormSettings(proxy_url=proxy.url, dwell_s=0.3, dwell_jitter_s=0, find_s=1.5)
            with WebFormChannel(settings) as channel:
                yield World(sites, channel)


def probe(spec: SiteSpec, number: int = 1) -> ClaimedProbe:
    return ClaimedProbe(
        probe_id=number,
        attempt_id=number,
        attempt_number=1,
        channel=ChannelKind.WEB_FORM,
        address=spec.form_url,
        reply_address=f"anna.berg+k7q2m9x{number}@mail.example",
        message_id=f"<k7q2m9x{number}@mail.example>",
        persona=Persona("anna", "Frau", "Anna", "Berg", language=spec.language),
        inquiry=InquiryKind.QUESTION,
        subject="Frage zum Regal",
        body="Guten Tag, gibt es das Regal auch in Eiche?\nViele Grüße, Anna Berg",
        language=spec.language,
        brand_name=spec.brand_name,
    )


ACCEPTING = [spec for spec in SPECS if spec.style not in ("captcha", "no_form")]


@pytest.mark.parametrize("spec", ACCEPTING, ids=lambda spec: spec.host)
def test_a_form_of_this_kind_is_sent_once_with_the_right_values(world: World, spec: SiteSpec) -> None:
    delivery = world.hand_over(probe(spec, 100 + SPECS.index(spec)))

    posts = [post for post in world.sites.posts if post.host == spec.host]
    assert (delivery.state, delivery.outcome) == (AttemptState.ACCEPTED, "success")
    assert len(posts) == 1
    assert posts[0].problem == ""
    assert posts[0].fields["email"] == f"anna.berg+k7q2m9x{100 + SPECS.index(spec)}@mail.example"
    assert posts[0].fields["message"].splitlines()[0] == "Guten Tag, gibt es das Regal auch in Eiche?"
    assert "Vielen Dank" in delivery.acknowledgement or "Thank you" in delivery.acknowledgement
    assert world.armed.count(100 + SPECS.index(spec)) == 1


@pytest.mark.parametrize(("style", "outcome"), [("captcha", "blocked_captcha:hcaptcha"), ("no_form", "no_form")])
def test_a_barrier_is_recorded_and_nothing_is_sent(world: World, style: str, outcome: str) -> None:
    spec = next(spec for spec in SPECS if spec.style == style)

    delivery = world.hand_over(probe(spec, 7))

    assert (delivery.state, delivery.outcome) == (AttemptState.BARRIER, outcome)
    assert world.sites.post_count(spec.host) == 0
    assert 7 not in world.armed


def test_evidence_tells_what_was_filled_when_and_stays_small(world: World) -> None:
    delivery = world.hand_over(probe(SPECS[0], 8))

    names = [piece.name for piece in delivery.evidence]
    phases = json.loads(next(piece.content for piece in delivery.evidence if piece.name == "phases.json"))
    assert {"before.jpg", "after.jpg", "mapping.json", "guard.json", "acknowledgement.txt", "phases.json"} <= set(names)
    assert sum(len(piece.content) for piece in delivery.evidence) <= 2 * 1024 * 1024
    assert [line["phase"] for line in phases][-2:] == ["submit", "observe"]


def test_a_ticket_number_on_the_page_is_kept(world: World) -> None:
    spec = next(spec for spec in SPECS if spec.style == "shop")

    assert world.hand_over(probe(spec, 9)).ticket_ids == ("NL-2026-17",)


def test_nothing_is_sent_when_arming_fails(world: World) -> None:
    def refuse() -> None:
        raise RuntimeError("somebody else has it")

    before = len(world.sites.posts)
    with pytest.raises(RuntimeError, match="somebody else"):
        world.channel.hand_over(probe(SPECS[0], 10), refuse)

    assert len(world.sites.posts) == before


def test_a_host_outside_the_sandbox_is_refused(world: World) -> None:
    elsewhere = SiteSpec("elsewhere.example", "Elsewhere")

    assert world.hand_over(probe(elsewhere, 11)).outcome == "blocked_policy:egress"


def test_a_browser_killed_before_the_click_is_started_again_once(world: World) -> None:
    world.channel._kill_browser()

    assert world.hand_over(probe(SPECS[1], 12)).state is AttemptState.ACCEPTED


def test_a_browser_killed_after_arming_leaves_the_probe_unconfirmed(world: World) -> None:
    sent = len(world.sites.posts)

    delivery = world.channel.hand_over(probe(SPECS[0], 13), world.channel._kill_browser)

    assert delivery.state is AttemptState.UNCONFIRMED
    assert len(world.sites.posts) == sent
