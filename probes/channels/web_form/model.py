"""What a form looks like to the mapping: one serialised model, filled by the browser or by a static page reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class Hidden(StrEnum):
    """Why a control cannot be seen; NOT is the ordinary case."""

    NOT = ""
    INPUT = "type"  # <input type=hidden>
    STYLE = "style"  # display, visibility, opacity, size
    OFFSCREEN = "offscreen"
    ARIA = "aria"  # aria-hidden and not to be reached by keyboard
    STEP = "step"  # together with its neighbours: a later step of the form, no trap


@dataclass(frozen=True)
class Option:
    """One choice of a select; `value` is what is submitted, `text` what is read."""

    value: str
    text: str
    disabled: bool = False


@dataclass(frozen=True)
class Control:
    """One input, select, textarea or button. Texts are whitespace-normalised; `label` is what a person reads as such.

    `near` is the nearest text before it that belongs to no other control, `after` the text behind it.
    """

    tag: str
    type: str = ""
    name: str = ""
    id: str = ""
    autocomplete: str = ""
    label: str = ""
    aria: str = ""
    legend: str = ""
    placeholder: str = ""
    title: str = ""
    value: str = ""
    near: str = ""
    after: str = ""
    described: str = ""  # what aria-describedby points to
    image: str = ""  # alt and src of an image right beside it
    classes: str = ""
    wrapper: str = ""  # class and id names of the closest ancestors inside the form
    required: bool = False
    readonly: bool = False
    disabled: bool = False
    checked: bool = False
    hidden: Hidden = Hidden.NOT
    styled: bool = False  # the control is hidden, but a label or a widget stands in for it
    tabindex: int | None = None
    maxlength: int | None = None
    size: int | None = None
    options: tuple[Option, ...] = ()

    @property
    def is_button(self) -> bool:
        return self.tag == "button" or self.type in ("submit", "image", "button", "reset")

    @property
    def is_text(self) -> bool:
        return self.tag == "textarea" or (self.tag == "input" and self.type in TEXT_TYPES)

    @property
    def visible(self) -> bool:
        return not self.hidden or self.styled


TEXT_TYPES = frozenset({"", "text", "email", "tel", "url", "search", "number", "password", "date"})


@dataclass(frozen=True)
class FormModel:
    """One <form> (or a group of controls outside of any, then `virtual`); `index` counts in document order."""

    index: int
    controls: tuple[Control, ...]
    action: str = ""
    method: str = "get"
    name: str = ""
    id: str = ""
    classes: str = ""
    text: str = ""  # what is written inside, shortened
    heading: str = ""  # the nearest heading before or inside
    virtual: bool = False
    visible: bool = True
    rendered: bool = False  # visibility comes from a browser, not from markup alone


@dataclass(frozen=True)
class PageModel:
    """All forms of one document, with what the page says of itself."""

    forms: tuple[FormModel, ...]
    title: str = ""
    language: str = ""
    url: str = ""
    markers: tuple[str, ...] = field(default=())  # script and frame addresses, widget classes: for captcha vendors


_CONTROL_KEYS = frozenset(entry.name for entry in fields(Control))
_FORM_KEYS = frozenset(entry.name for entry in fields(FormModel))


def page_from(raw: Mapping[str, Any]) -> PageModel:
    """The model from the JSON that collect.js gives; unknown keys are ignored."""
    return PageModel(
        forms=tuple(_form(entry) for entry in raw.get("forms", ())),
        title=str(raw.get("title", "")),
        language=str(raw.get("language", "")),
        url=str(raw.get("url", "")),
        markers=tuple(str(marker) for marker in raw.get("markers", ())),
    )


def _form(raw: Mapping[str, Any]) -> FormModel:
    kept = {key: value for key, value in raw.items() if key in _FORM_KEYS and key != "controls"}
    return FormModel(**kept, controls=tuple(_controls(raw.get("controls", ()))))


def _controls(raw: Iterable[Mapping[str, Any]]) -> Iterable[Control]:
    for entry in raw:
        kept = {key: value for key, value in entry.items() if key in _CONTROL_KEYS}
        kept["hidden"] = Hidden(kept.get("hidden", ""))
        kept["options"] = tuple(Option(**option) for option in kept.get("options", ()))
        yield Control(**kept)
