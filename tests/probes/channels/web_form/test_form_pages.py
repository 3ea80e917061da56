"""Every trap, maker and barrier of the fixtures, with a real browser: outcome as expected, no wrong value, one POST."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from benchmark.core.values import ClaimedProbe, Persona
from benchmark.core.vocabulary import ChannelKind, InquiryKind
from probes.channels.web_form import WebFormChannel, WebFormSettings
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules
from tests.probes.fixtures import form_pages

pytestmark = pytest.mark.real

PAGES = form_pages.read_pages()
BODY = "Guten Tag, gibt es das Regal auch in Eiche?"
SUBJECT = "Frage zum Regal"
HIDDEN_DEFAULTS = {
    "cl",
    "FORM_SUBMIT",
    "REQUEST_TOKEN",
    "authenticity_token",
    "orgid",
    "retURL",
    "external",
    "submit",
    "commit",
}


@dataclass
class Stage:
    server: form_pages.FormServer
    channel: WebFormChannel


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    server = form_pages.FormServer()
    rules = EgressRules(dict.fromkeys(form_pages.HOSTS, server.port))
    with EgressProxy(rules) as proxy:
        settings = WebFormSettings(
            proxy_url=proxy.url, dwell_s=0.2, dwell_jitter_s=0, find_s=1.6, help_desks=("desk.example",)
        )
        with WebFormChannel(settings) as channel:
            yield Stage(server, channel)
    server.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_this_page_ends_as_it_should(stage: Stage, page: form_pages.FormPage) -> None:
    address = f"anna.berg+p{abs(hash(page.name)) % 10**8:08d}@mail.example"
    claimed = ClaimedProbe(
        1, 1, 1, ChannelKind.WEB_FORM,
        f"http://forms.example/{page.name}", address, f"<{page.name}-x1y2z3@mail.example>",
        Persona("anna", "Frau", "Anna", "Berg", "+49 30 1", "Lindenweg 4", "10115", "Berlin", "DE"),
        InquiryKind.QUESTION, SUBJECT, BODY, "de", "Nordlicht",
    )  # fmt: skip
    before = len(stage.server.received)

    delivery = stage.channel.hand_over(claimed, lambda: None)

    sent = [fields for _, fields in stage.server.received[before:]]
    meant = {"@": address, "~": BODY, "$": SUBJECT}
    expected = {key: meant.get(value, value) for key, value in page.fields.items()}
    outcome = delivery.outcome if ":" in page.outcome else delivery.outcome.split(":")[0]
    assert outcome == page.outcome, delivery
    assert len(sent) == (1 if expected else 0)
    for fields in sent:
        assert {k: v for k, v in fields.items() if v and k not in HIDDEN_DEFAULTS} == expected


def test_there_are_enough_pages() -> None:
    names = [page.name for page in PAGES]

    assert len(names) == len(set(names)) >= 60
    assert sum(name.startswith("captcha-") for name in names) >= 10
    assert sum(name.startswith("consent-") for name in names) >= 8
