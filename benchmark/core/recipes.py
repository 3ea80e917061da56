"""Recipes: what a person wrote down about one brand's form. YAML; every key is optional and always wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from typing import Any, Protocol

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import FieldRole

VERSION = 1
LONGEST = 100_000
CONSENT = ("refuse", "accept", "ignore")
ROLES = frozenset(role.value for role in FieldRole) - {"submit", "captcha", "honeypot"}


class NamedField(Protocol):
    """What a recipe knows a field by."""

    @property
    def name(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def label(self) -> str: ...


@dataclass(frozen=True)
class Put:
    """What goes into one field: a role's value, a fixed text, the option that matches, or a tick."""

    role: FieldRole = FieldRole.OTHER
    value: str = ""
    match: str = ""
    check: bool | None = None


@dataclass(frozen=True)
class Step:
    """One page of the form: fields by name, id or label; `leave` stays untouched; the button that ends it.

    `next` is a text, or {click: TEXT, url: PATTERN} for forms that send each step to the server.
    """

    fields: Mapping[str, Put] = field(default_factory=dict)
    leave: tuple[str, ...] = ()
    next: str = ""
    submit: str = ""
    next_url: str = ""  # where `next` posts this step to: only there, once, something may leave before the submission


@dataclass(frozen=True)
class Success:
    """How the page says yes: a pattern in new text, a selector, a pattern of the address, keys of a JSON answer."""

    text: str = ""
    selector: str = ""
    url: str = ""
    json: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """A whole recipe. `signature` is the hash of the form's fields when a person last checked it."""

    url: str = ""
    consent: str = "refuse"
    consent_click: str = ""
    open: str = ""
    frame: str = ""
    form: str = ""
    steps: tuple[Step, ...] = ()
    min_dwell_s: float = 0.0
    success: Success = field(default_factory=Success)
    ticket: str = ""
    checked: date | None = None
    signature: str = ""

    def put_for(self, control: NamedField) -> Put | None:
        """What any step says about a control; None when the recipe does not mention it."""
        return next((put for step in self.steps for key, put in step.fields.items() if names(control, key)), None)

    def leaves(self, control: NamedField) -> bool:
        return any(names(control, key) for step in self.steps for key in step.leave)

    def next_url(self, text: str) -> str:
        """Where the step that ends with this button is posted to, "" when it stays in the page."""
        return next((step.next_url for step in self.steps if _plain(step.next) == _plain(text)), "")

    def button(self, kind: str) -> tuple[str, ...]:
        """The texts of all `next` or `submit` buttons."""
        return tuple(text for step in self.steps if (text := getattr(step, kind)))


def names(control: NamedField, key: str) -> bool:
    """Whether a recipe's key means this control: its name, its id or its label."""
    return key in (control.name, control.id) or (bool(_plain(key)) and _plain(key) == _plain(control.label))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def load_recipe(text: str, source: str = "recipe") -> Recipe:
    """Reads and checks a recipe; raises BadInput naming line and key."""
    if len(text) > LONGEST:
        raise BadInput(source, f"longer than {LONGEST} characters", "a recipe describes one form")
    try:
        data = YAML(typ="rt").load(StringIO(text))
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 0
        raise BadInput(
            f"{source}, line {line}", f"not YAML: {problem.problem}", "check indentation and quotes"
        ) from problem
    except YAMLError as problem:
        raise BadInput(source, f"not YAML: {str(problem).splitlines()[0]}", "save it as plain UTF-8 text") from problem
    if data is None:
        return Recipe()
    return _recipe(_Reader(source, "", data))


class _Reader:
    """A mapping with its place in the file, so that every complaint can name line and key."""

    def __init__(self, source: str, path: str, data: Any) -> None:
        self.source, self.path, self.data = source, path, data
        if not isinstance(data, CommentedMap):
            raise BadInput(
                f"{source}, {path or 'top'}",
                "expected keys and values",
                "write keys such as url, steps or success, each with a colon",
            )

    def bad(self, key: str, problem: str, remedy: str) -> BadInput:
        line = self.data.lc.key(key)[0] + 1 if key in self.data else self.data.lc.line + 1
        return BadInput(f"{self.source}, line {line}, key {self.path}{key}", problem, remedy)

    def known(self, *keys: str) -> None:
        for key in self.data:
            if key not in keys:
                raise self.bad(key, "no such key", f"use one of {', '.join(keys)}")

    def text(self, key: str, default: str = "") -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise self.bad(key, f"expected a text, found {value!r}", "put it in quotes")
        return str(value)

    def pattern(self, key: str) -> str:
        text = self.text(key)
        try:
            re.compile(text)
        except re.error as problem:
            raise self.bad(key, f"not a regular expression ({problem})", "escape special signs with \\") from problem
        return text

    def inner(self, key: str) -> _Reader | None:
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, CommentedMap):
            raise self.bad(key, f"expected keys and values, found {value!r}", f"write {key}: and indent its keys")
        return _Reader(self.source, f"{self.path}{key}.", value)

    def rows(self, key: str) -> CommentedSeq | list[Any]:
        value = self.data.get(key, [])
        if not isinstance(value, list):
            raise self.bad(key, f"expected a list, found {value!r}", "start every entry with a dash")
        return value


