"""What to put where: mapped controls and the claimed probe become actions. Pure; abstains rather than fill wrongly."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmark.core.recipes import Recipe
from benchmark.core.values import ClaimedProbe
from benchmark.core.vocabulary import FieldRole as Role
from benchmark.core.vocabulary import InquiryKind
from probes.channels.web_form.mapping import Decision
from probes.channels.web_form.model import Control, Hidden, Option
from probes.channels.web_form.phrases import (
    NEVER_TOPIC,
    NEXT,
    NO_SALUTATION,
    NOT_SEND,
    OTHER_TOPIC,
    PAYS,
    PRIVACY,
    SALUTATIONS,
    TOPICS,
)
from probes.channels.web_form.wording import fold


class Do(StrEnum):
    FILL = "fill"
    SELECT = "select"
    CHECK = "check"
    UNCHECK = "uncheck"


@dataclass(frozen=True)
class Action:
    """One thing to do to one control; `at` is its index in the form, `value` a text or an option's value."""

    at: int
    do: Do
    value: str
    role: Role


@dataclass(frozen=True)
class Plan:
    """All actions of one visible step. `missing` names required controls nobody understands: then nothing is sent."""

    actions: tuple[Action, ...]
    missing: tuple[str, ...]
    submit: int | None
    next: int | None


COUNTRY_NAMES: dict[str, tuple[str, ...]] = {
    "DE": ("Deutschland", "Germany", "Allemagne", "Alemania", "Germania", "DE", "DEU"),
    "AT": ("Österreich", "Austria", "Autriche", "AT", "AUT"),
    "CH": ("Schweiz", "Switzerland", "Suisse", "CH", "CHE"),
    "GB": ("United Kingdom", "Great Britain", "UK", "Vereinigtes Königreich", "England", "GB", "GBR"),
    "IE": ("Ireland", "Irland", "IE", "IRL"),
    "US": ("United States", "United States of America", "USA", "US", "Vereinigte Staaten"),
    "FR": ("France", "Frankreich", "FR", "FRA"),
    "NL": ("Netherlands", "Niederlande", "Nederland", "NL", "NLD"),
}
Value = Callable[[ClaimedProbe], str]

VALUES: dict[Role, Value] = {
    Role.NAME: lambda claimed: claimed.persona.name,
    Role.FIRST_NAME: lambda claimed: claimed.persona.first_name,
    Role.LAST_NAME: lambda claimed: claimed.persona.last_name,
    Role.EMAIL: lambda claimed: claimed.reply_address,
    Role.EMAIL_CONFIRM: lambda claimed: claimed.reply_address,
    Role.PHONE: lambda claimed: claimed.persona.phone,
    Role.SUBJECT: lambda claimed: claimed.subject,
    Role.MESSAGE: lambda claimed: claimed.body,
    Role.ADDRESS: lambda claimed: claimed.persona.street,
    Role.ZIP: lambda claimed: claimed.persona.zip,
    Role.CITY: lambda claimed: claimed.persona.city,
    Role.COUNTRY: lambda claimed: COUNTRY_NAMES.get(claimed.persona.country, (claimed.persona.country,))[0],
    Role.SALUTATION: lambda claimed: claimed.persona.salutation,
    Role.ORDER_NO: lambda claimed: claimed.order_no,
}
# Told only when the form insists: an inquiry needs no telephone number and no street.
ONLY_IF_REQUIRED = frozenset({Role.PHONE, Role.ADDRESS, Role.ZIP, Role.CITY, Role.COUNTRY, Role.STATE})
_NO_CHOICE = re.compile(r"bitte|waehl|auswahl|please|choose|select|choisi|seleccion|selezion|kies|^-* *$|^\W*$")


def is_required(control: Control) -> bool:
    """Required by its attribute, or marked with the star that people read."""
    return control.required or bool(re.search(r"\*", f"{control.label} {control.placeholder} {control.near[-3:]}"))


