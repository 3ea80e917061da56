"""What a page's HTML gives away of how to reach its owner: e-mail addresses, social handles, links worth following."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from benchmark.core.addresses import organisation_domain
from benchmark.core.vocabulary import ChannelKind
from probes.channels.web_form.wording import fold

MAX_LINKS = 3000
MAX_MARKS = 2000


@dataclass(frozen=True)
class Sign:
    """One way to reach somebody as a page words it; `how` says what it was read from, `confidence` is 0..1."""

    channel: ChannelKind
    address: str
    how: str
    confidence: float


@dataclass(frozen=True)
class Link:
    """A link with what is written on it; `rel` as in HTML."""

    url: str
    text: str
    rel: str = ""


@dataclass(frozen=True)
class PageText:
    """A page taken apart once: its links, frames, readable text and the data it holds for machines."""

    links: tuple[Link, ...]
    frames: tuple[str, ...]
    text: str
    data: str
    coded: tuple[str, ...]  # Cloudflare's hidden addresses


def take_apart(html: str, url: str) -> PageText:
    """Links are made absolute; broken markup is read as a browser would read it."""
    parser = LexborHTMLParser(html)
    base = _base(parser, url)
    links, frames = tuple(_links(parser, base)), tuple(_frames(parser, base))
    data = " ".join(node.text() for node in parser.css('script[type="application/ld+json"]')[:50])
    coded = tuple(node.attributes.get("data-cfemail") or "" for node in parser.css("[data-cfemail]")[:200])
    for node in parser.css("script, style, template, noscript"):
        node.decompose()
    body = parser.body
    return PageText(links, frames, body.text(separator=" ") if body is not None else "", data, coded)


def _base(parser: LexborHTMLParser, url: str) -> str:
    node = parser.css_first("base[href]")
    return _absolute(url, node.attributes.get("href") or "") or url if node is not None else url


def _links(parser: LexborHTMLParser, base: str) -> Iterator[Link]:
    for node in parser.css("a[href], area[href], link[rel=me]")[:MAX_LINKS]:
        said = node.attributes
        url = _absolute(base, said.get("href") or "")
        if url:
            text = f"{node.text(separator=' ')} {said.get('title') or ''} {said.get('aria-label') or ''}"
            yield Link(url, " ".join(text.split())[:120], said.get("rel") or "")


def _frames(parser: LexborHTMLParser, base: str) -> Iterator[str]:
    found = (_absolute(base, node.attributes.get("src") or "") for node in parser.css("iframe[src]")[:20])
    return (url for url in found if url.startswith("http"))


def _absolute(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip())[:2000]
    except ValueError:
        return ""


# ---- e-mail ---------------------------------------------------------------------------------------------------------

_AT = re.compile(
    r"\s*(?:@|[(\[{<]\s*(?:at|ät|aet|@|arroba|chiocciola|apenstaartje|arobase)\s*[)\]}>]|"
    r"\s(?-i:AT)\s|&#0*64;|%40)\s*",
    re.IGNORECASE,
)
_DOT = re.compile(r"\s*[(\[{<]\s*(?:dot|punkt|point|punto|punt|\.)\s*[)\]}>]\s*|\s+(?-i:DOT|PUNKT)\s+", re.IGNORECASE)
_LOCAL = re.compile(r"[a-z0-9][\w.+-]{0,63}$", re.IGNORECASE | re.ASCII)
_HOST = re.compile(
    r"[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9][a-z0-9-]{0,62}){0,5}\.[a-z]{2,24}(?![\w-])", re.IGNORECASE | re.ASCII
)
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_FILE_ENDINGS = frozenset(("png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "css", "js", "html", "php", "pdf"))
_SAMPLES = re.compile(
    r"^(name|your[._-]?name|ihr[._-]?name|email|e-mail|mail|user|username|you|me|max[._]?mustermann|john[._]?doe|"
    r"jane[._]?doe|vorname[._]nachname|firstname[._]lastname|test)@(example|domain|email|mail|muster|company|firma)\b"
)
_DESKS = re.compile(
    r"^(info|kontakt|contact|contacto|contatti|service|support|help|hilfe|hello|hallo|kundenservice|kundendienst|"
    r"customer|care|mail|post|office|anfrage|enquir|inquir)"
)
_NOT_DESKS = re.compile(
    r"^(no-?reply|do-?not-?reply|datenschutz|privacy|dsb|dpo|gdpr|rgpd|jobs?|karriere|career|bewerbung|presse|press|"
    r"webmaster|hostmaster|postmaster|abuse|security|investor|ir|legal|billing|rechnung)\b"
)


def email_signs(page: PageText, site: str) -> Iterator[Sign]:
    """All addresses of a page. `site` is its host: a stranger's address (an agency's, a vendor's) is less likely."""
    for address, how, confidence in _addresses(page):
        if _plausible(address):
            yield Sign(ChannelKind.EMAIL, address, how, round(_weighed(address, site, confidence), 2))


