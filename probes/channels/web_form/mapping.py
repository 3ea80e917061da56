"""Which control asks for what: ordered signals per control, then rules across the form. Serves browser and files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from benchmark.core.vocabulary import FieldRole as Role
from probes.channels.web_form.model import Control, FormModel, Hidden
from probes.channels.web_form.name_words import AUTOCOMPLETE, NAME_WORDINGS
from probes.channels.web_form.phrases import COPY_TO_ME, NOT_SEND, SALUTATIONS, SEND
from probes.channels.web_form.text_words import TEXT_WORDINGS
from probes.channels.web_form.wording import Wording, fold, role_of, words_of_name


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
_RADIO_ROLES = frozenset({Role.SALUTATION, Role.SUBJECT, Role.MARKETING})
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
        return role in _SELECT_ROLES
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


@lru_cache(maxsize=16384)
def _first_role(tag: str, kind: str, text: str, human: bool) -> Role | None:
    able = Control(tag, kind)
    table = TEXT_WORDINGS if human else NAME_WORDINGS
    return role_of(text, [row for row in table if can_hold(able, row.role)])


def _by_name(control: Control) -> Role | None:
    for text in (control.name, control.id):
        words = words_of_name(text)
        role = _holdable(control, words, NAME_WORDINGS)
        if role is not None:
            return role
    return None


def _by_near(control: Control) -> Role | None:
    if control.type in CHECKS:
        return _by_text("after", "near")(control)
    return _by_text("near")(control)


def _by_options(control: Control) -> Role | None:
    """A list of countries or of salutations needs no label."""
    texts = [fold(option.text) for option in control.options if option.text]
    if len(texts) >= 20 and any(text in ("germany", "deutschland", "united kingdom", "france") for text in texts):
        return Role.COUNTRY
    if 2 <= len(texts) <= 8 and sum(any(p.search(text) for p in SALUTATIONS.values()) for text in texts) >= 2:
        return Role.SALUTATION
    states = {"bayern", "hessen", "alabama", "alaska", "arizona", "ontario", "new south wales"}
    return Role.STATE if len(states & set(texts)) >= 2 else None


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
    _Source("placeholder", 0.85, _by_text("placeholder", "title")),
    _Source("value", 0.8, lambda control: _by_text("value")(control) if _value_is_hint(control) else None),
    _Source("name", 0.75, _by_name),
    _Source("near", 0.6, _by_near),
    _Source("options", 0.7, _by_options),
)


def _value_is_hint(control: Control) -> bool:
    """Old pages write the label into the field itself ("Your name…")."""
    return control.is_text and 2 < len(control.value) < 40 and "http" not in control.value


def map_form(form: FormModel) -> tuple[Decision, ...]:
    """One decision for every control of the form, in document order."""
    decisions = [_first_decision(control, form) for control in form.controls]
    for rule in _ACROSS:
        decisions = rule(decisions)
    return tuple(decisions)


def _first_decision(control: Control, form: FormModel) -> Decision:
    excluded = _excluded(control, form)
    if excluded is not None:
        return excluded
    if control.is_button:
        return _button(control)
    for source in SIGNALS:
        role = source.ask(control)
        if role is not None and can_hold(control, role):
            return _weighed(Decision(control, role, source.name, source.score))
    return Decision(control, Role.OTHER, "none", 0.3)


def _weighed(decision: Decision) -> Decision:
    """A type or autocomplete says what kind of value, the label may say that it is a trap or the same value again."""
    if decision.control.tag == "select" and (told := _by_options(decision.control)) is not None:
        return Decision(decision.control, told, "options", 0.9)
    said = role_of(fold(f"{decision.control.label} {decision.control.aria}"[:400]), TEXT_WORDINGS)
    if decision.signal in ("type", "autocomplete") and said in (Role.HONEYPOT, Role.CAPTCHA, Role.EMAIL_CONFIRM):
        return Decision(decision.control, said, "label", 0.92)
    if decision.signal == "type" and decision.role is Role.PHONE and said in _NUMBERS:
        return Decision(decision.control, said, "label", 0.92)
    if decision.role is Role.NAME and _BARE_NAME.match(fold(decision.control.label or decision.control.near)):
        named = _by_name(decision.control)
        if named in (Role.FIRST_NAME, Role.LAST_NAME):
            return Decision(decision.control, named, "name", 0.8)
    if decision.role is Role.EMAIL and _by_name(decision.control) is Role.EMAIL_CONFIRM and said is not Role.EMAIL:
        return Decision(decision.control, Role.EMAIL_CONFIRM, "name", 0.8)
    return decision


# Digits of other kinds are often typed into type=tel, for the keyboard it brings.
_NUMBERS = frozenset({Role.ZIP, Role.ORDER_NO, Role.OTHER})
# A bare "Nom" or "Nombre" may mean either name; then the machine name knows better.
_BARE_NAME = re.compile(r"^\*? ?(your |ihr |dein |votre |su |tu )?(name|nom|nombre|nome|naam)\b( required| \*)*$")


def _excluded(control: Control, form: FormModel) -> Decision | None:
    """What is never filled, whatever it is called: hidden inputs, files, traps."""
    if control.type == "hidden":
        return Decision(control, Role.OTHER, "hidden", 0.95)
    if control.type == "file":
        return Decision(control, Role.OTHER, "file", 0.95)
    if control.is_button or control.type == "radio":
        return None
    if is_trap(control, form):
        return Decision(control, Role.HONEYPOT, "trap", 0.95)
    if control.is_text and control.tag == "input" and not control.styled and is_unseen(control, form):
        return Decision(control, Role.OTHER, "hidden", 0.8)
    if (control.readonly or control.disabled) and control.is_text:
        captcha = role_of(fold(f"{control.label} {control.near} {words_of_name(control.name)}"), TEXT_WORDINGS)
        role = Role.CAPTCHA if captcha is Role.CAPTCHA else Role.OTHER
        return Decision(control, role, "read-only", 0.9)
    return None


_TRAP_WRAPPER = re.compile(
    r"honey ?pot|\bhpt?\b|gotcha|ohnohoney|no ?spam\b|spam ?trap|bot ?(trap|field)|leave ?empty|\bninja hp"
)
# Class names that hide, for pages read without their style sheets.
_HIDING_CLASSES = frozenset(
    [
        "hidden",
        "hide",
        "d-none",
        "invisible",
        "visually-hidden",
        "visuallyhidden",
        "sr-only",
        "screen-reader-text",
        "screen-reader",
        "offscreen",
        "off-screen",
        "is-hidden",
        "u-hidden",
        "hidden-field",
        "display-none",
        "displaynone",
        "element-invisible",
    ]
)
_UNFOLDING = 3  # so many hidden lines in one form are parts that unfold, not traps


def is_trap(control: Control, form: FormModel) -> bool:
    """Whether a control is invisible where its siblings are not, or says itself that it wants to stay empty."""
    said = fold(f"{control.label} {control.aria} {control.placeholder} {control.title}"[:400])
    named = f"{words_of_name(control.name)} {words_of_name(control.id)}"
    if role_of(said, TEXT_WORDINGS[:1]) or role_of(named, NAME_WORDINGS[:1]):
        return True
    if control.styled or control.tag == "select" or control.type in CHECKS:
        return False
    if _TRAP_WRAPPER.search(words_of_name(control.wrapper)):
        return True
    return is_unseen(control, form) and _is_bait(control, form)


def is_unseen(control: Control, form: FormModel) -> bool:
    """Invisible while a sibling can be seen; a form in a closed dialog hides all of its controls and none is a trap."""
    by_class = not form.rendered and bool(_HIDING_CLASSES & set(control.wrapper.lower().split()))
    if not by_class and control.hidden in (Hidden.NOT, Hidden.INPUT, Hidden.STEP):
        return False
    return any(other.visible and other.type != "hidden" for other in form.controls if other is not control)


def _is_bait(control: Control, form: FormModel) -> bool:
    """Hidden and attractive to a robot: a name it knows, out of the keyboard's way. Plain state holders are not."""
    if (
        _tabbed_out(control)
        or control.hidden is Hidden.OFFSCREEN
        or control.autocomplete in ("off", "new-password", "nope")
    ):
        return True
    crowd = [other for other in form.controls if other.is_text and other.hidden is Hidden.STYLE]
    return len(crowd) == 1 or (len(crowd) < _UNFOLDING and any(source.ask(control) for source in SIGNALS))


