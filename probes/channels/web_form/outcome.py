"""What became of a submission: from the response, the new text and the address to one word of the enum. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.core.recipes import Success
from benchmark.core.vocabulary import AttemptState, FormOutcome
from probes.channels.web_form.wording import fold


@dataclass(frozen=True)
class Observed:
    """All that was seen after the click. `new` are text blocks that were not there before."""

    sent: bool
    status: int | None = None
    media_type: str = ""
    body: str = ""
    new: tuple[str, ...] = ()
    vendor_success: tuple[str, ...] = ()  # texts under a known vendor's success selector
    recipe_success: tuple[str, ...] = ()  # texts under the recipe's own selector
    url: str = ""
    url_before: str = ""
    form_there: bool = True
    client_invalid: str = ""
    failed: str = ""


@dataclass(frozen=True)
class Finding:
    """The word, its detail, the acknowledgement text and which evidence decided."""

    outcome: FormOutcome
    detail: str = ""
    acknowledgement: str = ""
    evidence: str = ""


THANKS = re.compile(
    r"(vielen|herzlichen|besten|lieben) dank|\bdanke\b|wir bedanken uns|thank ?(you|s)\b|\bmerci\b|gracias|"
    r"grazie|dank ?u ?wel|bedankt|"
    r"(erfolgreich|successfully) (\w+ )?(gesendet|versandt|versendet|abgeschickt|uebermittelt|abgesendet|sent|"
    r"submitted|delivered)|"
    r"(nachricht|anfrage|formular|mitteilung|mail|daten|message|request|inquiry|enquiry|form|ticket|case|"
    r"feedback|question) "
    r"(\w+ ){0,4}(gesendet|versandt|versendet|eingegangen|erhalten|uebermittelt|abgeschickt|entgegengenommen|"
    r"erfasst|angelegt|erstellt|"
    r"sent|received|submitted|delivered|registered|created)|"
    r"(sent|submitted) successfully|we (have|ve) (received|got) your|we (will|ll) (get back|be in touch|reply|"
    r"respond|contact you)|"
    r"wir (haben .{0,40}(erhalten|bekommen)|melden uns|werden uns|kuemmern uns|setzen uns)|got your (message|"
    r"request|inquiry|enquiry)|"
    r"mensaje (ha sido )?enviado|message (a ete )?envoye|messaggio (e stato )?inviato|bericht is verzonden|bien recu"
)
ERRORS = re.compile(
    r"\bfehler|\berror|ungueltig|\binvalid|pflichtfeld(er)? (aus|nicht)|bitte (fuellen|geben|pruefen|waehlen|"
    r"korrigier|ueberpruef)|"
    r"please (fill|enter|check|correct|complete|select|try)|(is|are|field) required|required field|"
    r"nicht (gesendet|versendet|korrekt|"
    r"erfolgreich|verarbeitet|zugestellt|uebermittelt)|konnte nicht|could not|couldn t|failed|fehlgeschlagen|"
    r"not (sent|delivered|valid)|"
    r"unable to|something went wrong|schiefgelaufen|abgelaufen|expired|must (be|not)|muss ausgefuellt|zu kurz|"
    r"too short|zu schnell|"
    r"too (quickly|fast)|incorrect|erreur|invalide|obligatoire|errore|obligatorio|non valido|no valido|ongeldig|"
    r"verplicht|nicht gueltig"
)
SPAM = re.compile(
    r"\bspam|als werbung eingestuft|\bblocked\b|automated|\bbot\b|verdaecht|suspicious|too many requests|rate limit"
)
DOUBLE_OPT_IN = re.compile(
    r"(bestaetig\w*|confirm\w*|verif\w*) (\w+ ){0,6}(e ?mail|link|adresse|address|anfrage|request)|(link|"
    r"e ?mail) (\w+ ){0,5}(bestaetig|confirm|verif)"
)
CAPTCHA_AFTER = re.compile(
    r"captcha|sicherheitsabfrage|security (check|question)|are you human|not a robot|kein roboter"
)
_THANKS_URL = re.compile(
    r"thank|danke|success|erfolg|gesendet|sent\b|confirm|bestaetig|merci|gracias|grazie|bedankt|submitted",
    re.IGNORECASE,
)

# Where common form makers show that a message was taken.
SUCCESS_SELECTORS = (
    ".wpcf7 form.sent .wpcf7-response-output",
    ".gform_confirmation_message",
    ".wpforms-confirmation-container, .wpforms-confirmation-container-full",
    ".elementor-message-success",
    ".submitted-message, .hs-main-font-element.submitted-message",
    ".webform-confirmation",
    ".frm_message",
    ".nf-response-msg",
    ".fluentform .ff-message-success, .ff-message-success",
    ".powermail_create, .tx-powermail .powermail_fieldwrap_success",
    ".ninja-forms-success-msg",
    ".confirm-message, .contact-form-success",
)
_JSON_STATUS = {
    "mail_sent": FormOutcome.SUCCESS,
    "spam": FormOutcome.REJECTED_SPAM,
    "mail_failed": FormOutcome.SERVER_ERROR,
    "validation_failed": FormOutcome.VALIDATION_ERROR,
    "acceptance_missing": FormOutcome.VALIDATION_ERROR,
    "aborted": FormOutcome.VALIDATION_ERROR,
}

STATES = {
    FormOutcome.SUCCESS: AttemptState.ACCEPTED,
    FormOutcome.SUCCESS_WEAK: AttemptState.ACCEPTED,
    FormOutcome.UNKNOWN: AttemptState.ACCEPTED,
    FormOutcome.VALIDATION_ERROR: AttemptState.FAILED,
    FormOutcome.CLIENT_INVALID: AttemptState.FAILED,
    FormOutcome.SERVER_ERROR: AttemptState.FAILED,
    FormOutcome.INTERNAL_ERROR: AttemptState.RETRY_LATER,
    FormOutcome.TIMEOUT: AttemptState.RETRY_LATER,
}


def state_of(outcome: FormOutcome, detail: str, armed: bool) -> AttemptState:
    """What the probe's state becomes. After ARM nothing is tried again: what cannot be known is unconfirmed."""
    state = STATES.get(outcome, AttemptState.BARRIER)
    if outcome is FormOutcome.BLOCKED_HTTP and (detail[:1] in ("5", "t") or detail == "429"):
        state = AttemptState.RETRY_LATER
    return AttemptState.UNCONFIRMED if armed and state is AttemptState.RETRY_LATER else state


