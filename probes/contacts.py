"""Contact points of a web site, proposed for a person to confirm: read politely, within bounds, nothing is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from benchmark.core.addresses import organisation_domain
from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import ChannelKind
from benchmark.wall_clock import monotonic
from probes.channels.web_form.finding import choose
from probes.channels.web_form.robots import Robots
from probes.channels.web_form.static_dom import read_page
from probes.channels.web_form.visit import Stop
from probes.contact_signs import PageText, email_signs, interest, social_signs, take_apart
from probes.page_fetch import Fetched, NotFetched, PageFetcher, clean_url
from probes.page_text import decode, shallow

AGENT = "Replymark"
GUESSES = ("/kontakt", "/contact", "/impressum", "/imprint", "/about", "/contact-us", "/contacto", "/contatti")
_DOMAIN = re.compile(r"^[a-z0-9][a-z0-9.-]*[a-z0-9](:\d{1,5})?$")


@dataclass(frozen=True)
class Bounds:
    """How much of a site is read at most."""

    pages: int = 12
    bytes_per_page: int = 1_500_000
    seconds_per_page: float = 8.0
    seconds: float = 45.0


@dataclass(frozen=True)
class Proposal:
    """A contact point that somebody should look at; `source` is the page that names it."""

    channel: ChannelKind
    address: str
    source: str
    how: str
    confidence: float


@dataclass(frozen=True)
class Discovery:
    """What was found, surest first; `read` are the pages that were read, `left` those that were not and why."""

    domain: str
    proposals: tuple[Proposal, ...]
    read: tuple[str, ...]
    left: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        left = [{"url": url, "reason": reason} for url, reason in self.left]
        found = [asdict(proposal) for proposal in self.proposals]
        return {"domain": self.domain, "proposals": found, "read": list(self.read), "left": left}


def discover(domain: str, proxy_url: str, bounds: Bounds | None = None) -> Discovery:
    """Reads start page, contact and imprint pages of a site; raises BadInput when there is nothing to read."""
    return _Reading(_host_of(domain), proxy_url, bounds or Bounds()).run()


def _host_of(domain: str) -> str:
    """The host (and port) of what a person typed: a bare name, or any address of the site."""
    text = domain.strip().lower()
    try:
        host = urlsplit(text if "://" in text else f"//{text}").netloc.encode("idna").decode("ascii")
    except ValueError:
        host = ""
    if not _DOMAIN.fullmatch(host) or ".." in host:
        raise BadInput(domain[:80], "not a domain", "give a name like brand.example")
    return host


@dataclass(frozen=True)
class _Wish:
    """A page still to be read; a frame belongs to the page that shows it."""

    rank: int
    url: str
    shown_by: str = ""
    guessed: bool = False


@dataclass
class _Reading:
    """One walk through a site."""

    host: str
    proxy_url: str
    bounds: Bounds
    found: dict[tuple[ChannelKind, str], Proposal] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    wishes: list[_Wish] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.fetcher = PageFetcher(self.proxy_url, AGENT)
        self.robots = Robots(self.proxy_url, AGENT)
        self.deadline = monotonic() + self.bounds.seconds

    def run(self) -> Discovery:
        self._start()
        while self.wishes and len(self.read) < self.bounds.pages and monotonic() < self.deadline:
            self.wishes.sort(key=lambda wish: -wish.rank)
            self._visit(self.wishes.pop(0))
        if self.wishes:
            self.left += [(wish.url, "enough was read") for wish in self.wishes if not wish.guessed]
        ordered = sorted(self.found.values(), key=lambda proposal: (-proposal.confidence, proposal.address))
        return Discovery(self.host, tuple(ordered), tuple(self.read), tuple(self.left))

    def _start(self) -> None:
        """The start page, plain first: the rehearsal world speaks no TLS and real sites lead on to it."""
        problem: NotFetched | Stop | None = None
        for scheme in ("http", "https"):
            try:
                answer = self._fetch(f"{scheme}://{self.host}/")
            except (NotFetched, Stop) as trouble:
                problem = problem or trouble
                continue
            self._take(answer, _Wish(0, answer.url))
            self._want([_Wish(0, f"{_origin(answer.url)}{path}", guessed=True) for path in GUESSES])
            return
        raise _nothing_to_read(self.host, problem)

    def _visit(self, wish: _Wish) -> None:
        try:
            answer = self._fetch(wish.url)
        except (NotFetched, Stop) as trouble:
            if not wish.guessed:
                self.left.append((wish.url, _reason(trouble)))
            return
        if answer.status >= 400:
            if not wish.guessed:
                self.left.append((wish.url, f"HTTP {answer.status}"))
        elif answer.url == wish.url or self._is_new(answer.url):
            self._take(answer, wish)

    def _fetch(self, url: str) -> Fetched:
        left = min(self.bounds.seconds_per_page, self.deadline - monotonic())
        return self.fetcher.get(url, limit=self.bounds.bytes_per_page, timeout_s=left, allow=self._allow)

    def _allow(self, url: str) -> None:
        """Asked before every request: only this site, and of it only what robots.txt leaves open."""
        if not self._is_ours(url):
            raise NotFetched("leads to another site")
        self.robots.check(url)

    def _is_ours(self, url: str) -> bool:
        host, own = urlsplit(url).hostname or "", self.host.partition(":")[0]
        return organisation_domain(host) == organisation_domain(own)

    def _is_new(self, url: str) -> bool:
        new = url not in self.known
        self.known.add(url)
        return new

    def _take(self, answer: Fetched, wish: _Wish) -> None:
        """Everything one page says; a frame's form is a form of the page around it."""
        self.known.add(answer.url)
        self.read.append(answer.url)
        if answer.media_type not in ("text/html", "application/xhtml+xml", "text/plain"):
            return
        html, source = shallow(decode(answer.body)), wish.shown_by or answer.url
        page = take_apart(html, answer.url)
        for sign in (*email_signs(page, self.host.partition(":")[0]), *social_signs(page.links)):
            self._propose(Proposal(sign.channel, sign.address, source, sign.how, sign.confidence))
        self._forms(html, source)
        self._follow(page, source)

    def _forms(self, html: str, source: str) -> None:
        model = replace(read_page(html), url=source)
        scored, chosen = choose(model.forms, model)
        if chosen is not None and not scored[chosen].goes_elsewhere:
            confidence = min(0.97, 0.6 + (scored[chosen].score - 3.0) * 0.08)
            self._propose(Proposal(ChannelKind.WEB_FORM, source, source, "form", round(confidence, 2)))

    def _propose(self, proposal: Proposal) -> None:
        """The surest naming of a contact point stays, the first among equals."""
        key = (proposal.channel, proposal.address.lower())
        if key not in self.found or self.found[key].confidence < proposal.confidence:
            self.found[key] = proposal

    def _follow(self, page: PageText, source: str) -> None:
        self._want(_Wish(3, url, shown_by=source) for url in page.frames)
        self._want(_Wish(rank, link.url) for link in page.links if (rank := _interest(link.url, interest(link))))

    def _want(self, wishes: Iterable[_Wish]) -> None:
        for wish in wishes:
            if len(self.wishes) >= 4 * self.bounds.pages:
                return
            try:
                url = clean_url(wish.url)
            except NotFetched:
                continue
            if self._is_ours(url) and self._is_new(url):
                self.wishes.append(replace(wish, url=url))


def _interest(url: str, rank: int) -> int:
    return rank if url.startswith(("http://", "https://")) else 0


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _reason(trouble: NotFetched | Stop) -> str:
    return "closed by robots.txt" if isinstance(trouble, Stop) else str(trouble)


def _nothing_to_read(host: str, trouble: NotFetched | Stop | None) -> BadInput:
    if isinstance(trouble, Stop):
        return BadInput(host, "closed to programs by robots.txt", "look for its contact points by hand")
    if trouble is not None and trouble.refused:
        return BadInput(
            host, "outside the rehearsal world", "in sandbox mode only loopback and the fictional brands open"
        )
    return BadInput(host, f"its start page does not open ({trouble})", "check the name")
