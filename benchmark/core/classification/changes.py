"""What trackers send with nobody's words in it: notes of changed fields, and our own mail given back.

The forms of notes ("status: chatting -> resolved") are those of Roundup, Redmine, Trac and Bugzilla.
"""

from __future__ import annotations

import re

from benchmark.core.classification.findings import Finding, rule
from benchmark.core.classification.machines import machine_marks
from benchmark.core.classification.reading import Reading
from benchmark.core.quoting import above_rule
from benchmark.core.vocabulary import FollowUpKind, ReplyKind

_WEIGHT = 2.5
_MAX_LINES, _MAX_LINE = 40, 200  # such notes are short
_VALUE = r"\S[^\n]{0,60}?"
# What people begin such a sentence with: "Your tariff was changed from Basic to Plus" is no note.
_NO_FIELD = (
    r"(?!(?:your|our|my|the|this|i|we|you|ihr\w*|dein\w*|eure?\w*|unser\w*|mein\w*|d(?:er|ie|as)|wir|ich|sie|es)\b)"
)
_CHANGE = re.compile(
    rf"[*•-]?\s*(?P<field>\w[\w ./-]{{1,30}}?)\s*:\s*(?:{_VALUE})?\s*(?:->|=>|→)\s*(?P<to>{_VALUE})"  # Roundup, Trac
    rf"|[*•-]?\s*{_NO_FIELD}(?:\w[\w ./-]{{1,30}}? )"
    rf"(?:changed|wurde|geändert|modifié|cambiado|modificado|cambiato|gewijzigd) "
    rf"(?:from|von|de|da|van) {_VALUE} (?:to|in|auf|zu|à|a|naar) (?P<to_in_words>{_VALUE})(?: geändert)?\.?"  # Redmine
    rf"|[*•-]?\s*{_NO_FIELD}\w[\w ./-]{{1,30}}?(?: set to (?P<set_to>{_VALUE})"
    rf"|(?: wurde)? auf (?P<set_in_german>{_VALUE}) gesetzt)\.?"
    rf"|\s*\w[\w ./-]{{1,30}}?\s*\|{_VALUE}\|\s*(?P<to_in_table>{_VALUE})",  # Bugzilla
    re.IGNORECASE,
)
# What trackers call the fields they tell of. Beside other names only a heading or a machine's mark makes it a note.
_TRACKED = re.compile(
    r"[\W\d_]*(?:status|state|stage|priority|priorität|severity|resolution|milestone|component|versions?"
    r"|fixed in|keywords?|type|category|kategorie|assigned ?to|assignee|owner|queue|tracker|superseder|nosy"
    r"|messages?|topics?|title|progress|target|due ?date|stichwörter|zuständig|zugewiesen an|bearbeiter"
    r"|zustand|lösung|statut|assigné à|catégorie|estado|prioridad|asignado a|stato|assegnato a|toegewezen aan"
    r"|состояние|статус)\b",
    re.IGNORECASE,
)
_ISSUE = re.compile(r"#\d|\[\w*[a-z]\w*\d+\]", re.IGNORECASE)  # as trackers number them in the subject
_HEADING = re.compile(
    r"[^\n]{0,12}\b(?:changes? (?:\(?by|for)|änderung(?:en)? (?:von|durch)|modificación de|modifications? (?:par|de)"
    r"|изменение)\b[^\n]{1,120}:?"
    r"|[^\n]{0,60}#?\d*[^\n]{0,20}(?:(?:has been |was )(?:updated|changed) by|wurde von)\b[^\n]{1,80}"
    r"|\s*what\s*\|\s*removed\s*\|\s*added\s*|[^\n]{2,60} (?:changed|hat geändert):",
    re.IGNORECASE,
)
_DRAWN = re.compile(r"[-_=*#~| ]+")
_LINK = re.compile(r"<?https?://\S+>?")
# One of them is in every such line, and in few others: looking for them is quicker than trying the forms.
_IN_CHANGES = ("->", "=>", "→", "|", "changed", "wurde", "geänd", "modifi", "cambia", "gewijzigd", "set to", "gesetzt")
_IN_HEADINGS = ("change", "änderung", "modifi", "изменение", "updated by", "wurde von", "removed", "hat geändert")
_DONE = re.compile(
    r"\W*(?:resolved|closed|done|fixed|solved|completed?|gelöst|geschlossen|erledigt|abgeschlossen|résolue?|fermée?"
    r"|resuelt[oa]|cerrad[oa]|risolt[oa]|chius[oa]|opgelost|gesloten|rozwiązan\w+|zamknięt\w+|решен\w*|закрыт\w*)\b",
    re.IGNORECASE,
)


