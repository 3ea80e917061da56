"""Raw mails of own-written letters: those beside this file, and the rounds of the tests, each written before the rules
saw it. Tests, benchmarks and `tools.judge` read them.

A letter begins with `=== KIND PROFILE`; header lines and, behind a blank line, the text follow. A profile adds the
headers of the system that would send such a letter; `raw` letters are taken as they are.
"""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterator
from email.header import Header
from pathlib import Path

from benchmark.core.vocabulary import ReplyKind

FOLDER = Path(__file__).resolve().parents[2] / "tests/benchmark/core/classification/letters"
"""The rounds of the tests."""
_ANSWERS = "In-Reply-To: <probe-1@study.example>"
_REPLIED = "Auto-Submitted: auto-replied"
_GENERATED = "Auto-Submitted: auto-generated"
PROFILES = {
    "plain": "",
    "reply": "\n".join(
        (
            _ANSWERS,
            "References: <probe-1@study.example>",
        )
    ),
    "html": "\n".join(("Content-Type: text/html; charset=utf-8",)),
    "zendesk": "\n".join(
        (
            "X-Mailer: Zendesk Mailer",
            _GENERATED,
            "X-Auto-Response-Suppress: All",
            "X-Delivery-Context: event-id-81",
            _ANSWERS,
        )
    ),
    "freshdesk": "\n".join(
        (
            "X-Freshdesk-Id: 1",
            _GENERATED,
            "X-Auto-Response-Suppress: DR, RN, OOF, AutoReply",
        )
    ),
    "otrs": "\n".join(
        (
            "X-Mailer: OTRS Mail Service (6.0.30)",
            "X-Powered-By: OTRS (https://otrs.com/)",
            _ANSWERS,
        )
    ),
    "znuny": "\n".join(
        (
            "X-Mailer: Znuny Mail Service (6.5.4)",
            _REPLIED,
            "Precedence: bulk",
            "X-OTRS-Loop: yes",
        )
    ),
    "zammad": "\n".join(
        (
            "X-Mailer: Zammad Mail Service",
            _REPLIED,
            "X-Auto-Response-Suppress: All",
            "X-Loop: yes",
            _ANSWERS,
        )
    ),
    "jira": "\n".join(
        (
            _GENERATED,
            "Precedence: bulk",
            "X-JIRA-FingerPrint: 881",
            "X-Auto-Response-Suppress: DR, OOF",
        )
    ),
    "servicenow": "\n".join(
        (
            "X-ServiceNow-Generated: true",
            "X-ServiceNow-Source: Notification-1",
            _GENERATED,
        )
    ),
    "salesforce": "\n".join(
        (
            "X-SFDC-LK: 00D30",
            "X-SFDC-User: 005",
            "X-Sender: postmaster@salesforce.com",
        )
    ),
    "hubspot": "\n".join(
        (
            "X-HubSpot-Tenant: 1",
            "X-HS-Cid: 22",
        )
    ),
    "glpi": "\n".join(
        (
            "X-GLPI-Notification: 1",
            _GENERATED,
            "X-Auto-Response-Suppress: OOF, DR, NDR, RN, NRN",
        )
    ),
    "osticket": "\n".join(
        (
            "X-Mailer: osTicket Mailer",
            _REPLIED,
            "X-Autoreply: yes",
            "Precedence: bulk",
            _ANSWERS,
        )
    ),
    "dynamics": "\n".join(("X-Mailer: Microsoft CRM",)),
    "rt": "\n".join(
        (
            "RT-Ticket: uni.example #20113",
            "Managed-BY: RT 5.0.3",
            "Precedence: bulk",
            "X-RT-Loop-Prevention: uni.example",
            _REPLIED,
        )
    ),
    "redmine": "\n".join(
        (
            "X-Redmine-Host: tool.example",
            "X-Redmine-Issue-Id: 331",
            _GENERATED,
            "X-Auto-Response-Suppress: All",
            "X-Mailer: Redmine",
            "Precedence: bulk",
        )
    ),
    "intercom": "\n".join(
        (
            "X-Mailer: Intercom",
            "X-Intercom-Bin: 1",
            _ANSWERS,
        )
    ),
    "exchange": "\n".join(
        (
            _GENERATED,
            "X-MS-Exchange-Inbox-Rules-Loop: a@b.example",
            "X-Auto-Response-Suppress: All",
            "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent",
            _ANSWERS,
        )
    ),
    "gmail": "\n".join(
        (
            "Precedence: bulk",
            "X-Autoreply: yes",
            _REPLIED,
            _ANSWERS,
        )
    ),
    "sieve": "\n".join(
        (
            "Auto-Submitted: auto-replied (vacation)",
            "X-Sieve: Pigeonhole Sieve 0.5.19",
            "Precedence: bulk",
            _ANSWERS,
        )
    ),
    "groupwise": "\n".join(
        (
            "X-Mailer: Novell GroupWise Internet Agent 14.2.2",
            _ANSWERS,
        )
    ),
    "notes": "\n".join(
        (
            "X-MIMETrack: Serialize by Router on srv",
            "X-Mailer: Lotus Notes Release 8.5.3",
        )
    ),
    "autorespond": "\n".join(
        (
            "Precedence: auto_reply",
            "X-Loop: info@brunnenbau.example",
            "X-Autorespond: Angebot",
        )
    ),
    "cpanel": "\n".join(
        (
            _REPLIED,
            "Precedence: auto_reply",
            "X-Loop: greg@greghandy.example",
            "X-Autorespond: x",
        )
    ),
    "list": "\n".join(
        (
            "List-Id: <dev.lists.example>",
            "List-Post: <mailto:dev@lists.example>",
            "List-Unsubscribe: <mailto:dev-leave@lists.example>",
            "Precedence: list",
            "X-Mailman-Version: 2.1.39",
            "In-Reply-To: <m1@lists.example>",
        )
    ),
    "mailchimp": "\n".join(
        (
            "X-Mailer: MailChimp Mailer",
            "List-Unsubscribe: <https://x.example/u>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "List-Id: <l.mc.example>",
            "Precedence: bulk",
        )
    ),
}