def _recipe(reader: _Reader) -> Recipe:
    reader.known(
        "version", "url", "consent", "open", "frame", "form", "steps", "min_dwell_s", "success", "ticket", "checked"
    )
    if reader.text("version", str(VERSION)) != str(VERSION):
        raise reader.bad(
            "version", f"version {reader.data['version']} is not known", f"this program reads version {VERSION}"
        )
    consent, click = _consent(reader)
    checked, known_signature = _checked(reader)
    return Recipe(
        url=reader.text("url"),
        consent=consent,
        consent_click=click,
        open=reader.text("open"),
        frame=reader.text("frame"),
        form=reader.text("form"),
        steps=tuple(_step(_Reader(reader.source, f"steps[{at}].", row)) for at, row in enumerate(reader.rows("steps"))),
        min_dwell_s=_seconds(reader, "min_dwell_s"),
        success=_success(reader.inner("success")),
        ticket=reader.pattern("ticket"),
        checked=checked,
        signature=known_signature,
    )


def _seconds(reader: _Reader, key: str) -> float:
    value = reader.data.get(key, 0)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 60:
        raise reader.bad(key, f"expected seconds from 0 to 60, found {value!r}", "write a number")
    return float(value)


def _consent(reader: _Reader) -> tuple[str, str]:
    if isinstance(reader.data.get("consent"), CommentedMap):
        inner = reader.inner("consent")
        assert inner is not None
        inner.known("click")
        return "refuse", inner.text("click")
    mode = reader.text("consent", "refuse")
    if mode not in CONSENT:
        raise reader.bad("consent", f"no such mode {mode!r}", f"use {', '.join(CONSENT)} or click: TEXT")
    return mode, ""


def _checked(reader: _Reader) -> tuple[date | None, str]:
    inner = reader.inner("checked")
    if inner is None:
        return None, ""
    inner.known("date", "signature")
    value = inner.data.get("date")
    if value is not None and not isinstance(value, date):
        raise inner.bad("date", f"expected a date, found {value!r}", "write 2026-11-21")
    return value, inner.text("signature")


def _success(reader: _Reader | None) -> Success:
    if reader is None:
        return Success()
    reader.known("text", "selector", "url", "json")
    told = reader.inner("json")
    keys = {} if told is None else {str(key): told.text(key) for key in told.data}
    return Success(reader.pattern("text"), reader.text("selector"), reader.pattern("url"), keys)


def _step(reader: _Reader) -> Step:
    reader.known("fields", "leave", "next", "submit")
    fields = reader.inner("fields")
    puts = {} if fields is None else {str(key): _put(fields, key) for key in fields.data}
    leave = tuple(str(entry) for entry in reader.rows("leave"))
    onward, next_url = _next(reader)
    if onward and reader.text("submit"):
        raise reader.bad("submit", "a step ends with next or with submit, not with both", "make two steps of it")
    return Step(puts, leave, onward, reader.text("submit"), next_url)


def _next(reader: _Reader) -> tuple[str, str]:
    if not isinstance(reader.data.get("next"), CommentedMap):
        return reader.text("next"), ""
    inner = reader.inner("next")
    assert inner is not None
    inner.known("click", "url")
    if not inner.text("click") or not inner.text("url"):
        raise reader.bad("next", "click and url belong together", "write next: {click: TEXT, url: PATTERN}")
    return inner.text("click"), inner.pattern("url")


def _put(reader: _Reader, key: str) -> Put:
    value = reader.data[key]
    if isinstance(value, CommentedMap):
        inner = _Reader(reader.source, f"{reader.path}{key}.", value)
        kind = next(iter(value), "")
        if kind in _PUTS:
            return _PUTS[kind](inner)
        raise inner.bad(kind, "no such kind of value", f"use {', '.join(_PUTS)} or a role such as email")
    if value not in ROLES:
        raise reader.bad(key, f"no such role {value!r}", "use a role such as email or message, or {value: TEXT}")
    return Put(FieldRole(value))


def _select(reader: _Reader) -> Put:
    inner = reader.inner("select")
    if inner is None:
        raise reader.bad("select", "nothing to select by", "write {select: {match: PATTERN}}")
    inner.known("match")
    return Put(match=inner.pattern("match"))


def _check(reader: _Reader) -> Put:
    reader.known("check", "kind")
    kind = reader.text("kind", "consent")
    if kind not in ("consent", "marketing", "other"):
        raise reader.bad("kind", f"no such kind {kind!r}", "use consent, marketing or other")
    if not isinstance(reader.data["check"], bool):
        raise reader.bad("check", f"expected true or false, found {reader.data['check']!r}", "write check: true")
    return Put(FieldRole(kind), check=reader.data["check"])


def _value(reader: _Reader) -> Put:
    reader.known("value")
    return Put(value=reader.text("value"))


_PUTS: dict[str, Callable[[_Reader], Put]] = {"value": _value, "select": _select, "check": _check}
