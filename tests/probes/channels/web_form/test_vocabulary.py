"""Words of six languages beside fields, as label, placeholder and plain text before the field."""

from __future__ import annotations

import pytest

from probes.channels.web_form.finding import choose
from probes.channels.web_form.static_dom import read_page

MESSAGE = "<label>Text <textarea name=m></textarea></label>"
LINES = """
salutation: Anrede | Civilité | Aanhef | Tratamiento | Geslacht
other: Akademischer Titel | Rechnungsnummer | Kundennummer | Numéro client | Número de cliente | Codice cliente
other: Klantnummer | Customer number | Account number | Serial number | Date of birth | Geburtsdatum
other: Date de naissance | Fecha de nacimiento | Data di nascita | Geboortedatum
other: Wie sind Sie auf uns aufmerksam geworden? | How did you hear about us? | Comment nous avez-vous connu ?
other: ¿Cómo nos conoció? | Come ci ha conosciuto?
first_name: Your first name | Given name(s) | Ihr Vorname | Rufname | Votre prénom | Voornaam
last_name: Surname | Family name | Ihr Nachname | Familienname | Nom de famille | Apellidos | Primer apellido
last_name: Cognome | Achternaam
name: Vor- und Zuname | Name, Vorname | Votre nom | Nom et prénom | Nombre | Nombre y apellidos | Nome e cognome
name: Uw naam | Voor- en achternaam | Volledige naam | Ansprechpartner
middle_name: Tussenvoegsel
email: E-mailadres | Adresse électronique | Adresse e-mail | Adresse mail | Correo electrónico | Indirizzo e-mail
email: Indirizzo di posta elettronica
email_confirm: E-mail address (again) | Confirmez votre e-mail | Repita su correo electrónico
email_confirm: Conferma indirizzo email | Herhaal e-mailadres | Confirmation de l'adresse e-mail
phone: Telefon (tagsüber) | Telefonnummer für Rückfragen | Daytime telephone | Numéro de téléphone
phone: N° de téléphone | Teléfono móvil | Numero di telefono | Recapito telefonico | Telefoonnummer | Mobiel nummer
phone: Mobilnummer | Contact number
zip: Postal code | Post code | ZIP / Postal Code | Code postal | Código postal | C.P. | CAP | Postcode | PLZ / Ort
zip: Postleitzahl
state: County | State / Province | State/Region | Bundesland | Kanton | Département | Provincia | Provincie | Regione
city: Stadt | Wohnort | Town / City | Ville | Localité | Población | Città | Comune | Woonplaats
country: Country | Land | Country/Region | Pays | País | Paese | Nazione
address: Straße / Nr. | Hausnummer | Street address | Address line 1 | House number | Adresse postale | Rue
address: Calle y número | Dirección | Domicilio | Indirizzo | Via | Straat en huisnummer | Huisnummer
company: Company name | Firma (optional) | Unternehmen / Organisation | Business name | Société
company: Nom de l'entreprise | Nom de la société | Entreprise | Empresa | Nombre de la empresa | Ragione sociale
company: Azienda | Nome azienda | Bedrijf | Bedrijfsnaam | Naam bedrijf | Organisatie | Organisation name
order_no: Bestellnummer (falls vorhanden) | Auftragsnummer | Ihre Bestell-Nr. | Order no. | Order # | Order ID
order_no: Purchase order number | Numéro de commande | N° de commande | Número de pedido | Nº de pedido
order_no: Numero ordine | Numero d'ordine | Ordernummer | Bestelnummer | Booking reference | Buchungsnummer
subject: Subject | Betreff der Anfrage | Thema Ihrer Anfrage | Reason for contact | Nature of enquiry
subject: Grund Ihrer Anfrage | Grund der Kontaktaufnahme | What is your question about?
subject: What can we help you with? | Objet de votre demande | Objet du message | Motif de contact | Sujet | Asunto
subject: Motivo de contacto | Oggetto | Motivo della richiesta | Argomento | Onderwerp | Reden van contact
subject: Department
url: Website | Site web | Página web | Sito web | Ihre Webseite
honeypot: Bitte lassen Sie dieses Feld leer | Leave this field blank | Laissez ce champ vide
honeypot: Ne pas remplir ce champ | No rellenes este campo | Deja este campo vacío | Non compilare questo campo
honeypot: Lascia vuoto questo campo | Laat dit veld leeg | Niet invullen | If you are human, leave this field blank
honeypot: Dieses Feld nicht ausfüllen | This field is for validation purposes and should be left unchanged.
honeypot: Dieses Feld dient zur Validierung und sollte nicht verändert werden.
honeypot: Wenn Sie ein Mensch sind, lassen Sie dieses Feld leer | Si vous êtes humain, laissez ce champ vide
captcha: Was ist 3 + 5? | Wie viel ist 7 minus 2? | Bitte addieren Sie 4 und 9 | Bitte rechnen Sie 5 plus 3
captcha: What is five plus two? | What is 2+2? | Combien font 3 + 4 ? | Combien font trois plus quatre ?
captcha: Cuánto es 3 + 4 | Quanto fa 3 + 4? | Hoeveel is 3 + 4? | Welche Farbe hat der Himmel?
captcha: What colour is the sky? | Spamschutz | Sicherheitsfrage: Wie heißt die Hauptstadt von Frankreich?
captcha: Anti-spam question | Question anti-spam | Código de seguridad | Recopiez le code | Codice di sicurezza
captcha: Voer de code in | Type the word "apple" backwards | Bitte geben Sie die Zeichenfolge ein
captcha: Enter the code shown above | Geben Sie die Zahlen aus dem Bild ein | Prove you are human
"""
BOXES = """
consent: I have read and accept the privacy policy | I agree to the terms and conditions
consent: I consent to the processing of my data | Ich habe die Datenschutzerklärung gelesen und bin einverstanden
consent: Ich bin mit der Verarbeitung meiner Daten einverstanden
consent: Hiermit akzeptiere ich die Datenschutzbestimmungen | J'accepte la politique de confidentialité
consent: J'accepte que mes données soient utilisées pour me recontacter
consent: He leído y acepto la política de privacidad | Acepto los términos y condiciones
consent: Ho letto l'informativa sulla privacy e acconsento al trattamento dei dati | Accetto l'informativa privacy
consent: Ik ga akkoord met de privacyverklaring | Ik ga akkoord met de algemene voorwaarden
marketing: Yes, I want to receive news and offers | I would like to receive marketing emails
marketing: Keep me updated about products | Ja, ich möchte den Newsletter erhalten
marketing: Ich möchte über Angebote informiert werden | Ich willige ein, Werbung per E-Mail zu erhalten
marketing: Ich bin damit einverstanden, dass mich die Nordlicht GmbH per E-Mail über Neuigkeiten informiert
marketing: I agree to receive marketing communications | I consent to receive newsletters and promotional offers
marketing: Je souhaite recevoir la newsletter | J'accepte de recevoir des offres commerciales par e-mail
marketing: Je souhaite m'abonner à l'infolettre | Quiero recibir ofertas y novedades
marketing: Deseo recibir comunicaciones comerciales | Acepto recibir publicidad | Desidero ricevere la newsletter
marketing: Acconsento a ricevere comunicazioni promozionali | Acconsento all'invio di comunicazioni di marketing
marketing: Ik wil de nieuwsbrief ontvangen | Ja, ik ontvang graag aanbiedingen per e-mail | Houd mij op de hoogte
other: Send me a copy | Kopie an mich senden | Recevoir une copie de ce message | Enviarme una copia
other: Inviami una copia | Stuur mij een kopie | Remember me
"""
SELECTS = [
    ("Title", "salutation", "Mr|Mrs|Ms|Dr"),
    ("Anrede", "salutation", "Herr|Frau|Divers"),
    ("", "salutation", "Monsieur|Madame"),
    ("", "salutation", "Sr.|Sra."),
    ("", "salutation", "Signor|Signora"),
    ("", "salutation", "Dhr.|Mevr."),
    ("State", "state", "Alabama|Alaska|Arizona"),
    ("Bundesland", "state", "Bayern|Hessen"),
    ("Provincia", "state", "Milano|Roma"),
    ("Province", "state", "Ontario|Quebec"),
    ("How can we help?", "subject", "General question|Complaint|Other"),
    ("Department", "subject", "Sales|Support"),
    ("Ihr Anliegen", "subject", "Frage|Beschwerde"),
    ("Service", "subject", "Frage|Reklamation|Sonstiges"),
    ("Motif de votre demande", "subject", "Question|Réclamation"),
    ("Tipo de consulta", "subject", "Pregunta|Queja"),
    ("Tipo di richiesta", "subject", "Informazioni|Reclamo"),
    ("Type vraag", "subject", "Vraag|Klacht"),
    ("Reason", "subject", "Order|Return"),
    ("Enquiry type", "subject", "General|Complaint"),
    ("Please select", "subject", "General enquiry|Complaint|Feedback|Other"),
    ("Bitte wählen", "subject", "Allgemeine Anfrage|Beschwerde|Reklamation|Sonstiges"),
    ("", "subject", "Allgemeine Frage|Lob|Kritik|Sonstiges"),
    ("", "subject", "General enquiry|Complaint|Delivery|Other"),
    ("How did you hear about us?", "other", "Google|Friend|Other"),
    ("Country", "country", "Germany|France"),
    ("Land", "country", "Deutschland|Österreich"),
    ("Preferred contact method", "other", "Email|Phone"),
    ("Ort", "city", "Berlin|Bonn"),
    ("Filiale", "other", "Berlin|Bonn"),
    ("Ich bin", "other", "Privatkunde|Geschäftskunde"),
    ("Product", "other", "A|B"),
    ("Anzahl", "other", "1|2"),
]


