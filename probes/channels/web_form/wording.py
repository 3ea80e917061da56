"""What form fields are called: ordered tables of words in German and English, and the cheap part of other languages.

All patterns meet folded text (lower case, accents and punctuation gone, ß as ss); the first row that fits wins, so
narrow meanings stand above wide ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from benchmark.core.vocabulary import FieldRole as Role
from benchmark.core.vocabulary import InquiryKind

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^\w@*+=?]+|_")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Lower case, umlauts spelled out, other accents gone, one space between words."""
    spelled = unicodedata.normalize("NFC", text).lower().translate(_UMLAUTS)
    plain = "".join(char for char in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(char))
    return " ".join(_NOT_WORD.sub(" ", plain).split())


@lru_cache(maxsize=8192)
def words_of_name(name: str) -> str:
    """A machine name as words: `yourEmail[0]` → `your email 0`."""
    return fold(_CAMEL.sub(" ", re.sub(r"(?<=[a-zA-Z])(?=\d)|(?<=\d)(?=[a-zA-Z])", " ", name)))


@dataclass(frozen=True)
class Wording:
    """One row: a role, and what its text looks like. `unless` takes the row back."""

    role: Role
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None

    def fits(self, folded: str) -> bool:
        return bool(self.pattern.search(folded)) and not (self.unless and self.unless.search(folded))


def _row(role: Role, *alternatives: str, unless: str = "") -> Wording:
    return Wording(role, re.compile("|".join(alternatives)), re.compile(unless) if unless else None)


_MAIL = r"(e ?mail|\bmail\b|courriel|correo|posta elettronica|e post\b|epost)"
_AGAIN = (
    r"(confirm|repeat|retype|re ?enter|again|verif|bestaetig|wiederhol|erneut|nochmal|conferma|repet|herhaal|bevestig)"
)

