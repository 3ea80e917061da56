"""Which probe a mail answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from benchmark.core.matching import KnownProbe, Match, folded_subject, match, phrases_of
from benchmark.core.matching_memory import MemoryIndex
from benchmark.core.values import InboundMessage
from benchmark.core.vocabulary import MatchedBy

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOKEN = "abcdefghjkmn"
ADDRESS = f"anna.{TOKEN}@study.example"
OUR_ID = "<probe-1@study.example>"
OUR_TEXT = "Guten Tag,\n\nwie lange dauert zurzeit die Lieferung eines Stuhls nach Kassel?\n\nAnna Probe"
PROBE = KnownProbe(1, frozenset({"brand.example"}), "Frage zur Lieferzeit", (OUR_ID,))
MAIL = InboundMessage(sha256="0", size=1, from_address="desk@brand.example", subject="Guten Tag")


def index() -> MemoryIndex:
    known = MemoryIndex()
    known.add(PROBE, TOKEN, OUR_TEXT)
    return known


def matched(message: InboundMessage) -> Match:
    return match(message, index(), MONDAY)


def test_the_envelope_recipient_is_the_strongest_evidence() -> None:
    result = matched(replace(MAIL, envelope_to=(ADDRESS,), in_reply_to=("<other@study.example>",)))

    assert (result.probe_id, result.matched_by) == (1, MatchedBy.ENVELOPE)


def test_a_mail_is_matched_by_its_recipient_when_the_envelope_is_unknown() -> None:
    assert matched(replace(MAIL, cc=(ADDRESS,))).matched_by is MatchedBy.ADDRESS


def test_a_mail_is_matched_by_our_message_id_even_as_its_own() -> None:
    assert matched(replace(MAIL, references=(OUR_ID,))).matched_by is MatchedBy.THREAD
    assert matched(replace(MAIL, message_id=OUR_ID)).probe_id == 1


def test_thread_ids_of_a_matched_mail_are_learned() -> None:
    known = index()
    known.learn(match(replace(MAIL, to=(ADDRESS,), message_id="<ack@brand.example>"), known, MONDAY))

    result = match(replace(MAIL, references=("<ack@brand.example>",)), known, MONDAY)

    assert (result.probe_id, result.matched_by) == (1, MatchedBy.LEARNED)


def test_a_learned_ticket_places_a_mail_of_the_same_domain() -> None:
    known = index()
    known.learn(match(replace(MAIL, to=(ADDRESS,)), known, MONDAY), ["4711"])

    result = match(replace(MAIL, subject="[Ticket#4711] Erledigt"), known, MONDAY)

    assert (result.probe_id, result.matched_by) == (1, MatchedBy.LEARNED)


def test_a_learned_ticket_from_another_domain_of_the_brand_counts_less() -> None:
    known = MemoryIndex()
    known.add(replace(PROBE, domains=frozenset({"brand.example", "brand-help.example"})), TOKEN)
    known.learn(match(replace(MAIL, to=(ADDRESS,)), known, MONDAY), ["4711"])

    result = match(replace(MAIL, from_address="x@brand-help.example", subject="[Ticket#4711] Erledigt"), known, MONDAY)

    assert (result.probe_id, result.matched_by) == (1, MatchedBy.TICKET)


def test_a_ticket_of_a_stranger_places_nothing() -> None:
    known = index()
    known.learn(match(replace(MAIL, to=(ADDRESS,)), known, MONDAY), ["4711"])

    assert (
        match(replace(MAIL, from_address="x@other.example", subject="[Ticket#4711] Hi"), known, MONDAY).probe_id is None
    )


def test_a_bounce_is_matched_by_the_mail_it_returns() -> None:
    bounce = replace(MAIL, from_address="mailer-daemon@mx.example", returned_headers=(("message-id", OUR_ID),))

    assert matched(bounce).matched_by is MatchedBy.RETURNED


def test_a_bounce_is_matched_by_the_sender_of_the_returned_mail() -> None:
    assert matched(replace(MAIL, returned_headers=(("from", f"Anna <{ADDRESS}>"),))).probe_id == 1


def test_a_subject_alone_is_a_guess_for_a_person() -> None:
    result = matched(replace(MAIL, subject="AW: Re: Frage zur Lieferzeit"))

    assert result.probe_id is None
    assert [candidate.probe_id for candidate in result.candidates] == [1]
    assert result.matched_by is MatchedBy.SUBJECT


def test_a_quoted_sentence_is_a_guess_for_a_person() -> None:
    quoted = "Vierzehn Tage.\n\n> wie lange dauert zurzeit die Lieferung\n> eines Stuhls nach Kassel?\n"

    result = matched(replace(MAIL, from_address="x@other.example", text=quoted))

    assert result.matched_by is MatchedBy.QUOTE
    assert result.candidates[0].probe_id == 1


def test_guesses_were_sent_before_the_mail_came_and_the_latest_is_first() -> None:
    known = MemoryIndex()
    for number, sent_at in ((1, MONDAY - 9 * HOUR), (2, MONDAY - HOUR), (3, MONDAY + HOUR)):
        known.add(replace(PROBE, probe_id=number), text=OUR_TEXT, sent_at=sent_at)

    by_subject = match(replace(MAIL, subject="AW: Frage zur Lieferzeit"), known, MONDAY)
    by_quote = match(replace(MAIL, text=OUR_TEXT), known, MONDAY)

    assert [guess.probe_id for guess in by_subject.candidates] == [2, 1]
    assert [guess.probe_id for guess in by_quote.candidates] == [2, 1]


def test_two_probes_in_one_mail_are_left_to_a_person() -> None:
    known = index()
    known.add(KnownProbe(2, frozenset({"brand.example"})), "bcdefghjkmnp")

    result = match(replace(MAIL, to=(ADDRESS, "anna.bcdefghjkmnp@study.example")), known, MONDAY)

    assert result.probe_id is None
    assert {candidate.probe_id for candidate in result.candidates} == {1, 2}


def test_mail_of_a_third_domain_that_refers_to_nothing_is_a_hint() -> None:
    result = matched(replace(MAIL, from_address="deals@trader.example", envelope_to=(ADDRESS,)))

    assert result.hint
    assert result.probe_id == 1
    assert not result.learned.ids


def test_a_help_desk_on_a_third_domain_that_answers_our_subject_is_no_hint() -> None:
    answer = replace(MAIL, from_address="x@desk.example", envelope_to=(ADDRESS,), subject="Re: Frage zur Lieferzeit")

    assert not matched(answer).hint


def test_a_mail_about_nothing_of_ours_is_not_matched() -> None:
    assert matched(MAIL) == Match(evidence=("nothing in this mail refers to a probe",))


def test_reply_marks_and_ticket_numbers_do_not_change_a_subject() -> None:
    assert folded_subject("AW: [Ticket#12] Re: WG: Frage  zur Lieferzeit") == "frage zur lieferzeit"
    assert folded_subject("Automatische Antwort: Frage zur Lieferzeit") == "frage zur lieferzeit"


def test_short_sentences_are_no_phrases() -> None:
    assert phrases_of("Vielen Dank. Guten Tag.") == ()