def _tabbed_out(control: Control) -> bool:
    return control.tabindex is not None and control.tabindex < 0


def _button(control: Control) -> Decision:
    text = fold(f"{control.label} {control.value} {control.aria} {control.title}")
    words = f"{text} {words_of_name(control.name)} {words_of_name(control.id)}"
    if control.type in ("reset", "button") and not (control.type == "button" and SEND.search(text)):
        return Decision(control, Role.OTHER, "type", 0.9)
    if NOT_SEND.search(text) and not SEND.search(text):
        return Decision(control, Role.OTHER, "label", 0.85)
    return Decision(
        control, Role.SUBMIT, "label" if SEND.search(words) else "type", 0.95 if SEND.search(words) else 0.8
    )


Rule = Callable[[list[Decision]], list[Decision]]


def _changed(decision: Decision, role: Role, score: float = 0.7) -> Decision:
    return replace(decision, role=role, signal=f"{decision.signal}+form", score=min(decision.score, score))


def _the_only_textarea_is_the_message(decisions: list[Decision]) -> list[Decision]:
    if any(decision.role is Role.MESSAGE for decision in decisions):
        return decisions
    areas = [d for d in decisions if d.control.tag == "textarea" and d.role not in (Role.HONEYPOT, Role.CAPTCHA)]
    if len(areas) != 1:
        areas = [d for d in areas if d.role is Role.OTHER][-1:]
    return [Decision(d.control, Role.MESSAGE, "shape", 0.6) if d in areas else d for d in decisions]


