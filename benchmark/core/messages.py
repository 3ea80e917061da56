"""Raw bytes of a mail -> InboundMessage. Never raises: what cannot be read stays empty and is noted as a defect."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, TypeAlias

from benchmark.core.decoding import header_text, text_of_bytes
from benchmark.core.delivery_reports import (
    REPORT_TYPES,
    RETURNED_TYPES,
    fields_in_text,
    report_fields_of,
    returned_mail_of,
    split_returned,
)
from benchmark.core.html_text import MAX_HTML, text_of_html
from benchmark.core.mail_limits import MAX_DEPTH, MAX_PARTS, limited
from benchmark.core.values import Attachment, InboundMessage

Mail: TypeAlias = "Message[Any, Any]"  # generic for the type checker only
Headers: TypeAlias = tuple[tuple[str, str], ...]

MAX_TEXT = 200_000  # characters
MAX_RETURNED_TEXT = 8_000
MAX_BARE_HEAD = 16_000  # bytes
MAX_HEADERS = 500
MAX_VALUE = 8_000  # characters of one header value; subjects and names are cut further
MAX_SUBJECT = 1_000
MAX_REFERENCES = 100
_SHORT_TEXT = 200  # a plain part shorter than this may be a mere footer beside an HTML letter

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
_PARAMETER = re.compile(r";\s*([a-z0-9*_-]+)\s*=\s*(?:\"([^\"]{0,300})\"|([^;\s\"]{1,300}))", re.IGNORECASE)
_PLAIN_MAILBOX = re.compile(r"\s*\"?([^\"<>@,;:()\\]{0,200}?)\"?\s*<\s*([^\s<>@,;\"()\\]+@[^\s<>@,;\"()\\]+)\s*>\s*")
_BARE_MAILBOX = re.compile(r"\s*([^\s<>@,;:\"()\\]+@[^\s<>@,;:\"()\\]+)\s*")
_ENVELOPE_HEADERS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to")


@dataclass
class _Parts:
    """What the walk through the parts found, in order."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    report_fields: Headers = ()
    returned_headers: Headers = ()
    returned_text: str = ""
    defects: list[str] = field(default_factory=list)


def read_message(raw: bytes) -> InboundMessage:
    """Reads a mail of any size and shape within a second; one that had to be cut says `truncated` in `defects`."""
    sha256, size = hashlib.sha256(raw).hexdigest(), len(raw)
    mail = limited(raw)
    try:
        return _message(message_from_bytes(mail.content), sha256, size, mail.defects)
    except Exception as problem:
        # Hostile bytes find new ways to break the parser; the mail must still be stored and looked at by a person.
        defects = (*mail.defects, f"unreadable: {type(problem).__name__}")
        return _bare_message(mail.content, sha256, size, defects)


def _message(mail: Mail, sha256: str, size: int, defects: tuple[str, ...]) -> InboundMessage:
    headers = _headers_of(mail)
    first = _first_values(headers)
    parts = _parts_of(mail)
    name, address = mailbox(first.get("from", ""))
    _read_inline_report(parts, address, first)
    content_type, _ = _media_type(first.get("content-type", ""))
    return InboundMessage(
        sha256=sha256,
        size=size,
        subject=first.get("subject", "")[:MAX_SUBJECT],
        from_name=name,
        from_address=address or mailbox(first.get("sender", ""))[1],
        reply_to=_addresses(headers, ("reply-to",)),
        to=_addresses(headers, ("to",)),
        cc=_addresses(headers, ("cc",)),
        envelope_to=_addresses(headers, _ENVELOPE_HEADERS),
        return_path=_return_path(first.get("return-path")),
        message_id=_first_id(first.get("message-id", "")),
        in_reply_to=_ids(first.get("in-reply-to", "")),
        references=_ids(first.get("references", "")),
        date=_moment(first.get("date", "")),
        received_at=_moment(first.get("received", "").rpartition(";")[2]),
        headers=headers,
        content_type=content_type,
        part_types=tuple(parts.types),
        text=_best_text(parts)[:MAX_TEXT],
        html="\n".join(parts.html)[:MAX_HTML],
        attachments=tuple(parts.attachments),
        report_fields=parts.report_fields,
        returned_headers=parts.returned_headers,
        returned_text=parts.returned_text[:MAX_RETURNED_TEXT],
        defects=(*defects, *dict.fromkeys(parts.defects)),
    )