# What a person reads: labels, placeholders, titles, nearest text.
TEXT_WORDINGS: tuple[Wording, ...] = (
    _row(
        Role.HONEYPOT,
        r"honey ?pot",
        r"leave (this|it|that|the)?( \w+)? ?(field )?(blank|empty|alone)",
        r"(do not|don t|dont|please don t) (fill|complete|enter|use|change)",
        r"(leer|frei) ?(zu )?(lassen|gelassen|bleiben)",
        r"nicht (auszu|aus)fuellen",
        r"(bleibt|muss) (bitte )?leer",
        r"ne pas remplir",
        r"laisse[rz]? (ce champ )?vide",
        r"no (rellenar|llenar|rellene)",
        r"dejar? (este campo )?(en blanco|vacio)",
        r"lasci(a|are) (questo campo )?vuoto",
        r"niet invullen",
        r"(for|only) (spam ?)?(bots|robots)",
        r"if you (are|re) (a )?human",
        r"should be left (blank|empty|unchanged)",
        r"keep this field",
    ),
    _row(
        Role.CAPTCHA,
        r"captcha",
        r"(security|verification|validation|confirmation|image|anti ?spam|spam|control|sicherheits|"
        r"bestaetigungs|pruef|zugangs|spamschutz|visual) ?(code|number|question|frage|zahl|ziffer|check|wort|"
        r"abfrage|schutz|text|pruefung)",
        r"anti ?(spam|bot|robot)",
        r"spam ?(schutz|abwehr|protection|filter|check|block)",
        r"(code|characters|letters|numbers|digits|text|word|zeichen|zahlen|buchstaben|ziffern)( you see| shown|"
        r" displayed| from| in| aus| im| in der)+ (the )?(image|picture|box|bild|grafik|above|below)",
        r"(enter|type|copy|retype|gib|geben|tippen) (in )?(sie )?(bitte )?(the |this |den |die |dieses |"
        r"diesen )?(following |obigen |angezeigten )?(code|characters|letters|digits|word|zeichen|zahlen|"
        r"sicherheit|text above|numbers)",
        r"\d+ ?[+x*] ?\d+( ?=| ?\?|$)",
        r"\d+ (plus|minus|mal|times|und) \d+",
        r"(what|wieviel|wie viel|was) (is|ist|sind|ergibt|s) (the sum|\w+ (plus|minus|mal|times|\+))",
        r"(sum of|summe aus|loesen sie|rechenaufgabe|solve)",
        r"(human|menschlich|not a (ro)?bot|kein roboter|are you (a )?(human|robot|real))",
        r"(code|texte|caracteres) de (securite|l image|verification|seguridad|validation)",
        r"codigo de (seguridad|verificacion|la imagen|confirmacion)",
        r"codice (di )?(sicurezza|di verifica|controllo)",
        r"recopie",
        r"enter (the )?(above|code|result)",
        r"case (in)?sensitive",
    ),
    _row(
        Role.MARKETING,
        r"newsletter",
        r"mailing ?list",
        r"subscri",
        r"abonnier",
        r"(special|exclusive) offers",
        r"werbung|werbliche|werbezwecke",
        r"\bangebote\b.*(informier|erhalten|zusend)",
        r"(informiert|auf dem laufenden|up to date|updates|news|informed|promotions?|marketing|hear from|"
        r"receive (e ?mails?|information|news|offers|our|more))",
        r"(noticias|novedades|infolettre|offerte|nieuwsbrief|aanbiedingen|boletin|promociones)",
        unless=r"receive (a )?(copy|reply|response|answer)",
    ),
    _row(
        Role.CONSENT,
        r"privacy|datenschutz|dsgvo|gdpr|rgpd|\bagb\b",
        r"terms (and|of|&)|terms conditions|\bterms\b",
        r"einwillig|einverstand|zustimm|akzeptier|kenntnis genommen|verarbeitung (meiner|der|personen)",
        r"\bconsent|\bi (have read|agree|accept|understand|acknowledge|confirm)|data protection|personal data|my data",
        r"politique de confidentialite|donnees personnelles|j accepte|conditions (generales|d utilisation)",
        r"politica de privacidad|acepto|terminos|datos personales|proteccion de datos",
        r"informativa|trattamento|acconsento|accetto|dati personali",
        r"privacy ?(beleid|verklaring)|ik ga akkoord|voorwaarden",
    ),
    _row(
        Role.EMAIL_CONFIRM,
        rf"{_AGAIN}.*{_MAIL}",
        rf"{_MAIL}.*{_AGAIN}",
    ),
    _row(
        Role.ORDER_NO,
        r"(order|purchase|booking|reservation) ?(no|nr|number|num|id|code|ref|reference|#)?\b.*(no\b|nr\b|"
        r"number|num\b|id\b|#|ref)",
        r"(order|booking) (no|nr|number|id|ref)",
        r"(bestell|auftrags|buchungs|vorgangs) ?(nummer|nr|id|no|code)",
        r"numero (de )?(commande|pedido|ordine|d ordine)|n de commande|bestelnummer|ordernummer",
    ),
    _row(Role.OTHER, r"\b(tele)?fax", r"kunden ?(nr|nummer|id)", r"customer (no|number|id)", r"account (no|number)"),
    _row(
        Role.COMPANY,
        r"\b(company|firma|firmen ?name|unternehmen|organi[sz]ation|organi[sz]ational|institution|betrieb|"
        r"business( name)?|employer|school|corporation|agency)\b",
        r"\b(societe|entreprise|empresa|compania|azienda|societa|ditta|bedrijf|bedrijfsnaam|foretag|firmy|"
        r"organisme|organizacion)\b",
        unless=r"e ?mail|phone|telefon|address|website|anschrift|type|size",
    ),
    _row(
        Role.EMAIL,
        rf"{_MAIL}",
        r"@",
        unless=rf"(friend|freund|empfaenger|recipient)|{_MAIL} (me|senden|versenden) (a )?(copy|kopie)|(phone|telefon|"
        rf"tel) (or|oder) {_MAIL}",
    ),
    _row(
        Role.PHONE,
        r"(tele)?(ph|f)one?\b|telefon|telephone|\bphone",
        r"\b(tel|mobile?|handy|cell|gsm|rueckruf|rufnummer|telefoonnummer|celular|movil|cellulare|portable|"
        r"contact (no|number|nr))\b",
        r"(handy|mobil|rueckruf|telefon|festnetz|mobilfunk) ?(nr|nummer)",
        r"numero de (tel|contact)",
        r"телефон|puhelin|tlf\b",
        unless=r"(best|preferred|convenient|bevorzugt|wann|when|zeit|time|country|type|contact me by|by phone)",
    ),
    _row(
        Role.SALUTATION,
        r"\b(anrede|salutation|salutations|civilite|tratamiento|aanhef|appellativo|herr frau|frau herr|mr mrs|"
        r"gender|geschlecht|sexe?|sexo|sesso|titulo cortesia|prefix|honorific)\b",
    ),
    _row(
        Role.MIDDLE_NAME,
        r"middle (name|initial)|zweiter vorname|second prenom|segundo nombre|\bmi\b|patronymic|отчество",
    ),
    _row(
        Role.NAME, r"vor (und|u|&)? ?(nach|zu)name|vorname (und )?(nach|zu)?name|first (and )?last name|nom et prenom"
    ),
    _row(Role.NAME, r"nombre y apellidos?|nome e cognome|prenom (et )?nom|nom prenom|name vorname|nome cognome"),
    _row(
        Role.FIRST_NAME,
        r"\b(first|given|fore) ?names?\b|\bvor ?name",
        r"\b(prenom|primer nombre|voornaam|etternavn fornavn|fornavn|imie|jmeno|forname|christian name|имя имя)\b",
    ),
    _row(
        Role.LAST_NAME,
        r"\b(last|sur|family|second) ?names?\b|\b(nach|zu|familien) ?name",
        r"\b(apellidos?|cognome|achternaam|nom de famille|etternavn|efternamn|nazwisko|prijmeni|sobrenome|фамилия)\b",
    ),
    _row(
        Role.ZIP,
        r"\b(zip|plz|cap|postcode|postal code|postleitzahl|code postal|codigo postal|zip ?code|post ?code|cep|"
        r"postnummer|psc)\b",
        r"postleitzahl|postal ?code",
    ),
    _row(
        Role.URL,
        r"\b(web ?site|url|home ?page|web ?seite|internet ?seite|site ?web|site internet|sitio web|sito( web|"
        r" internet)?|web ?adresse|web address|web ?page|blog|сайт|webb?plats|pagina web)\b",
        unless=r"(how|wie|where|wo) |(find|found|hear|heard|problem|feedback|about (our|the|this))",
    ),
    _row(
        Role.STATE,
        r"\b(state|province|bundesland|kanton|county|region|provincia|estado|departement|prefecture|provincie)\b",
        unless=r"united states|state your|message",
    ),
    _row(
        Role.CITY, r"\b(city|town|ort|wohnort|stadt|ville|ciudad|citta|plaats|woonplaats|cidade|poblacion|localidad)\b"
    ),
    _row(Role.CITY, r"\b(miasto|mesto|kommune|localita|suburb|город)\b"),
    _row(Role.COUNTRY, r"\b(country|land|pays|pais|paese|staat|nation|nazione|страна|kraj)\b", unless=r"code|vorwahl"),
    _row(
        Role.ADDRESS,
        r"\b(street|address|adresse|anschrift|hausnummer|haus nr|direccion|indirizzo|adres|straat|rue|calle|via|"
        r"endereco|domicilio|adress)\b",
        r"strasse|\bstr\b|street|\baddress",
        unless=r"e ?mail|web|\bip\b|url|betrifft",
    ),
    _row(
        Role.SUBJECT,
        r"\b(subject|betreff|topic|thema|regarding|betrifft|anliegen|objet|sujet|asunto|oggetto|onderwerp|"
        r"motivo?|motif|tema|assunto|emne|amne|temat|predmet|argomento|тема)\b",
        r"(reason|grund|purpose|nature) (for|of|fuer|der|des|ihrer?)",
        r"(inquiry|enquiry|request|contact|question|issue|message|feedback|query|anfrage) ?(type|category|"
        r"reason|topic|art|subject|kategorie)",
        r"(type|kind|category|art|kategorie|area) (of|der|ihrer?|des) (your )?(inquiry|enquiry|request|question|"
        r"contact|feedback|comment|message|anfrage|anliegen|issue|query|nachricht)",
        r"\b(department|abteilung|category|kategorie|bereich|departamento|categoria|reparto|afdeling|"
        r"ansprechpartner|headline|betreffzeile|title of)\b",
        r"what (is|s) (it|this|your (question|inquiry|enquiry|message)) about|how can we help you today|(worum|"
        r"um was) geht es",
        r"(i (would like|want) to (contact|ask|write)|contact about|inquiring about|interested in)",
        unless=r"how did you|wie haben sie",
    ),
    _row(
        Role.MESSAGE,
        r"(message|nachricht|mitteilung|comment|kommentar|anfrage|inquiry|enquiry|feedback|bemerkung|"
        r"description|beschreibung|mensaje|messaggio|bericht|commentaire|comentario|commento|opmerking|vraag|"
        r"demande|consulta|richiesta|wiadomosc|zprava|mensagem|meddelande|melding|besked|сообщение|комментарий|"
        r"текст)",
        r"\b(questions?|frage|fragen|text|details|body|request|anliegen|schreiben|your (thoughts|review|story|"
        r"opinion|words)|ihr text|query|query details|remarks?|suggestions?|notes?|notiz|concern|msg|reply|"
        r"tell us|help you|wunsch|problem|content|inhalt|answer|response|post)\b",
    ),
    _row(
        Role.NAME,
        r"\b(full ?name|your name|ihr name|dein name|name|names|nom|nombre|nome|naam|navn|namn|imie|jmeno|"
        r"nick ?name|user ?name|contact person|ansprechpartner|author|kontaktperson|contact name|absender|"
        r"sender|имя|nimi|nev|who are you)\b",
        r"(voll|kunden|kontakt)name|\w+ name\b|fullname|yourname|customername|contactname",
        unless=r"(friend|product|produkt|file|datei|domain|page|pet|project|event|hotel|brand|model|item|store) ?name|"
        r"name (of|der|des) (the )?(product|project|event|file|page|store)",
    ),
)

