"""Languages by script and stop words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.core.classification import languages
from benchmark.core.classification.languages import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Vielen Dank für Ihre Nachricht, wir melden uns bei Ihnen.", "de"),
        ("Thank you for your message, we will get back to you.", "en"),
        ("Merci pour votre message, nous vous répondrons dans les meilleurs délais.", "fr"),
        ("Gracias por su mensaje, le responderemos lo antes posible.", "es"),
        ("Grazie per il messaggio, le risponderemo il prima possibile.", "it"),
        ("Bedankt voor uw bericht, wij reageren zo snel mogelijk.", "nl"),
        ("Dziękujemy za wiadomość, odpowiemy jak najszybciej na Twoje zgłoszenie.", "pl"),
        ("Спасибо за ваше обращение", "ru"),
        ("お問い合わせありがとうございます", "ja"),
        ("感谢您的来信", "zh"),
        ("", ""),
        ("4711", ""),
    ],
)
def test_a_language_is_told(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Moin Jana, klar, komm einfach vorbei", "de"),
        ("Ja, geht.", "de"),
        ("Klar, kein Problem!", "de"),
        ("Hallo Anna, passt. LG Tom", "de"),
        ("Geht klar.", "de"),
        ("Leider nein.", "de"),
        ("Am Dienstag ab 10", "de"),
        ("Sehr gerne!", "de"),
        ("Haben wir da, 12 Euro.", "de"),
        ("Kommt morgen rein.", "de"),
        ("Servus, mach ma. Gruß, Sepp", "de"),
        ("ok mfg Kern", "de"),
        ("Moin, is da. Gruß Hein", "de"),
        ("Grüezi Frau Probe, das passt. Freundliche Grüsse, Urs", "de"),
        ("Nur am Samstag bis 14 Uhr.", "de"),
        ("Zehn Tage.", "de"),
        ("Ist lieferbar.", "de"),
        ("Wird erledigt, VG Ute", "de"),
        ("Kostet 40 Euro inkl. Versand.", "de"),
        ("Ausverkauft, sorry.", "de"),
        ("Preis steht auf der Website, Gruß", "de"),
        ("Kein Ding, bis Freitag!", "de"),
        ("Morgen wieder.", "de"),
        ("Das Ersatzteil liegt bereit", "de"),
        ("Termin bestätigt", "de"),
        ("Yes, that works.", "en"),
        ("Sure, just pop in!", "en"),
        ("Sorry, sold out.", "en"),
        ("Hi Anna, all good. Cheers, Tom", "en"),
        ("On Tuesday from 10.", "en"),
        ("We do, 12 pounds.", "en"),
        ("Ten days.", "en"),
        ("It ships tomorrow", "en"),
        ("Not at the moment I'm afraid", "en"),
        ("Hi Jana, come on over", "en"),
        ("Out of stock until May", "en"),
        ("Yep, still available", "en"),
        ("Can do, Anna.", "en"),
        ("Closed on Mondays.", "en"),
        ("Please see attached.", "en"),
        ("ok thanks", "en"),
        ("Bonjour, oui c'est possible. Cordialement", "fr"),
        ("Oui, sans problème.", "fr"),
        ("Désolée, épuisé.", "fr"),
        ("Fermé le lundi", "fr"),
        ("Hola, sí, claro. Saludos", "es"),
        ("Sí, tenemos.", "es"),
        ("No hay problema, ¡gracias!", "es"),
        ("Agotado, lo siento", "es"),
        ("Buongiorno, certo, va bene. Saluti", "it"),
        ("Sì, è disponibile.", "it"),
        ("Certo, nessun problema", "it"),
        ("Hoi Anna, ja hoor, kom gewoon langs. Groetjes", "nl"),
        ("Dat kan.", "nl"),
        ("Beste Anna, geen probleem. Met vriendelijke groet", "nl"),
        ("Olá Ana, sim, claro. Obrigado", "pt"),
        ("Dzień dobry, tak, oczywiście. Pozdrawiam", "pl"),
        ("Hej Anna, javisst, kom förbi! Hälsningar Erik", "sv"),
        ("Hej Anna, ja, kom bare forbi. Venlig hilsen Mette", "da"),
        ("Hei Anna, ja, bare kom innom. Vennlig hilsen Kari", "no"),
        ("Hei, kyllä onnistuu. Terveisin Matti", "fi"),
        ("Dobrý den, ano, není problém. S pozdravem", "cs"),
        ("Kedves Anna, igen, persze. Üdvözlettel", "hu"),
        ("Merhaba, evet mümkün. Saygılarımla", "tr"),
        ("Bună ziua, da, se poate. Mulțumesc", "ro"),
        ("Anna Meyer", ""),
        ("OK", ""),
        ("4711", ""),
        ("PDF", ""),
        ("Meier GmbH, Kassel", ""),
        ("Do", ""),
    ],
)
def test_a_few_words_are_enough_and_one_is_not(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(("pattern", "needs"), [form[2:] for form in languages._FORMS])
@given(data=st.data())
def test_a_form_is_searched_wherever_it_may_stand(
    pattern: re.Pattern[str], needs: tuple[str, ...], data: st.DataObject
) -> None:
    text = data.draw(st.from_regex(pattern)).lower()

    assert not pattern.search(text) or any(need in text for need in needs)
