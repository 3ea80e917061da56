"""Rules across a form, after every control was looked at by itself: one message, one e-mail, names that fit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from benchmark.core.vocabulary import FieldRole as Role
from probes.channels.web_form.phrases import BARE_NAME, COPY_TO_ME
from probes.channels.web_form.signals import Decision
from probes.channels.web_form.text_words import TEXT_WORDINGS
from probes.channels.web_form.wording import fold, role_of

Rule = Callable[[list[Decision]], list[Decision]]


def _changed(decision: Decision, role: Role, score: float = 0.7) -> Decision:
    return replace(decision, role=role, signal=f"{decision.signal}+form", score=min(decision.score, score))


def _the_only_textarea_is_the_message(decisions: list[Decision]) -> list[Decision]:
    if any(d.role is Role.MESSAGE and d.control.tag == "textarea" for d in decisions):
        return decisions
    areas = [d for d in decisions if d.control.tag == "textarea" and d.role not in (Role.HONEYPOT, Role.CAPTCHA)]
    areas = [d for d in areas if d.signal not in ("read-only", "hidden")]
    if any(d.role is Role.MESSAGE for d in decisions):
        areas = [d for d in areas if d.role is Role.OTHER]
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


_TITLE = re.compile(r"^\*? ?(titel|title|titre|titolo|titulo)( optional| \*)*$")


def _a_title_before_a_name_is_no_subject(decisions: list[Decision]) -> list[Decision]:
    """ "Title" right before a first or last name is that person's; alone it is the headline of the message."""
    shown = [at for at, d in enumerate(decisions) if d.control.type != "hidden"]
    changed = list(decisions)
    for at, after in pairwise(shown):
        control, role = decisions[at].control, decisions[after].role
        said = (fold(text) for text in (control.label or control.aria, control.placeholder, control.near))
        if role in (Role.FIRST_NAME, Role.LAST_NAME) and decisions[at].role is Role.SUBJECT:
            first = next((text for text in said if text), "")
            if _TITLE.match(first):
                changed[at] = _changed(decisions[at], Role.OTHER if "titel" in first else Role.SALUTATION)
    return changed


def _a_first_name_alone_is_the_name(decisions: list[Decision]) -> list[Decision]:
    """`fname` under a bare "Name", and no field for the family name: the whole name is meant."""
    roles = [d.role for d in decisions]
    if roles.count(Role.FIRST_NAME) != 1 or Role.LAST_NAME in roles or Role.NAME in roles:
        return decisions
    return [
        _changed(d, Role.NAME)
        if d.role is Role.FIRST_NAME and d.signal == "name" and BARE_NAME.match(fold(d.control.label or d.control.near))
        else d
        for d in decisions
    ]


_JOINT = re.compile(r"^[^\w]*(ext|x)?[^\w]*$")


def _parts_belong_together(decisions: list[Decision]) -> list[Decision]:
    """A short field behind a dash or a bracket goes on with the number before it."""
    changed = list(decisions)
    for at in range(1, len(changed)):
        before, control = changed[at - 1], changed[at].control
        silent = changed[at].signal == "none" if not control.near else _JOINT.match(control.near)
        joined = silent and control.is_text and 0 < (control.maxlength or control.size or 0) <= 6
        said = control.label or control.placeholder
        if joined and not said and before.role in (Role.PHONE, Role.ZIP) and before.signal != "type":
            changed[at] = _changed(replace(changed[at], signal=before.signal), before.role)
    return changed


_SEVERAL = re.compile(r"\s*(?:[/,&+|]|\b(?:und|and|et|y|e|en)\b)\s*", re.IGNORECASE)


def _one_text_for_several_fields(decisions: list[Decision]) -> list[Decision]:
    """ "Vorname / Nachname" before two fields, the second without words of its own: one part of the text for each."""
    changed = list(decisions)
    for at, decision in enumerate(decisions):
        parts = [fold(part) for part in _SEVERAL.split(decision.control.near.strip(" *:")) if part.strip()]
        run = changed[at : at + len(parts)]
        roles = [role_of(part, TEXT_WORDINGS) for part in parts]
        if not 2 <= len(parts) == len(run) or None in roles or len(set(roles)) < len(roles):
            continue
        quiet = all(d.signal in ("none", "name") and not re.search(r"\w", d.control.near) for d in run[1:])
        if quiet and decision.signal in ("near", "name", "none") and all(d.control.type == "text" for d in run):
            for offset, role in enumerate(roles):
                if role is not None:
                    changed[at + offset] = Decision(run[offset].control, role, "near", 0.6)
    return changed


def _copies_are_no_consent(decisions: list[Decision]) -> list[Decision]:
    """ "Send me a copy" is nobody's consent and no address."""
    return [
        replace(d, role=Role.OTHER, signal="label")
        if d.control.type == "checkbox" and COPY_TO_ME.search(fold(f"{d.control.label} {d.control.after}"[:200]))
        else d
        for d in decisions
    ]


ACROSS: tuple[Rule, ...] = (
    _one_text_for_several_fields,
    _parts_belong_together,
    _copies_are_no_consent,
    _a_title_before_a_name_is_no_subject,
    _the_only_textarea_is_the_message,
    _one_message,
    _one_email,
    lambda decisions: _keep_one(decisions, Role.NAME, Role.OTHER),
    lambda decisions: _keep_one(decisions, Role.LAST_NAME, Role.OTHER),
    _names_fit_together,
    _a_first_name_alone_is_the_name,
)