def _addresses(page: PageText) -> Iterator[tuple[str, str, float]]:
    for link in page.links:
        if link.url.lower().startswith("mailto:"):
            for part in unquote(link.url[7:].partition("?")[0]).split(","):
                yield part.strip().lower(), "mailto", 0.95
    yield from ((_cloudflare(code), "encoded", 0.9) for code in page.coded)
    yield from ((address, "data", 0.9) for address, _ in _written(page.data))
    yield from ((address, how, {"text": 0.85, "obfuscated": 0.7}[how]) for address, how in _written(page.text))


def _cloudflare(code: str) -> str:
    """Cloudflare's address protection: the first byte is the key for all others."""
    try:
        raw = bytes.fromhex(code[:700])
    except ValueError:
        return ""
    return bytes(byte ^ raw[0] for byte in raw[1:]).decode("utf-8", "replace").lower() if raw else ""


def _written(text: str) -> Iterator[tuple[str, str]]:
    """Addresses in running text, from the sign outwards: no pattern is ever tried against the whole page."""
    text = _INVISIBLE.sub("", text)
    for number, mark in enumerate(_AT.finditer(text)):
        if number == MAX_MARKS:
            return
        before = _DOT.sub(".", text[max(0, mark.start() - 80) : mark.start()])
        after = _DOT.sub(".", text[mark.end() : mark.end() + 200])
        local, host = _LOCAL.search(before), _HOST.match(after)
        if local and host:
            yield f"{local.group()}@{host.group()}".lower(), "text" if mark.group() == "@" else "obfuscated"


def _plausible(address: str) -> bool:
    local, at, host = address.rpartition("@")
    whole = bool(at and _HOST.fullmatch(host) and _LOCAL.fullmatch(local)) and ".." not in address
    return whole and host.rpartition(".")[2] not in _FILE_ENDINGS and not _SAMPLES.search(address)


def _weighed(address: str, site: str, confidence: float) -> float:
    local, _, host = address.partition("@")
    if organisation_domain(host) != organisation_domain(site):
        confidence -= 0.25
    if _NOT_DESKS.search(local):
        confidence -= 0.35
    elif _DESKS.search(local):
        confidence += 0.04
    return min(0.99, max(0.05, confidence))


# ---- social ---------------------------------------------------------------------------------------------------------

Handle = Callable[[str], str]


@dataclass(frozen=True)
class Platform:
    """How one platform's addresses of accounts look; words that are no accounts stand in `never`."""

    channel: ChannelKind
    hosts: tuple[str, ...]
    path: re.Pattern[str]
    address: str  # the account's plain address, with the handle for {}
    never: frozenset[str] = frozenset()


def _platform(channel: ChannelKind, hosts: str, path: str, address: str, never: str = "") -> Platform:
    return Platform(channel, tuple(hosts.split()), re.compile(path), address, frozenset(never.split()))


