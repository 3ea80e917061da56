"""What the sender wrote themself: quoted mails, marker lines of help desks and signatures are cut away."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

MAX_READ = 24_000  # characters; nobody writes their own words behind so much text
_MAX_LINE = 400  # longer lines are text and no marks
_TOP_LINES = 6  # a "reply above this line" marker this near the top belongs to the letter, not to a quotation
_SHORTEST_RULE = 5  # signs of a drawn line


@cache
def _words(kind: str) -> tuple[str, ...]:
    """Words of the table: marker (of "reply above this line"), from and header (of quoted header blocks), device,
    separator (between the dashes above a quoted mail), updated (of a desk that tells of a comment)."""
    source = files("benchmark.core").joinpath("quotation_words.csv").read_text(encoding="utf-8")
    return tuple(row["word"] for row in csv.DictReader(source.splitlines()) if row["kind"] == kind)


# "## Please type your reply above this line ##" in the wordings of help desks.
_REPLY_ABOVE = re.compile(
    r"(?:reply|answer|respond|response|type|write|antwort\w*)\b.{0,60}\b(?:above|over|oberhalb|über|ueber)\b.{0,40}"
    r"(?:line|zeile|linie|#|here|---|delimiter)"
    r"|(?:oberhalb|über|ueber) dieser? (?:zeile|linie).{0,40}antwort|antworten sie (?:bitte )?(?:oberhalb|über)"
    r"|répond\w+ au-dessus|au-dessus de cette ligne|su respuesta (?:por )?encima|responda (?:por )?encima"
    r"|rispon\w+ sopra|(?:typ|schrijf) uw antwoord boven|boven deze (?:regel|lijn)|responda acima|acima desta linha"
    r"|svara ovanför|svar over denne|odpowied\w+ powyżej|напишите ответ выше|ответ выше этой",
    re.IGNORECASE,
)


# "On … wrote:" and its sisters; the line may have been broken up to three times.
_ATTRIBUTION = re.compile(
    r"\bwrote\b|\bwrites\b|\bschrieb(?:en)?\b|\ba écrit|\ba ecrit|\bescribi(?:ó|o)\b|\bha scritto|\bschreef\b"
    r"|\bnapisa(?:ł|l)|\bnapsal|\bescreveu|\bskrev\b|\bkirjoitti|написал|пишет|писал|\bnapisał|\baskirjoitti|さんは|のメール"
    r"|\d{1,2}[:.h]\d{2}.{0,80}[<\"].{0,60}@|\d{4}.{0,60}<[^<>]+@[^<>]+>",
    re.IGNORECASE,
)
_ATTRIBUTION_START = re.compile(
    r"\s*(?:on|am|le|el|il|op|w dniu|em|den|dne|dnia|il giorno|en|pe|---+ ?on|\w{2,9}[,.]|\d|[\"<]|\S+@|[A-ZÄÖÜ]\w+)",
    re.IGNORECASE,
)

_FORWARDED = ("forwarded message", "forwarded by", "forwarded from")

# The upper half of an attribution that a mail program broke before the address.
_BROKEN_HEAD = re.compile(r"\s*\S.{0,80}\d{1,2}:\d{2}.{0,80}[<\"(,]\s*", re.IGNORECASE)
_LEAST_OF_OURS = 12  # characters of a line that nobody repeats by chance
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")


def own_text(text: str, our_text: str = "", without_ours: str | None = None) -> str:
    """The sender's own words. Empty only when the mail holds none; `our_text` is what we wrote to them.

    `without_ours` is what comes of it where no `our_text` is known, for who has it already: mostly it is the same.
    """
    marked = without_reply_marker(text[:MAX_READ])
    read = without_our_text(marked, our_text)
    if without_ours is not None and read == marked:
        return without_ours
    lines = read.split("\n")
    own = "\n".join(_above_signature(_own_lines(lines))).strip()
    if not own:
        own = "\n".join(line for line in lines if not line.lstrip().startswith(">")).strip()
    return _BLANK_LINES.sub("\n\n", own)


def without_reply_marker(text: str) -> str:
    """Drops the marker line at the top of a desk's mail; further down it begins the quotation."""
    if not _may_be_marker(text):
        return text
    kept: list[str] = []
    for number, line in enumerate(text.split("\n")):
        if len(line) > _MAX_LINE or not (_may_be_marker(line) and _REPLY_ABOVE.search(line)):
            kept.append(line)
        elif number >= _TOP_LINES and any(words.strip() for words in kept) and _is_drawn(line):
            break
    return "\n".join(kept)


