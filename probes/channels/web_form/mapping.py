"""Which control asks for what: ordered signals per control, then rules across the form. Serves browser and files."""

from __future__ import annotations

import re

from benchmark.core.vocabulary import FieldRole as Role
from probes.channels.web_form.form_rules import ACROSS
from probes.channels.web_form.model import Control, FormModel
from probes.channels.web_form.phrases import BARE_NAME, NOT_SEND, SEND
from probes.channels.web_form.signals import SIGNALS, Decision, by_name, by_options, can_hold
from probes.channels.web_form.text_words import TEXT_WORDINGS
from probes.channels.web_form.traps import is_trap, is_unseen
from probes.channels.web_form.wording import fold, role_of, words_of_name

__all__ = ["Decision", "map_form"]


def map_form(form: FormModel) -> tuple[Decision, ...]:
    """One decision for every control of the form, in document order."""
    decisions = [_first_decision(control, form) for control in form.controls]
    for rule in ACROSS:
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
    if decision.control.tag == "select" and (told := by_options(decision.control)) is not None:
        return Decision(decision.control, told, "options", 0.9)
    said = role_of(fold(f"{decision.control.label} {decision.control.aria}"[:400]), TEXT_WORDINGS)
    if decision.signal in ("type", "autocomplete") and said in (Role.HONEYPOT, Role.CAPTCHA, Role.EMAIL_CONFIRM):
        return Decision(decision.control, said, "label", 0.92)
    if decision.signal == "type" and decision.role is Role.PHONE and said in _NUMBERS:
        return Decision(decision.control, said, "label", 0.92)
    if decision.control.type == "text" and _SUM.search(decision.control.near) and decision.signal != "autocomplete":
        return Decision(decision.control, Role.CAPTCHA, "near", 0.8)
    if (
        decision.role is Role.NAME
        and decision.signal != "autocomplete"
        and BARE_NAME.match(fold(decision.control.label or decision.control.near))
    ):
        named = by_name(decision.control)
        if named in (Role.FIRST_NAME, Role.LAST_NAME):
            return Decision(decision.control, named, "name", 0.8)
    if decision.role is Role.EMAIL and by_name(decision.control) is Role.EMAIL_CONFIRM and said is not Role.EMAIL:
        return Decision(decision.control, Role.EMAIL_CONFIRM, "name", 0.8)
    return decision


# Where the scripts of captcha vendors put their answer.
_RESPONSE = re.compile(r"(captcha|turnstile)[-_]?response|frc-captcha-solution|^altcha$", re.IGNORECASE)
# A sum right before a field is a question, whatever the label says.
_SUM = re.compile(r"\b\d{1,2} ?[+\u00d7x*\u2212-] ?\d{1,2} ?= ?\??$")
# Digits of other kinds are often typed into type=tel, for the keyboard it brings.
_NUMBERS = frozenset({Role.ZIP, Role.ORDER_NO, Role.OTHER})


def _excluded(control: Control, form: FormModel) -> Decision | None:
    """What is never filled, whatever it is called: hidden inputs, files, traps."""
    if control.type == "hidden":
        return Decision(control, Role.OTHER, "hidden", 0.95)
    if _RESPONSE.search(control.name):
        return Decision(control, Role.CAPTCHA, "name", 0.95)
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
