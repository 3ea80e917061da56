"""Languages by script and stop words."""

from __future__ import annotations

import pytest

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
