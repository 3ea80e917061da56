"""What a site puts in the way: captcha vendors, bot walls, log-ins. Recognised and recorded, never solved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from benchmark.core.vocabulary import FieldRole as Role
from benchmark.core.vocabulary import FormOutcome
from probes.channels.web_form.finding import ScoredForm
from probes.channels.web_form.visit import Stop
from probes.channels.web_form.wording import fold

# Marker lines of collect.js: "script URL", "frame URL title", "mark tag classes".
CAPTCHA_VENDORS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("hcaptcha", re.compile(r"hcaptcha\.com|\bh-captcha\b", re.I)),
    ("recaptcha", re.compile(r"(google\.com|recaptcha\.net|gstatic\.com)/recaptcha|\bg-recaptcha\b|recaptcha", re.I)),
    ("turnstile", re.compile(r"challenges\.cloudflare\.com|cf-turnstile", re.I)),
    ("friendlycaptcha", re.compile(r"friendly-?captcha|frc-captcha", re.I)),
    ("altcha", re.compile(r"altcha", re.I)),
    ("mtcaptcha", re.compile(r"mtcaptcha", re.I)),
    ("arkose", re.compile(r"arkoselabs|funcaptcha", re.I)),
    ("geetest", re.compile(r"geetest", re.I)),
    ("mosparo", re.compile(r"mosparo", re.I)),
    ("captchafox", re.compile(r"captchafox", re.I)),
    ("cap", re.compile(r"\bcap-widget\b|trycap\.dev", re.I)),
    ("procaptcha", re.compile(r"procaptcha|prosopo", re.I)),
    ("aws-waf", re.compile(r"captcha-sdk\.awswaf|awswaf\.com.*captcha", re.I)),
    ("keycaptcha", re.compile(r"keycaptcha", re.I)),
    ("botdetect", re.compile(r"botdetect|BDC_|LBD_Captcha", re.I)),
)

BOT_WALLS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "cloudflare",
        re.compile(
            r"just a moment|checking your browser|cf-chl|attention required! \| cloudflare|nur einen moment", re.I
        ),
    ),
    ("datadome", re.compile(r"captcha-delivery\.com|datadome", re.I)),
    ("akamai", re.compile(r"access denied.*reference #|errors\.edgesuite\.net", re.I | re.S)),
    ("imperva", re.compile(r"incapsula|_incapsula_resource|request unsuccessful", re.I)),
    ("perimeterx", re.compile(r"px-captcha|press & hold|perimeterx|human challenge", re.I)),
    ("aws-waf", re.compile(r"awswaf\.com.*challenge|aws-waf-token", re.I)),
    ("ddos-guard", re.compile(r"ddos-guard", re.I)),
    ("sucuri", re.compile(r"sucuri website firewall|sucuri_cloudproxy", re.I)),
    ("anubis", re.compile(r"making sure you.re not a bot|anubis_challenge", re.I)),
)

_PAYMENT = re.compile(r"^(cc-|transaction-)|card ?number|kartennummer|\biban\b|cvc\b|cvv\b|kreditkarte|credit card")


def captcha_vendor(markers: Iterable[str]) -> str:
    """The vendor of a captcha named by any marker, "" when there is none."""
    for marker in markers:
        for vendor, pattern in CAPTCHA_VENDORS:
            if pattern.search(marker):
                return vendor
    return ""


def check_captcha(scored: ScoredForm, markers: Sequence[str]) -> None:
    """Any captcha ends the attempt before anything is filled: a vendor's, a question, a picture."""
    if vendor := captcha_vendor(markers):
        raise Stop(FormOutcome.BLOCKED_CAPTCHA, vendor)
    for decision in scored.decisions:
        if decision.role is Role.CAPTCHA and decision.control.visible:
            raise Stop(FormOutcome.BLOCKED_CAPTCHA, "image" if decision.control.image else "question")


def check_payment(scored: ScoredForm) -> None:
    """A form that takes payment data or a password is none of ours."""
    for control in scored.form.controls:
        words = f"{control.autocomplete} {fold(f'{control.label} {control.placeholder} {control.name}')}"
        if control.type == "password" and control.visible:
            raise Stop(FormOutcome.BLOCKED_LOGIN, "", "password field")
        if _PAYMENT.search(words):
            raise Stop(FormOutcome.BLOCKED_POLICY, "payment", control.name)


def bot_wall(status: int, title: str, text: str, markers: Sequence[str]) -> str:
    """The vendor of a wall that stands instead of the page, "" when there is none.

    A normal page may carry such a vendor's script too, so only short pages or refusals are looked at.
    """
    if status < 400 and len(text) > 1500:
        return ""
    where = "\n".join((title, text, *markers))
    return next((vendor for vendor, pattern in BOT_WALLS if pattern.search(where)), "")
