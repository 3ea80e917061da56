"""Discovery of contact points: what a page gives away, how a site is walked, and what a hostile one cannot do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import ChannelKind
from probes.command_line.contacts import contacts
from probes.contact_signs import email_signs, interest, social_signs, take_apart
from probes.contacts import Bounds, Discovery, discover
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules
from probes.page_text import decode
from probes.sandbox.sites import SiteAnswer, SiteServer, SiteSpec

Answer = tuple[int, dict[str, str], bytes]
HTML = {"Content-Type": "text/html; charset=utf-8"}


class Site:
    """One host's pages, with everything that was asked for; `do` answers what the table does not."""

    def __init__(self, pages: dict[str, str | Answer], do: Callable[[BaseHTTPRequestHandler], None] | None) -> None:
        self.pages, self.do, self.asked = pages, do, list[str]()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host = (self.headers.get("Host") or "").partition(":")[0]
                site.asked.append(f"{host}{self.path}")
                found = site.pages.get(f"{host}{self.path}", site.pages.get(self.path))
                if found is None and site.do is not None:
                    site.do(self)
                    return
                status, headers, body = (
                    (404, HTML, b"")
                    if found is None
                    else (200, HTML, found.encode())
                    if isinstance(found, str)
                    else found
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """Quiet: the other side hangs up on purpose."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@contextmanager
def site(
    pages: dict[str, str | Answer], do: Callable[[BaseHTTPRequestHandler], None] | None = None, *hosts: str
) -> Iterator[tuple[Site, str]]:
    served = Site(pages, do)
    try:
        known = dict.fromkeys(("brand.example", *hosts), served.server.server_port)
        with EgressProxy(EgressRules(known)) as proxy:
            yield served, proxy.url
    finally:
        served.server.shutdown()
        served.server.server_close()


def addresses(found: Discovery, channel: ChannelKind) -> dict[str, str]:
    return {p.address: p.source.removeprefix("http://brand.example") for p in found.proposals if p.channel is channel}


FORM = "<form action=/send><input type=email name=mail><textarea name=text></textarea><button>Senden</button></form>"


@pytest.mark.parametrize(
    ("html", "address", "how"),
    [
        ('<a href="mailto:info@brand.example?subject=Hallo">Mail</a>', "info@brand.example", "mailto"),
        ("<p>Schreiben Sie an service@brand.example.</p>", "service@brand.example", "text"),
        ("<p>&#105;nfo&#64;brand&#46;example</p>", "info@brand.example", "text"),
        ("<p>info (at) brand (dot) example</p>", "info@brand.example", "obfuscated"),
        ("<p>info[ät]brand[punkt]example</p>", "info@brand.example", "obfuscated"),
        ("<p>info AT brand DOT example</p>", "info@brand.example", "obfuscated"),
        ("<p>info<b>@</b>brand.example</p>", "info@brand.example", "obfuscated"),
        ("<p>in\u200bfo@brand.example</p>", "info@brand.example", "text"),
        ('<a class=x data-cfemail="127b7c747d527060737c763c776a737f627e77">[email protected]</a>',
         "info@brand.example", "encoded"),
        ('<script type="application/ld+json">{"email": "hallo@brand.example"}</script>', "hallo@brand.example", "data"),
    ],
)  # fmt: skip
def test_an_address_is_read_however_it_is_written(html: str, address: str, how: str) -> None:
    signs = list(email_signs(take_apart(html, "http://brand.example/"), "brand.example"))

    assert {(sign.address, sign.how) for sign in signs} == {(address, how)}


@pytest.mark.parametrize(
    "html",
    ["<img src=logo@2x.png> logo@2x.png", "<input placeholder='x@brand.example'>", "name@example.com",
     "max.mustermann@muster.example", "<script>var a='x@brand.example'</script>", "we met at brand.example",
     "@brand", "a@b", "<a href='mailto:'>", "<a data-cfemail='zz'>"],
)  # fmt: skip
def test_what_only_looks_like_an_address_is_left_out(html: str) -> None:
    assert list(email_signs(take_apart(html, "http://brand.example/"), "brand.example")) == []


def test_the_desk_s_own_address_is_surer_than_a_privacy_officer_s_or_a_stranger_s() -> None:
    html = "info@brand.example datenschutz@brand.example studio@agency.example"

    sure = {
        sign.address.partition("@")[0]: sign.confidence
        for sign in email_signs(take_apart(html, ""), "www.brand.example")
    }

    assert sure["info"] > sure["studio"] > sure["datenschutz"]


SOCIAL = [
    ("https://www.facebook.com/nordlicht/", "facebook", "https://www.facebook.com/nordlicht"),
    ("https://de-de.facebook.com/nordlicht", "facebook", "https://www.facebook.com/nordlicht"),
    ("https://instagram.com/nord.licht", "instagram", "https://www.instagram.com/nord.licht"),
    ("https://twitter.com/nordlicht", "x", "https://x.com/nordlicht"),
    ("https://bsky.app/profile/nordlicht.example", "bluesky", "https://bsky.app/profile/nordlicht.example"),
    ("https://www.linkedin.com/company/nordlicht/about/", "linkedin", "https://www.linkedin.com/company/nordlicht"),
    ("https://www.youtube.com/@nordlicht", "youtube", "https://www.youtube.com/@nordlicht"),
    ("https://www.tiktok.com/@nordlicht", "tiktok", "https://www.tiktok.com/@nordlicht"),
    ("https://www.threads.net/@nordlicht", "threads", "https://www.threads.net/@nordlicht"),
    ("https://mastodon.example/@nordlicht", "mastodon", "https://mastodon.example/@nordlicht"),
    ("https://de.trustpilot.com/review/nordlicht.example", "trustpilot", "https://www.trustpilot.com/review/nordlicht.example"),
    ("https://www.facebook.com/sharer/sharer.php?u=x", "", ""),
    ("https://twitter.com/intent/tweet?text=x", "", ""),
    ("https://twitter.com/nordlicht/status/1", "", ""),
    ("https://www.instagram.com/p/Cxyz/", "", ""),
    ("https://notfacebook.com/nordlicht", "", ""),
    ("https://[::1/x", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("url", "channel", "address"), SOCIAL)
def test_accounts_are_told_from_share_buttons(url: str, channel: str, address: str) -> None:
    page = take_apart(f'<a href="{url}">x</a>', "http://brand.example/")

    assert [(sign.channel, sign.address) for sign in social_signs(page.links)] == (
        [(channel, address)] if channel else []
    )


def test_links_to_contact_come_before_the_imprint_and_before_nothing() -> None:
    page = take_apart("<a href=/k>Kontakt</a><a href=/i>Impressum</a><a href=/s>Shop</a>", "http://brand.example/")

    assert [interest(link) for link in page.links] == [2, 1, 0]


def test_a_site_is_walked_from_its_start_page_to_form_address_and_account() -> None:
    pages: dict[str, str | Answer] = {
        "/": '<a href="/hilfe/schreiben">Schreiben Sie uns</a><a href=https://bsky.app/profile/brand.example>b</a>',
        "/hilfe/schreiben": FORM,
        "/impressum": "<p>E-Mail: info (at) brand.example</p>",
    }
    with site(pages) as (_, proxy):
        found = discover("Brand.example", proxy)

    assert addresses(found, ChannelKind.WEB_FORM) == {"http://brand.example/hilfe/schreiben": "/hilfe/schreiben"}
    assert addresses(found, ChannelKind.EMAIL) == {"info@brand.example": "/impressum"}
    assert addresses(found, ChannelKind.BLUESKY) == {"https://bsky.app/profile/brand.example": "/"}
    assert all(0 < proposal.confidence < 1 for proposal in found.proposals)


def test_a_form_in_a_frame_belongs_to_the_page_that_shows_it() -> None:
    pages: dict[str, str | Answer] = {
        "brand.example/": "<a href=/kontakt>Kontakt</a>",
        "brand.example/kontakt": '<iframe src="http://forms.brand.example/f"></iframe>',
        "forms.brand.example/f": FORM,
    }
    with site(pages, None, "forms.brand.example") as (_, proxy):
        found = discover("brand.example", proxy)

    assert addresses(found, ChannelKind.WEB_FORM) == {"http://brand.example/kontakt": "/kontakt"}


def test_what_robots_txt_closes_is_not_asked_for() -> None:
    robots: Answer = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /kontakt")
    pages: dict[str, str | Answer] = {"/": "<a href=/kontakt>Kontakt</a>", "/kontakt": FORM, "/robots.txt": robots}
    with site(pages) as (served, proxy):
        found = discover("brand.example", proxy)

    assert "brand.example/kontakt" not in served.asked
    assert ("http://brand.example/kontakt", "closed by robots.txt") in found.left
    assert found.proposals == ()


def test_a_site_closed_by_robots_txt_is_one_clear_line() -> None:
    with (
        site({"/": FORM, "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /")}) as (_, proxy),
        pytest.raises(BadInput, match="closed to programs"),
    ):
        discover("brand.example", proxy)


def redirect(to: str) -> Answer:
    return 302, {"Location": to}, b""


@pytest.mark.parametrize(
    "to", ["http://other.example/", "http://127.0.0.1:22/", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://[::1",
           "//other.example/", "http://user:pass@brand.example/x", "http://brand.example:8080/"]
)  # fmt: skip
def test_a_redirect_never_leads_away(to: str) -> None:
    with site({"/": "<a href=/contact>Contact</a>", "/contact": redirect(to)}, None, "other.example") as (
        served,
        proxy,
    ):
        found = discover("brand.example", proxy)

    assert not [asked for asked in served.asked if not asked.startswith("brand.example/")]
    assert [url for url, _ in found.left] == ["http://brand.example/contact"]


@pytest.mark.parametrize("to", ["ftp://127.0.0.1:{port}/", "http://127.0.0.1:{port}/", "http://elsewhere.example/"])
def test_a_redirected_robots_txt_does_not_leave_the_guard(to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    canary = Site({}, None)
    try:
        port = canary.server.server_port
        pages: dict[str, str | Answer] = {"/": FORM, "/robots.txt": redirect(to.format(port=port))}
        with site(pages) as (_, proxy):
            assert discover("brand.example", proxy).proposals
        assert canary.asked == []
    finally:
        canary.server.shutdown()
        canary.server.server_close()


def trickle(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    for _ in range(400):
        handler.wfile.write(b" ")
        time.sleep(0.05)


def test_a_server_that_trickles_is_cut_off_in_time() -> None:
    bounds = Bounds(seconds_per_page=0.4, seconds=1.5)
    with site({"/": "<a href=/kontakt>Kontakt</a>", "/robots.txt": ""}, trickle) as (_, proxy):
        began = time.monotonic()
        found = discover("brand.example", proxy, bounds)

    assert time.monotonic() - began < 4
    assert ("http://brand.example/kontakt", "too slow") in found.left


def test_a_labyrinth_is_left_after_a_few_pages() -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        links = "".join(f"<a href=/kontakt/{n}{handler.path}>Kontakt {n}</a>" for n in range(50))
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        handler.wfile.write(links.encode())

    with site({"/robots.txt": ""}, endless) as (served, proxy):
        found = discover("brand.example", proxy, Bounds(pages=6))

    assert len(found.read) == 6
    assert len(served.asked) <= 8


@pytest.mark.parametrize(
    "page",
    ["@" * 300_000, "a@" * 150_000, "(at)" * 80_000, "x" * 700_000, "<a href='mailto:" + "a," * 100_000 + "'>",
     "<div>" * 60_000 + "info@brand.example", "<a href=kontakt>" * 20_000, " AT " * 100_000],
    ids=range(8),
)  # fmt: skip
def test_a_huge_page_is_read_quickly(page: str) -> None:
    with site({"/": page}) as (_, proxy):
        began = time.monotonic()
        discover("brand.example", proxy, Bounds(pages=1))

    assert time.monotonic() - began < 5


def test_a_body_is_cut_at_the_limit() -> None:
    with site({"/": " " * 5000 + "info@brand.example"}) as (_, proxy):
        assert discover("brand.example", proxy, Bounds(bytes_per_page=4000)).proposals == ()


@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "rot13", "nonsense", "zlib"])
def test_a_charset_that_is_none_does_no_harm(charset: str) -> None:
    assert "Grüße" in decode(f"<meta charset={charset}>Grüße".encode())


@pytest.mark.parametrize("style", ["plain", "shop", "iframe", "no_form"])
def test_the_fictional_brands_are_discovered(style: str) -> None:
    spec = SiteSpec("nordlicht.example", "Nordlicht", "de", style)
    with (
        SiteServer([spec], lambda host, fields: SiteAnswer("never")) as sites,
        EgressProxy(EgressRules(dict.fromkeys(sites.hosts, sites.port))) as proxy,
    ):
        found = discover("nordlicht.example", proxy.url)

        assert sites.posts == []
    assert [p.address for p in found.proposals] == ([] if style == "no_form" else [spec.form_url])


@pytest.mark.parametrize("domain", ["", "no domain", "http://", "brand..example", "-", "[::1", "a" * 400 + ".example"])
def test_what_is_no_domain_is_told_in_one_line(domain: str) -> None:
    with pytest.raises(BadInput) as told:
        discover(domain, "http://127.0.0.1:9")

    assert "\n" not in str(told.value)


def test_the_command_prints_json_and_refuses_what_lies_outside(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts.json"
    with site({"/": "<p>info@brand.example</p>"}) as (served, _):
        hosts.write_text(json.dumps({"hosts": {"brand.example": served.server.server_port}}))
        told = CliRunner().invoke(contacts, ["discover", "brand.example", "--hosts", str(hosts), "--format", "json"])
        typed = CliRunner().invoke(contacts, ["discover", f"127.0.0.1:{served.server.server_port}"])
        outside = CliRunner().invoke(contacts, ["discover", "elsewhere.example", "--hosts", str(hosts)])

    assert json.loads(told.output)["proposals"][0] == {
        "channel": "email", "address": "info@brand.example", "source": "http://brand.example/", "how": "text",
        "confidence": 0.89,
    }  # fmt: skip
    assert "info@brand.example" in typed.output
    assert isinstance(outside.exception, BadInput)
    assert "outside the rehearsal world" in str(outside.exception)


def test_a_broken_list_of_hosts_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "hosts.json"
    broken.write_text("[]")

    assert isinstance(
        CliRunner().invoke(contacts, ["discover", "brand.example", "--hosts", str(broken)]).exception, BadInput
    )