def submitted(outcome: FormOutcome, armed: bool) -> str:
    """yes, no or maybe: whether the inquiry reached the other side."""
    if outcome in (FormOutcome.SUCCESS, FormOutcome.SUCCESS_WEAK):
        return "yes"
    if not armed or outcome in (FormOutcome.CLIENT_INVALID, FormOutcome.VALIDATION_ERROR):
        return "no"
    return "maybe"


def classify(seen: Observed, success: Success | None = None) -> Finding:
    """The first kind of evidence that says something, a recipe's first; error words win inside the same block."""
    if success is not None and (told := _by_recipe(seen, success)) is not None:
        return told
    for look in (_by_failure, _by_vendor_json, _by_vendor_element, _by_breakdown, _by_text, _by_status, _by_url):
        found = look(seen)
        if found is not None:
            return found
    if seen.sent:
        return Finding(FormOutcome.UNKNOWN, evidence="silent")
    if seen.client_invalid:
        return Finding(FormOutcome.CLIENT_INVALID, seen.client_invalid[:80], evidence="nothing was sent")
    return Finding(FormOutcome.NO_SUBMIT, "nothing was sent", evidence="nothing was sent")


def decisive(seen: Observed, success: Success | None = None) -> bool:
    """Whether waiting longer could not tell more."""
    return classify(seen, success).outcome not in (
        FormOutcome.UNKNOWN,
        FormOutcome.NO_SUBMIT,
        FormOutcome.CLIENT_INVALID,
    )


def _by_recipe(seen: Observed, success: Success) -> Finding | None:
    if success.text:
        blocks = [block for block in seen.new if re.search(success.text, block)]
        if blocks:
            return Finding(FormOutcome.SUCCESS, "", _joined(blocks, seen.new), "recipe text")
    if success.selector and seen.recipe_success:
        return Finding(FormOutcome.SUCCESS, "", "\n".join(seen.recipe_success), "recipe selector")
    if success.url and seen.url != seen.url_before and re.search(success.url, seen.url):
        return Finding(FormOutcome.SUCCESS, "", _joined(_thanks(seen.new), seen.new), "recipe url")
    told = _json(seen)
    if success.json and all(str(told.get(key)) == value for key, value in success.json.items()):
        return Finding(FormOutcome.SUCCESS, "", str(told.get("message") or ""), "recipe json")
    return None