def _may_be_marker(text: str) -> bool:
    lowered = text.lower()
    return any(hint in lowered for hint in _words("marker"))


def _is_drawn(line: str) -> bool:
    """A marker line, not a sentence such as "to reply, write above this line"."""
    bare = line.strip()
    return not bare[:1].isalpha() or not bare[-1:].isalnum() or len(bare) < 60


def without_our_text(text: str, our_text: str) -> str:
    """Drops passages that repeat ours, as systems do that show "a summary of your request", wrapped anew or not.

    Greeting and closing are everybody's: alone they are no passage of ours.
    """
    ours = [bare for line in our_text.split("\n") if (bare := _bare(line))]
    if not ours:
        return text
    flowing, formulas = f" {' '.join(ours)} ", _formulas(ours)
    kept: list[str] = []
    passage: list[str] = []
    for line in text.split("\n"):
        if f" {_bare(line)} " in flowing or not line.strip():
            passage.append(line)
            continue
        kept += (*_without_ours(passage, formulas), line)
        passage = []
    return "\n".join((*kept, *_without_ours(passage, formulas)))


def _formulas(ours: list[str]) -> set[str]:
    """Greeting, closing and name."""
    return {ours[0], *ours[-2 if len(ours) > 3 else -1 :]} if len(ours) > 2 else set()


def _without_ours(passage: list[str], formulas: set[str]) -> list[str]:
    """Lines that may all be ours: their blank ones where enough of them tells that they are, else as they stand."""
    bare = [_bare(line) for line in passage]
    is_ours = any(len(line) >= _LEAST_OF_OURS and line not in formulas for line in bare)
    return [line for line in passage if not line.strip()] if is_ours else passage


def _bare(line: str) -> str:
    return " ".join(line.strip(" \t>|").lower().split())


def _own_lines(lines: list[str]) -> list[str]:
    """Own lines up to the first mail quoted as a whole; lines behind `>` are passed over."""
    own: list[str] = []
    for number, line in enumerate(lines):
        bare = line.strip()
        if not bare or len(bare) > _MAX_LINE:
            own.append(line)
        elif bare[0] in ">|" or bare.lower().startswith(_words("device")):
            continue
        elif _begins_foreign_mail(bare, lines, number):
            return _without_last_rule(own)
        elif bare[-1] == ":" and (length := _attribution_length(own, bare)):
            del own[len(own) - length + 1 :]
            if not _marked_below(lines, number):
                return own
        else:
            own.append(line)
    return own


def quoted_author(text: str) -> str:
    """What the mail says of who wrote the first mail it quotes: its "On … wrote:" or its "From:"; "" for none."""
    lines = [line.strip(" \t>|*") for line in without_reply_marker(text[:MAX_READ]).split("\n")]
    for number, bare in enumerate(lines):
        if not bare or len(bare) > _MAX_LINE:
            continue
        word, colon, rest = bare.partition(":")
        if colon and word.strip(" *_").lower() in _words("from") and _has_header_lines(lines[number + 1 : number + 7]):
            return rest
        if bare[-1] == ":" and (length := _attribution_length(lines[:number], bare)):
            return " ".join(lines[number - length + 1 : number + 1])
    return ""


def _without_last_rule(own: list[str]) -> list[str]:
    """A line drawn right above the quoted mail belongs to it."""
    while own and not own[-1].strip("-_=*#~ \t"):
        own = own[:-1]
    return own


def _begins_foreign_mail(bare: str, lines: list[str], number: int) -> bool:
    word = bare.partition(":")[0].strip(" *_>").lower() if ":" in bare[:30] else ""
    if word in _words("from"):
        return _has_header_lines(lines[number + 1 : number + 7])
    drawn = bare[:2] in ("--", "__", "==", "**", "##", "- ")
    if not drawn and not (bare[-1] == ":" or bare[-1] in "-_"):
        return False
    words = bare.strip("-_*=#:<> \t").lower()
    return words.startswith(_FORWARDED) if drawn and words.startswith("forwarded") else words in _words("separator")