# What a programmer wrote: names and ids as words. Short forms that would be wrong in running text.
NAME_WORDINGS: tuple[Wording, ...] = (
    _row(
        Role.HONEYPOT,
        r"honey ?pot|\bhp\b|gotcha|\bnospam\b|leave (this )?(blank|empty)|spam ?trap|bot ?(trap|check|field)",
    ),
    _row(
        Role.CAPTCHA,
        r"captcha|capcha|captca|sicherheitscode|security ?code|verif(y|ication) ?(code|image)?\b(?!.*mail)|"
        r"\bvcode\b|antispam|\bsecure?\b|securimage|spam ?(check|code|question|answer)|imagecode|siimage|turing|"
        r"math ?(quiz|answer|q)",
    ),
    _row(Role.MARKETING, r"newsletter|subscri|mailing|opt ?in|mc4wp|marketing|sendnews"),
    _row(
        Role.CONSENT,
        r"consent|privacy|datenschutz|dsgvo|gdpr|\bagb\b|terms|agree|accept|acceptance|einwilligung|\btos\b",
    ),
    _row(
        Role.EMAIL_CONFIRM,
        rf"{_AGAIN}\w* ?(your )?{_MAIL}|{_MAIL}\w* ?{_AGAIN}|e ?mail 2|mail 2|\b(re|c|v) e?mail\b|e ?mail ?(conf|"
        rf"rep|check|bis)|(conf|rep|check) ?e ?mail|e ?mail address 2",
    ),
    _row(
        Role.ORDER_NO,
        r"order ?(no|nr|number|num|id|ref)|bestell ?(nr|nummer)|auftrags ?(nr|nummer)|booking ?(no|number|ref)",
    ),
    _row(Role.OTHER, r"\bfax|customer ?(no|id|number)|kunden ?(nr|nummer)"),
    _row(
        Role.EMAIL,
        r"e ?mail|\bmail\b|courriel|correo|absender ?mail|\bfrom ?address\b|replyto|\beml\b",
        unless=r"friend|copy|format|e ?mail to\b",
    ),
    _row(
        Role.PHONE,
        r"phone|telefon|telephone|\btel\b|\bfon\b|mobil|handy|\bcell\b|telefono|rueckruf|\bphn\b|\bph\b",
        unless=r"best|time|type|ext\b",
    ),
    _row(Role.COMPANY, r"company|firma|organi[sz]ation|unternehmen|\borg\b|business|empresa|societe|azienda"),
    _row(Role.SALUTATION, r"anrede|salutation|gender|civilite|prefix|\bsex\b|geschlecht"),
    _row(Role.MIDDLE_NAME, r"middle|\bmname\b"),
    _row(Role.FIRST_NAME, r"first ?name|\bf ?name\b|vorname|given ?name|prenom|firstname|\bfirst\b|forename|namef"),
    _row(
        Role.LAST_NAME, r"last ?name|\bl ?name\b|nachname|sur ?name|family ?name|zuname|apellido|cognome|\blast\b|namel"
    ),
    _row(Role.ZIP, r"\bzip|\bplz\b|postal|postleitzahl|post ?code|\bcap\b|codepostal"),
    _row(Role.URL, r"web ?site|\burl\b|home ?page|\bweb\b|webseite|\bsite\b"),
    _row(Role.STATE, r"\bstate\b|province|bundesland|region|county|provincia"),
    _row(Role.CITY, r"\bcity\b|\bort\b|wohnort|\btown\b|stadt\b|ville\b|ciudad|citta\b|localidad"),
    _row(Role.COUNTRY, r"country|\bland\b|\bpays\b|\bpais\b|nation", unless=r"code"),
    _row(
        Role.ADDRESS,
        r"street|strasse|\bstr\b|address|adresse|anschrift|hausn|direccion|indirizzo|\baddr\b|\badd ?[12]?\b",
        unless=r"mail|\bip\b|remote",
    ),
    _row(
        Role.SUBJECT,
        r"subject|betreff|topic|thema|\bsubj\b|asunto|oggetto|anliegen|reason|objet\b|sujet|onderwerp|"
        r"department|abteilung|regarding|category|kategorie|inquiry ?type|enquiry ?type|\bbetr\b|tema\b|"
        r"concern ?type|subiect",
    ),
    _row(
        Role.MESSAGE,
        r"message|nachricht|comment|kommentar|mitteilung|anfrage|inquiry|enquiry|feedback|bemerkung|mensaje|"
        r"messaggio|description|beschreibung|question|\bmsg\b|\btext\b|body|\bfrage|details|remarks|content\b|"
        r"notes|query|mesaj|commentaire|texte|\bmess\b|reply|bericht",
    ),
    _row(
        Role.NAME,
        r"\bname\b|full ?name|your ?name|\bnom\b|nombre|\bnome\b|\bnaam\b|username|realname|\bauthor\b|"
        r"absender\b|sender|contact ?name|ansprechpartner|kontaktperson|\bvon\b|\bwho\b|\bnamn\b|name \d|"
        r"\buser\b|\w+name\b",
        unless=r"form ?name|friend|file|host|product|page",
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

SALUTATIONS = {
    "frau": re.compile(r"^(frau|mrs|ms|miss|mme|madame|sra|senora|signora|mevrouw|w|f|female|weiblich)\b"),
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
# Topics that would start something else than an answer to a consumer.
NEVER_TOPIC = re.compile(
    r"bewerb|karriere|\bjob|career|presse|press\b|partner|haendler|wholesale|\bb2b\b|invest|storn|kuendig|cancel|"
    r"widerruf|affiliate|lieferant|supplier|vertrieb|sales|influencer|advert|werb"
)


def role_of(text: str, table: Iterable[Wording]) -> Role | None:
    """The first row of a table that fits the folded text."""
    return next((row.role for row in table if row.fits(text)), None) if text else None