def _bare_message(content: bytes, sha256: str, size: int, defects: tuple[str, ...]) -> InboundMessage:
    """The last resort: header lines and text by pattern, without the parser."""
    head, _, body = content[:MAX_TEXT].replace(b"\r\n", b"\n").partition(b"\n\n")
    headers = tuple(fields_in_text(text_of_bytes(head)))[:MAX_HEADERS]
    first = _first_values(headers)
    name, address = mailbox(first.get("from", ""))
    return InboundMessage(
        sha256=sha256,
        size=size,
        subject=first.get("subject", "")[:MAX_SUBJECT],
        from_name=name,
        from_address=address,
        to=_addresses(headers, ("to",)),
        envelope_to=_addresses(headers, _ENVELOPE_HEADERS),
        return_path=_return_path(first.get("return-path")),
        message_id=_first_id(first.get("message-id", "")),
        in_reply_to=_ids(first.get("in-reply-to", "")),
        references=_ids(first.get("references", "")),
        headers=headers,
        text=text_of_bytes(body),
        defects=defects,
    )


def bare_message(raw: bytes, reason: str) -> InboundMessage:
    """A mail that must not be read: the lines of its head by pattern, no text, and `reason` as its defect."""
    head = raw[:MAX_BARE_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return _bare_message(head, hashlib.sha256(raw).hexdigest(), len(raw), (reason,))


def _headers_of(mail: Mail) -> Headers:
    return tuple(
        (name.lower(), header_text(str(value)[:MAX_VALUE])) for name, value in list(mail.raw_items())[:MAX_HEADERS]
    )


def _first_values(headers: Headers) -> dict[str, str]:
    return dict(reversed(headers))


def _addresses(headers: Headers, names: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for name, value in headers:
        if name in names and value:
            found += _addresses_of(value)
    return tuple(dict.fromkeys(found))[:200]


def _addresses_of(value: str) -> list[str]:
    simple = _PLAIN_MAILBOX.fullmatch(value) or _BARE_MAILBOX.fullmatch(value)
    if simple:
        return [simple[simple.lastindex or 0].lower()]
    return [address.lower() for _, address in _parsed_addresses(value) if "@" in address]


def mailbox(value: str) -> tuple[str, str]:
    """Display name and address of a From line; the address in lower case, both "" when there is nothing."""
    simple = _PLAIN_MAILBOX.fullmatch(value)
    if simple:
        return simple[1].strip(), simple[2].lower()
    bare = _BARE_MAILBOX.fullmatch(value)
    if bare:
        return "", bare[1].lower()
    pairs = _parsed_addresses(value)
    found = next((pair for pair in pairs if "@" in pair[1]), pairs[0] if pairs else ("", value[:200]))
    angled = re.search(r"<([^<>\s]{3,320})>", value)  # also "MAILER-DAEMON" without a domain
    return found[0].strip(), ("@" in found[1] and found[1].lower()) or (angled[1] if angled else found[1]).lower()


def _parsed_addresses(value: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([value[:4_000]])
    except (ValueError, IndexError, RecursionError, AttributeError, TypeError):
        return []


def _return_path(value: str | None) -> str | None:
    return None if value is None else value.strip().strip("<>").strip().lower()


def _ids(value: str) -> tuple[str, ...]:
    """Message-IDs without quoting; a bare id without angle brackets counts too."""
    found = _MESSAGE_ID.findall(value)
    bare = value.strip()
    if not found and len(bare) > 20 and "@" in bare and " " not in bare and any(sign.isdigit() for sign in bare):
        found = [f"<{bare}>"]
    return tuple(dict.fromkeys(found))[-MAX_REFERENCES:]


def _first_id(value: str) -> str:
    return next(iter(_ids(value)), value.strip()[:500])


def _moment(value: str) -> datetime | None:
    """The instant of a Date or Received line in UTC; a line without a zone is taken as UTC."""
    text = value.strip()
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text[:100])
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None


def _media_type(value: str) -> tuple[str, dict[str, str]]:
    """The media type in lower case and its parameters; RFC 2231 pieces are not joined, names are only listed."""
    kind = value.partition(";")[0].strip().lower()
    parameters = {name.lower().rstrip("*0"): quoted or bare for name, quoted, bare in _PARAMETER.findall(value[:4_000])}
    return kind if kind.count("/") == 1 else "text/plain", parameters


def _parts_of(mail: Mail) -> _Parts:
    parts = _Parts()
    for part, depth in _walk(mail):
        if len(parts.types) >= MAX_PARTS:
            parts.defects += ["truncated", "truncated: parts"]
            break
        _read_part(part, parts, is_root=depth == 0)
    return parts


def _walk(mail: Mail) -> Iterator[tuple[Mail, int]]:
    """Leaves and enclosed mails in order; never enters an enclosed mail."""
    stack = [(mail, 0)]
    while stack:
        part, depth = stack.pop()
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_maintype() == "multipart" and depth < MAX_DEPTH:
            stack.extend((child, depth + 1) for child in reversed(payload) if isinstance(child, Message))
        else:
            yield part, depth


def _read_part(part: Mail, parts: _Parts, *, is_root: bool) -> None:
    kind, parameters = _media_type(str(part.get("content-type", "text/plain")))
    disposition, place = _media_type("x/" + str(part.get("content-disposition", "")))
    parts.types.append(kind)
    parts.defects += [type(defect).__name__ for defect in part.defects]
    name = header_text(place.get("filename") or parameters.get("name", ""))[:300]
    attached = disposition == "x/attachment" and not is_root
    if kind in REPORT_TYPES and not parts.report_fields:
        parts.report_fields = report_fields_of(part)
    elif kind in RETURNED_TYPES:
        _read_returned(part, parts, name, kind)
    elif kind == "text/html" and not attached:
        parts.html.append(_text_of(part, parameters))
    elif kind.startswith(("text/", "multipart/")) and not attached and kind not in ("text/calendar", "text/x-vcard"):
        parts.plain.append(_text_of(part, parameters))
    elif kind not in REPORT_TYPES:
        parts.attachments.append(Attachment(name, kind, _size_of(part)))


def _read_returned(part: Mail, parts: _Parts, name: str, kind: str) -> None:
    parts.attachments.append(Attachment(name, kind, _size_of(part)))
    if parts.returned_headers:
        return
    parts.returned_headers, inner = returned_mail_of(part)
    if inner is not None:
        parts.returned_text = _first_text(inner)


def _first_text(mail: Mail) -> str:
    """The text of a returned mail, for finding our own sentences in it."""
    for part, _ in _walk(mail):
        kind, parameters = _media_type(str(part.get("content-type", "text/plain")))
        if kind in ("text/plain", "text/html"):
            text = _text_of(part, parameters)[: 4 * MAX_RETURNED_TEXT]
            return text_of_html(text) if kind == "text/html" else text
    return ""


def _text_of(part: Mail, parameters: dict[str, str]) -> str:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, TypeError, LookupError, AttributeError):
        payload = part.get_payload()
    if isinstance(payload, bytes):
        return text_of_bytes(payload[: 2 * MAX_HTML], parameters.get("charset", "")).replace("\r\n", "\n")
    return payload.replace("\r\n", "\n") if isinstance(payload, str) else ""


def _size_of(part: Mail) -> int:
    """Bytes of a part, for base64 reckoned from its length: attachments are never opened."""
    payload = part.get_payload()
    if not isinstance(payload, str):
        return sum(len(str(child.get_payload())) for child in payload or [] if isinstance(child, Message))
    encoded = str(part.get("content-transfer-encoding", "")).strip().lower() == "base64"
    return len(payload) * 3 // 4 if encoded else len(payload)


def _best_text(parts: _Parts) -> str:
    plain = "\n".join(text.strip("\n") for text in parts.plain)
    if not parts.html or len(plain.strip()) >= _SHORT_TEXT:
        return plain
    shown = text_of_html("\n".join(parts.html))
    return shown if len(shown) > 3 * len(plain.strip()) else plain


def _read_inline_report(parts: _Parts, sender: str, first: dict[str, str]) -> None:
    """Many mail systems return our mail inside their own text instead of in parts (qmail, Exim, Domino)."""
    daemon = sender.startswith(("mailer-daemon", "postmaster", "mail-daemon", "maildaemon", "postoffice"))
    empty_path = first.get("return-path", "x").strip() in ("<>", "")
    if parts.returned_headers or not (daemon or empty_path or "x-failed-recipients" in first):
        return
    words, copy = split_returned("\n".join(parts.plain))
    parts.returned_headers = tuple(fields_in_text(copy))[:MAX_HEADERS] if copy else ()
    parts.returned_text = copy[:MAX_RETURNED_TEXT]
    if not parts.report_fields and "inal-recipient:" in words.lower():
        parts.report_fields = tuple(fields_in_text(words))[:MAX_HEADERS]
