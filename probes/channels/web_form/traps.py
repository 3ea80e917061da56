"""Which controls are traps for robots: invisible where their siblings are not, or telling so themselves."""

from __future__ import annotations

import re

from probes.channels.web_form.model import Control, FormModel, Hidden
from probes.channels.web_form.name_words import NAME_WORDINGS
from probes.channels.web_form.signals import CHECKS, SIGNALS
from probes.channels.web_form.text_words import TEXT_WORDINGS
from probes.channels.web_form.wording import fold, role_of, words_of_name

_TRAP_WRAPPER = re.compile(
    r"honey ?pot|\bhpt?\b|gotcha|ohnohoney|no ?spam\b|spam ?trap|bot ?(trap|field)|leave ?empty|\bninja hp|"
    r"\bgform validation\b"
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
# A random autocomplete word keeps browsers from filling a trap.
_NO_WORD = re.compile(r"^(?=.*\d)[\w-]+$|^new-")
_UNFOLDING = 3  # so many hidden lines in one form are parts that unfold, not traps


def is_trap(control: Control, form: FormModel) -> bool:
    """Whether a control is invisible where its siblings are not, or says itself that it wants to stay empty."""
    said = fold(f"{control.label} {control.aria} {control.placeholder} {control.title} {control.described}"[:500])
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
    by_class = not form.rendered and bool(_HIDING_CLASSES & set(f"{control.wrapper} {control.classes}".lower().split()))
    if not by_class and control.hidden in (Hidden.NOT, Hidden.INPUT, Hidden.STEP):
        return False
    return any(other.visible and other.type != "hidden" for other in form.controls if other is not control)


def _is_bait(control: Control, form: FormModel) -> bool:
    """Hidden and attractive to a robot: a name it knows, out of the keyboard's way. Plain state holders are not."""
    if (
        _tabbed_out(control)
        or control.hidden is Hidden.OFFSCREEN
        or control.autocomplete in ("off", "new-password", "nope")
        or _NO_WORD.search(control.autocomplete)
    ):
        return True
    crowd = [other for other in form.controls if other.is_text and other.hidden is Hidden.STYLE]
    return len(crowd) == 1 or (len(crowd) < _UNFOLDING and any(source.ask(control) for source in SIGNALS))


def _tabbed_out(control: Control) -> bool:
    return control.tabindex is not None and control.tabindex < 0
