"""Which form of a page is the contact form: a score from its fields, its words and its surroundings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.core.vocabulary import FieldRole as Role
from probes.channels.web_form.mapping import Decision, map_form
from probes.channels.web_form.model import FormModel, PageModel
from probes.channels.web_form.wording import fold, words_of_name

THRESHOLD = 3.0

_WEIGHTS = {
    Role.EMAIL: 1.5,
    Role.NAME: 0.6,
    Role.LAST_NAME: 0.6,
    Role.SUBJECT: 0.6,
    Role.PHONE: 0.3,
    Role.CONSENT: 0.2,
    Role.ORDER_NO: 0.2,
    Role.CAPTCHA: 0.2,
}
_CONTACT = re.compile(
    r"kontakt|contact|anfrage|enquir|inquir|feedback|support|nachricht|message|write to us|schreiben sie|get in touch|"
    r"help|hilfe|beschwerde|complaint|formmail|mailform|wpcf7|powermail|webtocase|contacto|contatt"
)
_COMMENT = re.compile(
    r"wp comments post|comment ?form|respond\b|leave a (reply|comment)|add (a |your )?comment|post (a )?comment|"
    r"kommentar (schreiben|hinterlassen|abgeben|verfassen)|laisser un commentaire|deja (un|tu) comentario|guestbook|"
    r"gaestebuch|review|bewertung"
)
_NOT = re.compile(
    r"\bsearch|suche|login|log in|sign in|anmelden|registr|newsletter|subscribe|passwor|checkout|warenkorb|cart\b"
)


@dataclass(frozen=True)
class ScoredForm:
    """A form with its decisions and how much it looks like a contact form."""

    form: FormModel
    decisions: tuple[Decision, ...]
    score: float
    is_comment: bool

    @property
    def is_contact(self) -> bool:
        return self.score >= THRESHOLD


def score_form(form: FormModel, page: PageModel | None = None) -> ScoredForm:
    """Scores one form; below `THRESHOLD` it is no contact form."""
    decisions = map_form(form)
    words = (
        fold(f"{form.heading} {form.action} {form.text[:400]}")
        + " "
        + words_of_name(f"{form.name} {form.id} {form.classes}")
    )
    score = sum(weight for role, weight in _WEIGHTS.items() if any(d.role is role for d in decisions))
    score += max(
        (3.0 if d.control.tag == "textarea" else 1.0 for d in decisions if d.role is Role.MESSAGE), default=0.0
    )
    score += 1.0 if _CONTACT.search(words) else 0.0
    score += 0.5 if page is not None and _CONTACT.search(fold(f"{page.title} {page.url}")) else 0.0
    is_comment = bool(_COMMENT.search(words))
    score -= _against(form, decisions, words)
    return ScoredForm(form, decisions, round(score, 2), is_comment)


def _against(form: FormModel, decisions: Sequence[Decision], words: str) -> float:
    """What speaks against: a password, a search, a log-in, nothing to write in."""
    against = 0.0
    if any(control.type == "password" and control.visible for control in form.controls):
        against += 6.0
    if not any(d.role is Role.MESSAGE for d in decisions):
        against += 1.0
        against += 2.0 if _NOT.search(words) else 0.0
    shown = [c for c in form.controls if c.type != "hidden" and not c.is_button]
    if len(shown) <= 1 and not any(c.tag == "textarea" for c in shown):
        against += 1.5
    return against


def choose(forms: Sequence[FormModel], page: PageModel | None = None) -> tuple[list[ScoredForm], int | None]:
    """All forms scored, and the position of the contact form in that list (None when there is none)."""
    scored = [score_form(form, page) for form in forms]
    able = [at for at, entry in enumerate(scored) if entry.is_contact]
    best = max(
        able, key=lambda at: (scored[at].form.visible, not scored[at].is_comment, scored[at].score, -at), default=None
    )
    return scored, best
