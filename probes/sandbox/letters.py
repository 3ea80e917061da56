"""Writes what the brands send: words from `letters.yaml`, in the mails and posts their systems would make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from benchmark.core.planning import draw
from probes.sandbox.characters import Act

AGENTS = {
    "de": ("Miriam Vogt", "Jonas Albers", "Katrin Seidel", "Deniz Aydin", "Felix Hartung"),
    "en": ("Priya Nair", "George Ellis", "Hannah Moore", "Callum Reid", "Sophie Grant"),
}
CLOSED_UNTIL = date(2026, 3, 27)  # the end of the company holiday in `characters.company_holiday`
STUDY_MX = "mx.study.example"


@dataclass(frozen=True)
class Sender:
    """A brand as it writes."""

    slug: str
    name: str
    language: str
    country: str


@dataclass(frozen=True)
class Inquiry:
    """What a brand knows of the inquiry it answers; `message_id` and `original` are empty when it came by form."""

    key: str
    subject: str
    reply_address: str
    name: str
    salutation: str
    turn: int
    brand_address: str = ""
    message_id: str = ""
    original: bytes = b""


@lru_cache(maxsize=1)
def _letters() -> dict[str, Any]:
    source = files("probes.sandbox").joinpath("letters.yaml").read_text("utf-8")
    loaded: dict[str, Any] = YAML(typ="safe").load(source)
    return loaded


def ticket_of(sender: Sender, inquiry: Inquiry) -> str:
    return str(2026_000_000 + draw(1, sender.slug, inquiry.reply_address.partition(".")[0], inquiry.turn) % 900_000)


def page_words(sender: Sender, inquiry: Inquiry, with_ticket: bool) -> tuple[str, str | None]:
    """What the brand's page shows after a form was sent, and the ticket number in it."""
    ticket = ticket_of(sender, inquiry) if with_ticket else None
    words = _letters()[sender.language]["page_ticket" if ticket else "page"]
    return words.format(ticket=ticket), ticket


def post_words(sender: Sender, inquiry: Inquiry, act: Act) -> str:
    """What the brand writes on a wall or says on the telephone."""
    letter = _letters()[sender.language][act.letter]
    words = letter if isinstance(letter, str) else letter.get("text") or letter["body"]
    return str(words).format(**_values(sender, inquiry)).strip()


def mail_of(sender: Sender, inquiry: Inquiry, act: Act, at: datetime) -> bytes:
    """The brand's mail as our own MX hands it to the mailbox."""
    mail = _bounce(sender, inquiry, at) if act.letter == "bounce" else _letter(sender, inquiry, act, at)
    trace = (
        f"Return-Path: <{'' if act.automatic else _mailbox(sender, act)}>\r\n"
        f"Delivered-To: {inquiry.reply_address}\r\n"
        f"Received: from mail.{sender.slug}.example by {STUDY_MX} with ESMTP id {draw(2, sender.slug, at):x}\r\n"
        f" for <{inquiry.reply_address}>; {format_datetime(at)}\r\n"
    )
    return trace.encode() + mail


def _mailbox(sender: Sender, act: Act) -> str:
    word = "service" if sender.language == "de" else "care"
    return f"support@{sender.slug}.replydesk.example" if act.from_desk else f"{word}@{sender.slug}.example"


def _values(sender: Sender, inquiry: Inquiry) -> dict[str, str]:
    words = _letters()[sender.language]
    agents = AGENTS[sender.language]
    closed_to = CLOSED_UNTIL
    return {
        "name": inquiry.name,
        "last_name": inquiry.name.rpartition(" ")[2],
        "salutation": inquiry.salutation,
        "brand": sender.name,
        "slug": sender.slug,
        "agent": agents[draw(3, sender.slug, inquiry.turn) % len(agents)],
        "ticket": ticket_of(sender, inquiry),
        "subject": inquiry.subject,
        "date": closed_to.strftime("%d.%m.%Y" if sender.language == "de" else "%d %B %Y"),
        "answer": words["answers"][inquiry.key],
        "first": words["firsts"][inquiry.key],
        "phone": "+49 30 23125 500" if sender.country == "DE" else "+44 20 7946 0500",
    }


