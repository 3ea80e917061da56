"""`replymark receive`: raw mail from standard input, Maildirs, folders of .eml files or mbox files -> the study.

Each kind of source is one mailbox, however many files there are: the hash of a mail tells it from all others.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import click
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from benchmark import intake
from benchmark.careful_reading import read_carefully
from benchmark.core.problems import BadInput, TemporaryFailure
from benchmark.intake import FetchedMail
from benchmark.mail_files import is_mail, is_mbox, mails_of_mbox, mails_piped
from benchmark.settings import load_settings
from benchmark.store.session import check_current, engine_for, reading, transaction
from benchmark.wall_clock import real_now, study_now
from probes.mail.placing import place_items

STANDARD_INPUT = "-"
# With a space, as no mailbox with a log-in can be named.
STANDARD_INPUT_BOX, MAILDIR_BOX, MBOX_BOX, FILES_BOX = "standard input", "maildir files", "mbox files", "mail files"
_TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: an MTA keeps the mail and pipes it again
_REFUSED = 1  # done, but some of it was no mail
_BATCH = 50
_AHEAD = timedelta(minutes=5)  # clocks of mail servers may run ahead by so much
_DELIVERED = re.compile(r"(\d{9,11})\.")  # a Maildir file's name begins with the second of its delivery
_UID_DIGITS = 15  # hexadecimal digits of the hash: fits a 64-bit column


@dataclass(frozen=True)
class _Found:
    """A raw mail, when its file says it was delivered, and the name of that file (an mbox: with `#number`)."""

    content: bytes
    delivered_at: datetime | None = None
    name: str = ""


class _NotTaken(BadInput):
    """The call or the mail itself is wrong, and will be so the next time."""


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--received-at", metavar="TIME", help="When standard input's mail came in, e.g. 2026-03-10T09:30+01:00.")
@click.option("--mbox", "as_mbox", is_flag=True, help="Standard input is an mbox: each of its mails is taken in.")
def receive(paths: tuple[str, ...], received_at: str | None, as_mbox: bool) -> None:
    """Take in raw mail: Maildirs, folders of .eml files, mbox files, files of one mail, or (without PATH, or "-")
    standard input: one mail, as an MTA pipes it, or with --mbox many.

    The time of receipt is the topmost Received line, else the file's own word (the name or date of a Maildir file, the
    "From " line of an mbox), else now. Each mail is kept once however often it is given. Exit status 75: try again.
    """
    given = paths or (STANDARD_INPUT,)
    if as_mbox and STANDARD_INPUT not in given:
        raise _NotTaken("--mbox", "is for standard input only", "files are read as what they are")
    if as_mbox and received_at:
        raise _NotTaken("--received-at", "is for one mail, and standard input is an mbox", "its mails know their times")
    told = _moment(received_at, given) if received_at else None
    try:
        kept, refused = _receive_all(given, told, as_mbox)
    except _NotTaken:
        raise
    except Exception as problem:
        # An MTA bounces what ends with another status: from a pipe, every fault of ours is one to wait for.
        if STANDARD_INPUT not in given and not isinstance(problem, (OperationalError, TemporaryFailure)):
            raise
        click.echo(f"replymark: {_one_line(problem)}; nothing is lost, try again", err=True)
        sys.exit(_TRY_AGAIN)
    click.echo(f"{kept} new" + (f", {refused} refused" if refused else ""))
    if refused:
        sys.exit(_REFUSED)


def _one_line(problem: Exception) -> str:
    if isinstance(problem, OperationalError):
        problem = Exception(f"database: {str(problem.orig).strip()}")
    words = next(iter(str(problem).strip().splitlines()), "")
    plain = type(problem) in (Exception, BadInput, TemporaryFailure)
    return words if plain and words else f"{type(problem).__name__} {words}".strip()


def _receive_all(given: tuple[str, ...], at: datetime | None, as_mbox: bool) -> tuple[int, int]:
    """All mails of all sources; gives the numbers of those not seen before and of what was no mail."""
    engine = engine_for(load_settings().database)
    check_current(engine)
    if at is not None:
        with reading(engine) as session:
            if at > study_now(session) + _AHEAD:
                raise _NotTaken("--received-at", f"{at} has not come yet", "give the moment the mail came in")
    counts = [_receive(engine, path, at, as_mbox) for path in given]
    return sum(new for new, _ in counts), sum(refused for _, refused in counts)


def _moment(text: str, given: tuple[str, ...]) -> datetime:
    if given != (STANDARD_INPUT,):
        raise _NotTaken("--received-at", "is for standard input only", "files know their own times")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _NotTaken("--received-at", f"{text} is no time", "write 2026-03-10T09:30+01:00") from None
    if moment.tzinfo is None:
        raise _NotTaken("--received-at", f"{text} has no zone", "write 2026-03-10T09:30+01:00")
    return moment.astimezone(UTC)


def _receive(engine: Engine, path: str, at: datetime | None, as_mbox: bool) -> tuple[int, int]:
    """Keeps and places all mails of one source; gives the numbers of those not seen before and of what was no mail."""
    name, mails = _source(path, as_mbox)
    new = refused = 0
    while found := list(islice(mails, _BATCH)):
        batch = [mail for mail in found if _is_mail(mail)]
        refused += len(found) - len(batch)
        with transaction(engine) as session:
            now = study_now(session)
            fetched = [_fetched(mail, at, now) for mail in batch]
            items = intake.keep_mail(session, name, 1, fetched, now=now, real_now=real_now())
        place_items(engine, items)
        new += len(items)
    return new, refused


def _is_mail(mail: _Found) -> bool:
    """A file without a single header line is none, and is named; what was piped is never turned away."""
    if not mail.name or is_mail(mail.content):
        return True
    click.echo(f"replymark: {mail.name}: has no header line, so it is no mail; not taken in", err=True)
    return False


def _fetched(mail: _Found, at: datetime | None, now: datetime) -> FetchedMail:
    """The hash is the uid, so the same bytes from the same place are the same item."""
    uid = int(hashlib.sha256(mail.content).hexdigest()[:_UID_DIGITS], 16)
    return FetchedMail(uid, mail.content, at or _received_at(mail, now))


def _received_at(mail: _Found, now: datetime) -> datetime:
    """Our own server wrote the topmost Received line; a time that has not come yet is nobody's receipt."""
    told = (read_carefully(mail.content).message.received_at, mail.delivered_at)
    return next((moment for moment in told if moment is not None and moment <= now + _AHEAD), now)


