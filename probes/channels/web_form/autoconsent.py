"""The bridge to DuckDuckGo's autoconsent (MPL-2.0, vendored unmodified), which knows many consent layers.

Its heuristics are kept at "reject": the next tier would press an only "accept", which is a barrier here and no choice.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Error, Frame, Page

from benchmark.wall_clock import monotonic

VERSION = "16.23.0"
BINDING = "autoconsentSendMessage"
NOTHING_S = 1.2  # without any layer found by then there is none it knows
LIMIT_S = 6.0
STEP_MS = 40
CONFIG = {
    "enabled": True,
    "autoAction": "optOut",
    "disabledCmps": [],
    "enablePrehide": False,
    "enableCosmeticRules": True,
    "enableGeneratedRules": True,
    "enableHeuristicDetection": True,
    "heuristicMode": "reject",
    "detectRetries": 5,
    "isMainWorld": True,
    "prehideTimeout": 0,
    "visualTest": False,
    "logs": {},
}


@cache
def _vendored(name: str) -> str:
    return files("probes.channels.web_form").joinpath(f"vendor/autoconsent-{VERSION}/{name}").read_text("utf-8")


def opt_out(page: Page) -> str:
    """Lets autoconsent refuse what it knows; returns the name of the layer it refused, "" when it knew none."""
    run = _Run(page)
    try:
        return run.to_the_end()
    except Error:
        return ""  # the page went on by itself; the fallback looks at what is there now


class _Run:
    """One dialogue with the script in all frames. Messages wait in an inbox, as they arrive inside other calls."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.inbox: list[tuple[Frame, dict[str, Any]]] = []
        self.found = ""
        self.refused = ""
        self.done = False

    def to_the_end(self) -> str:
        self.page.expose_binding(BINDING, lambda source, message: self.inbox.append((source["frame"], message)))
        for frame in self.page.frames:
            _quietly(lambda frame=frame: frame.evaluate(_vendored("autoconsent.playwright.js")))  # type: ignore[misc]
        began = monotonic()
        while not self.done and monotonic() - began < (LIMIT_S if self.found else NOTHING_S):
            self.page.wait_for_timeout(STEP_MS)
            waiting, self.inbox = self.inbox, []
            for frame, message in waiting:
                _quietly(lambda frame=frame, message=message: self._answer(frame, message))  # type: ignore[misc]
        return self.refused

    def _answer(self, frame: Frame, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "init":
                self._tell(frame, f'{{"type": "initResp", "config": {json.dumps(CONFIG)}, "rules": {_rules()}}}')
            case "eval":
                result = frame.evaluate(str(message["code"]))
                self._tell(frame, json.dumps({"id": message["id"], "type": "evalResp", "result": result}))
            case "popupFound" | "cmpDetected":
                self.found = str(message.get("cmp", ""))
            case "optOutResult" if message.get("result"):
                self.refused = str(message.get("cmp", ""))
            case "optOutResult" | "autoconsentDone":
                self.done = True

    def _tell(self, frame: Frame, message: str) -> None:
        frame.evaluate(f"void window.autoconsentReceiveMessage({message})")


@cache
def _rules() -> str:
    return f'{{"compact": {_vendored("compact-rules.json")}}}'


def _quietly(act: Callable[[], object]) -> None:
    """A frame that went away takes its answer with it."""
    try:
        act()
    except Error:
        return