def _letter(sender: Sender, inquiry: Inquiry, act: Act, at: datetime) -> bytes:
    words, values = _letters()[sender.language][act.letter], _values(sender, inquiry)
    mail = EmailMessage(policy=SMTP)
    shown = values["agent"] if not act.automatic and not act.from_desk else sender.name
    mail["From"] = Address(shown, addr_spec=_mailbox(sender, act))
    mail["To"] = Address(addr_spec=inquiry.reply_address)
    mail["Subject"] = words["subject"].format(**values)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{draw(4, sender.slug, inquiry.reply_address, at, act.letter):016x}@{sender.slug}.example>"
    if act.threaded and inquiry.message_id:
        mail["In-Reply-To"] = inquiry.message_id
        mail["References"] = inquiry.message_id
    for name, value in _robot_headers(sender, act):
        mail[name] = value
    mail.set_content(words["body"].format(**values) + _quote(inquiry, act, sender.language))
    return mail.as_bytes()


def _robot_headers(sender: Sender, act: Act) -> list[tuple[str, str]]:
    if act.marketing:
        return [
            ("List-Unsubscribe", f"<http://{sender.slug}.example/unsubscribe>"),
            ("List-Id", f"news.{sender.slug}.example"),
            ("Precedence", "bulk"),
        ]
    return [("Auto-Submitted", "auto-replied")] if act.automatic else []


def _quote(inquiry: Inquiry, act: Act, language: str) -> str:
    """A person's program quotes the inquiry below the answer."""
    if act.automatic or not inquiry.original:
        return ""
    text = inquiry.original.decode("utf-8", "replace").replace("\r\n", "\n").strip()
    intro = f"{inquiry.name} schrieb:" if language == "de" else f"{inquiry.name} wrote:"
    return f"\n{intro}\n" + "\n".join(f"> {line}" for line in text.splitlines()) + "\n"


def _bounce(sender: Sender, inquiry: Inquiry, at: datetime) -> bytes:
    """A delivery status notification (RFC 3464) of the brand's own mail system."""
    host = f"mail.{sender.slug}.example"
    report = MIMEMultipart("report", report_type="delivery-status")
    report["From"] = f"Mail Delivery System <MAILER-DAEMON@{host}>"
    report["To"] = inquiry.reply_address
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = format_datetime(at)
    report["Message-ID"] = f"<{draw(5, sender.slug, inquiry.reply_address, at):016x}@{host}>"
    report["Auto-Submitted"] = "auto-replied"
    words = (
        f"Your message could not be delivered to <{inquiry.brand_address}>:\n550 5.1.1 User unknown in local table\n"
    )
    report.attach(MIMEText(words, "plain", "us-ascii"))
    report.attach(_status_part(host, inquiry))
    returned = EmailMessage(policy=SMTP)
    returned["From"], returned["To"] = inquiry.reply_address, inquiry.brand_address
    returned["Subject"], returned["Message-ID"] = inquiry.subject, inquiry.message_id
    returned.set_content(inquiry.original.decode("utf-8", "replace"))
    report.attach(MIMEMessage(returned))
    return report.as_bytes(policy=SMTP)


def _status_part(host: str, inquiry: Inquiry) -> EmailMessage:
    """message/delivery-status: one block for the message, one for the recipient (RFC 3464, 2.2 and 2.3)."""
    per_message, per_recipient = EmailMessage(), EmailMessage()
    per_message["Reporting-MTA"] = f"dns; {host}"
    per_recipient["Final-Recipient"] = f"rfc822; {inquiry.brand_address}"
    per_recipient["Action"] = "failed"
    per_recipient["Status"] = "5.1.1"
    per_recipient["Diagnostic-Code"] = "smtp; 550 5.1.1 User unknown in local table"
    part = EmailMessage()
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([per_message, per_recipient])
    return part
