"""What asks the sender for something now, and what only sounds like it."""

from __future__ import annotations

import pytest

from benchmark.core.classification.asking import asks_for_info
from benchmark.core.classification.reading import Reading
from benchmark.core.values import InboundMessage


def asks(text: str) -> bool:
    letter = f"Guten Tag Frau Probe, danke für Ihre Nachricht. {text} Viele Grüße Berta Kern"
    return asks_for_info(Reading(InboundMessage(sha256="0", size=1, text=letter))).weight > 0


@pytest.mark.parametrize(
    "text",
    [
        "Wie lautet Ihre Vertragsnummer?",
        "Bitte schicken Sie uns ein Foto vom Typenschild.",
        "Damit ich nachsehen kann, brauche ich noch die Bestellnummer.",
        "Um welches Modell geht es denn?",
        "Könnten Sie mir kurz sagen, wann Sie das Rad gekauft haben?",
        "Bitte teilen Sie uns mit, ob Sie den Umtausch wünschen.",
        "Leider fehlt uns noch Ihre Postleitzahl.",
        "Ohne Ihre Kundennummer kann ich die Buchung leider nicht finden.",
        "Wir bitten um Zusendung einer Kopie der Rechnung.",
        "Schick mir doch bitte noch deine Bestellnummer, dann schaue ich nach.",
        "Unter welcher E-Mail-Adresse haben Sie bestellt?",
        "Dürfte ich Sie um Ihre Telefonnummer bitten?",
        "Darf ich fragen, wo Sie das Gerät gekauft haben?",
        "Could you send me a picture of the label?",
        "Please let us know which size you ordered.",
        "Before I can answer, I need your booking reference.",
        "Where did you buy the kettle?",
        "We cannot find your contract without your account number.",
        "Would you prefer a refund or an exchange?",
        "Please reply with your full name and postcode.",
        "If you could send me your order number, I will look into it.",
        "Please let me know when you bought it.",
        "Merci de nous communiquer votre numéro de commande.",
        "¿Cuál es su número de cliente?",
        "Kunt u ons laten weten om welk model het gaat?",
        "Ci serve il suo codice cliente.",
    ],
)
def test_what_the_brand_cannot_go_on_without_is_asked_for(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Bitte nennen Sie uns Ihre neue Anschrift spätestens zwei Wochen vor dem Auszug.",
        "Die neue Bankverbindung können Sie uns schriftlich mitteilen.",
        "Bitte geben Sie die neue Adresse im Kundenkonto ein.",
        "Sollte das Paket nicht ankommen, nennen Sie uns bitte die Sendungsnummer.",
        "Wenn Sie umziehen, teilen Sie uns bitte die neue Anschrift mit.",
        "Bitte geben Sie bei der nächsten Bestellung Ihre Kundennummer an.",
        "Senden Sie das Gerät bitte mit einer Kopie der Rechnung an unsere Werkstatt.",
        "Haben Sie noch weitere Fragen?",
        "Kann ich sonst noch etwas für Sie tun?",
        "Sie fragen, wann der neue Katalog erscheint?",
        "Wussten Sie schon, dass wir auch reparieren?",
        "Bitte rufen Sie uns unter 0561 123456 an und halten Sie Ihre Kundennummer bereit.",
        "Bitte haben Sie noch etwas Geduld.",
        "Bitte geben Sie uns noch ein paar Tage Zeit.",
        "Wir brauchen für die Reparatur etwa fünf Tage.",
        "Dafür benötigen Sie nur Ihre Kundennummer.",
        "Bitte schreiben Sie mir gern, wenn noch etwas unklar ist.",
        "Geben Sie einfach Ihre Postleitzahl auf unserer Webseite ein.",
        "Please tell us your new address at least ten days before the move.",
        "Please state your customer number in all further correspondence.",
        "Should it arrive damaged, please send us a photo.",
        "If you need anything, just write to me.",
        "Please let us know if you have any further questions.",
        "I like your suggestion and will tell the others about it.",
        "Is there anything else we can help with?",
        "You asked whether the shop is open on Sundays?",
        "Please call us on 020 7946 0000 with your order number.",
        "Please allow us a few more days.",
        "We need about five days for a repair.",
        "You can send us your new address by post.",
        "Please confirm the new number in your profile.",
        "When you return the lamp, please include a copy of the receipt.",
        "Did this answer your question?",
        "Si vous déménagez, merci de nous indiquer votre nouvelle adresse.",
        "Avez-vous d'autres questions ?",
    ],
)
def test_instructions_offers_and_empty_questions_ask_for_nothing(text: str) -> None:
    assert not asks(text)