def change_note(reading: Reading) -> Finding | None:
    """Fields have changed and nobody says a word: after an answer it tells of progress or of the end.

    Before any answer it shows no more than that the inquiry is on somebody's list, as an acknowledgement does.
    """
    first = reading.own.lstrip().partition("\n")[0].strip()  # most letters begin with a greeting, which ends it here
    if not first or not _is_form(first) or not _all_form(above_rule(reading.own)):
        return None
    lines = [line.strip() for line in reading.own.split("\n")[: 2 * _MAX_LINES]]
    changes = [found for line in lines if len(line) <= _MAX_LINE and (found := _change_in(line))]
    if not changes or not _by_tracker(reading, lines):
        return None
    seen = (rule("change-note", "text", changes[0].group().lower()),)
    if reading.is_matched and not reading.context.answered_before:
        return Finding(ReplyKind.AUTO_ACK, _WEIGHT, seen)
    ended = any(_DONE.match(value) for found in changes for value in found.groupdict().values() if value)
    kind = FollowUpKind.CHECKS_BACK if ended else FollowUpKind.PROGRESS
    return Finding(ReplyKind.FOLLOWUP, _WEIGHT, seen, followup_kind=kind)


def _by_tracker(reading: Reading, lines: list[str]) -> bool:
    """Anybody may write "Phone: 8am -> 8pm"."""
    if machine_marks(reading).weight >= 1 or any(_is_heading(line) and not _change_in(line) for line in lines):
        return True
    tracked = sum(bool(_TRACKED.match(line)) and _change_in(line) is not None for line in lines)
    return tracked > 1 or (tracked == 1 and bool(_ISSUE.search(reading.message.subject)))


def comment_beside_note(reading: Reading) -> Finding | None:
    """Under the heading of such a note somebody has said something too: that is their reply."""
    lines = [line.strip() for line in above_rule(reading.own).split("\n") if line.strip()]
    if not lines or len(lines[0]) > _MAX_LINE or not _is_heading(lines[0]):
        return None
    changes = [line for line in lines if len(line) <= _MAX_LINE and _change_in(line)]
    desks_own_words = reading.asked("followup", "resolved") + reading.asked("followup", "survey")
    if not changes or all(map(_is_form, lines)) or desks_own_words.weight:
        return None
    return Finding(ReplyKind.HUMAN_REPLY, _WEIGHT, (rule("comment-beside-note", "text", changes[0].lower()),))


def given_back(reading: Reading) -> Finding | None:
    """Nothing but a heading that names our own address, over our own words: they have filed our mail.

    Roundup writes so in a dozen languages ("Neue Nachricht von Anna Berg <anna@study.example>:").
    """
    heading, _, rest = reading.own.strip().partition("\n")
    ours = {reading.context.our_address.lower(), *map(str.lower, reading.message.to)} - {""}
    named = heading.lower() if len(heading) <= _MAX_LINE and heading.rstrip().endswith((":", ".")) else ""
    if not any(address in named for address in ours):
        return None
    our_lines = {line.strip() for line in reading.context.our_text.split("\n")} | {""}
    below = above_rule(f"{heading}\n{rest}").split("\n")[1:]
    if any(line.strip() not in our_lines for line in below):
        return None
    return Finding(ReplyKind.AUTO_ACK, _WEIGHT, (rule("given-back", "text", named),))


def _all_form(text: str) -> bool:
    lines = text.split("\n")
    return len(lines) <= 2 * _MAX_LINES and all(_is_form(line.strip()) for line in lines if line.strip())


def _is_form(line: str) -> bool:
    if len(line) > _MAX_LINE:
        return False
    is_plain = _DRAWN.fullmatch(line) or _LINK.fullmatch(line)
    return bool(is_plain or _change_in(line)) or _is_heading(line)


def _change_in(line: str) -> re.Match[str] | None:
    lowered = line.lower()
    return _CHANGE.fullmatch(line) if any(sign in lowered for sign in _IN_CHANGES) else None


def _is_heading(line: str) -> bool:
    lowered = line.lower()
    return any(word in lowered for word in _IN_HEADINGS) and bool(_HEADING.fullmatch(line))
