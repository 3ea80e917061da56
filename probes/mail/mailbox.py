"""A study mailbox over IMAP: fetch at least once, bookmark in the database, nothing on the server is changed."""

from __future__ import annotations

import imaplib
import logging
import re
import socket
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.idle import get_socket_poller

from benchmark.careful_reading import read_carefully
from benchmark.core.mail_accounts import MailAccount, MailSecurity
from benchmark.core.problems import BadInput, TemporaryFailure
from benchmark.intake import FetchedMail
from benchmark.wall_clock import pause, real_now
from probes.mail.log_in import log_in_imap, refuse_foreign_peer, tls_context

log = logging.getLogger(__name__)
BATCH = 100
BATCH_BYTES = 20_000_000  # so that a hundred large mails are not in memory at once
TIMEOUT_S = 30.0
PATIENCE = 10  # looks at a mail that is there and does not come, some ten minutes with the fetcher's growing pauses
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_INTERNALDATE = re.compile(rb'INTERNALDATE "([^"]+)"')
_QUOTED = re.compile(rb'\bBODY\[\] "((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(rb"\\(.)")

Box = MailBox | MailBoxStartTls | MailBoxUnencrypted


class StudyMailbox:
    """One folder of one mailbox, opened read-only so that nothing is flagged."""

    def __init__(self, account: MailAccount, folder: str = "", timeout_s: float = TIMEOUT_S) -> None:
        self.account, self.folder, self.timeout_s = account, folder or account.folder, timeout_s
        self.name = account.name if self.folder == account.folder else f"{account.name}/{self.folder}"
        self._box: Box | None = None
        self._can_idle = False
        self._named: list[int] = []  # uids the server named, all behind `_named_after`
        self._named_after = 0
        self._in_vain: dict[int, int] = {}  # how often a mail that is there did not come
        self.uidvalidity = 0

    @property
    def way(self) -> str:
        """How new mail is noticed: idle | polling."""
        return "idle" if self._can_idle else "polling"

    def open(self) -> None:
        """Raises TemporaryFailure when nobody answers, BadInput when the log-in is refused."""
        self.close()
        with self._speaking():
            self._box = box = self._connected()
            refuse_foreign_peer(box.client.sock.getpeername()[0], "mail server")
            log_in_imap(box.client, self.account)
            box.client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Some servers tell of IDLE only after the log-in.
            self._can_idle = b"IDLE" in box.client.capability()[1][0].upper().split()
            box.folder.set(self.folder, readonly=True)
            self.uidvalidity = _uidvalidity(box.client)

    def close(self) -> None:
        box, self._box = self._box, None
        self.uidvalidity, self._named = 0, []
        if box is not None:
            try:
                box.client.shutdown()
            except (OSError, imaplib.IMAP4.error):
                log.debug("mailbox %s was closed by the server", self.name)

    def mails_after(self, last_uid: int) -> list[FetchedMail]:
        """Raw mails behind the bookmark, in the order of their uids, at most one batch."""
        if self._box is None:
            self.open()
        with self._speaking():
            uids = self._uids_after(last_uid)
            mails = self._fetch(uids) if uids else []
            if not mails:
                self._named = []  # expunged meanwhile
            return mails

    def wait(self, at_most_s: float) -> None:
        """Until the server tells of something new (IDLE, RFC 2177) or the time is over.

        What it tells is read when IDLE ends, line by line as it comes: who reads at once what is there (as
        `imap_tools` does) loses the first half of a line that arrives in two pieces.
        """
        if self._box is None or not self._can_idle:
            pause(at_most_s)
            return
        with self._speaking(), self._box.idle:
            get_socket_poller(self._box.client.sock, at_most_s)  # type: ignore[arg-type]  # parts of a second will do

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Whatever breaks the conversation closes the connection; the next look opens it again."""
        try:
            yield
        except BadInput:  # is a ValueError too
            self.close()
            raise
        except (OSError, imaplib.IMAP4.error, ValueError) as problem:
            # ValueError: an answer that is no IMAP, which imaplib and the patterns below could not read.
            self.close()
            raise TemporaryFailure(f"mailbox {self.name}: {str(problem) or type(problem).__name__}") from problem
        except BaseException:
            self.close()  # nobody knows what is still on the wire
            raise

    def _connected(self) -> Box:
        server = self.account.imap
        if server.security is MailSecurity.TLS:
            return MailBox(server.host, server.port, timeout=self.timeout_s, ssl_context=tls_context())
        if server.security is MailSecurity.STARTTLS:
            return MailBoxStartTls(server.host, server.port, timeout=self.timeout_s, ssl_context=tls_context())
        return MailBoxUnencrypted(server.host, server.port, timeout=self.timeout_s)

    def _uids_after(self, last_uid: int) -> list[int]:
        """In a full mailbox the server is asked once for many batches."""
        assert self._box is not None
        left = self._named[bisect_right(self._named, last_uid) :] if last_uid >= self._named_after else []
        if left:
            return left
        found = self._search(f"{last_uid + 1}:*")
        self._named = [uid for uid in found if uid > last_uid]  # `n:*` always names the last mail (RFC 3501, 9)
        self._named_after = last_uid
        return self._named

    def _search(self, uids: str) -> list[int]:
        """Which of them are there."""
        assert self._box is not None
        _required(self._box.client.noop(), "NOOP")  # lets the server tell what came and what is gone
        answer = _required(self._box.client.uid("SEARCH", "UID", uids), "SEARCH")
        return sorted(int(uid) for uid in (answer[0] or b"").split())

    def _fetch(self, uids: list[int]) -> list[FetchedMail]:
        """The first batch of them; fewer where the mails are large. A mail that is gone meanwhile is left out."""
        asked = uids[:BATCH]
        if len(asked) > 1:
            asked = self._light_enough(asked)
        mails: dict[int, FetchedMail] = {}
        with suppress(_SaysNo):  # some servers say so of a batch with one bad mail in it (RFC 5530, SERVERBUG)
            mails = self._delivered(asked)
        if missing := [uid for uid in asked if uid not in mails]:
            mails |= self._once_more(missing, are_some_here=bool(mails))
            if waited_for := [uid for uid in missing if 0 < self._in_vain.get(uid, 0) < PATIENCE]:
                return _in_front_of(min(waited_for), mails)
        if not mails and len(uids) > len(asked):
            return self._fetch(uids[len(asked) :])  # all of them were expunged
        return [mails[uid] for uid in sorted(mails)]

    def _delivered(self, uids: list[int]) -> dict[int, FetchedMail]:
        mails = _mails(self._told_of(uids, "(UID INTERNALDATE BODY.PEEK[])"))
        return {mail.uid: mail for mail in mails if mail.uid in uids}

    def _told_of(self, uids: list[int], items: str) -> list[bytes]:
        assert self._box is not None
        return _required(self._box.client.uid("FETCH", _ranges(uids), items), "FETCH")

    def _once_more(self, uids: list[int], *, are_some_here: bool) -> dict[int, FetchedMail]:
        """Those still there, each asked for by itself: the bookmark must not move past a mail nobody has seen.

        One that does not come is waited for, since it may be a bad moment of the server's; then a note stands for it,
        so that it holds up no other. A server that says NO to each of several is in trouble itself.
        """
        there = [uid for uid in self._search(_ranges(uids)) if uid in uids]
        mails: dict[int, FetchedMail] = {}
        refusals: list[_SaysNo] = []
        for uid in there:
            try:
                mails |= self._delivered([uid])
            except _SaysNo as refusal:
                refusals.append(refusal)
        if len(refusals) == len(there) > 1 and not are_some_here:
            raise refusals[0]
        self._in_vain = {uid: self._in_vain.get(uid, 0) + 1 for uid in there if uid not in mails}
        return mails | {uid: self._note_of(uid) for uid, looks in self._in_vain.items() if looks >= PATIENCE}

    def _note_of(self, uid: int) -> FetchedMail:
        """Says in words of its own, as the same bytes are one mail, what a person is to look for in the mailbox."""
        log.warning("mailbox %s: mail %d could not be fetched; a note stands for it", self.name, uid)
        subject = f"A mail could not be fetched from mailbox {self.name}"
        content = f"Subject: {subject}\nX-Replymark-Unread: uid={uid}; uidvalidity={self.uidvalidity}\n\n"
        told = b""
        with suppress(_SaysNo):
            told = b" ".join(part for part in self._told_of([uid], "(UID INTERNALDATE)") if isinstance(part, bytes))
        return FetchedMail(uid, content.encode(), _internal_at(told) or real_now())

    def _light_enough(self, uids: list[int]) -> list[int]:
        sizes = dict(filter(None, map(_size, self._told_of(uids, "(UID RFC822.SIZE)"))))
        total = 0
        light: list[int] = []
        for uid in uids:
            total += sizes.get(uid, 0)
            if light and total > BATCH_BYTES:
                break
            light.append(uid)
        return light


def _in_front_of(uid: int, mails: dict[int, FetchedMail]) -> list[FetchedMail]:
    """Up to a mail that is waited for the others may be kept; where there are none, that is the trouble to tell of."""
    if earlier := [mails[other] for other in sorted(mails) if other < uid]:
        return earlier
    raise imaplib.IMAP4.error(f"the server names mail {uid} and does not deliver it")


class _SaysNo(imaplib.IMAP4.error):
    """The server understood and will not."""


def _required(answer: tuple[str, list[bytes]], command: str) -> list[bytes]:
    """An answer other than OK would make a full mailbox look empty."""
    kind, data = answer
    if kind != "OK":
        words = f"{command} was answered {kind}: {data[0]!r:.200}"
        raise _SaysNo(words) if kind == "NO" else imaplib.IMAP4.error(words)
    return data


def _ranges(uids: list[int]) -> str:
    """`3,4,5,9` as `3:5,9`: a line of a hundred numbers is longer than some servers read."""
    spans: list[list[int]] = []
    for uid in uids:
        if spans and spans[-1][1] == uid - 1:
            spans[-1][1] = uid
        else:
            spans.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in spans)


def _uidvalidity(client: imaplib.IMAP4) -> int:
    """From the answer to EXAMINE; a server that does not say it has uids that mean nothing (RFC 3501, 2.3.1.1)."""
    _, data = client.response("UIDVALIDITY")
    if not data or data[0] is None:
        raise imaplib.IMAP4.error("the server names no UIDVALIDITY")
    return int(data[0])


def _size(part: object) -> tuple[int, int] | None:
    if not isinstance(part, bytes):
        return None
    uid, size = _UID.search(part), _SIZE.search(part)
    return (int(uid[1]), int(size[1])) if uid and size else None


def _mails(answer: Sequence[object]) -> Iterator[FetchedMail]:
    """Data items may stand before and behind the mail, in any order (RFC 3501, 7.4.2). NIL is no mail."""
    for part, following in zip(answer, [*answer[1:], None], strict=True):
        if isinstance(part, tuple):
            head, content = part
            told = head + b" " + (following if isinstance(following, bytes) else b"")
        elif isinstance(part, bytes) and (quoted := _QUOTED.search(part)):
            content = _ESCAPED.sub(rb"\1", quoted[1])
            # What the mail itself says of uids and dates is not the server's word.
            told = part[: quoted.start()] + part[quoted.end() :]
        else:
            continue
        if uid := _UID.search(told):
            yield FetchedMail(int(uid[1]), content, _internal_at(told) or _received_at(content))


def _internal_at(told: bytes) -> datetime | None:
    date = _INTERNALDATE.search(told)
    words = date[1].decode("ascii", "replace").strip() if date else ""
    with suppress(ValueError, OverflowError):
        return datetime.strptime(words, "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    return None


def _received_at(content: bytes) -> datetime:
    """Where the server names no time: its Received line; now where there is none or its time has not come yet."""
    now = real_now()
    return min(read_carefully(content).message.received_at or now, now)
