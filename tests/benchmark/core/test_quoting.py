"""Cutting quoted mails, marker lines and signatures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.core.quoting import above_rule, desk_comment, own_text, quoted_author, without_our_text

LAYOUTS = {
    "gmail, English": "On Tue, Mar 10, 2026 at 9:00 AM Anna Probe <anna@study.example> wrote:\n> How long?",
    "gmail, German": "Am Di., 10. März 2026 um 09:00 Uhr schrieb Anna Probe <anna@study.example>:\n> Wie lange?",
    "gmail, two lines": "Am Di., 10. März 2026 um 09:00 Uhr schrieb Anna Probe <\nanna@study.example>:\n\n> Wie?",
    "apple, English": "> On 10 Mar 2026, at 09:00, Anna Probe <anna@study.example> wrote:\n> \n> How long?",
    "apple, German": "Am 10.03.2026 um 09:00 schrieb Anna Probe <anna@study.example>:\n\nWie lange?",
    "thunderbird, German": "Am 10.03.26 um 09:00 schrieb Anna Probe:\n> Wie lange?",
    "name first": "Anna Probe <anna@study.example> schrieb am Di., 10. März 2026, 09:00:\n\n> Wie lange?",
    "outlook, English": "From: Anna Probe\nSent: Tuesday, March 10, 2026\nTo: Tom\nSubject: Question\n\nHow long?",
    "outlook, German": "Von: Anna Probe\nGesendet: Dienstag, 10. März 2026\nAn: Tom\nBetreff: Frage\n\nWie?",
    "outlook, bold": "*Von:* Anna Probe\n*Gesendet:* Dienstag, 10. März\n*An:* Tom\n*Betreff:* Frage\n\nWie lange?",
    "outlook, rule": "________________________________\nVon: Anna Probe\nGesendet: Dienstag\nAn: Tom\n\nWie lange?",
    "original message": "-----Original Message-----\nFrom: Anna\n\nHow long?",
    "ursprüngliche Nachricht": "-----Ursprüngliche Nachricht-----\nVon: Anna\n\nWie lange?",
    "original-nachricht": "-------- Original-Nachricht --------\nWie lange?",
    "forwarded": "---------- Forwarded message ---------\nFrom: Anna\n\nHow long?",
    "reply above": "##- Please type your reply above this line -##\n\nHow long?",
    "antwort oberhalb": "## Bitte antworten Sie oberhalb dieser Zeile ##\n\nWie lange?",
    "français": "Le mar. 10 mars 2026 à 09:00, Anna Probe <anna@study.example> a écrit :\n> Combien?",
    "español": "El mar, 10 mar 2026 a las 9:00, Anna Probe (<anna@study.example>) escribió:\n> ¿Cuánto?",
    "italiano": "Il giorno mar 10 mar 2026 alle ore 09:00 Anna Probe <anna@study.example> ha scritto:\n> Quanto?",
    "nederlands": "Op di 10 mrt 2026 om 09:00 schreef Anna Probe <anna@study.example>:\n> Hoe lang?",
    "outlook, Turkish": "Kimden: Anna\nGönderildi: 10 Mart 2026 Salı\nKime: Tom\nKonu: Soru\n\nNe kadar?",
    "outlook, Japanese": "差出人: Anna\n送信日時: 2026年3月10日\n宛先: Tom\n件名: 質問\n\nいつ?",
    "outlook, Hungarian": "Feladó: Anna\nElküldve: 2026. március 10.\nCímzett: Tom\nTárgy: Kérdés\n\nMikor?",
    "outlook, Chinese": "发件人: Anna\n发送时间: 2026年3月10日\n收件人: Tom\n主题: 问题\n\n多久?",
    "marked lines only": "> How long?\n> Anna",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_quoted_mail_is_cut(layout: str) -> None:
    own = "Hello Anna,\n\nabout two weeks. It is made to order,\nso please be patient:\n\nwe are busy.\n\nTom"

    assert own_text(f"{own}\n\n{LAYOUTS[layout]}\n") == own


@pytest.mark.parametrize("layout", LAYOUTS)
def test_who_wrote_the_quoted_mail_is_known_where_the_mail_says_so(layout: str) -> None:
    names_nobody = layout in ("original-nachricht", "reply above", "antwort oberhalb", "marked lines only")
    names_nobody |= layout in ("original message", "ursprüngliche Nachricht", "forwarded")  # no header block below

    author = quoted_author(f"Hello Anna,\n\nabout two weeks: please wait.\n\nTom\n\n{LAYOUTS[layout]}\n")

    assert ("Anna" in author) is not names_nobody
    assert "Tom" not in author


def test_words_below_a_quotation_are_kept() -> None:
    assert (
        own_text("Am 10.03.26 um 09:00 schrieb Anna:\n> Wie lange?\nZehn Tage.\n> Und teuer?\nNein.")
        == "Zehn Tage.\nNein."
    )


def test_a_marker_line_at_the_top_begins_the_letter_of_a_desk() -> None:
    assert (
        own_text("##- Bitte antworten Sie oberhalb dieser Zeile -##\n\nIhre Anfrage ist da.") == "Ihre Anfrage ist da."
    )


def test_a_signature_is_cut() -> None:
    assert own_text("Ten days.\n-- \nTom Field\nLampworks") == "Ten days."


def test_the_line_of_a_telephone_is_cut() -> None:
    assert own_text("Ten days.\n\nSent from my phone") == "Ten days."
    assert own_text("Zehn Tage.\n\nVon meinem iPhone gesendet") == "Zehn Tage."


def test_a_mail_that_is_all_quotation_keeps_its_unmarked_lines() -> None:
    assert own_text("-----Original Message-----\nHow long?") != ""


def test_a_sentence_that_speaks_of_the_sender_is_no_header_block() -> None:
    text = "Von: ganzem Herzen Dank.\n\nWir liefern morgen."

    assert own_text(text) == text


def test_our_own_words_are_dropped_wherever_they_stand() -> None:
    assert without_our_text(
        "Ihre Anfrage:\nWie lange dauert die Lieferung?\nDanke", "Wie lange dauert die Lieferung?"
    ) == ("Ihre Anfrage:\nDanke")


OURS = (
    "Guten Tag,\n\nich ziehe im Sommer um. Was muss ich bei Ihnen für die neue\nAnschrift erledigen?\n\n"
    "Mit freundlichen Grüßen\nJana Brandt\n"
)


def test_a_passage_of_ours_is_dropped_however_it_is_wrapped() -> None:
    summary = "ich ziehe im Sommer um. Was muss ich\nbei Ihnen für die neue Anschrift erledigen?"

    assert without_our_text(f"Wir haben notiert:\n{summary}\nMit freundlichen Grüßen\nJana Brandt", OURS) == (
        "Wir haben notiert:"
    )


def test_their_greeting_and_closing_are_not_ours_though_we_use_them_too() -> None:
    theirs = "Guten Tag,\n\nbitte rufen Sie uns an.\n\nMit freundlichen Grüßen\nMiriam Vogt"

    assert without_our_text(theirs, OURS) == theirs


@pytest.mark.parametrize("theirs", ["Bitte rufen Sie uns an.", f"Sie schrieben:\n{OURS}\nBitte rufen Sie uns an."])
def test_what_is_known_without_ours_is_taken_only_where_nothing_of_ours_is_there(theirs: str) -> None:
    assert own_text(theirs, OURS, own_text(theirs)) == own_text(theirs, OURS)


def test_what_stands_below_a_drawn_line_is_a_footer() -> None:
    letter = "We have received your message and will answer soon.\n"

    assert above_rule(letter + "----------------\nHow long does it take?") == letter.rstrip("\n")


@given(st.text(max_size=500))
def test_cutting_never_adds_words(text: str) -> None:
    assert len(own_text(text)) <= len(text)


RULE = "-" * 46


@pytest.mark.parametrize(
    "head",
    [
        "Your request (218844) has been updated. To add additional comments, reply to this email.",
        "Ihre Anfrage (218844) wurde aktualisiert. Um Kommentare hinzuzufügen, antworten Sie auf diese E-Mail.",
        "Votre demande (218844) a été mise à jour. Pour ajouter des commentaires, répondez à cet e-mail.",
        "Uw verzoek (218844) is bijgewerkt. Beantwoord deze e-mail om opmerkingen toe te voegen.",
    ],
)
def test_a_desks_newest_comment_is_what_somebody_wrote(head: str) -> None:
    older = f"{RULE}\n\nAnna Probe, Feb 2, 2026, 16:50 GMT\n\nCan it be mended?"
    text = f"{head}\n\n{RULE}\n\nMaira, Feb 3, 2026, 10:21 GMT\n\nHi Anna,\n\nyes, for £18.\n\nMaira\n\n{older}"

    assert desk_comment(text) == "Hi Anna,\n\nyes, for £18.\n\nMaira"


@pytest.mark.parametrize(
    "who_and_when",
    [
        "Daniel P. (Brightwell Support)\n10 Mar 2026, 11:20 GMT",
        "Lena Koch (Brightwell)\n10. März 2026, 11:20 MEZ",
        "Maira, Mar 10, 2026, 11:20",
    ],
)
@pytest.mark.parametrize("line", ["", f"{RULE}\n\n"])
def test_who_wrote_a_comment_and_when_stands_on_one_line_or_two(who_and_when: str, line: str) -> None:
    head = "Your request (88213) has been updated. To add additional comments, reply to this email."

    assert desk_comment(f"{head}\n\n{line}{who_and_when}\n\nUntil 8pm.\n\nDan\n\n{RULE}\nDesk") == "Until 8pm.\n\nDan"


@pytest.mark.parametrize(
    "text",
    [
        f"Your request (218844) has been received.\n\n{RULE}\n\nAnna, Feb 2, 2026\n\nCan it be mended?",
        f"Your request (218844) has been updated.\n\n{RULE}\nThis email is a service from Brand. Delivered by Desk 2.",
        "Your request (218844) has been updated. Nobody said a word.",
        f"It has been updated.{' Long story.' * 60}\n{RULE}\nMaira, Feb 3, 2026\n\nHi",
        "",
    ],
)
def test_what_is_no_comment_of_a_desk_stays_what_it_is(text: str) -> None:
    assert desk_comment(text) == ""