_END = r"(?:/(?:about|feed|posts|videos|featured)?)?/?$"
PLATFORMS = (
    _platform(
        ChannelKind.FACEBOOK,
        "facebook.com fb.com facebook.de",
        rf"^/((?:pages/[^/]+/|people/[^/]+/)?[\w.-]{{2,80}}){_END}",
        "https://www.facebook.com/{}",
        "sharer sharer.php share share.php dialog plugins tr login login.php groups events watch hashtag policies help "
        "privacy profile.php home.php business legal",
    ),
    _platform(
        ChannelKind.INSTAGRAM,
        "instagram.com",
        r"^/([\w.]{2,30})/?$",
        "https://www.instagram.com/{}",
        "p reel reels explore accounts stories tv about legal",
    ),
    _platform(
        ChannelKind.X,
        "x.com twitter.com",
        r"^/@?(\w{2,15})/?$",
        "https://x.com/{}",
        "share intent home search hashtag i login signup privacy tos widgets",
    ),
    _platform(ChannelKind.BLUESKY, "bsky.app", r"^/profile/([\w.:-]{3,253})/?$", "https://bsky.app/profile/{}"),
    _platform(ChannelKind.THREADS, "threads.net threads.com", r"^/@([\w.]{2,30})/?$", "https://www.threads.net/@{}"),
    _platform(
        ChannelKind.LINKEDIN,
        "linkedin.com",
        rf"^/((?:company|school|showcase)/[^/]{{2,100}}){_END}",
        "https://www.linkedin.com/{}",
    ),
    _platform(ChannelKind.TIKTOK, "tiktok.com", r"^/@([\w.]{2,30})/?$", "https://www.tiktok.com/@{}"),
    _platform(
        ChannelKind.YOUTUBE,
        "youtube.com",
        rf"^/(@[\w.-]{{2,60}}|(?:c|user|channel)/[\w.-]{{2,60}}){_END}",
        "https://www.youtube.com/{}",
    ),
    _platform(ChannelKind.REDDIT, "reddit.com", r"^/((?:r|u|user)/[\w-]{2,40})/?$", "https://www.reddit.com/{}"),
    _platform(
        ChannelKind.TRUSTPILOT,
        "trustpilot.com",
        r"^/(?:[a-z]{2}/)?(review/[\w.-]{3,253})/?$",
        "https://www.trustpilot.com/{}",
    ),
)
_MASTODON = re.compile(r"^/@(\w{1,40})/?$")
_MASTODON_HOST = re.compile(r"mastodon|mstdn|(^|\.)social\b|social$|fosstodon|troet|chaos\.social")


def social_signs(links: Iterable[Link]) -> Iterator[Sign]:
    """Accounts that a page links to. Buttons for sharing and links to single posts are none."""
    for link in links:
        try:
            parts = urlsplit(link.url)
            host = (parts.hostname or "").lower()
        except ValueError:
            continue
        if parts.scheme in ("http", "https"):
            yield from _known(host, parts.path)
            yield from _mastodon(host, parts.path, link)


def _known(host: str, path: str) -> Iterator[Sign]:
    for platform in PLATFORMS:
        if any(host == known or host.endswith(f".{known}") for known in platform.hosts):
            found = platform.path.match(unquote(path)[:300])
            if found and found.group(1).lower().split("/")[0] not in platform.never:
                yield Sign(platform.channel, platform.address.format(found.group(1)), "link", 0.9)


def _mastodon(host: str, path: str, link: Link) -> Iterator[Sign]:
    """Anybody can run a server: a link that says rel=me, or a host that says what it is."""
    found = _MASTODON.match(path)
    own = "me" in link.rel.lower().split()
    elsewhere = any(host == known or host.endswith(f".{known}") for row in PLATFORMS for known in row.hosts)
    if found and not elsewhere and (own or _MASTODON_HOST.search(host) or "mastodon" in link.text.lower()):
        yield Sign(ChannelKind.MASTODON, f"https://{host}/@{found.group(1)}", "rel=me" if own else "link", 0.85)


# ---- where to look next ---------------------------------------------------------------------------------------------

_CONTACT_LINK = re.compile(
    r"kontakt|contact|contatt|contacto|neem contact|get in touch|write to us|schreib|anfrage|enquir|inquir|nous ecrire|"
    r"escribenos|scrivici|hilfe|help|support|kundenservice|kundendienst|customer service|klantenservice|"
    r"service client|atencion al cliente|assistenza"
)
_LEGAL_LINK = re.compile(
    r"impressum|imprint|legal notice|mentions legales|aviso legal|note legali|colofon|ueber uns|about|a propos|"
    r"quienes somos|chi siamo|over ons|wir ueber uns"
)


def interest(link: Link) -> int:
    """How much a link looks like the way to the contact page: 2 contact, 1 imprint and the like, 0 nothing."""
    words = fold(f"{link.text} {unquote(urlsplit(link.url).path)}"[:300])
    return 2 if _CONTACT_LINK.search(words) else 1 if _LEGAL_LINK.search(words) else 0