def _one_message(decisions: list[Decision]) -> list[Decision]:
    """A text line called "comment" beside a textarea is a subject or something else, never a second message."""
    messages = [d for d in decisions if d.role is Role.MESSAGE]
    areas = [d for d in messages if d.control.tag == "textarea"]
    if areas and len(messages) > len(areas):
        decisions = [
            _changed(d, Role.SUBJECT if _asks_for_question(d) else Role.OTHER)
            if d.role is Role.MESSAGE and d.control.tag != "textarea"
            else d
            for d in decisions
        ]
    return _keep_one(decisions, Role.MESSAGE, Role.OTHER)


def _asks_for_question(decision: Decision) -> bool:
    return bool(re.search(r"question|frage|inquiry|anfrage|betreff|anliegen", fold(decision.control.label)))


def _one_email(decisions: list[Decision]) -> list[Decision]:
    """A second address field right after the first is its repetition, any other one is somebody else's."""
    emails = [index for index, d in enumerate(decisions) if d.role is Role.EMAIL]
    if not emails and (confirm := [i for i, d in enumerate(decisions) if d.role is Role.EMAIL_CONFIRM]):
        decisions[confirm[0]] = replace(decisions[confirm[0]], role=Role.EMAIL)
        return decisions
    if len(emails) < 2:
        return decisions
    kept = max(emails, key=lambda index: (decisions[index].control.required, decisions[index].score, -index))
    for index in emails:
        if index != kept:
            same = decisions[index].control.label and decisions[index].control.label == decisions[kept].control.label
            decisions[index] = _changed(decisions[index], Role.EMAIL_CONFIRM if same else Role.OTHER)
    return decisions


def _keep_one(decisions: list[Decision], role: Role, instead: Role) -> list[Decision]:
    """The surest of several stays, the first among equals; the others become `instead`."""
    held = [index for index, d in enumerate(decisions) if d.role is role]
    if len(held) < 2:
        return decisions
    kept = max(held, key=lambda index: (decisions[index].score, decisions[index].control.required, -index))
    return [_changed(d, instead) if d.role is role and index != kept else d for index, d in enumerate(decisions)]


def _names_fit_together(decisions: list[Decision]) -> list[Decision]:
    """`Name` beside `Vorname` is the family name, beside `Surname` the first one; beside both it is something else."""
    roles = {d.role for d in decisions}
    instead = {
        (True, True): Role.OTHER,
        (True, False): Role.LAST_NAME,
        (False, True): Role.FIRST_NAME,
        (False, False): Role.NAME,
    }[Role.FIRST_NAME in roles, Role.LAST_NAME in roles]
    return [_changed(d, instead, 0.85) if d.role is Role.NAME and instead is not Role.NAME else d for d in decisions]


def _copies_are_no_consent(decisions: list[Decision]) -> list[Decision]:
    """ "Send me a copy" is nobody's consent and no address."""
    return [
        replace(d, role=Role.OTHER, signal="label")
        if d.control.type == "checkbox" and COPY_TO_ME.search(fold(f"{d.control.label} {d.control.after}"[:200]))
        else d
        for d in decisions
    ]


_ACROSS: tuple[Rule, ...] = (
    _copies_are_no_consent,
    _the_only_textarea_is_the_message,
    _one_message,
    _one_email,
    lambda decisions: _keep_one(decisions, Role.NAME, Role.OTHER),
    _names_fit_together,
)
