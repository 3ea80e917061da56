"""CSV export of all probes against the database's own client: `sqlite3 -csv`, or psql's COPY.

python tests/performance/export.py --database sqlite:///big.sqlite --campaign big
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from benchmark import results
from benchmark.core.codebook import Level
from benchmark.exports import export
from benchmark.store.session import engine_for, reading

PEER = """SELECT p.reference, b.name, b.company, b.sector, b.country, o.channel, o.inquiry, w.name, p.text_version,
strftime('%Y-%m-%dT%H:%M:%SZ', o.t0_s, 'unixepoch'), o.acknowledged_s, o.acknowledged_by, o.human_s, o.substantive_s,
o.followed_up_s, o.bounced_s, o.closed_s, o.ticket_s, o.out_of_office_s, o.handoff, o.tester_delay_s, o.exclusion
FROM probe p JOIN outcome o ON o.probe_id = p.id JOIN brand b ON b.id = p.brand_id JOIN wave w ON w.id = p.wave_id
WHERE p.campaign_id = {campaign} ORDER BY p.id"""


def ours(url: str, name: str, out: Path) -> tuple[float, int, int]:
    """(seconds, rows, campaign id)."""
    with reading(engine_for(url)) as session:
        campaign = results.find_campaign(session, name)
        start = time.perf_counter()
        with out.open("wb") as stream:
            for piece in export(session, campaign, "csv", Level.PROBES, results.default_as_of(session, campaign)):
                stream.write(piece)
        spent = time.perf_counter() - start
    with out.open("rb") as stream:
        return spent, sum(1 for _ in stream) - 1, campaign.id or 0


def sqlite_client(path: str, campaign: int, out: Path) -> float | None:
    """The client program; None where it is not installed."""
    if shutil.which("sqlite3") is None:
        return None
    start = time.perf_counter()
    with out.open("wb") as stream:
        command = ["sqlite3", "-csv", path, PEER.format(campaign=campaign)]
        subprocess.run(command, stdout=stream, check=True)
    return time.perf_counter() - start


def sqlite_rows(path: str, campaign: int) -> float:
    """Reading the same rows in Python and throwing them away: a floor where there is no client."""
    start = time.perf_counter()
    for _row in sqlite3.connect(path).execute(PEER.format(campaign=campaign)):
        pass
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True)
    parser.add_argument("--campaign", default="big")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        spent, rows, campaign = ours(given.database, given.campaign, Path(folder) / "ours.csv")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{rows} rows in {spent:.2f} s, {rows / spent:,.0f} rows/s, memory {peak:.0f} MB")
        path = make_url(given.database).database or ""
        client = sqlite_client(path, campaign, Path(folder) / "client.csv")
        if client is None:
            print(f"no sqlite3 client; reading the rows alone takes {sqlite_rows(path, campaign):.2f} s")
        else:
            print(f"sqlite3 -csv: {client:.2f} s; our rate is {client / spent:.2f} of it")


if __name__ == "__main__":
    main()
