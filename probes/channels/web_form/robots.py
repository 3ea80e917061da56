"""robots.txt of a site, read through the egress guard and kept for an hour."""

from __future__ import annotations

from urllib.parse import urlsplit

from protego import Protego

from benchmark.core.vocabulary import FormOutcome
from benchmark.wall_clock import monotonic
from probes.channels.web_form.visit import Stop
from probes.page_fetch import NotFetched, PageFetcher

KEEP_S = 3600.0
LIMIT = 512 * 1024  # as RFC 9309 asks for at least
TIMEOUT_S = 6.0


class Robots:
    """Asks once per origin. No file means everything is allowed, a broken server means that nothing is."""

    def __init__(self, proxy_url: str, agent: str) -> None:
        self._agent = agent
        self._fetcher = PageFetcher(proxy_url, agent)
        self._known: dict[str, tuple[float, Protego | None]] = {}

    def check(self, url: str) -> None:
        """Raises Stop(blocked_robots) when the page is closed to programs."""
        parts = urlsplit(url)
        rules = self._rules(f"{parts.scheme}://{parts.netloc}")
        if rules is None:
            raise Stop(FormOutcome.BLOCKED_ROBOTS, "unreachable")
        if not rules.can_fetch(url, self._agent):
            raise Stop(FormOutcome.BLOCKED_ROBOTS)

    def _rules(self, origin: str) -> Protego | None:
        at, rules = self._known.get(origin, (0.0, None))
        if rules is None or monotonic() - at > KEEP_S:
            rules = self._fetch(origin)
            self._known[origin] = (monotonic(), rules)
        return rules

    def _fetch(self, origin: str) -> Protego | None:
        try:
            answer = self._fetcher.get(f"{origin}/robots.txt", limit=LIMIT, timeout_s=TIMEOUT_S)
        except NotFetched:
            return Protego.parse("")  # the page itself will say what is wrong
        if answer.status >= 500:
            return None
        return Protego.parse(answer.body.decode("utf-8", "replace") if answer.status < 300 else "")