def cases(table: str) -> list[tuple[str, str]]:
    lines = [line.partition(": ") for line in table.strip().splitlines()]
    return [(text.strip(), role) for role, _, words in lines for text in words.split(" | ")]


def role_in(html: str) -> str:
    page = read_page(f"<form>{html}{MESSAGE}</form>")
    scored, _ = choose(page.forms, page)
    return next(d.role.value for d in scored[0].decisions if d.control.name == "x")


@pytest.mark.parametrize(("text", "role"), cases(LINES))
def test_a_line_is_known_by_its_words_wherever_they_stand(text: str, role: str) -> None:
    first = "<input type=email name=e>" if role == "email_confirm" else ""
    quoted = text.replace('"', "&quot;")
    ways = (
        f"<label>{text} <input name=x></label>",
        f'<input name=x placeholder="{quoted}">',
        f"<p>{text}</p><input name=x>",
    )

    assert [role_in(first + way) for way in ways] == [role] * 3


@pytest.mark.parametrize(("text", "role"), cases(BOXES))
def test_consent_is_told_from_marketing(text: str, role: str) -> None:
    assert role_in(f"<label><input type=checkbox name=x> {text}</label>") == role


@pytest.mark.parametrize(("label", "role", "options"), SELECTS)
def test_a_select_is_known_by_its_label_or_its_options(label: str, role: str, options: str) -> None:
    choices = "".join(f"<option>{text}" for text in options.split("|"))

    assert role_in(f"<label>{label} <select name=x><option value=''>--{choices}</select></label>") == role


def test_a_title_before_a_first_name_is_the_person_s_and_alone_the_message_s() -> None:
    name = "<label>First name <input name=f></label>"

    assert role_in(f"<label>Title <input name=x></label>{name}") == "salutation"
    assert role_in(f"<label>Titel <input name=x></label>{name}") == "other"
    assert role_in(f"{name}<label>Title <input name=x></label>") == "subject"


@pytest.mark.parametrize(
    ("html", "elsewhere"),
    [("<form id=respond>{}</form>", True), ("<h2>Leave a reply</h2><form>{}</form>", True),
     ("<form><p>We will respond within a day and review your message.</p>{}</form>", False),
     ("<form class=mailToFriend>{}</form>", True), ("<h2>Envoyer cette page à un ami</h2><form>{}</form>", True),
     ("<h2>Kontakt</h2><form>{}</form>", False)],
)  # fmt: skip
def test_comments_and_recommendations_are_not_meant_for_the_brand(html: str, elsewhere: bool) -> None:
    page = read_page(html.format(f"<input type=email name=e>{MESSAGE}<button>Send</button>"))

    assert choose(page.forms, page)[0][0].goes_elsewhere is elsewhere
