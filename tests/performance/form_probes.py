"""Form probes a minute by two workers with full evidence, beside a bare Playwright script with fixed selectors.

    .venv/bin/python tests/performance/form_probes.py [--seconds 60] [--workers 2] [--probes-per-browser 200]

Both run without dwell against the same loopback sites; memory is the PSS of a worker with its browser and driver.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmark.core.values import ClaimedProbe, Persona
from benchmark.core.vocabulary import AttemptState, ChannelKind, InquiryKind
from probes.browser import find_browser, launch
from probes.channels.web_form import WebFormChannel, WebFormSettings
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules
from probes.sandbox.sites import SiteAnswer, SiteServer, SiteSpec

STYLES = ("plain", "shop", "ajax", "multi_step", "iframe", "honeypot")
SPECS = [SiteSpec(f"{style.replace('_', '-')}.example", "Nordlicht", "de", style, min_fill_s=0) for style in STYLES]
Row = tuple[int, float]  # probes done, megabytes at the end


def probe(spec: SiteSpec, number: int, worker: int) -> ClaimedProbe:
    return ClaimedProbe(
        number, number, 1, ChannelKind.WEB_FORM, spec.form_url, f"anna+w{worker}n{number:06d}@mail.example",
        f"<w{worker}n{number:06d}@mail.example>", Persona("a", "Frau", "Anna", "Berg"), InquiryKind.QUESTION,
        "Frage zum Regal", "Guten Tag, gibt es das Regal auch in Eiche?", "de", "Nordlicht",
    )  # fmt: skip


def ours(
    worker: int, proxy_url: str, path: str, seconds: float, per_browser: int, out: multiprocessing.Queue[Row]
) -> None:
    """One worker with the real channel and all its evidence."""
    settings = WebFormSettings(
        browser_path=path, proxy_url=proxy_url, dwell_s=0, dwell_jitter_s=0, probes_per_browser=per_browser
    )
    done = 0
    with WebFormChannel(settings) as channel:
        channel.hand_over(probe(SPECS[0], 0, worker), lambda: None)  # warm
        until = time.monotonic() + seconds
        for number, spec in enumerate(itertools.cycle(SPECS), start=1):
            delivery = channel.hand_over(probe(spec, number, worker), lambda: None)
            if delivery.state is not AttemptState.ACCEPTED:
                raise SystemExit(f"{spec.host}: {delivery.outcome}")
            done += 1
            if time.monotonic() > until:
                break
        out.put((done, megabytes(os.getpid())))


def bare(
    worker: int, proxy_url: str, path: str, seconds: float, per_browser: int, out: multiprocessing.Queue[Row]
) -> None:
    """One worker that fills one form by fixed selectors and keeps nothing."""
    with sync_playwright() as playwright:
        browser = launch(playwright, path, proxy_url)
        done, until = 0, time.monotonic() + seconds
        while time.monotonic() < until:
            page = browser.new_page()
            page.goto(SPECS[0].form_url)
            page.fill("#name", "Anna Berg")
            page.fill("#email", "anna@mail.example")
            page.fill("#message", "Guten Tag")
            page.click("main button")
            page.wait_for_selector(".alert-success")
            page.close()
            done += 1
        out.put((done, megabytes(os.getpid())))
        browser.close()


def megabytes(pid: int) -> float:
    """PSS of a process and everything below it."""
    return sum(_pss(one) for one in _family(pid)) / 1024


def _family(pid: int) -> list[int]:
    family = [pid]
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, parent = int(path.parent.name), int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
        if parent == pid:
            family += _family(number)
    return family


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def run(kind: object, workers: int, proxy_url: str, path: str, seconds: float, per_browser: int) -> tuple[float, float]:
    """Probes a minute of all workers together, and the largest worker's megabytes."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    crew = [context.Process(target=kind, args=(n, proxy_url, path, seconds, per_browser, out)) for n in range(workers)]
    for member in crew:
        member.start()
    rows = [out.get(timeout=seconds + 120) for _ in crew]
    for member in crew:
        member.join()
    return sum(done for done, _ in rows) / seconds * 60, max(size for _, size in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--probes-per-browser", type=int, default=200)
    asked = parser.parse_args()
    path = find_browser().path
    sites = SiteServer(SPECS, lambda host, fields: SiteAnswer("Vielen Dank für Ihre Nachricht."))
    sites.start()
    with EgressProxy(EgressRules(dict.fromkeys(sites.hosts, sites.port))) as proxy:
        told = {
            name: run(kind, asked.workers, proxy.url, path, asked.seconds, asked.probes_per_browser)
            for name, kind in (("ours", ours), ("bare", bare))
        }
    sites.stop()
    for name, (rate, size) in told.items():
        print(f"{name}: {rate:.0f} probes a minute by {asked.workers} workers, {size:.0f} MB a worker")
    print(f"ours is {told['ours'][0] / told['bare'][0]:.0%} of bare")


if __name__ == "__main__":
    main()
