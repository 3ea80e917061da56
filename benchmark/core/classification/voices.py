"""Is a letter all boilerplate, and does a person sign it? For mails whose headers say nothing."""

from __future__ import annotations

import re

from benchmark.core.classification.reading import Reading, once
from benchmark.core.classification.wording import as_asked, rows
from benchmark.core.quoting import quoted_author

_MAX_READ = 1_600  # characters; longer letters are no mere notices
_DIGIT_DOT = re.compile(r"(?<=\d)\.(?=.)")
_IN_LETTER = frozenset({"text", "opening"})  # places of which a row may speak anywhere in a letter
_SHORT = 28  # characters; greetings, names and closings are shorter
_FEW_WORDS = 4  # blanks; who says less says nothing of the matter
_ADDRESS = re.compile(r"\S*(?:://|www\.|@)\S*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\s*\n|\n(?=[A-ZÄÖÜ0-9*•-])")
_CLOSING = re.compile(
    r"(?:regards|wishes|sincerely|thanks|cheers|best|yours|gr(?:ü|ue)(?:ß|ss)en?|gru(?:ß|ss)|mfg|lg|vg|cordialement|saludos"
    r"|saluti|groet(?:en)?|pozdrawiam|h(?:ä|a)lsningar|hilsen)\W*\s*\n\s*(?P<name>[^\n]{2,60})",
    re.IGNORECASE,
)
_PIECE_END = re.compile(r"(?<=[.!?])\s+|\n")
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|hall?o|guten (?:tag|morgen|abend)|sehr geehrte\w*|liebe\w*|moin|bonjour|hola|estimad\w+"
    r"|buongiorno|gentile|beste|geachte|hej|dobr\w+|dzie(?:ń|n) dobry)\b.{0,50}$"
)
_ROLE = re.compile(
    r"team|service|support|kunden|customer|desk|care|gmbh|\bag\b|\bltd\b|\binc\b|department|abteilung|verwaltung|crew|info"
    r"|contact|kontakt|no-?reply|redaktion|office|center|centre|shop|sales|vertrieb|hilfe|help|mail|web|admin|postmaster",
    re.IGNORECASE,
)
_FULL_NAME = re.compile(r"(?:(?:Dr|Prof|Mr|Mrs|Ms|Herr|Frau)\.? )?[A-ZÄÖÜ][\w'-]*\.?(?: [A-ZÄÖÜ][\w'-]*\.?){0,2}")


def coverage(reading: Reading, *topics: tuple[str, str]) -> float:
    """The share of the letter, by length, whose sentences some row of these (table, topic) pairs speaks of."""
    sentences = _sentences(reading)
    spoken = _speaking(reading, topics)
    total = sum(map(len, sentences))
    covered = sum(len(sentence) for sentence in sentences if any(said.search(sentence) for said in spoken))
    return covered / total if total else 0.0


def said_beside(reading: Reading, *topics: tuple[str, str]) -> int:
    """Characters of whole sentences that no row of these topics speaks of: greetings, links and headings are none."""
    spoken = _speaking(reading, topics)
    sentences = (_ADDRESS.sub("", sentence).strip() for sentence in _sentences(reading))
    whole = (text for text in sentences if text.endswith((".", "!")) and text.count(" ") >= _FEW_WORDS)
    return sum(len(text) for text in whole if not any(said.search(text) for said in spoken))


def left_over(reading: Reading, *topics: tuple[str, str]) -> int:
    """Characters of all that no row of these topics speaks of, lists and short answers too, but for the greeting and
    what stands below the closing."""
    spoken = _speaking(reading, topics)
    pieces = (as_asked("text", piece).strip() for piece in _PIECE_END.split(reading.written[:_MAX_READ]))
    own = [piece for piece in pieces if piece and not _GREETING.match(piece)]
    end = next((at for at, piece in enumerate(own) if at and _closes(piece)), len(own))
    own = [piece for piece in own[:end] if not any(said.search(piece) for said in spoken)]
    if own and end == len(own) and own[-1].count(" ") < 2:
        own = own[:-1]  # a name
    return sum(map(len, own))


