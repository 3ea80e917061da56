"""Bytes to text: charsets that lie or do not exist, and encoded words in headers (RFC 2047). Nothing here raises."""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
from functools import lru_cache

_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*)*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?)")

# These are Python codecs and no charsets of mail; some of them are slow on purpose-made input.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw-unicode-escape", "unicode-escape", "undefined"})
_ALIASES = {
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "gb2312": "gb18030",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "": "utf-8",
}


@lru_cache(maxsize=256)
def codec_name(charset: str) -> str:
    """A codec Python knows for this charset, "" when there is none."""
    wanted = charset.strip().strip("\"'").lower()
    try:
        name = codecs.lookup(_ALIASES.get(wanted, wanted)).name
    except (LookupError, ValueError):
        return ""
    return "" if name in _NO_CHARSETS else name


def text_of_bytes(content: bytes, charset: str = "") -> str:
    """Decodes by the declared charset, else UTF-8, else Windows-1252, which knows nearly every byte."""
    return storable(_decoded(content, charset))


def storable(text: str) -> str:
    """PostgreSQL keeps no NUL in text, and no database half a surrogate pair (UTF-7 and UTF-16 can hold one)."""
    whole = text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
    return whole.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _decoded(content: bytes, charset: str) -> str:
    for name in (codec_name(charset), "utf-8"):
        try:
            if name:
                return content.decode(name)
        except (LookupError, ValueError):
            continue
    fallback = codec_name(charset)
    multibyte = fallback.startswith(("iso2022", "euc", "cp9", "gb", "big5", "shift", "utf"))
    try:
        return content.decode(fallback if multibyte and fallback != "utf-8" else "cp1252", "replace")
    except (LookupError, ValueError):
        return content.decode("latin-1")


def header_text(value: str) -> str:
    """A header value as a reader would see it: unfolded, 8-bit bytes and encoded words decoded."""
    return storable(_header_text(value))


def _header_text(value: str) -> str:
    if not value.isascii():
        value = text_of_bytes(value.encode("utf-8", "surrogateescape"))
    unfolded = " ".join(value.split()) if "\n" in value or "\r" in value or "\t" in value else value.strip()
    if "=?" not in unfolded:
        return unfolded
    joined = _BETWEEN_WORDS.sub(r"\1\2", unfolded)
    return _join_words(joined)


def _join_words(value: str) -> str:
    """Decodes neighbouring words of one charset together: a character may be split between two of them."""
    out: list[str] = []
    pending: list[bytes] = []
    charset, end = "", 0
    for match in _ENCODED_WORD.finditer(value):
        between = value[end : match.start()]
        if between or match[1].lower() != charset:
            out += [text_of_bytes(b"".join(pending), charset), between]
            pending = []
        charset, end = match[1].lower(), match.end()
        pending.append(_word_bytes(match[2], match[3]))
    return "".join([*out, text_of_bytes(b"".join(pending), charset), value[end:]]).replace("\n", " ").replace("\r", " ")


def _word_bytes(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "replace")
    try:
        if encoding in "bB":
            return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
        return quopri.decodestring(raw, header=True)
    except (ValueError, binascii.Error):
        return raw
