"""Finding a browser and starting it: verified by launching, not by presence."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from benchmark.core.problems import BadInput

# chromium-headless-shell costs a third of full Chromium. Debian's wrappers in /usr/bin read environment and
# user files, so the real binaries come first.
DEBIAN_PATHS = ("/usr/lib/chromium/chromium-headless-shell", "/usr/lib/chromium/chromium")
NAMES_ON_PATH = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
LAUNCH_TIMEOUT_MS = 20_000
FLAGS = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,DialMediaRouteProvider,OptimizationHints",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    # Names are the egress guard's to resolve; a lookup by the browser itself finds nothing.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


@dataclass(frozen=True)
class FoundBrowser:
    """A browser that was started once to be sure; `path` is "" for Playwright's own."""

    path: str
    version: str


def candidates(preferred: str = "") -> list[str]:
    """Paths worth a try, best first; "" stands for the browser that Playwright installed itself."""
    on_path = (shutil.which(name) or "" for name in NAMES_ON_PATH)
    standing = (path for path in DEBIAN_PATHS if Path(path).is_file())
    return [*dict.fromkeys(path for path in (preferred, *standing, *on_path) if path), ""]


def launch(playwright: Playwright, path: str, proxy_url: str = "") -> Browser:
    """Starts the browser; every address, loopback too, goes through the proxy when there is one."""
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)
    return playwright.chromium.launch(
        executable_path=path or None,
        args=flags,
        proxy={"server": proxy_url} if proxy_url else None,
        timeout=LAUNCH_TIMEOUT_MS,
        handle_sigint=False,
        handle_sigterm=False,
        handle_sighup=False,
    )


def find_browser(preferred: str = "") -> FoundBrowser:
    """The first candidate that really starts. A named path that does not start is an error, not a hint."""
    with _driver() as playwright:
        for path in candidates(preferred):
            try:
                browser = launch(playwright, path)
            except Error as problem:
                if path and path == preferred:
                    raise BadInput("browser", f"{path} does not start", _first_line(problem)) from problem
                continue
            with _closing(browser):
                return FoundBrowser(path, browser.version)
    raise BadInput(
        "browser",
        "no Chromium could be started",
        "install it (apt install chromium-headless-shell, or playwright install chromium-headless-shell)",
    )


def _first_line(problem: Error) -> str:
    return str(problem).strip().splitlines()[0]


@contextmanager
def _driver() -> Iterator[Playwright]:
    """Playwright's own program; on a very small machine a library of it may be missing."""
    manager = sync_playwright()
    try:
        playwright = manager.start()
    except Exception as problem:  # Playwright raises a bare Exception here
        remedy = "apt-get install libatomic1 (Debian), then try again"
        raise BadInput("browser", f"Playwright's driver does not start ({problem})", remedy) from problem
    try:
        yield playwright
    finally:
        playwright.stop()


@contextmanager
def _closing(browser: Browser) -> Iterator[None]:
    try:
        yield
    finally:
        browser.close()