def _closes(piece: str) -> bool:
    """Is it the closing formula, in any language that hand-offs know?"""
    return any(branch.pattern.search(piece) for row in rows("handoffs", "closes") for branch in row.branches)


@once
def _sentences(reading: Reading) -> list[str]:
    text = _DIGIT_DOT.sub(",", reading.written[:_MAX_READ])
    parts = [as_asked("text", part).strip() for part in _SENTENCE.split(text)]
    return [part for part in parts if len(part) >= _SHORT] or [part for part in parts if part]


def _speaking(reading: Reading, topics: tuple[tuple[str, str], ...]) -> list[re.Pattern[str]]:
    """The patterns of these topics that may match anywhere in the letter."""
    likely = (pair for topic in topics for pair in reading.speakers.get(topic, ()) if pair[0].where in _IN_LETTER)
    return [branch.pattern for row, place in likely for branch in place.likely[row]]


@once
def signed_by_person(reading: Reading) -> bool:
    """A closing with a person's name below it."""
    found = _CLOSING.search(reading.own)
    name = found["name"].strip(" ,") if found else ""
    return bool(name) and not _ROLE.search(name) and bool(_FULL_NAME.fullmatch(name))


@once
def sent_by_role(reading: Reading) -> bool:
    """A department or a brand, by name or address."""
    local = reading.message.from_address.partition("@")[0]
    return bool(_ROLE.search(local) or _ROLE.search(reading.message.from_name))


@once
def sounds_impersonal(reading: Reading) -> float:
    """Between -2 and 1: how little of a person there is in a letter whose headers tell nothing."""
    weight = 0.4 * sent_by_role(reading)
    weight -= 1.0 * signed_by_person(reading) + 0.6 * reading.says_i + 0.4 * ("?" in reading.letter)
    return weight


_NAME_WORD = re.compile(r"[^\W\d_]{2,}")


@once
def quotes_itself(reading: Reading) -> bool:
    """The first mail it quotes is by the same person: nobody wrote in between, so they write again unasked.

    Roles are left out: what a web form sends bears the brand's own address too.
    """
    message = reading.message
    if sent_by_role(reading) or not message.from_address or len(message.text) <= len(reading.own):
        return False
    author = quoted_author(message.text).lower()
    name = set(_NAME_WORD.findall(message.from_name.lower()))
    return message.from_address.lower() in author or len(name.intersection(_NAME_WORD.findall(author))) > 1


_BY_NAME = re.compile(
    r"\W*(?:hi|hello|dear|hey|hall?o|guten (?:tag|morgen|abend)|gr(?:ü|ue)(?:ß|ss) gott|sehr geehrte[rs]?|liebe[rs]?"
    r"|moin|bonjour|buon(?:giorno|asera)|buenos d(?:í|i)as|goede\w*|dzie(?:ń|n) dobry"
    r"|hola|ciao|beste|geachte|hej|ol(?:á|a))\s+"
    r"(?:(?:mr|mrs|ms|miss|dr|prof|frau|herr|madame|monsieur)\.?\s+)*"
    r"(?P<name>[^\W\d_][\w'-]+)(?:\s[^\W\d_][\w'-]+)?\s*[,!:-]"
)
_NOBODY = re.compile(
    r"customer|guest|sir|madam|there|all|team|friend|colleague|user|visitor|reader|member|applicant|sender|everyone"
    r"|kund|damen|herren|patient|bewerb|zusammen|leser|absender|b(?:ü|ue)rger|fahrg|gast|g(?:ä|ae)ste|kolleg|und$|klant"
    r"|client|interess|mitglied|freund"
)


def greets_by_name(letter: str) -> bool:
    """The letter begins with somebody's name and not with "Dear customer"; `letter` in the form of `as_asked`."""
    found = _BY_NAME.match(letter)
    return found is not None and not _NOBODY.match(found["name"])
