"""Consent layers: refused by default, accepted only when the brand's recipe says so."""

from __future__ import annotations

from playwright.sync_api import Error, Frame, JSHandle, Page

from probes.channels.web_form.autoconsent import opt_out
from probes.channels.web_form.visit import page_script

WORDS = {
    "about": r"cookie|datenschutz|privatsph|privacy|consent|einwillig|tracking|gdpr|dsgvo|vie priv|privacidad|riserva",
    "refuse": "|".join(
        (
            r"^(alle )?(ablehnen|verweigern|zurückweisen)|ablehnen$|^nein\b",
            r"^(nur )?(technisch )?(notwendige|erforderliche|essenzielle|essentielle)",
            r"nur (notwendige|erforderliche|essenzielle|essentielle|technisch)|ohne (zustimmung|einwilligung)|"
            r"weiter ohne",
            r"reject|^decline|^deny|^refuse|^disagree|only (necessary|essential|required)|^no,? thanks|"
            r"continue without",
            r"(necessary|essential) (cookies )?only|tout refuser|^refuser|rechazar|rifiuta|weigeren|alles afwijzen",
        )
    ),
    "save": "|".join(
        (
            r"(auswahl|einstellungen|präferenzen) (speichern|bestätigen|übernehmen)|speichern|enregistrer|"
            r"guardar|salva",
            r"save (my )?(choices|settings|preferences|selection)|confirm (my )?(choices|selection)|opslaan",
        )
    ),
    "settings": "|".join(
        (
            r"einstellungen|anpassen|mehr optionen|optionen|settings|preferences|customi[sz]e|manage|options|details",
            r"paramétrer|personnaliser|configurar|impostazioni|instellingen",
        )
    ),
    "accept": "|".join(
        (
            r"akzeptier|zustimm|einverstanden|annehmen|accept|agree|allow|^ok$|got it|verstanden",
            r"accepter|aceptar|accetta|accepteren",
        )
    ),
}
MAX_CLICKS = 4


def refuse_layer(page: Page, accept: bool = False) -> str:
    """Works a consent layer away, wherever it lies; returns what was clicked ("wall": only accepting was offered)."""
    clicked: list[str] = []
    if not accept and _find(page) is not None and (known := opt_out(page)):
        clicked.append(f"autoconsent: {known}")
        page.wait_for_timeout(150)
    for _ in range(MAX_CLICKS):
        found = _find(page)
        if found is None:
            return ", ".join(clicked)
        kind, label, button = found
        if kind == "none" or (kind == "accept" and not accept):
            return "wall" if kind == "accept" else ", ".join(clicked)
        _press(button)
        clicked.append(f"{kind}: {label[:40]}")
        page.wait_for_timeout(150)
    return ", ".join(clicked)


def _find(page: Page) -> tuple[str, str, JSHandle] | None:
    for frame in page.frames:
        found = _find_in(frame)
        if found is not None:
            return found
    return None


def _find_in(frame: Frame) -> tuple[str, str, JSHandle] | None:
    try:
        handle = frame.evaluate_handle(page_script("consent.js"), WORDS)
        told = handle.evaluate("found => [found.kind, found.label]")
    except Error:
        return None
    return (told[0], told[1], handle) if told[0] else None


def _press(found: JSHandle) -> None:
    element = found.get_property("element").as_element()
    if element is None:
        return
    try:
        element.click(timeout=2000)
    except Error:
        found.evaluate("found => found.element.click()")
