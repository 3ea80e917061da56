"""The words of web forms as readers see them: roles of fields, what a field was recognised by, how a visit ended."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _

from benchmark.core.vocabulary import FieldRole, FormOutcome

ROLES = {
    FieldRole.NAME: _("name"),
    FieldRole.FIRST_NAME: _("first name"),
    FieldRole.LAST_NAME: _("last name"),
    FieldRole.MIDDLE_NAME: _("middle name"),
    FieldRole.EMAIL: _("e-mail address"),
    FieldRole.EMAIL_CONFIRM: _("e-mail address again"),
    FieldRole.PHONE: _("telephone"),
    FieldRole.SUBJECT: _("subject or topic"),
    FieldRole.MESSAGE: _("message"),
    FieldRole.COUNTRY: _("country"),
    FieldRole.CITY: _("city"),
    FieldRole.STATE: _("state or region"),
    FieldRole.ZIP: _("postcode"),
    FieldRole.ADDRESS: _("street"),
    FieldRole.COMPANY: _("company"),
    FieldRole.URL: _("web address"),
    FieldRole.CAPTCHA: _("captcha"),
    FieldRole.HONEYPOT: _("trap for robots"),
    FieldRole.CONSENT: _("consent to data processing"),
    FieldRole.MARKETING: _("advertising"),
    FieldRole.SALUTATION: _("salutation"),
    FieldRole.ORDER_NO: _("order number"),
    FieldRole.SUBMIT: _("the button that sends"),
    FieldRole.OTHER: _("something else"),
}
SIGNALS = {
    "recipe": _("the recipe"),
    "autocomplete": _("its autofill word"),
    "type": _("its type"),
    "label": _("its label"),
    "placeholder": _("its placeholder"),
    "value": _("the text in it"),
    "name": _("its technical name"),
    "near": _("the text before it"),
    "options": _("its choices"),
    "shape": _("its shape"),
    "trap": _("being invisible"),
    "hidden": _("being invisible"),
    "file": _("its type"),
    "read-only": _("being read-only"),
    "none": _("nothing"),
}
OUTCOMES = {
    FormOutcome.SUCCESS: _("sent and confirmed by the page"),
    FormOutcome.SUCCESS_WEAK: _("sent, the page gives signs of success"),
    FormOutcome.UNKNOWN: _("sent, the page says nothing"),
    FormOutcome.VALIDATION_ERROR: _("the page refused the entries"),
    FormOutcome.CLIENT_INVALID: _("the form would not accept the entries"),
    FormOutcome.SERVER_ERROR: _("the server failed"),
    FormOutcome.REJECTED_SPAM: _("refused as spam"),
    FormOutcome.RECIPE_NEEDED: _("a required field is not understood"),
    FormOutcome.RECIPE_STALE: _("the form has changed since it was checked"),
    FormOutcome.NO_FORM: _("no contact form found"),
    FormOutcome.NO_SUBMIT: _("no button that sends"),
    FormOutcome.BLOCKED_CAPTCHA: _("behind a captcha"),
    FormOutcome.BLOCKED_BOT: _("programs are kept out"),
    FormOutcome.BLOCKED_HTTP: _("the page does not open"),
    FormOutcome.BLOCKED_CONSENT_WALL: _("only with consent to cookies"),
    FormOutcome.BLOCKED_LOGIN: _("only after logging in"),
    FormOutcome.BLOCKED_ROBOTS: _("robots.txt keeps programs out"),
    FormOutcome.BLOCKED_POLICY: _("held back by our own rules"),
    FormOutcome.TIMEOUT: _("too slow"),
    FormOutcome.INTERNAL_ERROR: _("an error on our side"),
}


def add_to(app: Flask) -> None:
    app.jinja_env.filters.update(role=role_word, signal=signal_word, form_outcome=outcome_word)


def role_word(role: str) -> str:
    return str(ROLES.get(FieldRole(role), role)) if role in set(FieldRole) else role


def signal_word(signal: str) -> str:
    """A signal that a rule across the form changed carries "+form"."""
    first, _plus, across = signal.partition("+")
    word = str(SIGNALS.get(first, first))
    beside = _("and its neighbours")
    return f"{word} ({beside})" if across else word


def outcome_word(outcome: str) -> str:
    """`blocked_captcha:hcaptcha` becomes "behind a captcha (hcaptcha)"."""
    kind, _colon, detail = outcome.partition(":")
    if kind == "ready":
        return str(_("ready to send"))
    word = str(OUTCOMES.get(FormOutcome(kind), kind)) if kind in set(FormOutcome) else kind
    return f"{word} ({detail})" if detail else word
