"""How fast a mailbox is taken in (stored, matched, classified) beside imap-tools that only fetches and parses.

./run bench mail_ingest [--database sqlite|postgresql] [--mails 3000] [--alone | --cold] [--profile FILE]

As in the fetching process, a second reader helps where there are two cores; `--alone` leaves it out.
It takes about a second to start; that second is part of the measurement only with `--cold`. The profile is of placing.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import threading
import time
from pathlib import Path

from imap_tools import MailBoxUnencrypted
from sqlalchemy import Engine
from sqlmodel import func, select

from benchmark import mail_accounts
from benchmark.core.classification import classify
from benchmark.core.messages import read_message
from benchmark.settings import Settings
from benchmark.store import queries
from benchmark.store.session import reading
from benchmark.store.tables import MailboxItem, Reply, VerdictRow
from probes.mail.fetching import Fetcher
from probes.mail.mailbox import StudyMailbox
from probes.mail.placing import Placer
from probes.mail.second_reader import SecondReader, second_reader
from tests.performance._mail_world import fresh_database, replies, sent_campaign, served

AIM_RATIO, AIM_RATE, AIM_MB = 0.25, 200, 300


def bare(port: int) -> tuple[int, float]:
    """imap-tools by 500: envelope, texts and attachment names of each mail are asked for."""
    begin, count = time.perf_counter(), 0
    with MailBoxUnencrypted("127.0.0.1", port).login("study", "secret") as box:
        for message in box.fetch(mark_seen=False, bulk=500):
            _ = (message.subject, message.from_, message.to, message.date, message.text, message.html)
            _ = [attachment.filename for attachment in message.attachments]
            count += 1
    return count, time.perf_counter() - begin


def taken_in(port: int, engine: Engine, reader: SecondReader | None, count: int) -> float:
    """What the fetching process does until all of it is placed."""
    settings = Settings(imap_port=port, imap_password="secret")
    placer = Placer(engine, reader, look_s=0.02)
    fetcher = Fetcher(engine, StudyMailbox(mail_accounts.of_settings(settings)), poll_s=0.1, ring=placer.ring)
    begin = time.perf_counter()
    fetching = threading.Thread(target=fetcher.run)
    fetching.start()
    while not all_placed(engine, count):
        placer.step()
        placer.wait()
    spent = time.perf_counter() - begin
    fetcher.ended.set()
    fetching.join()
    return spent


def all_placed(engine: Engine, count: int) -> bool:
    with reading(engine) as session:
        return queries.placed_count(session) >= count


def peak_mb(pid: int | str = "self") -> float:
    """The most memory a process ever had, what it shares with others included."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def shared_out_mb(pid: int | str = "self") -> float:
    """What a process has now, each shared page counted by its share (PSS)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    return int(rollup.partition("\nPss:")[2].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--mails", type=int, default=3000)
    parser.add_argument("--brands", type=int, default=0, help="as many as get ten mails each, 300 at least")
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--profile", default="")
    arguments = parser.parse_args()
    brands = arguments.brands or max(300, arguments.mails // 10)
    with fresh_database(arguments.database) as engine:
        sent = sent_campaign(engine, brands)
        with served(arguments.mails, 1, sent) as port:
            for content in replies(sent, 20, seed=2):
                classify(read_message(content))  # a running fetcher has read its tables
            reader = None if arguments.alone else second_reader(engine.url.render_as_string(hide_password=False))
            if reader is not None and not arguments.cold:
                reader.start()
                reader.wait_until_ready()
            before = peak_mb()
            count, alone = bare(port) if not arguments.profile else (arguments.mails, 1.0)
            profile = cProfile.Profile()
            gc.freeze()  # as the fetching process does
            if arguments.profile:
                profile.enable()
            spent = taken_in(port, engine, reader, arguments.mails)
            if arguments.profile:
                profile.dump_stats(arguments.profile)
            with reading(engine) as session:
                tables = (MailboxItem, Reply, VerdictRow)
                kept = [session.exec(select(func.count()).select_from(table)).one() for table in tables]
                matched = session.exec(select(func.count(Reply.probe_id))).one()  # type: ignore[arg-type]
    assert count == arguments.mails == kept[0], (count, kept)
    print(f"{arguments.database}: {count} mails, {kept[1]} replies, {matched} matched, {kept[2]} verdicts")
    print(f"imap-tools alone {count / alone:8.0f} mails/s")
    print(
        f"taken in         {count / spent:8.0f} mails/s (aim {AIM_RATE})  ratio {alone / spent:.2f} (aim {AIM_RATIO})"
    )
    print(f"memory: {before:.0f} MB before, peak {peak_mb():.0f} MB (aim below {AIM_MB} over 50,000 mails)")
    if reader is not None:
        pair = shared_out_mb() + shared_out_mb(reader.pid)
        print(f"second reader: peak {peak_mb(reader.pid):.0f} MB; both together {pair:.0f} MB (PSS, at the end)")
        reader.close()


if __name__ == "__main__":
    main()
