"""One attempt at one form: its page, its log of phases, its evidence, and how a phase ends it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Error, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from benchmark.core.recipes import Recipe
from benchmark.core.values import ClaimedProbe, Evidence
from benchmark.core.vocabulary import FormOutcome
from benchmark.wall_clock import monotonic, real_now
from probes.channels.web_form.settings import WebFormSettings

EVIDENCE_LIMIT = 2 * 1024 * 1024


class Stop(Exception):
    """A phase ends the attempt with an outcome; `detail` stands behind the colon (`blocked_captcha:hcaptcha`)."""

    def __init__(self, outcome: FormOutcome, detail: str = "", note: str = "") -> None:
        self.outcome, self.detail, self.note = outcome, detail, note
        super().__init__(f"{outcome}:{detail} {note}")


def utc_text() -> str:
    """Now, for the log. These are real machine times of a real page; the study's own clock does not apply to them."""
    return real_now().isoformat(timespec="milliseconds")


@cache
def page_script(name: str) -> str:
    """A script that runs in pages, from the package's own files."""
    return files("probes.channels.web_form").joinpath(f"page_scripts/{name}").read_text("utf-8")


@dataclass
class PhaseLine:
    """One phase in the log: UTC begin and end, and what it ended with."""

    phase: str
    began_at: str
    ended_at: str = ""
    result: str = "ok"
    note: str = ""


@dataclass
class Visit:
    """The state of one attempt; nothing of it outlives the attempt."""

    claimed: ClaimedProbe
    settings: WebFormSettings
    page: Page
    arm: Callable[[], None]
    deadline: float  # monotonic seconds
    recipe: Recipe | None = None
    armed: bool = False
    log: list[PhaseLine] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    filled_at: float = 0.0  # monotonic seconds
    opened_at: float = 0.0
    open_step: Callable[[str], None] | None = None  # lets one step of a recipe be posted; a rehearsal has none
    hopped: bool = False  # the form lives behind a link of the contact point's page

    @contextmanager
    def phase(self, name: str, limit_s: float) -> Iterator[PhaseLine]:
        """Runs one phase with its own time limit; a timeout becomes `timeout:{phase}`."""
        left = self.deadline - monotonic()
        line = PhaseLine(name, utc_text())
        self.log.append(line)
        try:
            if left <= 0:
                raise Stop(FormOutcome.TIMEOUT, name)
            self.page.set_default_timeout(max(200.0, min(left, limit_s) * 1000))
            yield line
        except PlaywrightTimeout as late:
            line.result = "timeout"
            raise Stop(FormOutcome.TIMEOUT, name, str(late).splitlines()[0]) from late
        except Stop as stop:
            line.result = f"{stop.outcome}:{stop.detail}".rstrip(":")
            line.note = stop.note[:300]
            raise
        except Exception as problem:  # noted for the log of phases and passed on
            line.result, line.note = type(problem).__name__, str(problem)[:300]
            raise
        finally:
            line.ended_at = utc_text()

    def keep(self, name: str, media_type: str, content: bytes) -> None:
        """Adds a piece of evidence as long as all pieces together stay within 2 MB."""
        if content and sum(len(piece.content) for piece in self.evidence) + len(content) <= EVIDENCE_LIMIT:
            self.evidence.append(Evidence(name, media_type, content, real_now()))

    def keep_json(self, name: str, value: Any) -> None:
        self.keep(name, "application/json", json.dumps(value, ensure_ascii=False, indent=1).encode())

    def keep_log(self) -> None:
        self.keep_json("phases.json", [asdict(line) for line in self.log])

    def photograph(self, name: str) -> None:
        """The viewport as JPEG; a page that cannot be photographed does not spoil the attempt."""
        try:
            shot = self.page.screenshot(type="jpeg", quality=55, timeout=5000, animations="disabled", caret="initial")
        except Error as problem:  # evidence is best effort: the page may be hung or gone
            self.log.append(PhaseLine(name, utc_text(), utc_text(), "no picture", str(problem)[:120]))
        else:
            self.keep(name, "image/jpeg", shot)
