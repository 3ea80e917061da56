"""What people read beside fields: ordered rows, German and English in full, the cheap part of other languages.

The first row that fits wins, so narrow meanings stand above wide ones. All patterns meet folded text.
"""

from __future__ import annotations

from benchmark.core.vocabulary import FieldRole as Role
from probes.channels.web_form.wording import Wording, row

_MAIL = (
    r"(e ?mail|adresse electronique|messagerie|\bmail|courriel|correo|posta elettronica|\be post\b|epost|"
    r"электронн\w* почт|"
    r"\bпочта\b)"
)
_AGAIN = (
    r"(confirm|repeat|retype|re ?enter|re ?type|again|verif|bestaetig|wiederhol|erneut|nochmal|conferma|repet|repit|"
    r"ripet|herhaal|"
    r"bevestig|повтор|second time)"
)
_CODE = r"(code|number|question|frage|zahl|ziffer|check|wort|word|abfrage|schutz|text|pruefung|answer|antwort|phrase)"
_SECURITY = r"(security|verification|validation|image|anti ?spam|spam|control|sicherheits|bestaetigungs|pruef|visual)"
_SIGNS = r"(code|characters|letters|numbers|digits|text|words?|zeichen|zahlen|buchstaben|ziffern|symbols)"

TEXT_WORDINGS: tuple[Wording, ...] = (
    row(
        Role.HONEYPOT,
        r"honey ?pot|spam ?trap",
        r"leave (this|it|that|the)?( \w+)? ?(field )?(blank|empty|alone)",
        r"(do not|don t|dont) (fill|complete|enter|use|change|write)",
        r"(leer|frei) ?(zu )?(lassen|gelassen|bleiben)|nicht (auszu|aus)fuellen|(bleibt|muss) (bitte )?leer",
        r"lass(en|t)? (sie )?(bitte )?(dieses|das|diese) (feld|zeile) (bitte )?(leer|frei)|non compilare|laat (dit|"
        r"het) veld leeg",
        r"dient (nur )?(zur|der) (validierung|spam)|nicht veraendert werden|(blank|vide|vuoto|vacio|leeg) (lassen|"
        r"laten)",
        r"ne pas remplir|laisse[rz]? (ce champ )?vide|no (rellenar|llenar|rellene)",
        r"dejar? (este campo )?(en blanco|vacio)|lasci(a|are) (questo campo )?vuoto|niet invullen",
        r"(for|only) (spam ?)?(bots|robots)|if you (are|re) (a )?human",
        r"should be left (blank|empty|unchanged)|keep this field",
        r"(nur|only|seulement|solo|alleen)\b.{0,40}\b(robot|bot|roboter|robots)\b",
    ),
    row(
        Role.CAPTCHA,
        rf"captcha|{_SECURITY} ?(ueber)?{_CODE}|anti ?(spam|bot|robot)|spam ?(schutz|abwehr|protection|filter|"
        rf"check|block|pr)",
        rf"{_SIGNS}( or {_SIGNS})?"
        rf"( that| you see| shown| displayed| appears?| from| in| aus| im| in der| on| below| above)+ "
        rf"(the |this )?(image|"
        rf"picture|"
        r"box|bild|grafik|above|below|left|right)",
        rf"(enter|type|copy|retype|gib|geben|tippen|uebertragen) (in )?(sie )?(bitte )?(the |this |den |die |"
        rf"dieses |diesen )?"
        rf"(following |obigen |angezeigten |above )?({_SIGNS}|sicherheit|result|ergebnis)",
        r"\d+ ?[+x*] ?\d+( ?=| ?\?|$)|\d+ ?[+x*] ?=|[+x*] ?\d+ ?=|\d+ \d+ ?= ?(\?|$)",
        r"bitte (addieren|rechnen|berechnen|loesen) sie|combien (font|fait)|cuanto (es|son)|quanto fa|hoeveel is",
        r"(farbe|colou?r|couleur|kleur).{1,12}(himmel|sky|ciel|gras|lucht)|hauptstadt von|capital of|capitale (de|d)\b",
        r"\b(das|the|le|la|el|il|het) (wort|word|mot|palabra|parola|woord) \w+( \w+)? (ein|in|below|here|ci|aqui|qui)"
        r"\b",
        r"voer de (code|tekens)|typ de (code|tekens)|backwards|rueckwaerts",
        r"\bmath(s|ematical)? (question|problem|task|quiz)",
        r"\d+ (plus|minus|mal|times) \d+|(sum of|summe aus|loesen sie|rechenaufgabe|solve)",
        r"(what|wieviel|wie viel|was) (is|ist|sind|ergibt|s) (the sum|\w+ (plus|minus|mal|times|\+))",
        r"(human|menschlich|not a (ro)?bot|kein roboter|are you (a )?(human|robot|real))",
        r"(code|texte|caracteres) de (securite|l image|verification|seguridad|validation|controle)",
        r"codigo de (seguridad|verificacion|la imagen|confirmacion)|codice (di )?(sicurezza|di verifica|controllo)",
        r"recopie|(copi[ea]r?|escrib[ae]|introdu[cz]\w+|ingres[ae]) (el|los) (codigo|texto|caracteres)",
        r"(caracteres|chiffres|lettres|mots) (suivants|ci (dessous|contre|dessus)|de l image|affiches)",
        r"validation du formulaire|caratteri (che|nell)|overtypen|tekens (in|uit)|case (in)?sensitive",
        r"(введите|код|слово|текст).*(код|картинк|изображ|цифр|букв|символ)|защит\w+ от|проверочн",
        r"przepisz|opiste|kontrollkod|skriv (av|inn) (koden|tegnene)",
    ),
    row(
        Role.MARKETING,
        r"newsletter|mailing ?list|subscri|abonnier|(special|exclusive) offers|werbung|werbliche|werbezwecke",
        r"\bangebote\b.*(informier|erhalten|zusend)|informiert|auf dem laufenden|up to date|\bupdates\b|\bnews\b|"
        r"informed|"
        r"promotion(s|al)?\b|\bmarketing\b|hear from|e ?mail ?list|souhaite recevoir|duerfen mir e ?mails",
        r"receive (e ?mails?|information|news|offers|our|more)|notify me|keep me|send me (e ?mails|news|info|offers)",
        r"receive (\w+ )?(marketing|communications|messages from|promotional)|(tips|trends|insights)\b.*\b(inbox|mail)",
        r"comunica(ciones|zioni) (comercial|promozional|di marketing)|publicidad|pubblicita|offres (commerciales|"
        r"promo)",
        r"op de hoogte|(recevoir|recibir|ricevere).{0,20}(offres|ofertas|offerte|actualites|promo)|publicite",
        r"noticias|novedades|infolettre|offerte|nieuwsbrief|aanbiedingen|boletin|promociones|рассылк|nyhe[td]sbrev",
        unless=r"receive (a )?(copy|reply|response|answer)|"
        r"(agree|accept|have read|einverstanden|akzeptier|zustimm|acconsent).*(terms|privacy|datenschutz|policy|"
        r"data|daten)",
    ),
    row(
        Role.CONSENT,
        r"privacy|datenschutz|dsgvo|gdpr|rgpd|\bagb\b|terms (and|of|&)|terms conditions|\bterms\b|\bguidelines\b",
        r"einwillig|einverstand|zustimm|\bstimme\b.*\bzu\b|akzeptier|kenntnis genommen|"
        r"verarbeitung (meiner|der|personen)",
        r"\bconsent|\bi (have read|agree|accept|understand|acknowledge|confirm)|data protection|personal data|my data|"
        r"to agree|\bagree to\b",
        r"confidentialite|donnees personnelles|j accepte|conditions (generales|d utilisation)",
        r"politica de privacidad|acepto|terminos|datos personales|proteccion de datos",
        r"informativa|trattamento|acconsento|accetto|dati personali|privacy ?(beleid|verklaring)|akkoord|voorwaarden",
        r"согла(сен|шаюсь|сие)|персональн|zgadzam|souhlas|personvern",
    ),
    row(Role.EMAIL_CONFIRM, rf"{_AGAIN}.*{_MAIL}", rf"{_MAIL}.*{_AGAIN}", unless=r"we (will|ll)|wir "),
    row(
        Role.ORDER_NO,
        r"(order|booking|purchase|reservation) (no|nr|number|num|id|ref|reference|code)\b|order ?#",
        r"(bestell|auftrags|buchungs|vorgangs) ?(nummer|nr|id|no|code)",
        r"^(order|booking)( optional)?$|^n[ro]?o? (de |d )?(pedido|commande|ordine)|numero del (pedido|ordine)",
        r"\bref(erence|erencia|erentie|erenz|erimento)? (de |du |del |de la |dell |der )?"
        r"(pedido|commande|ordine|bestell)",
        r"numero (de )?(commande|pedido|ordine|d ordine)|n de commande|bestelnummer|ordernummer|номер заказа",
    ),
    row(
        Role.OTHER,
        r"\b(tele)?fax|kunden ?(nr|nummer|id)\b|(customer|account|member(ship)?|serial|model|invoice) (no|number|id)\b",
        r"rechnungs ?(nr|nummer)|(how|where) did you (hear|find|learn)|wie (haben|sind) sie|aufmerksam geworden",
        r"(best|preferred|convenient) (time|way|method)|date of birth|geburts(datum|tag)|\btitel vor|"
        r"akademischer titel|job title|position\b",
    ),
    row(
        Role.COMPANY,
        r"\b(company|firma|firmen ?name|unternehmen|organi[sz]ation|organi[sz]ational|institution|betrieb|"
        r"employer|corporation)\b",
        r"\bbusiness( name)?\b|\b(societe|entreprise|empresa|compania|azienda|societa|ditta|bedrijf|"
        r"bedrijfsnaam|foretag|firmy)\b",
        r"\b(organisme|organizacion|organisatie|organizzazione|raison sociale|ragione sociale|razon social|компания|"
        r"организация|firmenname|school|agency)\b",
        unless=r"e ?mail|phone|telefon|address|website|anschrift|type|size|please|describe",
    ),
    row(
        Role.EMAIL,
        _MAIL,
        r"@",
        unless=rf"(friend|freund|empfaenger|recipient)|{_MAIL} (me|senden|versenden) (a )?(copy|kopie)|"
        rf"(phone|telefon|tel) (or|oder) {_MAIL}|mail(ing|box)|mailing",
    ),
    row(
        Role.PHONE,
        r"(tele)?(ph|f)one?\b|telefon|telephone|\bphone|телефон|puhelin|\btlf\b",
        r"\b(tel|mobile?|handy|natel|cell|gsm|rueckruf|rufnummer|telefoonnummer|telefoon|mobiel|recapito|celular|movil|"
        r"cellulare|"
        r"portable|whatsapp)\b",
        r"\bcontact (no|number|nr)\b|(handy|mobil|rueckruf|telefon|festnetz|mobilfunk) ?(nr|nummer)|"
        r"numero de (tel|contact)",
        r"\bcall me (at|on)\b|rueckruf unter|reach me (at|on)\b",
        r"^(number|nummer|numero)( required| pflichtfeld)?( \*)?$",
        unless=r"(best|preferred|convenient|bevorzugt|wann|when|zeit|\btime\b|type|contact me by|by phone)",
    ),
    row(
        Role.SALUTATION,
        r"\b(anrede|salutation|salutations|civilite|tratamiento|aanhef|appellativo|herr frau|frau herr|mr mrs|"
        r"gender)\b",
        r"\b(geschlecht|sexe?|sexo|sesso|prefix|honorific|geslacht|dhr mevr|пол)\b",
    ),
    row(
        Role.MIDDLE_NAME,
        r"middle (name|initial)|zweiter vorname|tussenvoegsel|second prenom|segundo nombre|^m ?i$|\bmi\b|"
        r"patronymic|отчество",
    ),
    row(
        Role.NAME,
        r"vor (und|u|&|\+)? ?(nach|zu)name|vorname (und )?(nach|zu)?name|first (and |& )?last name|name vorname",
        r"nom (et |& )?prenom|prenom (et |& )?nom|nombre (y )?apellidos?|nome (e )?cognome|cognome (e )?nome",
        r"imie i nazwisko|jmeno a prijmeni|фамилия имя|имя (и )?фамилия|namn och efternamn|\bфио\b|ф и о|"
        r"for og etternavn",
        r"voor en achternaam|naam en voornaam|full ?name|(nombre|nome) completo|nom complet|volledige naam|"
        r"vollstaendiger name|volle[rn]? name",
    ),
    row(
        Role.FIRST_NAME,
        r"\b(first|given|fore) ?names?\b|\bvor ?name|^first( required)?( \*)?$",
        r"\b(prenom|rufname|primer nombre|voornaam|fornavn|fornamn|foernamn|forname|christian name|jmeno|imie)\b",
    ),
    row(
        Role.LAST_NAME,
        r"\b(last|sur|family|second) ?names?\b|\b(nach|zu|familien) ?name|^last( required)?( \*)?$",
        r"\b(apellidos?|cognome|achternaam|nom de famille|etternavn|efternavn|efternamn|nazwisko|prijmeni|"
        r"sobrenome|фамилия)\b",
    ),
    row(
        Role.ZIP,
        r"\b(zip|plz|cap|postcode|postal code|code postal|codigo postal|zip ?code|post ?code|cep|postnummer|psc|"
        r"postnr|индекс)\b",
        r"postleitzahl|postal ?code|^c ?p$",
    ),
    row(
        Role.URL,
        r"\b(web ?site|url|home ?page|web ?seite|internet ?seite|site ?web|site internet|sitio web|sito( web|"
        r" internet)?)\b",
        r"\b(web ?adresse|web address|web ?page|blog|link to (the|your)|сайт|webb?plats|pagina web|"
        r"hjemmeside|internetadresse)\b",
        unless=r"(how|wie|where|wo) |(find|found|hear|heard|problem|feedback|about (our|the|this)|improve)",
    ),
    row(
        Role.CITY,
        r"\b(city|town|ort|wohnort|stadt|ville|ciudad|citta|plaats|woonplaats|cidade|poblacion|localidad|miasto|"
        r"mesto)\b",
        r"\b(kommune|localita|localite|comune|commune|suburb|poststed|город|stad|by)\b(?! phone| mail| e ?mail)",
        unless=r"(travell?ed|how|wie|vor ort) |by (phone|e ?mail|clicking|checking|submitting)|\bby\b.+",
    ),
    row(
        Role.STATE,
        r"\b(state|province|bundesland|kanton|county|region|regione|provincia|estado|departement|prefecture|provincie|"
        r"область)\b",
        unless=r"united states|state your|message|\b(country|land|pays|pais|paese)\b",
    ),
    row(
        Role.COUNTRY,
        r"\b(country|land|pays|pais|paese|staat|nation|nazione|страна|kraj|zeme|maa)\b",
        unless=r"code|vorwahl",
    ),
    row(
        Role.ADDRESS,
        r"\b(street|adresse|anschrift|hausnummer|haus nr|direccion|indirizzo|adres|straat|rue|calle|via|"
        r"endereco|domicilio)\b",
        r"strasse|\bstr\b|house (no|number)|huisnummer|numero civico|\baddress|\badress\b|"
        r"адрес|ulice|\b(apt|apartment|suite)\b|adresszusatz|complement d adresse",
        unless=r"e ?mail|web|\bip\b|url|betrifft",
    ),
    row(Role.ADDRESS, r"\blocation\b|where are you (from|located)", unless=r"city|state|zip|town|country|e ?mail|web"),
    row(
        Role.SUBJECT,
        r"\b(subject|betreff|topics?|thema|themen|regarding|betrifft|anliegen|objet|sujet|asunto|oggetto|"
        r"onderwerp|motivo?)\b",
        r"\b(motif|tema|assunto|emne|amne|temat|predmet|argomento|тема|aihe|betreft|gjelder|betreffzeile|headline)\b",
        r"(reason|grund|purpose|nature|reden|doel) (for|of|fuer|der|des|ihrer?|van|voor)|^(reason|grund|reden)$|"
        r"темы?\b",
        r"(i am|i m) (contacting|writing|reaching out)|(contacting|writing to) (you|us) (about|because|regarding)|"
        r"what can we help|(waarmee|hoe) kunnen we|(tipo|type|tipologia) (de|di|van)? ?(consulta|richiesta|demande|"
        r"vraag|bericht|"
        r"solicitud|verzoek|contact[oe]?)\b",
        r"(inquiry|enquiry|request|contact|question|issue|message|feedback|query|anfrage) ?(type|category|"
        r"reason|topic|art|subject)",
        r"(type|kind|category|art|kategorie|area) (of|der|ihrer?|des) (your )?(inquiry|enquiry|request|question|"
        r"contact|feedback|"
        r"comment|message|anfrage|anliegen|issue|query|nachricht)",
        r"\b(department|abteilung|category|kategorie|bereich|departamento|categori[ae]|kategori|rubri[kq]u?e?|"
        r"reparto|afdeling)\b",
        r"what (is|s) (it|this|your (question|inquiry|enquiry|message)) about|(worum|um was) geht es|катег",
        r"(how (can|may) we help|wie koennen wir (ihnen )?helfen|como podemos ayudar|comment pouvons nous|"
        r"come possiamo)",
        r"(i (would like|want) to (contact|ask|write)|contact about|inquiring about)|title of|send (it |this )?to\b",
        r"\b(stichworte?|aerende|keyword|votre demande (concerne|porte)|(waar|waarover) gaat|de que se trata)\b|"
        r"^summary\b|zusammenfassung|kurzbeschreibung|an wen (richtet|geht)|"
        r"direct (my|this|your) (message|inquiry|enquiry|question|comment|request)|"
        r"who (should|do you want).{0,30}(receive|reach|contact)|"
        r"di cosa si tratta|asunto|concern(e|ant) ?:?$|\babout\b.{0,20}\?$",
        r"\b(titel|titles?|titre|titulo|titolo|otsikko|tytul|заголовок)\b",
        unless=r"how did you|wie haben sie|narrow|job title|titel vor|akad|article|artikel|page",
    ),
    row(
        Role.MESSAGE,
        r"message|nachricht|mitteilung|comment|kommentar|anfrage|inquiry|enquiry|feedback|bemerkung|description|"
        r"beschreibung",
        r"mensaje|messaggio|bericht|comentario|commento|opmerking|vraag|demande|consulta|richiesta|wiadomosc|"
        r"zprava|mensagem",
        r"meddelande|melding|besked|henvendelse|сообщени|комментари|текст|вопрос|отзыв|viesti|dotaz|tresc|"
        r"poruka|uzenet",
        r"\b(questions?|frage|fragen|text|details|body|request|schreiben|ihr text|query|query details|remarks?|"
        r"suggestions?)\b",
        r"\byour (thoughts|review|story|opinion|words)|\b(notes?|notiz|concern|msg|reply|tell us|help you|"
        r"wunsch|problem)\b",
        r"what happened|was ist passiert|que s est il passe|que ha pasado|tell us (more|what)",
        r"\bdescribe\b|\bschildern|\bbeschreiben|\bdecri(re|vez)|\bdescriba|\bdescriv|\bomschrijf|\bexplain\b",
        r"\b(content|inhalt|answer|response|post|experience|requirements|anliegen)\b",
    ),
    row(
        Role.NAME,
        r"\b(your name|ihr name|dein name|name|names|nom|nombre|nome|naam|navn|namn|nick ?name|nick|user ?name|"
        r"имя|nimi|nev)\b",
        r"\b(contact person|ansprechpartner|author|kontaktperson|absender|sender|who are you|autor|auteur|"
        r"pseudo|adiniz)\b",
        r"wie (heissen|heisst) (sie|du)|(what|who) (should|may|can) we call|what is your name|how do we call|"
        r"comment vous appel|como (te llamas|se llama)|come ti chiami|hoe heet|nominativo",
        r"(voll|kunden|kontakt)name|\w+ name\b|yourname|customername|contactname",
        unless=r"(friend|product|produkt|file|datei|domain|page|pet|project|event|hotel|brand|model|item|store|"
        r"recipient) ?s? "
        r"?name|name (of|der|des) (the )?(product|project|event|file|page|store)",
    ),
)
