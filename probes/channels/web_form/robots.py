"""robots.txt of a site, read through the egress guard and kept for an hour."""

from __future__ import annotations

import urllib.error
import urllib.request
from urllib.parse import urlsplit

from protego import Protego

from benchmark.core.vocabulary import FormOutcome
from benchmark.wall_clock import monotonic
from probes.channels.web_form.visit import Stop

KEEP_S = 3600.0
LIMIT = 512 * 1024  # as RFC 9309 asks for at least
TIMEOUT_S = 6.0


class Robots:
    """Asks once per origin. No file means everything is allowed, a broken server means that nothing is."""

    def __init__(self, proxy_url: str, agent: str) -> None:
        self._agent = agent
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy_url, "https": proxy_url}))
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
        request = urllib.request.Request(f"{origin}/robots.txt", headers={"User-Agent": self._agent})
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return Protego.parse(answer.read(LIMIT).decode("utf-8", "replace"))
        except urllib.error.HTTPError as problem:
            return Protego.parse("") if problem.code < 500 else None
        except (OSError, ValueError):
            return Protego.parse("")  # the page itself will say what is wrong