def make_plan(decisions: Sequence[Decision], claimed: ClaimedProbe, recipe: Recipe | None = None) -> Plan:
    """The actions for every control that can be used now; later steps of the form are planned when they show."""
    actions: list[Action] = []
    missing: list[str] = []
    for at, decision in enumerate(decisions):
        if not _usable(decision.control):
            continue
        action = _told(at, decision, claimed, recipe) or _action(at, decision, decisions, claimed)
        if action is not None:
            actions.append(action)
        elif _unanswered(decision, decisions, actions) and not (recipe and recipe.leaves(decision.control)):
            missing.append(_called(decision.control))
    submit, onward = _submit(decisions), _next(decisions)
    if recipe is not None:
        submit = _button_named(decisions, recipe.button("submit"), submit)
        onward = _button_named(decisions, recipe.button("next"), onward)
    return Plan(tuple(actions), tuple(dict.fromkeys(missing)), submit, onward)


def _told(at: int, decision: Decision, claimed: ClaimedProbe, recipe: Recipe | None) -> Action | None:
    """What the recipe says in so many words; roles that it names go the ordinary way."""
    put = None if recipe is None else recipe.put_for(decision.control)
    if put is None:
        return None
    if put.check is not None:
        return Action(at, Do.CHECK if put.check else Do.UNCHECK, "", put.role)
    if put.value:
        return Action(at, Do.FILL, put.value, put.role)
    if put.match:
        options = [option for option in decision.control.options if re.search(put.match, option.text, re.IGNORECASE)]
        return Action(at, Do.SELECT, options[0].value, put.role) if options else None
    if put.role in ONLY_IF_REQUIRED and decision.control.is_text and (value := VALUES.get(put.role, _nothing)(claimed)):
        return Action(at, Do.FILL, value, put.role)
    return None


def _nothing(claimed: ClaimedProbe) -> str:
    return ""


def _button_named(decisions: Sequence[Decision], texts: Sequence[str], otherwise: int | None) -> int | None:
    """The visible button with one of these texts. A recipe that names buttons is obeyed even when none shows yet."""
    wanted = {fold(text) for text in texts}
    if not wanted:
        return otherwise
    shown = (at for at, d in enumerate(decisions) if d.control.is_button and d.control.visible)
    return next((at for at in shown if _button_text(decisions[at].control) in wanted), None)


def _usable(control: Control) -> bool:
    editable = not (control.disabled or control.readonly or control.type in ("hidden", "file"))
    return control.visible and editable and not control.is_button


def _action(at: int, decision: Decision, all_of: Sequence[Decision], claimed: ClaimedProbe) -> Action | None:
    role, control = decision.role, decision.control
    if role in (Role.HONEYPOT, Role.CAPTCHA, Role.OTHER, Role.SUBMIT):
        return None
    if role is Role.MARKETING:
        return Action(at, Do.UNCHECK, "", role) if control.type == "checkbox" and control.checked else None
    if role is Role.CONSENT:
        return Action(at, Do.CHECK, "", role) if _consents(decision, all_of) else None
    if control.type == "radio":
        return _radio(at, decision, all_of, claimed)
    if control.tag == "select":
        chosen = _option(role, control, claimed)
        return None if chosen is None else Action(at, Do.SELECT, chosen.value, role)
    if role in ONLY_IF_REQUIRED and not is_required(control):
        return None
    value = VALUES[role](claimed) if role in VALUES else ""
    return Action(at, Do.FILL, value, role) if value and _fits(value, control) else None


def _fits(value: str, control: Control) -> bool:
    """A value cut short would be a wrong value."""
    return control.maxlength is None or len(value) <= control.maxlength


def _consents(decision: Decision, all_of: Sequence[Decision]) -> bool:
    """Privacy words, and the form insists or offers nothing else to tick."""
    control = decision.control
    boxes = [d for d in all_of if d.control.type == "checkbox" and d.control.visible and d.role is not Role.HONEYPOT]
    worded = bool(PRIVACY.search(fold(f"{control.label} {control.aria} {control.after} {control.near} {control.name}")))
    return is_required(control) or (worded and len(boxes) == 1)


def _option(role: Role, control: Control, claimed: ClaimedProbe) -> Option | None:
    options = [option for option in control.options if not option.disabled and not _is_prompt(option)]
    match role:
        case Role.SUBJECT:
            return best_topic(options, claimed.inquiry)
        case Role.SALUTATION:
            return best_salutation(options, claimed.persona.salutation)
        case Role.COUNTRY:
            return best_country(options, claimed.persona.country) if is_required(control) else None
        case _:
            return None