def _json(seen: Observed) -> dict[str, Any]:
    if "json" not in seen.media_type:
        return {}
    try:
        told = json.loads(seen.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _by_failure(seen: Observed) -> Finding | None:
    if seen.failed and seen.status is None and not _thanks(seen.new):
        return Finding(FormOutcome.TIMEOUT, "response", evidence=seen.failed)
    return None


def _by_vendor_json(seen: Observed) -> Finding | None:
    """Contact Form 7 and its kin answer with a status and the sentence that the page shows."""
    told = _json(seen)
    outcome = _JSON_STATUS.get(str(told.get("status")))
    if outcome is None:
        return None
    message = str(told.get("message") or "")
    return Finding(outcome, "", message if outcome is FormOutcome.SUCCESS else "", f"json {told.get('status')}")


def _by_vendor_element(seen: Observed) -> Finding | None:
    texts = [text for text in seen.vendor_success if text and not ERRORS.search(fold(text))]
    return Finding(FormOutcome.SUCCESS, "", texts[0], "vendor element") if texts else None


def _by_text(seen: Observed) -> Finding | None:
    if not seen.sent:
        # Without a request the page cannot thank for it; its errors are the browser-side check's.
        wrong = [block for block in seen.new if ERRORS.search(fold(block))]
        return (
            Finding(FormOutcome.CLIENT_INVALID, wrong[0][:80], evidence="text")
            if wrong and not seen.client_invalid
            else None
        )
    errors = [block for block in seen.new if ERRORS.search(fold(block))]
    thanks = _thanks(seen.new)
    if thanks and not _outweighed(errors):
        detail = "double_opt_in" if any(DOUBLE_OPT_IN.search(fold(block)) for block in thanks) else ""
        return Finding(FormOutcome.SUCCESS, detail, _joined(thanks, seen.new), "text")
    if any(CAPTCHA_AFTER.search(fold(block)) for block in seen.new):
        return Finding(FormOutcome.BLOCKED_CAPTCHA, "after_click", evidence="text")
    if any(SPAM.search(fold(block)) for block in seen.new):
        return Finding(FormOutcome.REJECTED_SPAM, "", evidence="text")
    if errors:
        return Finding(FormOutcome.VALIDATION_ERROR, errors[0][:80], evidence="text")
    return None


def _thanks(blocks: Iterable[str]) -> list[str]:
    return [block for block in blocks if THANKS.search(fold(block)) and not ERRORS.search(fold(block))]


def _outweighed(errors: Sequence[str]) -> bool:
    return bool(errors)


def _joined(thanks: Sequence[str], new: Sequence[str]) -> str:
    """The acknowledgement with the short new lines around it (a ticket number often stands in a block of its own)."""
    near = [
        block
        for block in new
        if block in thanks or re.search(r"ticket|vorgang|nummer|number|reference|referenz", fold(block))
    ]
    kept: list[str] = []
    for block in near:
        if not any(block in other for other in kept):
            kept = [other for other in kept if other not in block] + [block]
    return "\n".join(kept)[:4000]


def _by_breakdown(seen: Observed) -> Finding | None:
    """A server that broke says "error" in its own words; the status is the plainer witness."""
    if seen.status is None or seen.status < 500 or _thanks(seen.new):
        return None
    return Finding(FormOutcome.SERVER_ERROR, str(seen.status), evidence="status")


def _by_status(seen: Observed) -> Finding | None:
    if seen.status is None or seen.status < 400:
        return None
    if seen.status in (403, 429):
        return Finding(FormOutcome.REJECTED_SPAM, str(seen.status), evidence="status")
    return Finding(FormOutcome.VALIDATION_ERROR, str(seen.status), evidence="status")


def _by_url(seen: Observed) -> Finding | None:
    if seen.sent and seen.url != seen.url_before and _THANKS_URL.search(seen.url.split("//")[-1].partition("/")[2]):
        return Finding(FormOutcome.SUCCESS_WEAK, "url", evidence="url")
    return None
