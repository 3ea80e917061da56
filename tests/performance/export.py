"""CSV export of all probes against the database's own client: `sqlite3 -csv`, or psql's COPY; in turn, medians.

python tests/performance/export.py --database sqlite:///big.sqlite --campaign big --rounds 3
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from benchmark import results
from benchmark.core.codebook import Level
from benchmark.exports import export
from benchmark.results import find_campaign
from benchmark.store.session import engine_for, reading

PEER = """SELECT p.reference, b.name, b.company, b.sector, b.country, o.channel, o.inquiry, w.name, p.text_version,
{instant}, o.acknowledged_s, o.acknowledged_by, o.human_s, o.substantive_s,
o.followed_up_s, o.bounced_s, o.closed_s, o.ticket_s, o.out_of_office_s, o.handoff, o.tester_delay_s, o.exclusion
FROM probe p JOIN outcome o ON o.probe_id = p.id JOIN brand b ON b.id = p.brand_id JOIN wave w ON w.id = p.wave_id
WHERE p.campaign_id = {campaign} ORDER BY p.id"""


INSTANT = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%SZ', o.t0_s, 'unixepoch')",
    "postgresql": """to_char(to_timestamp(o.t0_s) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
}


def ours(url: str, name: str, out: Path) -> None:
    with reading(engine_for(url)) as session, out.open("wb") as stream:
        campaign = find_campaign(session, name)
        for piece in export(session, campaign, "csv", Level.PROBES, results.default_as_of(session, campaign)):
            stream.write(piece)


def client(url: str, campaign: int, out: Path) -> None:
    """The database's own client program."""
    address = make_url(url)
    query = PEER.format(campaign=campaign, instant=INSTANT[address.get_backend_name()])
    if address.get_backend_name() == "sqlite":
        command = ["sqlite3", "-csv", address.database or "", query]
    else:
        plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
        command = ["psql", "-q", "-c", f"COPY ({query}) TO STDOUT WITH (FORMAT csv)", plain]
    with out.open("wb") as stream:
        subprocess.run(command, stdout=stream, check=True)


def seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True)
    parser.add_argument("--campaign", default="big")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with reading(engine_for(given.database)) as session:
        campaign = find_campaign(session, given.campaign).id or 0
    with TemporaryDirectory() as folder:
        out, peer = Path(folder) / "ours.csv", Path(folder) / "peer.csv"
        pairs = [
            (
                seconds(lambda: ours(given.database, given.campaign, out)),
                seconds(lambda: client(given.database, campaign, peer)),
            )
            for _ in range(given.rounds)
        ]
        with out.open("rb") as stream:
            rows = sum(1 for _ in stream) - 1
    spent, theirs = (median(times) for times in zip(*pairs, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows} rows in {spent:.2f} s, {rows / spent:,.0f} rows/s, memory {peak:.0f} MB")
    print(f"its own client: {theirs:.2f} s; our rate is {median(b / a for a, b in pairs):.2f} of it")


if __name__ == "__main__":
    main()
