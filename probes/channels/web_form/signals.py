"""What single controls say of themselves: ordered signals, the first that says something decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from benchmark.core.vocabulary import FieldRole as Role
from probes.channels.web_form.model import Control
from probes.channels.web_form.name_words import AUTOCOMPLETE, NAME_WORDINGS
from probes.channels.web_form.phrases import SALUTATIONS, TOPIC_OPTION
from probes.channels.web_form.text_words import TEXT_WORDINGS
from probes.channels.web_form.wording import Wording, fold, own_words, role_of


@dataclass(frozen=True)
class Decision:
    """What one control was taken for, by which signal, and how sure (0..1)."""

    control: Control
    role: Role
    signal: str
    score: float


CHECKS = ("checkbox", "radio")
# Which kinds of control can hold a role at all; roles not named here fit every text-like control.
_CHECK_ROLES = frozenset({Role.CONSENT, Role.MARKETING})
_SELECT_ROLES = frozenset({Role.SALUTATION, Role.SUBJECT, Role.COUNTRY, Role.STATE, Role.CITY, Role.MARKETING})
_AREA_ROLES = frozenset({Role.MESSAGE, Role.ADDRESS, Role.HONEYPOT, Role.CAPTCHA})
_RADIO_ROLES = frozenset({Role.SALUTATION, Role.SUBJECT, Role.MARKETING, Role.CONSENT})
_ONE_LINE_ROLES = frozenset(Role) - _CHECK_ROLES - {Role.SUBMIT}
_TYPES = {"email": Role.EMAIL, "tel": Role.PHONE, "url": Role.URL}


def can_hold(control: Control, role: Role) -> bool:
    """Whether this kind of control can carry a role: a textarea is no e-mail field, a checkbox no message."""
    if role is Role.OTHER:
        return True
    if control.type == "checkbox":
        return role in _CHECK_ROLES or role is Role.HONEYPOT
    if control.type == "radio":
        return role in _RADIO_ROLES
    if control.tag == "select":
        return role in _SELECT_ROLES or (role is Role.PHONE and _dials(control))
    if control.tag == "textarea":
        return role in _AREA_ROLES
    return control.is_text and role in _ONE_LINE_ROLES


Signal = Callable[[Control], Role | None]


def _by_autocomplete(control: Control) -> Role | None:
    words = control.autocomplete.lower().split()
    return AUTOCOMPLETE.get(words[-1]) if words else None


def _by_type(control: Control) -> Role | None:
    return _TYPES.get(control.type)


def _by_text(*names: str) -> Signal:
    """A human text; the first of the named attributes that says something the control can hold."""

    def signal(control: Control) -> Role | None:
        for name in names:
            role = _holdable(control, fold(getattr(control, name)[:400]), TEXT_WORDINGS)
            if role is not None:
                return role
        return None

    return signal


def _holdable(control: Control, text: str, table: tuple[Wording, ...]) -> Role | None:
    """The first row that fits among the roles this kind of control can carry."""
    return _first_role(control.tag, control.type, text, table is TEXT_WORDINGS)


_PLACES = frozenset({Role.ADDRESS, Role.ZIP, Role.CITY, Role.STATE})


@lru_cache(maxsize=16384)
def _first_role(tag: str, kind: str, text: str, human: bool) -> Role | None:
    able = Control(tag, kind)
    table = TEXT_WORDINGS if human else NAME_WORDINGS
    role = role_of(text, [row for row in table if can_hold(able, row.role)])
    if role in _PLACES and human:  # "City, State, Zip" in one field is named for its first word
        told = [(row.starts(text), row.role) for row in table if row.role in _PLACES and row.fits(text)]
        return min(told, key=lambda found: found[0])[1] if told else role
    return role


def by_name(control: Control) -> Role | None:
    for text in (control.name, control.id):
        for words in own_words(text):
            role = _holdable(control, words, NAME_WORDINGS)
            if role is not None:
                return role
    return None


# Placeholders that invite without saying to what.
_EMPTY_WORDS = re.compile(
    r"^(please )?(type|enter|write|add)?( (your|an?|some))? ?(answer|text|value|here)+( here| in here)?$|"
    r"^(ihre|deine|votre|su|tu|la tua|uw)? ?(antwort|reponse|respuesta|risposta|antwoord)( eingeben)?$|"
    r"^(hier|bitte|text|hier text)( bitte)?( etwas)? ?(eingeben|eintragen|schreiben)$|^(optional|required|pflichtfeld)$"
)
# Examples instead of words: "Jane Doe", "+49 30 123456".
_EXAMPLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.NAME, re.compile(
        r"^(e\.?g\.? |ex\.? |z\. ?b\. |example: )?((jane|john|joe|max|maxi|erika|jean|marie|mario|maria|juan|jan|anna|"
        r"luke|sam|alex) ([a-z]\.? )?(doe|smith|mustermann|musterfrau|dupont|rossi|bianchi|perez|garcia|jansen|"
        r"de vries|beispiel|public|skywalker|appleseed|sample))\b", re.IGNORECASE)),
    (Role.OTHER, re.compile(r"^(tt|dd|mm|jj+|yy+|aaaa)[./ -]", re.IGNORECASE)),
    (Role.URL, re.compile(r"^(https?://|www\.)", re.IGNORECASE)),
    (Role.PHONE, re.compile(r"^(e\.?g\.? |z\. ?b\. )?(\+\d|\(\d{3}\)|0\d{2,}[ /-])[\d x()/.-]{5,}$|"
        r"^\(?[x#_]{3}[) -]+[x#_]{3}", re.IGNORECASE)),
    (Role.COMPANY, re.compile(r"^(acme|muster|beispiel|example|my company|your company)\b.*"
        r"\b(inc|gmbh|ltd|llc|ag|co)\b", re.IGNORECASE)),
)  # fmt: skip


def _by_placeholder(control: Control) -> Role | None:
    if not _EMPTY_WORDS.match(fold(control.placeholder)):
        for role, example in _EXAMPLES:
            if example.search(control.placeholder) and can_hold(control, role):
                return role
        said = _by_text("placeholder")(control)
        if said is not None:
            return said
    return _by_text("title")(control)


def _by_near(control: Control) -> Role | None:
    if control.type in CHECKS:
        # What stands before a labelled box belongs to the box before it.
        return None if control.label and control.type == "checkbox" else _by_text("after", "near")(control)
    return _by_text("near")(control)


_DIAL_CODE = re.compile(r"\+\d{1,4}\b")


def _dials(control: Control) -> bool:
    """Whether a list offers country codes of telephone numbers."""
    return sum(bool(_DIAL_CODE.search(option.text)) for option in control.options) > len(control.options) / 2


def by_options(control: Control) -> Role | None:
    """A list of countries or of salutations needs no label."""
    texts = [fold(option.text) for option in control.options if option.text]
    if len(texts) >= 20 and any(text in ("germany", "deutschland", "united kingdom", "france") for text in texts):
        return Role.COUNTRY
    if 2 <= len(texts) <= 8 and sum(any(p.search(text) for p in SALUTATIONS.values()) for text in texts) >= 2:
        return Role.SALUTATION
    if _dials(control):
        return Role.PHONE
    states = {"bayern", "hessen", "alabama", "alaska", "arizona", "ontario", "new south wales"}
    return Role.STATE if len(states & set(texts)) >= 2 else None


_BARE_TYPE = re.compile(r"^\*? ?(type|typ|art|soort|tipo|category|kategorie)( \*)?$")


def _by_topics(control: Control) -> Role | None:
    """A list of what people write about needs no label either."""
    texts = [fold(option.text) for option in control.options if option.value and option.text]
    if _BARE_TYPE.match(fold(control.label or control.aria or control.near)) and any(map(TOPIC_OPTION.search, texts)):
        return Role.SUBJECT
    named = sum(bool(TOPIC_OPTION.search(text)) for text in texts)
    return Role.SUBJECT if named >= 2 and 2 * named >= len(texts) else None


_PROMPT = re.compile(r"^(bitte|please|select|choose|waehl|choisi|seleccion|scegli|selezion|kies)|^[\W]*$")


def _by_prompt(control: Control) -> Role | None:
    """The first choice of a list without any label often says what is to be chosen: "Topic", "Select your country"."""
    if control.tag != "select" or not control.options or control.label or control.aria:
        return None
    first = control.options[0]
    words = fold(first.text)
    if first.value in ("", "0", "-1") or first.disabled or _PROMPT.match(words) or len(words.split()) == 1:
        return None if TOPIC_OPTION.search(words) and first.value else _holdable(control, words, TEXT_WORDINGS)
    return None


@dataclass(frozen=True)
class _Source:
    name: str
    score: float
    ask: Signal


# The order is the rule: the first signal that says something decides.
SIGNALS: tuple[_Source, ...] = (
    _Source("autocomplete", 0.98, _by_autocomplete),
    _Source("type", 0.95, _by_type),
    _Source("label", 0.92, _by_text("label", "aria")),
    _Source("placeholder", 0.85, _by_placeholder),
    _Source("value", 0.8, lambda control: _by_text("value")(control) if _value_is_hint(control) else None),
    _Source("name", 0.75, by_name),
    _Source("options", 0.68, _by_prompt),
    _Source("near", 0.6, _by_near),
    _Source("options", 0.7, by_options),
    _Source("options", 0.65, _by_topics),
)


def _value_is_hint(control: Control) -> bool:
    """Old pages write the label into the field itself ("Your name…")."""
    return control.is_text and 2 < len(control.value) < 40 and "http" not in control.value
