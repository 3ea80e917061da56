"""Addresses: the secret reply address of a probe, and how to read addresses that people and machines rewrote."""

from __future__ import annotations

import hashlib
import re

# Without i l o 0 1 7, which look like each other in print, on the telephone and in handwriting.
ALPHABET = "abcdefghjkmnpqrstuvwxyz2345689"
TOKEN_LENGTH = 12

# Retyped look-alikes fold to one form. No token of ours holds any of them, so folding never joins two of our tokens.
_LOOK_ALIKES = str.maketrans({"l": "1", "i": "1", "o": "0"})
_SEPARATORS = re.compile(r"[.+=_/-]")
_TOKEN = re.compile(rf"[a-z0-9]{{{TOKEN_LENGTH}}}")
_ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]]{1,320}@[^\s<>\"'(),;:\[\]]{1,255}")

# Public suffixes of two labels that matter for brands; the full list would be a dependency for very little.
_SECOND_LEVEL = frozenset(
    ("ac", "co", "com", "edu", "gob", "gov", "gouv", "net", "or", "org", "ltd", "plc", "ne", "go", "gv")
)


def secret_token(entropy: bytes) -> str:
    """Twelve characters (about 58 bits) drawn from `entropy`, which should be at least 16 random bytes."""
    number = int.from_bytes(hashlib.sha256(entropy).digest(), "big")
    letters = []
    for _ in range(TOKEN_LENGTH):
        number, index = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[index])
    return "".join(letters)


def reply_address(word: str, token: str, domain: str) -> str:
    """The address one probe is sent from: `word.token@domain`."""
    return f"{word}.{token}@{domain}"


def folded_token(token: str) -> str:
    """The form under which a token is stored and looked up."""
    return token.strip().lower().translate(_LOOK_ALIKES)


def token_of(address: str) -> str | None:
    """The token inside an address, also as `name+token@`, `prvs=…=word.token@` or `bounce+word.token=domain@`.

    Any group of twelve letters and digits is taken for one: whether it is ours is for the index to say.
    """
    local = _local_part(address)
    groups = [group for group in _SEPARATORS.split(local) if _TOKEN.fullmatch(group)]
    return folded_token(groups[-1]) if groups and local != groups[-1] else None


def addresses_in(text: str) -> tuple[str, ...]:
    """All addresses written in a header value or a text, lower case, in order, each once."""
    found = (match.group().strip(".").lower() for match in _ADDRESS.finditer(text))
    return tuple(dict.fromkeys(address.removeprefix("mailto:") for address in found))


def domain_of(address: str) -> str:
    """The domain of an address in lower case, "" when there is none."""
    return address.rpartition("@")[2].strip("<>. \t").lower() if "@" in address else ""


def organisation_domain(domain: str) -> str:
    """`mail.shop.example.co.uk` belongs to `example.co.uk`; an IP address only to itself."""
    labels = domain.lower().strip(".").split(".")
    if labels[-1].isdigit() or ":" in domain:
        return domain.lower()
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-keep:])


def _local_part(address: str) -> str:
    bare = address.strip().strip("<>").removeprefix("mailto:").replace("%2b", "+").replace("%2B", "+")
    return bare.partition("@")[0].strip(" \"'").lower()
