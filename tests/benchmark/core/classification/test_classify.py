"""What is known of our inquiry, and edges of single rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmark.core.classification import RULES_VERSION, classify, classify_all, text_digest
from benchmark.core.classification.findings import Finding, confidence_of
from benchmark.core.classification.people import likely_followup_kind
from benchmark.core.classification.reading import Reading
from benchmark.core.values import InboundMessage, MatchContext
from benchmark.core.vocabulary import (
    ChannelKind,
    FollowUpKind,
    ReplyFlag,
    ReplyKind,
)

T0 = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
MAIL = InboundMessage(
    sha256="0",
    size=1,
    from_address="service@brand.example",
    from_name="Service",
    subject="Re: Frage",
    to=("anna@study.example",),
    in_reply_to=("<probe-1@study.example>",),
)
CONTEXT = MatchContext(t0=T0, received_at=T0 + timedelta(hours=5), our_subject="Frage")


def mail(text: str, **changes: object) -> InboundMessage:
    return replace(MAIL, text=text, **changes)  # type: ignore[arg-type]  # fields by name


def test_thanks_that_come_at_once_are_a_machine() -> None:
    letter = mail("Vielen Dank für Ihre Nachricht. Wir melden uns bei Ihnen.")

    at_once = classify(letter, replace(CONTEXT, received_at=T0 + timedelta(seconds=8)))
    later = classify(letter, CONTEXT)

    assert at_once.kind is ReplyKind.AUTO_ACK
    assert later.kind is ReplyKind.HUMAN_REPLY
    assert ReplyFlag.ACKNOWLEDGES_ONLY in later.flags


def test_together_mails_get_the_verdicts_they_get_alone() -> None:
    """Of forms, of rules and of the judge, in the order they were given, each in its own light."""
    failed = mail("Delivery failed", report_fields=(("action", "failed"), ("status", "5.1.1")))
    thanks = mail("Vielen Dank für Ihre Nachricht. Wir melden uns bei Ihnen.")
    away = mail("Ich bin bis zum 20. März nicht im Büro.", headers=(("auto-submitted", "auto-replied"),))
    answer = mail("Guten Tag,\n\nrufen Sie uns bitte an: 030 5550 1234.\n\nEva Kurz")
    at_once = replace(CONTEXT, received_at=T0 + timedelta(seconds=8))
    asked = [(thanks, CONTEXT), (failed, None), (away, None), (thanks, at_once), (answer, CONTEXT)]

    together = classify_all(asked)

    assert together == [classify(*one) for one in asked]
    kinds = ("human_reply", "bounce", "out_of_office", "auto_ack", "human_reply")
    assert [verdict.kind.value for verdict in together] == list(kinds)
    assert classify_all([]) == []


def test_the_same_text_as_before_is_a_machine() -> None:
    text = "Danke für Ihre Nachricht an das Team von Haus Mond, wir melden uns in Kürze bei Ihnen allen."

    verdict = classify(mail(text), replace(CONTEXT, texts_seen=frozenset({text_digest(text)})))

    assert verdict.kind is ReplyKind.AUTO_ACK


def test_a_digest_does_not_see_numbers_dates_and_addresses() -> None:
    first = "Ihre Anfrage 4711 vom 10.03.2026 an a@b.example ist eingegangen, wir melden uns bald"
    second = "Ihre Anfrage 4712 vom 11.03.2026 an c@d.example ist eingegangen, wir melden uns bald"

    assert text_digest(first) == text_digest(second) != ""


def test_a_number_of_our_own_is_no_ticket() -> None:
    letter = mail("Zu Ihrer Frage nach Vorgangsnummer AB-12: die kennen wir nicht.")

    assert classify(letter, CONTEXT).ticket_ids == ("AB-12",)
    assert classify(letter, replace(CONTEXT, our_text="Meine Vorgangsnummer AB-12")).ticket_ids == ()


def test_a_persons_check_after_an_answer_is_a_follow_up() -> None:
    letter = mail("Guten Tag, ich wollte nachfragen, ob bei Ihnen alles angekommen ist. Gruß, Kern")

    verdict = classify(letter, replace(CONTEXT, answered_before=True))

    assert (verdict.kind, verdict.followup_kind) == (ReplyKind.FOLLOWUP, FollowUpKind.CHECKS_BACK)


def test_a_kept_promise_after_an_answer_is_a_follow_up() -> None:
    letter = mail("Guten Tag, wie versprochen melde ich mich: der Stuhl kommt am Freitag. Gruß, Kern")

    assert classify(letter, replace(CONTEXT, answered_before=True)).followup_kind is FollowUpKind.KEEPS_PROMISE


PERSON = {"from_address": "i.falk@weberei.example", "from_name": "Irma Falk"}


@pytest.mark.parametrize(
    ("quoted", "kind"),
    [
        ("Am 09.03.2026 um 17:33 schrieb Irma Falk:\n> Ich frage unseren Weber.", ReplyKind.FOLLOWUP),
        ("Von: Irma Falk <i.falk@weberei.example>\nGesendet: Montag\nAn: Anna\n\nIch frage.", ReplyKind.FOLLOWUP),
        ("Am 09.03.2026 um 17:33 schrieb Anna Probe:\n> Wie breit webt ihr?", ReplyKind.HUMAN_REPLY),
    ],
)
def test_who_quotes_their_own_mail_writes_again(quoted: str, kind: ReplyKind) -> None:
    text = f"Guten Morgen, ich habe nun unseren Weber gefragt: 2,60 m schafft er. Irma Falk\n\n{quoted}"

    assert classify(mail(text, **PERSON)).kind is kind


def test_a_comment_that_a_desk_mails_is_a_persons_reply() -> None:
    rule = "-" * 46
    text = (
        f"Your request (218844) has been updated. To add additional comments, reply to this email.\n\n{rule}\n\n"
        f"Maira, Feb 3, 2026, 10:21 GMT\n\nThe workshop can do it. Could you send me your address?\n\nMaira\n\n{rule}\n"
    )
    verdict = classify(mail(text, headers=(("auto-submitted", "auto-generated"),)), CONTEXT)

    assert verdict.kind is ReplyKind.HUMAN_REPLY
    assert ReplyFlag.ASKS_FOR_INFO in verdict.flags
    assert "desk-comment" in [seen.rule for seen in verdict.rules]


def test_a_receipt_that_says_when_the_closed_company_is_back_is_an_absence_note() -> None:
    text = (
        "Thank you for your enquiry, which we have received. Our whole company is closed until 24 August"
        " and will then reply to everyone in the order the messages came in."
    )
    verdict = classify(mail(text), replace(CONTEXT, received_at=T0 + timedelta(seconds=9)))

    assert (verdict.kind, ReplyFlag.CLOSED in verdict.flags) == (ReplyKind.OUT_OF_OFFICE, True)


def test_who_answers_below_the_subject_of_a_receipt_is_a_person() -> None:
    text = (
        "Sehr geehrte Frau Probe,\n\ndie automatische Eingangsbestätigung haben Sie ja schon: Ja, die Rückgabe im Laden"
        " geht, der Kassenzettel reicht.\n\nViele Grüße\nGesine Aumann\n\n-----Ursprüngliche Nachricht-----\n"
        "Von: Service\nGesendet: Mittwoch\nBetreff: Eingangsbestätigung\n\nVielen Dank, Ihre Nachricht ist da."
    )
    assert classify(mail(text, subject="AW: Eingangsbestätigung")).kind is ReplyKind.HUMAN_REPLY


def test_our_own_subject_behind_an_automatic_reply_tells_of_no_delay() -> None:
    text = "Thank you for your email. It is in our queue and will be answered within ten working days."
    letter = mail(text, subject="Automatic reply: A deferred place", return_path="")

    assert classify(replace(letter, headers=(("auto-submitted", "auto-generated"),))).kind is ReplyKind.AUTO_ACK


def test_our_own_subject_answered_by_a_desk_tells_of_no_delay() -> None:
    text = "Hello Anna,\n\ndeferred entry is fine for all our courses. Tick 2027 as your first year.\n\nKay Ado"
    letter = mail(text, subject="Re: Deferred entry INC0447120", headers=(("auto-submitted", "auto-generated"),))

    assert classify(letter).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "Ihre Nachricht liegt noch bei uns, der Empfänger meldet sich im Augenblick nicht. Wir versuchen es noch"
            " drei Tage lang, Sie müssen nichts tun.",
            "delivery_delay",
        ),
        (
            "Nothing is lost: the other side does not pick up at the moment, so your letter stays in our queue and we"
            " go on trying until Friday.",
            "delivery_delay",
        ),
        ("Your letter is lost: the other side does not want it. We gave up trying on Friday.", "bounce"),
        (
            "La Sua lettera non è stata ancora recapitata, il server non risponde. Ulteriori tentativi verranno"
            " effettuati nelle prossime 48 ore.",
            "delivery_delay",
        ),
        (
            "La Sua lettera non è stata recapitata, il server la rifiuta. Non verranno effettuati ulteriori tentativi.",
            "bounce",
        ),
        ("Ihre Post konnte nicht zugestellt werden. Weitere Zustellversuche werden unternommen.", "delivery_delay"),
        ("ご送信のメールはまだ配送されていません。あと三日間、再試行します。", "delivery_delay"),
    ],
)
def test_a_mail_server_that_still_tries_returns_nothing(text: str, kind: str) -> None:
    letter = mail(text, subject="Your letter", from_address="mailer-daemon@mx.example", in_reply_to=(), return_path="")

    assert classify(letter).kind == kind


def test_a_robot_that_has_a_letter_in_its_queue_delays_no_mail() -> None:
    text = "Your ticket PMG-3381 has been queued, do not resend it. Our office is closed from 24 December to 1 January."
    letter = mail(text, subject="We are away", headers=(("auto-submitted", "auto-replied"),), return_path="")

    assert classify(letter).kind is not ReplyKind.DELIVERY_DELAY


def test_a_help_desk_that_writes_its_policy_below_does_no_advertising() -> None:
    text = (
        "You recently logged a ticket with us. This is to advise you of a resolution to that ticket.\n\nPlease confirm"
        " that it is what you need, so we may close the ticket. To see it online, visit"
        " http://desk.example/view/?ticket=support-2&email=a@study.example&key=3c\n\nThis e-mail was sent to you as a"
        " user of our support service, in accordance with our privacy policy. Please advise us if you believe you have"
        " received this e-mail in error."
    )
    letter = mail(text, subject="[support-2] Frage (Resolved)", in_reply_to=())

    assert classify(letter).kind is ReplyKind.FOLLOWUP


@pytest.mark.parametrize(
    "text",
    [
        "Kısa süre önce destek ekibimizle görüştünüz. Aldığınız hizmeti değerlendirir misiniz?\n\n★ ★ ★ ★ ★",
        "Por ter falado connosco: como avalia o atendimento que recebeu, de 1 a 5?\n\n1 2 3 4 5",
    ],
)
def test_a_survey_by_a_mailing_service_follows_up(text: str) -> None:
    mailing = (("list-unsubscribe", "<https://brand.example/off>"), ("precedence", "bulk"))
    verdict = classify(mail(text, subject="Brand", in_reply_to=(), headers=mailing))

    assert (verdict.kind, verdict.followup_kind) == (ReplyKind.FOLLOWUP, FollowUpKind.SURVEY)


def test_a_short_mail_that_says_nothing_of_delivery_is_no_bounce() -> None:
    letter = mail(
        "Guten Tag,\n\nbitte rufen Sie uns dazu an unter 030 1234567.", in_reply_to=(), subject="Ihre Anfrage"
    )

    assert classify(letter).kind is not ReplyKind.BOUNCE


@pytest.mark.parametrize(
    "text",
    [
        "Hallo Frau Probe, entschuldigen Sie die späte Antwort, ich war bis gestern im Urlaub. Unsere Hotline ist"
        " werktags von 8 bis 18 Uhr besetzt. Viele Grüße, T. Weiß",
        "Sorry for the delay, I was on holiday last week. The regulator is in stock, £18 with postage. Best, Tom",
    ],
)
def test_who_was_away_and_answers_is_back(text: str) -> None:
    assert classify(mail(text, from_address="t.weiss@brand.example", from_name="T. Weiß")).kind is ReplyKind.HUMAN_REPLY


def test_what_stands_below_the_closing_hands_nothing_off() -> None:
    text = (
        "Guten Tag Frau Probe,\n\nwerktags bis 18 Uhr.\n\nMit freundlichen Grüßen\nUte Fink\nTel. 030 998812\n"
        "Besuchen Sie uns auf www.brand.example oder schreiben Sie uns über unser Kontaktformular"
    )
    assert classify(mail(text)).handoff is None


def test_a_list_is_a_place_where_people_answer_themselves() -> None:
    text = "As promised, here is the patch.\n\nOn 9 March 2026, Irma Falk wrote:\n> I will send a patch."
    letter = mail(text, **PERSON, headers=(("list-post", "<mailto:dev@lists.example>"),))

    assert classify(letter).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Moin Frau Weidlich, hält der neue Schalter jetzt oder fliegt er noch?", FollowUpKind.CHECKS_BACK),
        ("Ich hab mit dem Vorstand gesprochen: die 31 wird zum Juli frei.", FollowUpKind.KEEPS_PROMISE),
        ("Die Querlenker sind da, einer davon wurde falsch geliefert. Ersatz kommt.", FollowUpKind.PROGRESS),
    ],
)
def test_a_follow_up_without_words_of_one_is_told_by_who_asks_and_who_speaks(text: str, kind: FollowUpKind) -> None:
    assert likely_followup_kind(Reading(mail(text))) is kind


def test_a_post_with_the_footer_of_its_list_is_a_persons() -> None:
    text = (
        "Bonjour à tous,\n\nqui peut arroser la semaine du 15 ? J'ai mis un tableau à la cabane, il reste trois soirs."
        "\n\nLuc\n\n_______________________________________________\njardin mailing list\njardin@listes.example\n"
        "https://listes.example/mailman/listinfo/jardin"
    )
    marks = (
        ("precedence", "list"),
        ("list-id", "<jardin.listes.example>"),
        ("list-post", "<mailto:jardin@listes.example>"),
        ("list-unsubscribe", "<mailto:jardin-leave@listes.example>"),
        ("x-mailman-version", "2.1.39"),
    )
    letter = mail(text, subject="[jardin] Arrosage", headers=marks, in_reply_to=(), from_name="Luc Fabre")

    assert classify(letter).kind is ReplyKind.HUMAN_REPLY


def test_who_quotes_themself_over_a_single_word_follows_nothing_up() -> None:
    text = "Hello\n\nOn 22 Aug 2026, at 19:21, Ada Renn <ada@brand.example> wrote:\n> Hi there!"
    letter = mail(text, subject="Re: Hello", from_name="Ada Renn", from_address="ada@brand.example")

    assert classify(letter).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize(
    "text",
    [
        "Hi Anna,\n\nyes, this was fixed in version 3.2, please update.\n\nCheers, Tom",
        "Dear Anna,\n\nit was closed by the council last year. Dogs are welcome now.\n\nKind regards, Tom Weaver",
        "Hello Anna,\n\nit was fixed in May, so you can drive up.\n\nBest, Tom",
    ],
)
def test_an_answer_that_tells_what_was_closed_or_fixed_is_an_answer(text: str) -> None:
    assert classify(mail(text, **PERSON), CONTEXT).kind is ReplyKind.HUMAN_REPLY


def test_a_receipt_of_the_inquiry_is_no_receipt_of_reading() -> None:
    text = "Sehr geehrte Frau Probe,\n\nIhre Anfrage ist eingetroffen; rechnen Sie bitte mit ein bis zwei Werktagen."
    acknowledged = mail(text, subject="Empfangsbestätigung: Anfrage Busreise")
    read = mail("Ihre Nachricht an Berta wurde am 3. Mai 2026 gelesen.", subject="Empfangsbestätigung: Frage")

    assert classify(acknowledged).kind is ReplyKind.AUTO_ACK
    assert classify(read).kind is ReplyKind.READ_RECEIPT


def test_whoever_names_the_list_in_the_headers_writes_to_a_list() -> None:
    marks = (("list-id", "<dev.lists.example>"), ("precedence", "list"))
    foot = "https://lists.example/mailman/listinfo/dev"
    by_list = mail(f"Who has the key?\n\n{foot}", headers=marks, in_reply_to=(), subject="Key")
    newsletter = mail("Our March issue", headers=marks, in_reply_to=(), subject="News")
    by_robot = mail("", headers=(("list-id", "<news.brand.example>"), ("precedence", "bulk")))

    assert Reading(by_list).on_discussion_list
    assert not Reading(newsletter).on_discussion_list
    assert not Reading(by_robot).on_discussion_list


@pytest.mark.parametrize(
    ("text", "channel", "address"),
    [
        ("Bitte wenden Sie sich an versand@haus.example.", ChannelKind.EMAIL, "versand@haus.example"),
        ("Bitte nutzen Sie unser Kontaktformular unter https://haus.example/kontakt.", ChannelKind.WEB_FORM, ""),
        ("Bitte rufen Sie uns unter 0561 123456 an.", ChannelKind.TELEPHONE, "0561 123456"),
        ("Please call us on +44 20 7946 0000.", ChannelKind.TELEPHONE, "+44 20 7946 0000"),
        ("Please visit your local store.", ChannelKind.VISIT, ""),
    ],
)
def test_a_hand_off_names_channel_and_address(text: str, channel: ChannelKind, address: str) -> None:
    target = classify(mail(text), CONTEXT).handoff

    assert target is not None
    assert target.channel is channel
    assert target.address.startswith(address)


@pytest.mark.parametrize(
    "text",
    [
        "Der Stuhl kostet 90 Euro. Bei weiteren Fragen erreichen Sie uns unter 0561 123456.",
        "It costs 90 euros. If you have any further questions, feel free to call us on +44 20 7946 0000.",
        "Antworten Sie einfach an service@brand.example.",
    ],
)
def test_an_offer_for_further_questions_is_no_hand_off(text: str) -> None:
    assert classify(mail(text), CONTEXT).handoff is None


def test_a_person_who_mentions_a_holiday_is_a_person() -> None:
    letter = mail(
        "Hello Anna, the lamp ships on Friday and costs 40 euros. I'm on holiday next week, so ask Ruth then."
    )

    assert classify(letter, CONTEXT).kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize("kind", [ReplyKind.HUMAN_REPLY, ReplyKind.AUTO_ACK, ReplyKind.BOUNCE])
def test_confidence_grows_with_support_and_stays_a_share(kind: ReplyKind) -> None:
    by_form = [confidence_of(Finding(kind, weight / 4)) for weight in range(40)]
    judged = [confidence_of(Finding(kind, 0.0, share=share / 40)) for share in range(41)]

    assert by_form == sorted(by_form)
    assert judged == sorted(judged)
    assert 0 < min(by_form + judged) <= max(by_form + judged) < 1


def test_a_kind_the_judge_is_undecided_about_waits_for_a_person() -> None:
    assert confidence_of(Finding(ReplyKind.AUTO_ACK, 0.5, share=0.45)) < 0.8
    assert confidence_of(Finding(ReplyKind.AUTO_ACK, 0.5, share=0.99)) > 0.8


def test_a_verdict_says_which_rules_decided() -> None:
    verdict = classify(mail("Zehn Tage."), CONTEXT)

    assert verdict.rules_version == RULES_VERSION
    assert verdict.rules[0].matched == "zehn tage."


def test_a_providers_abuse_report_is_no_word_of_the_brand() -> None:
    report = mail("This is an email abuse report.", part_types=("text/plain", "message/feedback-report"))

    assert classify(report).kind is ReplyKind.UNSOLICITED


def test_talk_about_absence_on_a_list_is_a_persons() -> None:
    letter = mail(
        "We got it twice. I will reply when I am back from vacation.",
        subject="Re: [dev] out of office handling",
        headers=(("list-post", "<mailto:dev@list.example>"), ("precedence", "list")),
    )

    assert classify(letter).kind is ReplyKind.HUMAN_REPLY


def test_an_interim_word_in_subject_and_text_is_a_follow_up() -> None:
    letter = mail("Wir warten noch auf die Antwort der Werkstatt.", subject="Zwischenbescheid zu Ihrer Anfrage")

    assert classify(letter).followup_kind is FollowUpKind.PROGRESS


@pytest.mark.parametrize(
    ("text", "names_it"),
    [
        ("Thank you, I have passed it on to the product team. It will be built in this summer.", True),
        ("Danke, ich habe Ihre Idee an unsere Küche weitergegeben.", True),
        ("Schöne Idee, die Bank wird im Sommer gebaut.", True),
        ("What a lovely idea, thank you!", False),
        ("Vielen Dank für den Hinweis, wir melden uns.", False),
    ],
)
def test_a_person_may_name_the_next_step(text: str, names_it: bool) -> None:
    verdict = classify(mail(text, from_name="Tom Ashby", from_address="tom@brand.example"), CONTEXT)

    assert verdict.kind is ReplyKind.HUMAN_REPLY
    assert (ReplyFlag.NEXT_STEP in verdict.flags) is names_it


def test_a_check_back_on_our_inquiry_is_no_first_answer() -> None:
    letter = mail("You wrote to us a few days ago. I just wanted to check in and ask whether everything is sorted out.")

    verdict = classify(letter, CONTEXT)

    assert verdict.kind is ReplyKind.FOLLOWUP
    assert verdict.followup_kind is FollowUpKind.CHECKS_BACK


def test_an_assistant_that_has_answered_is_no_agent() -> None:
    letter = mail(
        "Hello Anna,\n\nour digital assistant has answered your question automatically:\n\nThe ferry runs hourly from "
        "seven, and the crossing takes forty minutes.\n\nThis answer was generated by our AI assistant.",
        from_name="Brand",
    )

    assert classify(letter).kind is ReplyKind.AUTOMATED_ANSWER


def test_a_person_may_give_a_prepared_answer_again() -> None:
    text = (
        "Guten Tag Frau Brandt,\n\nzu Ihrem Anliegen beraten wir Sie gern, unsere Werkstatt ist montags bis freitags "
        "von 8 bis 18 Uhr geöffnet und nimmt auch Räder anderer Hersteller an.\n\nViele Grüße\nMiriam Vogt\n"
    )

    verdict = classify(mail(text), replace(CONTEXT, texts_seen=frozenset({text_digest(text)})))

    assert verdict.kind is ReplyKind.HUMAN_REPLY


@pytest.mark.parametrize(
    ("text", "is_handed_off"),
    [
        ("We have received your message, more soon.\n\nMoorland Mills\nTelephone: 01632 960555", False),
        ("Ihre Nachricht ist eingegangen.\n\nHaus Mond\nTelefon: 0711 123456 (Mo-Fr 9-17 Uhr)", False),
        ("Our customer service is available by phone on 0800 123 4567 on weekdays from 8 to 8.", False),
        ("We cannot answer this in writing. Please call us on 0800 123 4567.", True),
        ("Das klären wir nur am Telefon. Bitte rufen Sie uns unter 0711 123456 an.", True),
    ],
)
def test_a_telephone_number_is_a_hand_off_only_where_somebody_asks_to_be_called(text: str, is_handed_off: bool) -> None:
    assert (classify(mail(text), CONTEXT).handoff is not None) is is_handed_off


def test_an_answer_is_written_in_its_own_language_not_in_that_of_our_subject() -> None:
    english = mail("Yes, just come by.", subject="Re: Frage zur Lieferung und zu den Preisen für Stühle")
    mere_number = mail("4711", subject="Re: Frage zur Lieferung")

    assert classify(english, CONTEXT).language == "en"
    assert classify(mere_number, CONTEXT).language == "de"