def _has_header_lines(below: list[str]) -> bool:
    words = [line.partition(":")[0].strip(" *_>\t").lower() for line in below if ":" in line[:40]]
    known = _words("header")
    return any(word in known for word in words)


def _attribution_length(own: list[str], bare: str) -> int:
    """How many lines, this one included, make up "On … wrote:"; 0 when it is none."""
    for above in range(3):
        head = own[len(own) - above :] if above else []
        if len(head) < above or any(not line.strip() for line in head):
            return 0
        joined = " ".join([*head, bare])
        if len(joined) < _MAX_LINE and _ATTRIBUTION_START.match(joined) and _ATTRIBUTION.search(joined):
            return above + 1 + (above == 0 and bool(own) and bool(_BROKEN_HEAD.fullmatch(own[-1])))
    return 0


def _marked_below(lines: list[str], number: int) -> bool:
    following = next((line.strip() for line in lines[number + 1 : number + 5] if line.strip()), "")
    return following.startswith((">", "|"))


def _above_signature(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if line.rstrip() == "--" and any(words.strip() for words in lines[:number]):
            return lines[:number]
    return lines


# "Mia Tan, Feb 3, 2026, 10:21 GMT", on one line or two
_WHO_AND_WHEN = re.compile(
    r"(?=[^\n]{2,90}(?:\n[^\n]{4,60})?\Z)\D{2,60}.{0,60}\d{1,2}[:.h]\d{2}\b[^.!?]{0,25}", re.DOTALL
)
_HEAD = 500  # characters of such a template


def desk_comment(text: str) -> str:
    """The newest comment below "Your request (218844) has been updated." and who wrote it when; "" for other mails.

    Zendesk's default template, in the languages it is written in.
    """
    beginning = text[:_HEAD].lower()
    if not any(word in beginning for word in _words("updated")):
        return ""
    parts = _parts(text)
    at = next((at for at, part in enumerate(parts[:4]) if _WHO_AND_WHEN.fullmatch(part)), 0)
    head = " ".join(parts[:at]).lower()
    if not at or len(head) > _HEAD or not any(word in head for word in _words("updated")):
        return ""
    below = parts[at + 1 :]
    until = next((number for number, part in enumerate(below) if not part or _WHO_AND_WHEN.fullmatch(part)), len(below))
    return "\n\n".join(below[:until])


# A name, a whole date, a time: hours of opening and "created on" are none.
_NAMED_AND_DATED = re.compile(
    r"[^\W\d_][^\d:#\n]{1,50}(?:, ?|\n)"
    r"(?:\d{1,2}[. ] ?[^\W\d_]{3,9}\.?|[^\W\d_]{3,9}\.? \d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d)"
    r"[^\n]{1,12}\b\d{1,2}[:.h]\d{2}\b[^.!?\n]{0,25}"
)


def shows_who_wrote_when(text: str) -> bool:
    """A desk's line above a comment: "Mia Tan, Feb 3, 2026, 10:21 GMT"."""
    parts = _parts(text)
    at = next((at for at, part in enumerate(parts[:4]) if _NAMED_AND_DATED.fullmatch(part)), None)
    return at is not None and len(parts) > at + 2


def _parts(text: str) -> list[str]:
    """Paragraphs, with an empty one for each drawn line that stands below some text."""
    parts: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        lines: list[str] = []
        for line in paragraph.split("\n"):
            if _is_rule(line):
                parts += [*filter(None, ["\n".join(lines).strip()]), ""]
                lines = []
            else:
                lines.append(line.strip())
        parts += filter(None, ["\n".join(lines).strip()])
    head = next((at for at, part in enumerate(parts) if part), 0)
    parts = parts[head:]
    # A line between template and comment separates nothing that is looked for.
    return parts[:1] + parts[2:] if parts[1:2] == [""] else parts


def _is_rule(line: str) -> bool:
    bare = line.strip()
    return len(bare) >= _SHORTEST_RULE and not bare.strip("-_=*#~ ")


def above_rule(text: str) -> str:
    """The text above the first drawn line, where something stands above it (footers, summaries of the request)."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if _is_rule(line) and len("".join(lines[:number]).strip()) > 40:
            return "\n".join(lines[:number])
    return text
