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
    r"help|hilfe|beschwerde|complaint|formmail|mailform|wpcf7|powermail|webtocase|contacto|contatt|anliegen|"
    r"reklamation|ecrivez|nous ecrire|reclamation|escrib[ea]|reclamo|scrivici|richiesta|klacht|schrijf ons|"
    r"gravity ?form|gform|wpforms|hs ?form|ninja ?form"
)
# What programmers call forms for public comments, and what is written over them.
_COMMENT_NAME = re.compile(r"wp comments post|comment ?form|\brespond\b|guestbook|gaestebuch|livre d or|review ?form")
_COMMENT_TEXT = re.compile(
    r"leave a (reply|comment)|(add|post|write) (a |your )?(comment|review)\b|guestbook|gaestebuch|"
    r"kommentar (schreiben|hinterlassen|abgeben|verfassen)|bewertung (schreiben|hinterlassen|abgeben|verfassen)|"
    r"laisse[rz] un (commentaire|avis)|deja (un|tu) (comentario|opinion)|lascia un (commento|a recensione)|"
    r"(laat een|plaats een) (reactie|review)"
)
# The mail would go to somebody's friend, not to the brand.
_TO_FRIEND = re.compile(
    r"(mail|send|tell|share|recommend)( this)?( page| article| product)? ?(to|with)? ?(a )?friend|"
    r"weiterempfehl|an (einen )?freund|(envoyer|recommander).{0,30} un( e)? ami|"
    r"(enviar|recomendar).{0,30} un amigo|(invia|segnala|consiglia).{0,30} un amico|(stuur|mail).{0,30}(een )?vriend"
)
_OTHER_PURPOSE = re.compile(
    r"bewerb(ung|en sie)|lebenslauf|job application|apply (now|online|for)|resume|candidature|sollicit|"
    r"tischreserv|book (a|your) (table|room)|reservier|reservation|checkout|report abuse|missbrauch melden"
)
_NOT = re.compile(
    r"\bsearch|suche|login|log in|sign in|anmelden|registr|newsletter|subscribe|passwor|checkout|warenkorb|cart\b"
)


@dataclass(frozen=True)
class ScoredForm:
    """A form with its decisions and how much it looks like a contact form.

    `goes_elsewhere`: a public comment or a recommendation to a friend; it may be taken for a contact form, but a probe
    never uses it.
    """

    form: FormModel
    decisions: tuple[Decision, ...]
    score: float
    goes_elsewhere: bool

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
    score -= _against(form, decisions, words)
    return ScoredForm(form, decisions, round(score, 2), _goes_elsewhere(form))


def _goes_elsewhere(form: FormModel) -> bool:
    """Whether what is written here is published or sent to a third person."""
    named = f"{fold(form.action)} {words_of_name(f'{form.name} {form.id} {form.classes}')}"
    said = fold(f"{form.heading} {form.text[:400]}")
    return bool(
        _COMMENT_NAME.search(named) or _COMMENT_TEXT.search(said) or _TO_FRIEND.search(named) or _TO_FRIEND.search(said)
    )


def _against(form: FormModel, decisions: Sequence[Decision], words: str) -> float:
    """What speaks against: a password, a search, a log-in, nothing to write in."""
    against = 0.0
    if any(control.type == "password" and control.visible for control in form.controls):
        against += 6.0
    if not any(d.role is Role.MESSAGE for d in decisions):
        against += 1.0
        against += 2.0 if _NOT.search(words) else 0.0
    against += 1.0 if _OTHER_PURPOSE.search(fold(f"{form.heading} {form.action} {form.id} {form.name}")) else 0.0
    against += 0.0 if any(d.role is Role.SUBMIT for d in decisions) else 0.4
    shown = [c for c in form.controls if c.type != "hidden" and not c.is_button]
    if len(shown) <= 1 and not any(c.tag == "textarea" for c in shown):
        against += 1.5
    return against


def choose(forms: Sequence[FormModel], page: PageModel | None = None) -> tuple[list[ScoredForm], int | None]:
    """All forms scored, and the position of the contact form in that list (None when there is none)."""
    scored = [score_form(form, page) for form in forms]
    able = [at for at, entry in enumerate(scored) if entry.is_contact]
    best = max(
        able,
        key=lambda at: (scored[at].form.visible, not scored[at].goes_elsewhere, scored[at].score, -at),
        default=None,
    )
    return scored, best
