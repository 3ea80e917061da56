"""Seals the secrets of mailboxes: the database holds ciphertext, the key stands in the environment or a 0600 file."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import stat
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from benchmark.core.problems import BadInput
from benchmark.settings import Settings

KEY_FILE = "mailbox.key"
_SHORTEST = 16


def key_of(settings: Settings, make: bool = False) -> Fernet:
    """The key of REPLYMARK_MAILBOX_KEY, else of the key file; `make` writes a new file where there is none.

    Raises BadInput when there is no key, or others could read it.
    """
    if settings.mailbox_key:
        return _key(settings.mailbox_key, "REPLYMARK_MAILBOX_KEY")
    path = settings.data_dir / KEY_FILE
    if make and not path.exists():
        _write_new(path)
    if not path.exists():
        raise BadInput("mailbox key", f"{path} is not there", "restore it, or set REPLYMARK_MAILBOX_KEY")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise BadInput(str(path), "can be read by others", f"chmod 600 {path}")
    return _key(path.read_text().strip(), str(path))


def seal(key: Fernet, content: bytes) -> bytes:
    return key.encrypt(content)


def unseal(key: Fernet, sealed: bytes, what: str) -> bytes:
    """Raises BadInput when it was sealed with another key."""
    try:
        return key.decrypt(sealed)
    except InvalidToken:
        raise BadInput(what, "its secret was sealed with another key", "restore that key, or add it again") from None


def _key(words: str, place: str) -> Fernet:
    if len(words) < _SHORTEST:
        raise BadInput(place, f"is shorter than {_SHORTEST} characters", "e.g. the output of `openssl rand -hex 32`")
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(words.encode()).digest()))


def _write_new(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
