"""Recipes meet forms: what they overrule, when they are stale, and a draft for a person to review."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container
from datetime import date
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from benchmark.core.recipes import ROLES, VERSION, Recipe
from benchmark.core.vocabulary import FieldRole
from probes.channels.web_form.mapping import Decision
from probes.channels.web_form.model import FormModel


def with_recipe(decisions: tuple[Decision, ...], recipe: Recipe | None) -> tuple[Decision, ...]:
    """The decisions with everything the recipe says put above them."""
    return decisions if recipe is None else tuple(_overruled(decision, recipe) for decision in decisions)


def _overruled(decision: Decision, recipe: Recipe) -> Decision:
    put = recipe.put_for(decision.control)
    if put is None and not recipe.leaves(decision.control):
        return decision
    return Decision(decision.control, FieldRole.OTHER if put is None else put.role, "recipe", 1.0)


def signature(form: FormModel) -> str:
    """A hash over names, types and ids of the fields that a person would see in the source."""
    rows = sorted(
        f"{c.tag}|{c.type}|{_stable(c.name)}" for c in form.controls if c.type != "hidden" and not c.is_button
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def _stable(name: str) -> str:
    """Numbers and long hashes in names change with every page view."""
    return re.sub(r"[0-9a-f]{16,}|\d{3,}", "#", name)


def draft(
    url: str,
    form: FormModel,
    decisions: tuple[Decision, ...],
    today: date,
    frame: str = "",
    unasked: Container[FieldRole] = (),
) -> str:
    """A recipe as a rehearsal found it, for a person to review; `unasked` roles only if the form insists."""
    fields = CommentedMap()
    leave: list[str] = []
    for decision in decisions:
        control = decision.control
        key = control.name or control.id or control.label
        if not key or control.type == "hidden" or control.is_button:
            continue
        if decision.role in unasked and not control.required:
            leave.append(key)
            continue
        if decision.role.value in ROLES and decision.role is not FieldRole.OTHER and control.visible:
            if control.type in ("checkbox", "radio"):
                fields.setdefault(
                    key, CommentedMap(check=decision.role is FieldRole.CONSENT, kind=_kind(decision.role))
                )
            else:
                fields[key] = decision.role.value
        elif key not in leave:
            leave.append(key)
    step = CommentedMap(fields=fields)
    if leave:
        step["leave"] = leave
    whole = CommentedMap(version=VERSION, url=url)
    if frame:
        whole["frame"] = frame
    whole["steps"] = [step]
    whole["checked"] = CommentedMap(date=today, signature=signature(form))
    out = StringIO()
    YAML(typ="rt").dump(whole, out)
    return out.getvalue()


def _kind(role: FieldRole) -> str:
    return role.value if role in (FieldRole.CONSENT, FieldRole.MARKETING) else "other"
