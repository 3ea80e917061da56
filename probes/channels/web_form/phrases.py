"""Phrases beside the fields: consent, buttons, salutations, topics. All patterns meet folded text."""

from __future__ import annotations

import re

from benchmark.core.vocabulary import InquiryKind

PRIVACY = re.compile(
    r"privacy|datenschutz|dsgvo|gdpr|rgpd|personenbezogen|personal data|data protection|meine(r)? (daten|angaben)|"
    r"confidentialite|donnees|privacidad|datos|trattamento|dati personali|persoonsgegevens|privacybeleid"
)
COPY_TO_ME = re.compile(
    r"(send|email|mail|receive|get)\w* (me )?(a )?copy|kopie (an|dieser|der|zusenden|erhalten)|copie"
)

SEND = re.compile(
    r"\b(send|submit|absenden|senden|abschicken|verschicken|schicken|uebermitteln|contact us|anfragen|post|"
    r"envoyer|enviar|invia|inviare|verstuur|verzenden|versturen|soumettre|go|ok|submit comment|send message|"
    r"nachricht|anfrage|message|einsenden|request|get in touch|poslat|wyslij|отправить)\b"
)
OPENER = (
    r"kontakt ?formular|nachricht (schreiben|senden|verfassen)|schreib|anfrage (stellen|senden|formular)|"
    r"formular (öffnen|anzeigen)|"
    r"^kontakt(ieren|aufnahme)?( |$)|e-?mail (schreiben|senden)|contact (us|form)|write (to )?us|"
    r"send (us )?a message|ask (us )?a question|"
    r"open (the )?form|get in touch|^contact$|formulaire de contact|écrivez|contáctanos|escríbenos|contattaci|"
    r"neem contact"
)
NEXT = re.compile(
    r"\b(weiter|next|continue|naechster?|fortfahren|suivant|siguiente|continuar|avanti|volgende|proceed)\b"
)
NOT_SEND = re.compile(
    r"\b(reset|clear|cancel|back|zurueck|abbrechen|loeschen|leeren|zuruecksetzen|search|suchen?|preview|vorschau|"
    r"upload|hochladen|add|entfernen|remove|browse|durchsuchen|login|log in|sign in|anmelden|close|schliessen|"
    r"zuruck|annuler|effacer|borrar|limpiar|cancella|annulla|wissen|draft|entwurf|drucken|print|datei)\b"
)
# A button that orders, pays or books is never pressed.
PAYS = re.compile(
    r"\b(kaufen|kostenpflichtig|zahlungspflichtig|bezahlen|jetzt bestellen|buy|pay|checkout|order now|place order|"
    r"donate|spenden|buchen|book now|acheter|payer|comprar|pagar|acquista|paga|betalen)\b"
)

# A bare "Nom" or "Nombre" may mean either name; then the machine name knows better.
BARE_NAME = re.compile(r"^\*? ?(your |ihr |dein |votre |su |tu )?(name|nom|nombre|nome|naam)\b( required| \*)*$")
SALUTATIONS = {
    "frau": re.compile(
        r"^(frau|mrs|ms|miss|mme|madame|sra|senora|signora|sig ra|mevrouw|mevr|mw|w|f|female|weiblich)\b"
    ),
    "herr": re.compile(r"^(herr|mr|mister|monsieur|m|sr|senor|signore?|de heer|dhr|male|maennlich)\b"),
}
NO_SALUTATION = re.compile(
    r"keine (angabe|anrede)|divers|not specified|prefer not|neutral|none|other|andere|ohne|non precise|mx\b|no title"
)

# Words of topic options by the kind of inquiry, best first.
TOPICS: dict[InquiryKind, tuple[str, ...]] = {
    InquiryKind.QUESTION: (
        r"^(allgemeine? )?(frage|anfrage|question|inquiry|enquiry)n?$",
        r"allgemein|general",
        r"produkt|product|sortiment|beratung|\binfo",
        r"\bfrage|question|inquiry|enquiry|anfrage|support|service|information|renseignement|consulta|vraag",
    ),
    InquiryKind.COMPLAINT: (
        r"beschwerde|complaint|reklamation|reclamation|queja|reclamo|klacht",
        r"problem|kritik|unzufrieden|defekt|mangel|kundenservice|kundendienst|customer (service|care)|support",
        r"feedback|service",
    ),
    InquiryKind.SUGGESTION: (
        r"anregung|vorschlag|suggestion|idee|idea|verbesserung|sugerencia|suggerimento|suggestie",
        r"feedback|lob|praise|kritik|comment|meinung|opinion",
    ),
    InquiryKind.ORDER: (
        r"bestellung|bestellstatus|\border|auftrag|commande|pedido|ordine|bestelling",
        r"liefer|versand|delivery|shipping|shipment|retoure|return|kundenservice|customer (service|care)|"
        r"support|service",
    ),
    InquiryKind.OTHER: (),
}
OTHER_TOPIC = re.compile(
    r"\b(sonstige\w*|anderes?|other|something else|else|allgemein\w*|general\w*|weitere\w*|autres?|otros?|altro|"
    r"overig\w*|misc\w*|divers\w*)\b"
)
# What at least two options of a topic list look like.
TOPIC_OPTION = re.compile(
    r"frage|anfrage|question|enquir|inquir|beschwerde|complaint|reklamation|reclam|feedback|\blob\b|kritik|anregung|"
    r"suggest|bestell|\border|commande|pedido|ordine|retoure|return|liefer|deliver|livraison|queja|pregunta|consulta|problem|incident|stoerung|"
    r"informa[tzc]|richiesta|vraag|klacht|support|allgemein|general|technical|technisch"
)
# Topics that would start something else than an answer to a consumer.
NEVER_TOPIC = re.compile(
    r"bewerb|karriere|\bjob|career|presse|press\b|partner|haendler|wholesale|\bb2b\b|invest|storn|kuendig|cancel|"
    r"widerruf|affiliate|lieferant|supplier|vertrieb|sales|influencer|advert|werb"
)