def _source(path: str, as_mbox: bool) -> tuple[str, Iterator[_Found]]:
    """The mailbox of this kind of source, and its mails one by one."""
    if path == STANDARD_INPUT:
        return STANDARD_INPUT_BOX, _from_standard_input(as_mbox)
    try:
        file = Path(path).resolve()
        is_there = file.exists()
    except (OSError, RuntimeError):  # RuntimeError: what pathlib makes of a loop before Python 3.13
        raise _NotTaken(path, "cannot be followed (its links lead in a circle?)", "give the file itself") from None
    if not is_there:
        raise _NotTaken(path, "no such file or folder", "give a Maildir, an mbox file or a raw mail")
    try:
        if file.is_dir():
            return (MAILDIR_BOX, _from_maildir(boxes)) if (boxes := _boxes(file)) else (FILES_BOX, _from_folder(file))
        if not file.is_file():  # a device may never end
            return FILES_BOX, iter([_Found(b"", name=path)])
        return (MBOX_BOX, _from_mbox(file)) if is_mbox(file) else (FILES_BOX, _from_file(file))
    except OSError as problem:
        raise _NotTaken(path, f"cannot be read ({problem.strerror})", "check its permissions") from None


def _from_standard_input(as_mbox: bool) -> Iterator[_Found]:
    """What an MTA pipes is one mail whatever stands in it: "From " lines in its text are the sender's to choose."""
    content = sys.stdin.buffer.read() if sys.stdin else b""  # None: closed by whoever called us
    if not content.strip():
        raise _NotTaken("standard input", "holds no mail", "pipe one raw mail, headers first")
    mails = mails_piped(content)
    if len(mails) > 1 and not as_mbox:
        click.echo("replymark: standard input was taken as one mail; say --mbox if it is an mbox", err=True)
    for mail in mails if as_mbox else [content]:
        line, _, rest = mail.partition(b"\n")
        yield _without_from_line(mail) if line.startswith(b"From ") and rest else _Found(mail)


def _boxes(folder: Path) -> list[Path]:
    """`new` and `cur` of a Maildir, never `tmp`: what lies there is not yet delivered."""
    return [folder / name for name in ("new", "cur") if (folder / name).is_dir()]


def _from_folder(folder: Path) -> Iterator[_Found]:
    """The .eml files in it, not those below: nobody wants a whole disk read by a slip of the hand."""
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() == ".eml" and _may_be_mail(file))
    if not files:
        remedy = "a Maildir has `new` and `cur`; give the folder above them, or one with .eml files"
        raise _NotTaken(str(folder), "is no Maildir and holds no .eml file", remedy)
    for file in files:
        yield from _from_file(file)


def _may_be_mail(file: Path) -> bool:
    """A link that leads nowhere too: it will be named."""
    return file.is_file() or (file.is_symlink() and not file.exists())


def _from_maildir(boxes: list[Path]) -> Iterator[_Found]:
    for file in sorted(file for box in boxes for file in box.iterdir() if not file.name.startswith(".")):
        yield from _from_file(file)


def _from_file(file: Path) -> Iterator[_Found]:
    """A file that cannot be read is named and does not stop the others."""
    try:
        content, changed_at = file.read_bytes(), datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError as problem:
        click.echo(f"replymark: {file}: cannot be read ({problem.strerror})", err=True)
        return
    named = _DELIVERED.match(file.name)
    yield _Found(content, datetime.fromtimestamp(int(named[1]), UTC) if named else changed_at, str(file))


def _from_mbox(file: Path) -> Iterator[_Found]:
    for number, content in enumerate(mails_of_mbox(file), start=1):
        yield replace(_without_from_line(content), name=f"{file}#{number}")


_TIME_AND_ZONE, _ZONE_BEFORE_YEAR = "%b %d %H:%M:%S %Y %z", "%b %d %H:%M:%S %z %Y"


def _without_from_line(content: bytes) -> _Found:
    """Cuts `From sender Tue Mar 10 09:30:00 2026`, which is the file's and not the mail's."""
    line, _, mail = content.partition(b"\n")
    if not line.startswith(b"From "):
        return _Found(content)
    return _Found(mail, _from_line_time(line.decode("ascii", "replace").split()))


def _from_line_time(words: list[str]) -> datetime | None:
    """Without a zone it is UTC; Google Takeout writes one before the year, others behind it."""
    ways = (
        ([*words[-4:], "+0000"], _TIME_AND_ZONE),
        (words[-5:], _ZONE_BEFORE_YEAR),
        (words[-5:], _TIME_AND_ZONE),
    )
    for told, form in ways:
        with suppress(ValueError, OverflowError):
            return datetime.strptime(" ".join(told), form).astimezone(UTC)
    return None