def _is_prompt(option: Option) -> bool:
    return (
        not option.text
        or (not option.value and True)
        or bool(_NO_CHOICE.search(fold(option.text)) and option.value in ("", "0", "-1"))
    )


def best_topic(options: Sequence[Option], kind: InquiryKind) -> Option | None:
    """The option nearest to the inquiry's kind; "something else" when none is near; None rather than a wrong one."""
    open_to_us = [option for option in options if not NEVER_TOPIC.search(fold(option.text))]
    for pattern in TOPICS[kind]:
        for option in open_to_us:
            if re.search(pattern, fold(option.text)):
                return option
    return next((option for option in open_to_us if OTHER_TOPIC.search(fold(option.text))), None)


def best_salutation(options: Sequence[Option], salutation: str) -> Option | None:
    wanted = next((p for p in SALUTATIONS.values() if p.search(fold(salutation))), None)
    if wanted is not None:
        found = next((option for option in options if wanted.search(fold(option.text))), None)
        if found is not None:
            return found
    return next((option for option in options if NO_SALUTATION.search(fold(option.text))), None)


def best_country(options: Sequence[Option], code: str) -> Option | None:
    names = {fold(name) for name in (*COUNTRY_NAMES.get(code.upper(), ()), code)}
    return next((option for option in options if fold(option.text) in names or fold(option.value) in names), None)


def _radio(at: int, decision: Decision, all_of: Sequence[Decision], claimed: ClaimedProbe) -> Action | None:
    """One choice a group: the group is read as a select of its labels and decided at its first member."""
    group = [
        (i, d) for i, d in enumerate(all_of) if d.control.type == "radio" and d.control.name == decision.control.name
    ]
    if group[0][0] != at:
        return None
    options = [Option(str(i), d.control.label or d.control.after or d.control.value) for i, d in group]
    role = next((d.role for _, d in group if d.role in (Role.SALUTATION, Role.SUBJECT)), Role.OTHER)
    chosen = None
    if role is Role.SALUTATION:
        chosen = best_salutation(options, claimed.persona.salutation)
    elif role is Role.SUBJECT:
        chosen = best_topic(options, claimed.inquiry)
    return None if chosen is None else Action(int(chosen.value), Do.CHECK, "", role)


def _unanswered(decision: Decision, all_of: Sequence[Decision], actions: Sequence[Action]) -> bool:
    """Whether the form insists on this control and it would stay empty."""
    control = decision.control
    if decision.role in (Role.EMAIL, Role.MESSAGE) and control.is_text and not control.value:
        return True  # an inquiry without its text or without an address to answer to is none
    if decision.role is Role.HONEYPOT or not is_required(control):
        return False
    if control.type == "radio":
        group = {i for i, d in enumerate(all_of) if d.control.type == "radio" and d.control.name == control.name}
        ticked = any(all_of[i].control.checked for i in group)
        return not ticked and not any(action.at in group for action in actions)
    if control.type == "checkbox":
        return not control.checked
    if control.tag == "select":
        return not (control.options and not _is_prompt(control.options[0]))
    return not control.value


def _called(control: Control) -> str:
    return (control.label or control.aria or control.placeholder or control.name or control.id or control.tag)[:60]


def _submit(decisions: Sequence[Decision]) -> int | None:
    """The surest visible button that sends, never one that pays; the last among equals."""
    able = [
        at
        for at, d in enumerate(decisions)
        if d.role is Role.SUBMIT and d.control.visible and not PAYS.search(_button_text(d.control))
    ]
    real = [at for at in able if not NEXT.fullmatch(_button_text(decisions[at].control))] or able
    return max(real, key=lambda at: (decisions[at].score, at), default=None)


def _next(decisions: Sequence[Decision]) -> int | None:
    """A visible button that leads to the next step of the form."""
    for at, decision in enumerate(decisions):
        control = decision.control
        text = _button_text(control)
        if control.is_button and control.visible and NEXT.search(text) and not NOT_SEND.search(text):
            return at
    return None


def _button_text(control: Control) -> str:
    return fold(f"{control.label} {control.value} {control.aria}")


def has_later_step(decisions: Sequence[Decision]) -> bool:
    return any(d.control.hidden is Hidden.STEP and not d.control.is_button for d in decisions)
