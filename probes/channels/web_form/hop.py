"""From a contact hub to the form at a help desk: one hop, to the brand's own hosts and known vendors only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Error, Page

from benchmark.core.addresses import organisation_domain
from probes.channels.web_form.wording import fold

# Vendors that host their customers' help desks and forms under names of their own.
HELP_DESKS = (
    "zendesk.com",
    "freshdesk.com",
    "freshservice.com",
    "zohodesk.com",
    "zohodesk.eu",
    "helpscoutdocs.com",
    "intercom.help",
    "gorgias.help",
    "kayako.com",
    "happyfox.com",
    "helpshift.com",
    "teamwork.com",
    "atlassian.net",
    "hubspotpagebuilder.com",
    "hsforms.com",
    "salesforce-sites.com",
    "my.site.com",
    "service-now.com",
    "jotform.com",
    "typeform.com",
    "wufoo.com",
    "formstack.com",
    "cognitoforms.com",
    "userlike.com",
    "dixa.help",
    "reamaze.com",
    "gladly.com",
)

# What leads to a form stands above what only leads to answers.
_WORDS = (
    (3, re.compile(r"requests? new|tickets? new|new ?(ticket|request)|anfrage|formular|submit (a )?(request|ticket)")),
    (3, re.compile(r"contact ?form|kontakt ?form|write (to )?us|schreib|nachricht|message|ticket|soumettre|demande")),
    (2, re.compile(r"kontakt|contact|contatt|contacto|enquir|inquir|get in touch|escrib|scrivi|neem contact")),
    (1, re.compile(r"hilfe|help|support|kundenservice|customer service|klantenservice|service client|assistenza")),
)
_LINKS = """() => [...document.querySelectorAll("a[href]")].slice(0, 500).map(
  (link) => [link.href, (link.innerText || link.getAttribute("aria-label") || link.title || "").slice(0, 120)])"""


def links_of(page: Page) -> list[tuple[str, str]]:
    """Address and text of the page's links; none when the page is just going away."""
    try:
        return [(str(href), str(text)) for href, text in page.evaluate(_LINKS)]
    except Error:
        return []


def hop_target(links: Iterable[tuple[str, str]], page_url: str, help_desks: Iterable[str]) -> str:
    """The link most likely to end at a form on another host we may go to, "" when there is none."""
    allowed = tuple(help_desks)
    able = [(_promise(href, text), href) for href, text in links if may_hop(href, page_url, allowed)]
    promise, href = max(able, key=lambda pair: pair[0], default=(0, ""))
    return href if promise else ""


def may_hop(href: str, page_url: str, help_desks: tuple[str, ...]) -> bool:
    """Another host of the same owner, or a help desk on the list; never the same host again."""
    try:
        parts, host = urlsplit(href), (urlsplit(href).hostname or "").rstrip(".")
    except ValueError:
        return False
    own = urlsplit(page_url).hostname or ""
    if parts.scheme not in ("http", "https") or not host or host == own or parts.username is not None:
        return False
    return organisation_domain(host) == organisation_domain(own) or any(
        host.endswith(f".{desk}") for desk in help_desks
    )


def _promise(href: str, text: str) -> int:
    parts = urlsplit(href)
    words = fold(f"{text} {unquote(parts.path)} {(parts.hostname or '').partition('.')[0]}"[:400])
    return next((weight for weight, pattern in _WORDS if pattern.search(words)), 0)
