"""Memory of one form worker over many probes: the PSS of the process, its driver and its browser, every ten probes.

    .venv/bin/python tests/performance/form_memory.py [--probes 300] [--probes-per-browser 200]

Full evidence, no dwell, six kinds of loopback sites in turn. Prints the course, the largest value and the growth.
"""

from __future__ import annotations

import argparse
import itertools
import os
import runpy
import signal
import time
from pathlib import Path

from benchmark.core.vocabulary import AttemptState
from probes.browser import find_browser
from probes.channels.web_form import WebFormChannel, WebFormSettings
from probes.egress import EgressProxy
from probes.egress_rules import EgressRules
from probes.sandbox.sites import SiteAnswer, SiteServer

SHARED = runpy.run_path(str(Path(__file__).with_name("form_probes.py")))


def course(channel: WebFormChannel, probes: int) -> list[tuple[int, float]]:
    """Probes done and megabytes, every ten probes."""
    rows = []
    for number, spec in enumerate(itertools.islice(itertools.cycle(SHARED["SPECS"]), probes), start=1):
        delivery = channel.hand_over(SHARED["probe"](spec, number, 1), lambda: None)
        if delivery.state is not AttemptState.ACCEPTED:
            raise SystemExit(f"{spec.host}: {delivery.outcome}")
        if number % 10 == 0:
            rows.append((number, SHARED["megabytes"](os.getpid())))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probes", type=int, default=300)
    parser.add_argument("--probes-per-browser", type=int, default=WebFormSettings.probes_per_browser)
    asked = parser.parse_args()
    began = time.monotonic()
    # The sites and the guard are processes of their own in real life; here they live in a child, out of the sum.
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        sites = SiteServer(SHARED["SPECS"], lambda host, fields: SiteAnswer("Vielen Dank für Ihre Nachricht."))
        sites.start()
        with EgressProxy(EgressRules(dict.fromkeys(sites.hosts, sites.port))) as proxy:
            os.write(writer, proxy.url.encode())
            signal.pause()  # until the parent ends it
    try:
        settings = WebFormSettings(
            browser_path=find_browser().path, proxy_url=os.read(reader, 200).decode(), dwell_s=0, dwell_jitter_s=0,
            probes_per_browser=asked.probes_per_browser,
        )  # fmt: skip
        with WebFormChannel(settings) as channel:
            rows = course(channel, asked.probes)
    finally:
        os.kill(child, 9)
    own = SHARED["_pss"](child) / 1024
    print(" ".join(f"{number}:{size - own:.0f}" for number, size in rows))
    print(
        f"largest {max(size for _, size in rows) - own:.0f} MB, last {rows[-1][1] - own:.0f} MB, "
        f"{asked.probes / (time.monotonic() - began) * 60:.0f} probes a minute by one worker"
    )


if __name__ == "__main__":
    main()