def letters(path: Path) -> Iterator[tuple[str, ReplyKind, bytes]]:
    """(name, kind, raw mail) of each letter of a file."""
    parts = re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    for number, part in enumerate(parts, 1):
        first, _, rest = part.partition("\n")
        kind, profile = first.split()
        yield f"{path.stem}-{number:03}-{kind}", ReplyKind(kind), written(profile, rest, number)


def written(profile: str, rest: str, number: int) -> bytes:
    """A raw mail with the headers of a profile; transfer encodings take turns, so that each is met in every round."""
    if profile == "raw":
        return rest.encode()
    head, _, body = rest.partition("\n\n")
    fields = [_field(line) for line in head.split("\n")]
    known = {name.lower() for name, _ in fields}
    added = [("To", "anna@study.example"), ("Date", "Tue, 10 Mar 2026 11:02:03 +0100")]
    added += [("Message-ID", f"<l{number}@brand.example>"), ("MIME-Version", "1.0")]
    added += [_field(line) for line in PROFILES[profile].split("\n") if line]
    added += [] if profile == "html" else [("Content-Type", "text/plain; charset=utf-8")]
    fields += [field for field in added if field[0].lower() not in known]
    encoding, data = (
        ("base64", base64.encodebytes(body.encode())),
        ("quoted-printable", quopri.encodestring(body.encode())),
        ("8bit", body.encode()),
    )[number % 3]
    fields.append(("Content-Transfer-Encoding", encoding))
    return "\n".join(f"{name}: {value}" for name, value in fields).encode() + b"\n\n" + data


def _field(line: str) -> tuple[str, str]:
    name, value = line.split(": ", 1)
    if value.isascii():
        return name, value
    address = re.fullmatch(r"(.*?)\s*(<[^<>]+>)", value) if name == "From" else None
    if address:
        return name, f"{Header(address[1].strip(chr(34)), 'utf-8').encode()} {address[2]}"
    return name, Header(value, "utf-8").encode()
