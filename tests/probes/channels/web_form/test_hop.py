"""Where a contact hub may lead: to help desks on the list and to hosts of the same owner."""

from __future__ import annotations

import pytest

from probes.channels.web_form.hop import HELP_DESKS, hop_target

PAGE = "https://www.nordlicht.example/kontakt"


@pytest.mark.parametrize(
    ("href", "text", "hops"),
    [
        ("https://nordlicht.zendesk.com/hc/de/requests/new", "Anfrage senden", True),
        ("https://nordlicht.freshdesk.com/support/tickets/new", "", True),
        ("https://help.nordlicht.example/contact", "Contact us", True),
        ("https://zendesk.com/contact", "Contact", False),
        ("https://zendesk.com.evil.example/contact", "Contact", False),
        ("https://evilzendesk.com/contact", "Contact", False),
        ("https://user@nordlicht.zendesk.com/contact", "Contact", False),
        ("https://www.nordlicht.example/contact", "Contact", False),
        ("https://nordlicht.zendesk.com/legal", "Terms", False),
        ("mailto:info@nordlicht.example", "Contact", False),
        ("javascript:contact()", "Contact", False),
        ("https://[::1/contact", "Contact", False),
    ],
)
def test_only_listed_help_desks_and_own_hosts_are_gone_to(href: str, text: str, hops: bool) -> None:
    assert hop_target([(href, text)], PAGE, HELP_DESKS) == (href if hops else "")


def test_the_way_to_a_form_is_taken_before_the_way_to_answers() -> None:
    links = [
        ("https://help.nordlicht.example/", "Hilfe"),
        ("https://nordlicht.zendesk.com/hc/de/requests/new", "Nachricht schreiben"),
    ]

    assert hop_target(links, PAGE, HELP_DESKS) == links[1][0]
