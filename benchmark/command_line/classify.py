"""`replymark classify PATH…`: raw mail files, folders and mbox files -> one row a mail, as it is read."""

from __future__ import annotations

import csv
import errno
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Protocol

import click

from benchmark.careful_reading import broken, read_carefully
from benchmark.core.problems import BadInput
from benchmark.core.values import Verdict
from benchmark.mail_files import is_mbox, mails_of_mbox, mails_piped
from benchmark.preparing import verdict_on

COLUMNS = ("file", "kind", "confidence", "ticket_ids", "language", "flags", "rules", "rules_version")
MORE = ("followup_kind", "handoff_channel", "handoff_address", "return_date")  # behind those others rely on
_JOINED_BY = ";"
_NO_MAIL = (".csv", ".md", ".json", ".yaml", ".yml", ".py", ".gz", ".zip")


@dataclass(frozen=True)
class _Mail:
    """One raw mail and the name it goes by: its file, with `#number` where a file holds many."""

    name: str
    raw: bytes


class _Writer(Protocol):
    def write(self, name: str, verdict: Verdict) -> None: ...

    def close(self) -> None: ...


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH…")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
def classify(paths: tuple[str, ...], form: str) -> None:
    """Say what raw mails are: files, folders (with all below them) and mbox files, each as one row.

    "-" is standard input: one raw mail, or an mbox.
    """
    if not paths:
        raise BadInput("classify", "what is to be read is not said", 'give files, folders or mbox files, or "-"')
    files = _files([path for path in paths if path != "-"])
    piped = _standard_input() if "-" in paths else []
    writer: _Writer = _CsvWriter(sys.stdout) if form == "csv" else _JsonWriter(sys.stdout)
    for mail in piped:
        writer.write(mail.name, _verdict(mail.raw))
    for path in files:
        for mail in _mails_in(path):
            writer.write(mail.name, _verdict(mail.raw))
    writer.close()


def _standard_input() -> list[_Mail]:
    raw = sys.stdin.buffer.read() if sys.stdin else b""  # None: closed by whoever called us
    if not raw.strip():
        raise BadInput("standard input", "holds no mail", "pipe one raw mail, headers first")
    mails = mails_piped(raw)
    if len(mails) == 1:
        return [_Mail("stdin", raw)]
    return [_Mail(f"stdin#{number}", mail) for number, mail in enumerate(mails, start=1)]


def _verdict(raw: bytes) -> Verdict:
    """What may be a bomb is read in a child process; a mail that breaks the rules is known by its head alone."""
    read = read_carefully(raw)
    try:
        return verdict_on(read, None)
    except Exception as problem:  # hostile mail may yet find a way to break the rules
        return verdict_on(broken(raw, f"quarantined: {type(problem).__name__}"), None)


def _files(paths: Sequence[str]) -> list[Path]:
    """All files below the paths, sorted and each once; a path that is missing stops before anything is written."""
    found: set[Path] = set()
    for given in paths:
        path = Path(given)
        _check_file_or_folder(path)
        below = set(_mail_files_below(path)) if path.is_dir() else {path}
        if not below:
            click.echo(f"replymark: {given}: holds no mail file", err=True)
        found |= below
    return sorted(found)


def _check_file_or_folder(path: Path) -> None:
    remedy = "give raw mail files (.eml), folders or mbox files"
    try:
        path.stat()
    except OSError as problem:
        words = "links to nothing" if path.is_symlink() else "no such file or folder"
        if problem.errno not in (errno.ENOENT, errno.ENOTDIR):
            words = f"cannot be read ({problem.strerror})"
        raise BadInput(str(path), words, remedy) from None
    if path.is_char_device() or path.is_block_device():  # it may never end
        raise BadInput(str(path), "is a device and holds no mail", remedy)


def _mail_files_below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.name.startswith(".") or path.suffix.lower() in _NO_MAIL:
            continue
        if path.is_file():
            yield path
        elif path.is_symlink() and not path.is_dir():
            click.echo(f"replymark: {path}: links to nothing that can be read", err=True)


def _mails_in(path: Path) -> Iterator[_Mail]:
    try:
        if is_mbox(path):
            yield from (_Mail(f"{path}#{number}", raw) for number, raw in enumerate(mails_of_mbox(path), start=1))
        else:
            yield _Mail(str(path), path.read_bytes())
    except OSError as problem:
        raise BadInput(
            str(path), f"cannot be read ({problem.strerror})", "check the file and its permissions"
        ) from None


def _row(name: str, verdict: Verdict) -> dict[str, object]:
    return {
        "file": name,
        "kind": verdict.kind.value,
        "confidence": round(verdict.confidence, 4),
        "ticket_ids": list(verdict.ticket_ids),
        "language": verdict.language,
        "flags": sorted(flag.value for flag in verdict.flags),
        "rules": [hit.rule for hit in verdict.rules],
        "rules_version": verdict.rules_version,
        "followup_kind": verdict.followup_kind.value if verdict.followup_kind else "",
        "handoff_channel": verdict.handoff.channel.value if verdict.handoff else "",
        "handoff_address": verdict.handoff.address if verdict.handoff else "",
        "return_date": verdict.return_date.isoformat() if verdict.return_date else "",
    }


class _CsvWriter:
    def __init__(self, out: IO[str]) -> None:
        self._writer = csv.DictWriter(out, (*COLUMNS, *MORE), lineterminator="\n")
        self._writer.writeheader()

    def write(self, name: str, verdict: Verdict) -> None:
        row = _row(name, verdict)
        self._writer.writerow({column: _cell(value) for column, value in row.items()})

    def close(self) -> None:
        """Nothing is open."""


def _cell(value: object) -> object:
    """Lists become one cell; text a spreadsheet would take for a formula is kept from being one."""
    text = _JOINED_BY.join(map(str, value)) if isinstance(value, list) else value
    return f"'{text}" if isinstance(text, str) and text[:1] in ("=", "+", "-", "@", "\t") else text


class _JsonWriter:
    """A JSON list, written row by row, a line each; beside the rules stands where they looked and what they saw."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._before = "["

    def write(self, name: str, verdict: Verdict) -> None:
        row = _row(name, verdict) | {"evidence": [asdict(hit) for hit in verdict.rules]}
        self._out.write(f"{self._before}\n{json.dumps(row, ensure_ascii=False)}")
        self._before = ","

    def close(self) -> None:
        self._out.write("\n]\n" if self._before == "," else "[]\n")
