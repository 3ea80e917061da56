"""How words of forms are compared: folding, machine names as words, ordered rows of patterns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from benchmark.core.vocabulary import FieldRole as Role

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^\w@*+=?]+|_")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Lower case, umlauts spelled out, other accents gone, one space between words."""
    spelled = unicodedata.normalize("NFC", text).lower().translate(_UMLAUTS)
    plain = "".join(char for char in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(char))
    return " ".join(_NOT_WORD.sub(" ", plain).split())


@lru_cache(maxsize=8192)
def words_of_name(name: str) -> str:
    """A machine name as words: `yourEmail[0]` → `your email 0`."""
    return fold(_CAMEL.sub(" ", re.sub(r"(?<=[a-zA-Z])(?=\d)|(?<=\d)(?=[a-zA-Z])", " ", name)))


# What designers of Windows forms put before a name: txtName, ddlSubject.
_HUNGARIAN = re.compile(r"^(txt|ddl|cbo|tbx?|lbl|chk|rb|btn|edt?|inp|fld|frm|str) ?(?=\w{2})")


@lru_cache(maxsize=8192)
def own_words(name: str) -> tuple[str, ...]:
    """A machine name from the inside out: its last speaking part, then the whole of it.

    Frameworks put the boxes around a field into its name (`ctl00$Content1$txtCity`, `jform[contact][name]`); only the
    last part is the field's own.
    """
    parts = [words_of_name(part) for part in re.split(r"[$\[\]]+|(?<=\d):", name) if part]
    speaking = [
        part for part in parts if re.search(r"[a-z]{2}", part) and part not in ("value", "und", "field", "data")
    ]
    if len(parts) < 2 or not speaking:
        return (_HUNGARIAN.sub("", words_of_name(name)),)
    last = _HUNGARIAN.sub("", speaking[-1])
    return (last,) if "$" in name else (last, words_of_name(name))


@dataclass(frozen=True)
class Wording:
    """One row: a role, and what its text looks like. `unless` takes the row back."""

    role: Role
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None

    def fits(self, folded: str) -> bool:
        return bool(self.pattern.search(folded)) and not (self.unless and self.unless.search(folded))

    def starts(self, folded: str) -> int:
        """Where the first word that fits stands; the length of the text when none does."""
        found = self.pattern.search(folded)
        return found.start() if found else len(folded)


def row(role: Role, *alternatives: str, unless: str = "") -> Wording:
    return Wording(role, re.compile("|".join(alternatives)), re.compile(unless) if unless else None)


def role_of(text: str, table: Iterable[Wording]) -> Role | None:
    """The first row of a table that fits the folded text."""
    return next((row.role for row in table if row.fits(text)), None) if text else None
