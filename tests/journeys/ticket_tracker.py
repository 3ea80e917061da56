"""A brand's real ticket system on loopback: a Roundup tracker fed through its mail gateway, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue

from aiosmtpd.smtp import SMTP, Envelope, Session

DESK = "service@lampworks.example"
AGENT = "tom@lampworks.example"
_CALL_S = 30

# Roundup's own example of a reactor: whoever follows an issue is told when its status changes without a message.
_TELL_STATUS = """
def told(db, cl, nodeid, oldvalues):
    was, messages = oldvalues.get("status"), cl.get(nodeid, "messages")
    if was and cl.get(nodeid, "status") != was and oldvalues.get("messages", messages) == messages:
        cl.nosymessage(nodeid, None, oldvalues)

def init(db):
    db.issue.react("set", told)
"""


@dataclass
class PostOffice:
    """Takes the mail of both sides over SMTP and keeps it until the test carries it on."""

    to_desk: Queue[bytes] = field(default_factory=Queue)
    to_study: Queue[bytes] = field(default_factory=Queue)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        for recipient in envelope.rcpt_tos:
            queue = self.to_desk if recipient == DESK else self.to_study
            marks = f"Return-Path: <{envelope.mail_from or ''}>\r\nDelivered-To: {recipient}\r\n"
            queue.put(marks.encode() + envelope.content)
        return "250 2.0.0 Ok"

    @staticmethod
    def all_of(queue: Queue[bytes]) -> list[bytes]:
        """What has come since the last call; Roundup ends after its mail was taken, so nothing is on its way."""
        found: list[bytes] = []
        while True:
            try:
                found.append(queue.get_nowait())
            except Empty:
                return found


@dataclass(frozen=True)
class Tracker:
    """Roundup's classic tracker. Whoever writes is registered and gets an acknowledgement, as on a public desk."""

    python: Path
    home: Path
    language: str

    def install(self, smtp_port: int) -> None:
        given = {
            "tracker_name": "Lampworks Support",
            "tracker_email": DESK,
            "tracker_web": "http://tickets.lampworks.example/",
            "tracker_language": self.language,
            "mailgw_language": self.language,
            "mail_domain": "lampworks.example",
            "mail_host": "127.0.0.1",
            "mail_port": str(smtp_port),
            "nosy_messages_to_author": "new",
        }
        values = ",".join(f"{name}={value}" for name, value in given.items())
        self.admin("install", "classic", "sqlite", values)
        schema = self.home / "schema.py"
        closed = "#db.security.addPermissionToRole('Anonymous', 'Email Access')"
        text = schema.read_text()
        assert closed in text
        schema.write_text(text.replace(closed, closed.removeprefix("#")))
        (self.home / "detectors" / "tellstatus.py").write_text(_TELL_STATUS)
        self.admin("initialise", "secret")
        self.admin("create", "user", "username=tom", "realname=Tom Field", f"address={AGENT}", "roles=User")

    def admin(self, *words: str) -> str:
        return self._call("admin", "-i", str(self.home), *words)

    def take(self, mail: bytes) -> None:
        """A mail to the desk, piped in as its mail server would."""
        self._call("mailgw", str(self.home), given=mail)

    def _call(self, name: str, *words: str, given: bytes = b"") -> str:
        program = self.python.parent / f"roundup-{name}"
        environment = {**os.environ, "LANGUAGE": self.language}  # what Roundup writes its notes in
        done = subprocess.run(
            [str(self.python), str(program), *words],
            input=given, capture_output=True, timeout=_CALL_S, check=False, env=environment,
        )  # fmt: skip
        assert done.returncode == 0, f"{program.name} {words}: {done.stdout.decode()}{done.stderr.decode()}"
        return done.stdout.decode()
