"""What the web-form channel is told from outside: browser, guard, budgets, dwell."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from benchmark.core.problems import BadInput
from probes.channels.web_form.hop import HELP_DESKS


@dataclass(frozen=True)
class WebFormSettings:
    """All times in seconds. `dwell_s` is the least time between filling and the click; up to `dwell_jitter_s` is added.

    `declared_agent` is used where the campaign declares itself, else the browser's own words are.
    Without a `proxy_url` (the egress guard) nothing is opened.
    """

    browser_path: str = ""
    proxy_url: str = ""
    dwell_s: float = 8.0
    dwell_jitter_s: float = 4.0
    total_budget_s: float = 90.0
    open_s: float = 20.0
    find_s: float = 6.0
    observe_s: float = 30.0
    probes_per_browser: int = 200
    declared_agent: str = "Mozilla/5.0 (compatible; Replymark; a study of how companies answer)"
    time_zone: str = "Europe/Berlin"
    help_desks: tuple[str, ...] = HELP_DESKS  # where a contact hub's link may lead
    robots_agent: str = "Replymark"  # "" leaves robots.txt unread
    full_record: bool = True  # MHTML and HAR besides pictures and mapping
    chance: Callable[[], float] = random.random  # 0..1, for the jitter only

    def checked(self) -> WebFormSettings:
        if not self.proxy_url:
            raise BadInput("web form channel", "no egress guard", "start probes.egress.EgressProxy and give its url")
        if self.dwell_s < 0 or self.total_budget_s <= self.dwell_s:
            raise BadInput("web form channel", "the dwell does not fit into the budget", "lower dwell_s")
        return self
