"""What programmers call fields: names and ids as words, and HTML's own autofill words.

Short forms stand here that would be wrong in running text (`tel`, `str`, `msg`).
"""

from __future__ import annotations

from benchmark.core.vocabulary import FieldRole as Role
from probes.channels.web_form.wording import Wording, row

_MAIL = r"(e ?mail|mail|courriel|correo)"
_AGAIN = r"(confirm|repeat|retype|re ?enter|again|verif|bestaetig|wiederhol|conf|rep|check|second|bis)"

NAME_WORDINGS: tuple[Wording, ...] = (
    row(
        Role.HONEYPOT,
        r"honey ?pot|\bhp\b|gotcha|\bnospam\b|leave (this )?(blank|empty)",
        r"spam ?trap|bot ?(trap|check|field)|ohnohoney|dont ?fill|leer ?lassen",
    ),
    row(
        Role.CAPTCHA,
        r"ca?p?tcha|capt?cha|securimage|siimage|antispam|anti spam|turing|recaptcha",
        r"(security|sicherheits|verify|verification|image|spam|validation|control) ?(code|frage|question|answer|"
        r"image|check|number|text|word)",
        r"\bhuman ?verif|"
        r"\bvcode\b|\bsecure\b|math ?(quiz|answer|q)|chk ?code|check ?code|rechen(aufgabe)?\b|human ?(check|test)",
    ),
    row(Role.MARKETING, r"newsletter|subscri|mailing|opt ?in|mc ?4 ?wp|marketing|send ?news|add to list"),
    row(
        Role.CONSENT,
        r"consent|privacy|datenschutz|dsgvo|gdpr|rgpd|\bagb\b|\bterms|agree|accept|acceptance|einwilligung|\btos\b",
        r"guidelines|zustimmung|policy|disclaimer",
    ),
    row(
        Role.EMAIL_CONFIRM,
        rf"{_AGAIN}\w* ?(your )?{_MAIL}|{_MAIL}\w* ?(address )?{_AGAIN}|{_MAIL} ?(address )?2\b|\b(re|c|v) e?mail\b",
        unless=r"recipient|report",
    ),
    row(
        Role.ORDER_NO,
        r"order ?(no|nr|number|num|id|ref)\b|bestell ?(nr|nummer)|auftrags ?(nr|nummer)|booking ?(no|number|ref)",
    ),
    row(
        Role.OTHER, r"\bfax|customer ?(no|id|number)|kunden ?(nr|nummer)|how ?(did|hear|find)|\bref(errer|erer|erral)\b"
    ),
    row(
        Role.EMAIL,
        r"e ?mail|\bmail\b|courriel|correo|absender ?mail|\bfrom ?address\b|reply ?to|\beml\b|\bmel\b|pochta",
        unless=r"friend|copy|format|e ?mail to\b|by e ?mail|contact method",
    ),
    row(
        Role.PHONE,
        r"phone|telefon|telephone|telefoon|\btel\b|\bfon\b|mobil|handy|\bcell\b|telefono|rueckruf|\bphn?\b|"
        r"telnr|tel ?(no|num)",
        unless=r"best|time|type|\bext\b|by phone|contact method",
    ),
    row(
        Role.COMPANY,
        r"company|\bfirma|firmen|organi[sz]ation|unternehmen|\borg\b|business|empresa|societe|azienda|bedrijf|"
        r"institution",
    ),
    row(Role.SALUTATION, r"anrede|salutation|gender|civilite|\bprefix\b|\bsex\b|geschlecht|geslacht|aanhef"),
    row(
        Role.NAME,
        r"nom ?prenom|prenom ?nom|vor ?(und )?(nach|zu) ?name|name ?vorname|vorname ?name|first ?(and )?last|"
        r"full ?name|nombre ?(y )?apellidos?|nome ?(e )?cognome|cognome ?(e )?nome|nominativo",
    ),
    row(Role.MIDDLE_NAME, r"middle|\bmname\b|second ?name\b(?!.*sur)"),
    row(Role.FIRST_NAME, r"first ?name|\bf ?name\b|vorname|given ?name|prenom|\bfirst\b|fore ?name|voornaam|\bnamef\b"),
    row(
        Role.LAST_NAME,
        r"last ?name|\bl ?name\b|nachname|sur ?name|family ?name|zuname|apellido|cognome|\blast\b|achternaam|\bnamel\b",
    ),
    row(Role.ZIP, r"\bzip|\bplz\b|postal|postleitzahl|post ?code|codepostal"),
    row(Role.URL, r"web ?site|\burl\b|home ?page|\bweb\b|webseite|\bsite\b|sitioweb", unless=r"feedback"),
    row(Role.STATE, r"\bstate\b|province|bundesland|\bregion\b|\bcounty\b|provincia"),
    row(Role.CITY, r"\bcity\b|\bort\b|wohnort|\btown\b|stadt\b|\bville\b|ciudad|citta\b|localidad|plaats"),
    row(Role.COUNTRY, r"country|\bland\b|\bpays\b|\bpais\b|\bnation", unless=r"code"),
    row(
        Role.ADDRESS,
        r"street|strasse|\bstr\b|address|adresse|anschrift|hausn|\bh ?nr\b|huisn|direccion|indirizzo|\baddr\b|"
        r"\badd ?[12]?\b|location",
        unless=r"mail|\bip\b|remote|web",
    ),
    row(
        Role.SUBJECT,
        r"subject|betreff|topic|thema|\bsubj\b|asunto|oggetto|anliegen|\breason|objet\b|sujet|onderwerp|department",
        r"abteilung|regarding|category|kategorie|(inquiry|enquiry|concern|request|contact|question) ?type|"
        r"\bbetr\b|\btema\b",
        r"\btitle\b|\btitre\b|\btitel\b|type of (inquiry|enquiry|request|question)|headline",
        unless=r"job",
    ),
    row(
        Role.MESSAGE,
        r"message|nachricht|comment|kommentar|mitteilung|anfrage|inquiry|enquiry|feedback|bemerkung|mensaje|messaggio",
        r"description|beschreibung|question|\bmsg\b|\btext\b|textarea|body|\bfrage|details|remarks|content\b|"
        r"\bnotes?\b",
        r"query|mesaj|commentaire|texte|\bmess\b|reply|bericht|opmerking|vraag|soobsh|request",
        unless=r"^(text|text ?(box|field|feld)) ?\d*$",  # what builders call every line
    ),
    row(
        Role.NAME,
        r"\bname\b|full ?name|your ?name|\bnom\b|nombre|\bnome\b|\bnaam\b|username|realname|\bauthor\b|absender\b",
        r"\bsender\b|contact ?name|ansprechpartner|kontaktperson|\bvon\b|\bwho\b|\bnamn\b|name \d|\buser\b|"
        r"\w+name\b|\bnick|\bfio\b",
        unless=r"form ?name|friend|file|host|product|page|recipient|pet\b|screen|project|event",
    ),
)

# HTML's own autofill words (WHATWG). `organization-title` and the like are unknown on purpose.
AUTOCOMPLETE = {
    "name": Role.NAME,
    "given-name": Role.FIRST_NAME,
    "additional-name": Role.MIDDLE_NAME,
    "family-name": Role.LAST_NAME,
    "honorific-prefix": Role.SALUTATION,
    "email": Role.EMAIL,
    "tel": Role.PHONE,
    "tel-national": Role.PHONE,
    "organization": Role.COMPANY,
    "street-address": Role.ADDRESS,
    "address-line1": Role.ADDRESS,
    "address-line2": Role.ADDRESS,
    "address-level1": Role.STATE,
    "address-level2": Role.CITY,
    "postal-code": Role.ZIP,
    "country": Role.COUNTRY,
    "country-name": Role.COUNTRY,
    "url": Role.URL,
    "sex": Role.SALUTATION,
    "one-time-code": Role.CAPTCHA,
}
