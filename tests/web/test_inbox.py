"""The inbox and the mailbox page: a person places and corrects mail without JavaScript, and may take it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import col, select

from benchmark import errands
from benchmark.core.vocabulary import ChannelKind, DecidedBy, FollowUpKind, HandOffState, MatchedBy, ReplyKind
from benchmark.settings import Settings
from benchmark.store import queries
from benchmark.store.session import reading, transaction
from benchmark.store.tables import MailboxRow, OutcomeRow, Probe, Reply, VerdictRow
from benchmark.wall_clock import real_now
from tests.samples import HOUR, MONDAY, accepted, launched, mail, received
from web import decision_forms
from web.pages import inbox


@pytest.fixture
def own(tmp_path: Path, study: Callable[..., Settings]) -> Settings:
    return study(tmp_path, smtp_port=25, imap_port=143, imap_password="never shown")


@pytest.fixture
def stray(engine: Engine) -> tuple[int, int]:
    """A mail without the secret address, whose subject and sender make a guess: (reply, probe)."""
    claim = accepted(engine, launched(engine)[0])
    with transaction(engine) as session:
        t0 = session.get_one(Probe, claim.probe_id).t0
        assert t0 is not None
        content = mail(claim, t0 + 5 * HOUR, "Guten Tag, wir sind bis 18 Uhr erreichbar. Ihre Eva Kurz")
        content = content.replace(claim.reply_address.encode(), b"info@study.example")
        reply_id = received(session, content, t0 + 5 * HOUR)
        assert reply_id is not None
        return reply_id, claim.probe_id


@pytest.fixture
def doubtful(pages: FlaskClient, stray: tuple[int, int], engine: Engine) -> tuple[int, int]:
    """The same mail, placed, with a verdict that the rules are unsure of."""
    reply_id, probe_id = stray
    post(pages, f"/inbox/{reply_id}/place", probe=str(probe_id))
    with transaction(engine) as session:
        for verdict in session.exec(select(VerdictRow).where(col(VerdictRow.reply_id) == reply_id)):
            verdict.confidence = 0.4
    return reply_id, probe_id


def post(pages: FlaskClient, url: str, **fields: object) -> tuple[int, str, str]:
    """Status, where to, page; with the token of the form that a browser would send."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', pages.get("/admin/mailboxes").text)
    assert token is not None
    answer = pages.post(url, data={"csrf_token": token[1], **fields})
    return answer.status_code, answer.headers.get("Location", ""), answer.text


def test_unmatched_mail_waits_with_its_ranked_guesses(pages: FlaskClient, stray: tuple[int, int]) -> None:
    shown = pages.get("/inbox").text

    assert "wir sind bis 18 Uhr erreichbar" in shown
    assert f"inquiry {stray[1]} to Lindenhof" in shown


def test_a_waiting_mail_says_why_it_is_what_it_is_and_why_it_lies_where_it_lies(
    pages: FlaskClient, stray: tuple[int, int], engine: Engine
) -> None:
    reply_id, probe_id = stray
    with transaction(engine) as session:
        for verdict in session.exec(select(VerdictRow).where(col(VerdictRow.reply_id) == reply_id)):
            verdict.rules = [{"rule": "own-<words>", "where": "subject", "matched": "Re: <b>Frage</b>"}]

    english, german = (pages.get(f"/inbox?lang={code}").text for code in ("en", "de"))
    post(pages, f"/inbox/{reply_id}/place", probe=str(probe_id))
    post(pages, f"/inbox/{reply_id}/take-off")
    taken_off = pages.get("/inbox?lang=en").text

    assert "own-&lt;words&gt;" in english
    assert "Re: &lt;b&gt;Frage&lt;/b&gt;" in english
    assert "<td>Betreff</td>" in german
    assert f'<a href="/probes/{probe_id}">inquiry {probe_id}</a>: subject and sender' in english
    assert "Taken off its inquiry by a person." in taken_off
    assert f"from inquiry {probe_id} on" in taken_off


def test_a_late_match_keeps_its_true_time_of_receipt(
    pages: FlaskClient, stray: tuple[int, int], engine: Engine
) -> None:
    reply_id, probe_id = stray

    status, place, _ = post(pages, f"/inbox/{reply_id}/place", probe=str(probe_id), shelf="unmatched")

    assert status == 303
    assert "Undo" in pages.get(place).text
    with reading(engine) as session:
        outcome = session.get_one(OutcomeRow, probe_id)
        assert (outcome.substantive_s, session.get_one(Reply, reply_id).matched_by) == (5 * 3600, MatchedBy.PERSON)
    assert "Nothing waits here" in pages.get("/inbox?shelf=unmatched").text


def test_the_rest_of_a_thread_goes_with_the_mail_that_is_placed(
    pages: FlaskClient, stray: tuple[int, int], engine: Engine
) -> None:
    reply_id, probe_id = stray
    with transaction(engine) as session:
        first = session.get_one(Reply, reply_id)
        content = (
            "From: Eva Kurz <eva@lindenhof.example>\r\nTo: info@study.example\r\nSubject: Noch etwas\r\n"
            f"Message-ID: <second@lindenhof.example>\r\nReferences: {first.message_id}\r\n\r\nUnd samstags bis 13 Uhr."
        )
        second = received(session, content.encode(), first.received_at + HOUR, uid=2) or 0

    place = post(pages, f"/inbox/{reply_id}/place", probe=str(probe_id))[1]

    assert "went with it: 1." in pages.get(place).text
    with reading(engine) as session:
        assert session.get_one(Reply, second).probe_id == probe_id


def test_a_placing_can_be_taken_back_for_ten_seconds(
    pages: FlaskClient, stray: tuple[int, int], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply_id, probe_id = stray
    place = post(pages, f"/inbox/{reply_id}/place", probe=str(probe_id))[1]
    token = place.partition("done=")[2].partition("&")[0]

    monkeypatch.setattr(decision_forms, "UNDO_S", -1)
    too_late = post(pages, "/inbox/undo", undo=token)
    monkeypatch.setattr(decision_forms, "UNDO_S", 10)
    in_time = post(pages, "/inbox/undo", undo=token)
    twice = post(pages, "/inbox/undo", undo=token)

    assert (too_late[0], in_time[0], twice[0]) == (400, 303, 400)
    with reading(engine) as session:
        assert session.get_one(OutcomeRow, probe_id).substantive_s is None
        assert session.get_one(Reply, reply_id).probe_id is None
    assert "wir sind bis 18 Uhr erreichbar" in pages.get("/inbox").text


def test_a_persons_word_wins_and_can_be_taken_back(pages: FlaskClient, stray: tuple[int, int], engine: Engine) -> None:
    reply_id, probe_id = stray
    post(pages, f"/inbox/{reply_id}/place", probe=str(probe_id))

    place = post(pages, f"/inbox/{reply_id}/correct", kind="auto_ack", flag="has_ticket")[1]

    with reading(engine) as session:
        winner = queries.winning_verdict(session, reply_id)
        assert winner is not None
        assert (winner.kind, winner.decided_by, winner.flags) == (ReplyKind.AUTO_ACK, DecidedBy.PERSON, ["has_ticket"])
        assert session.get_one(OutcomeRow, probe_id).substantive_s is None
    post(pages, "/inbox/undo", undo=place.partition("done=")[2].partition("&")[0])
    with reading(engine) as session:
        rows = session.exec(select(VerdictRow).where(col(VerdictRow.reply_id) == reply_id)).all()
        assert {row.decided_by for row in rows} == {DecidedBy.RULES}
        assert session.get_one(OutcomeRow, probe_id).substantive_s == 5 * 3600


def on_probe(engine: Engine) -> tuple[int, int]:
    """A mail that lies with its inquiry, of which the rules are sure: (reply, probe)."""
    claim = accepted(engine, launched(engine)[0])
    with transaction(engine) as session:
        at = (session.get_one(Probe, claim.probe_id).t0 or MONDAY) + HOUR
        return received(session, mail(claim, at, "Guten Tag,\n\nbis 18 Uhr.\n\nEva Kurz"), at) or 0, claim.probe_id


def test_a_sure_verdict_is_corrected_on_the_page_of_its_inquiry(pages: FlaskClient, engine: Engine) -> None:
    reply_id, probe_id = on_probe(engine)
    handed = {"handoff_state": "completed", "handoff_channel": "telephone", "handoff_address": "+49 30 1"}

    status, place, _ = post(
        pages,
        f"/inbox/{reply_id}/correct",
        kind="human_reply",
        return_date="2026-03-30",
        substantive="no",
        on_probe=str(probe_id),
        **handed,
    )
    shown = pages.get(place).text

    assert (status, place.partition("?")[0]) == (303, f"/probes/{probe_id}")
    assert all(words in shown for words in ("Undo", "+49 30 1", "30 Mar 2026", "does not deal with the matter"))
    with reading(engine) as session:
        word = queries.winning_verdict(session, reply_id)
        assert word is not None
        assert (word.flags, word.handoff_state) == (["handoff", "return_date"], HandOffState.COMPLETED)
        assert session.get_one(OutcomeRow, probe_id).substantive_s is None


def test_a_mark_says_a_return_date_only_where_the_form_has_one(pages: FlaskClient, engine: Engine) -> None:
    reply_id, _ = on_probe(engine)
    post(pages, f"/inbox/{reply_id}/correct", kind="out_of_office", return_date="2026-03-30")

    post(pages, f"/inbox/{reply_id}/correct", kind="out_of_office", return_date="", flag="return_date")

    with reading(engine) as session:
        word = queries.winning_verdict(session, reply_id)
    assert word is not None
    assert (word.flags, word.return_on) == ([], None)


def test_a_mail_is_moved_and_taken_off_on_the_page_of_its_inquiry(pages: FlaskClient, engine: Engine) -> None:
    reply_id, probe_id = on_probe(engine)
    other = accepted(engine, probe_id + 1).probe_id

    moved = post(pages, f"/inbox/{reply_id}/place", probe=str(other), on_probe=str(probe_id))
    trace = pages.get(f"/probes/{other}").text
    taken = post(pages, f"/inbox/{reply_id}/take-off", on_probe=str(other))[1]
    empty = pages.get(taken).text
    token = taken.partition("done=")[2].partition("&")[0]
    back = post(pages, "/inbox/undo", undo=token, on_probe=str(other))

    assert moved[1].startswith(f"/probes/{probe_id}?done=")
    assert f"moved by a person (inbox) from inquiry {probe_id}" in trace
    assert "No reply reached us" in empty
    assert back[:2] == (303, f"/probes/{other}")
    with reading(engine) as session:
        assert session.get_one(Reply, reply_id).probe_id == other


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"handoff_state": "none", "handoff_channel": "telephone"}, "but no hand-off"),
        ({"handoff_state": "open", "handoff_address": "a@b.example"}, "without its channel"),
        ({"handoff_state": "away"}, "is none"),
        ({"return_date": "31.3."}, "is no day"),
    ],
)
def test_a_correction_that_makes_no_sense_is_answered_on_the_same_page(
    pages: FlaskClient, engine: Engine, fields: dict[str, str], words: str
) -> None:
    reply_id, probe_id = on_probe(engine)

    status, _, shown = post(pages, f"/inbox/{reply_id}/correct", kind="human_reply", on_probe=str(probe_id), **fields)

    assert status == 400
    assert words in shown
    assert "bis 18 Uhr" in shown


def test_saying_what_a_mail_is_leaves_it_among_those_that_lie_nowhere_unless_nobody_asked_for_it(
    pages: FlaskClient, stray: tuple[int, int]
) -> None:
    post(pages, f"/inbox/{stray[0]}/correct", kind="human_reply")
    assert "wir sind bis 18 Uhr erreichbar" in pages.get("/inbox").text

    post(pages, f"/inbox/{stray[0]}/correct", kind="unsolicited")
    assert "Nothing waits here" in pages.get("/inbox").text


def test_confirming_a_verdict_keeps_what_was_found(pages: FlaskClient, stray: tuple[int, int], engine: Engine) -> None:
    reply_id = stray[0]
    with transaction(engine) as session:
        row = session.exec(select(VerdictRow).where(col(VerdictRow.reply_id) == reply_id)).one()
        row.ticket_ids, row.handoff_channel, row.handoff_address = ["A-17"], ChannelKind.TELEPHONE, "+49 30 23125 0"

    post(pages, f"/inbox/{reply_id}/correct", kind="followup", followup_kind="survey", flag="handoff")

    with reading(engine) as session:
        word = queries.winning_verdict(session, reply_id)
    assert word is not None
    assert (word.ticket_ids, word.handoff_address, word.language) == (["A-17"], "+49 30 23125 0", "de")
    assert word.followup_kind is FollowUpKind.SURVEY


@pytest.mark.parametrize(
    ("url", "fields", "words"),
    [
        ("/inbox/{reply}/place", {"probe": "999"}, "one of them is not there"),
        ("/inbox/{reply}/place", {"probe": "; DROP"}, "no number"),
        ("/inbox/{reply}/correct", {"kind": "nonsense"}, "is none"),
        ("/inbox/undo", {"undo": "forged"}, "ten seconds are over"),
    ],
)
def test_bad_values_are_answered_in_one_line_and_change_nothing(
    pages: FlaskClient, stray: tuple[int, int], url: str, fields: dict[str, str], words: str
) -> None:
    status, _, page = post(pages, url.format(reply=stray[0]), **fields)

    assert status == 400
    assert words in page


def test_nothing_changes_without_a_token(pages: FlaskClient, stray: tuple[int, int]) -> None:
    assert pages.post(f"/inbox/{stray[0]}/place", data={"probe": "1"}).status_code == 400
    assert pages.post("/admin/mailboxes/test", data={"mailbox": "x"}).status_code == 400
    assert pages.get("/inbox?shelf=elsewhere").status_code == 400


def test_a_drawn_mail_waits_for_a_person_whose_word_is_counted_for_all_to_read(
    pages: FlaskClient, stray: tuple[int, int], engine: Engine
) -> None:
    reply_id, probe_id = stray
    post(pages, f"/inbox/{reply_id}/place", probe=str(probe_id))
    with transaction(engine) as session:
        session.get_one(Reply, reply_id).sha256 = 64 * "0"
        for verdict in session.exec(select(VerdictRow).where(col(VerdictRow.reply_id) == reply_id)):
            verdict.confidence = 0.99
    waiting = pages.get("/inbox?shelf=spot_checks").text

    post(pages, f"/inbox/{reply_id}/correct", kind="human_reply", shelf="spot_checks")

    assert "wir sind bis 18 Uhr erreichbar" in waiting
    assert "verdicts drawn 1, none checked yet" in waiting
    for path in ("/inbox?shelf=spot_checks", "/methodology"):
        assert "checked 1. Of those checked a person found the kind right in 1 (100%, 95 % interval 21% to 100%)" in (
            pages.get(path).text
        )


def test_every_shelf_has_its_page(pages: FlaskClient, stray: tuple[int, int]) -> None:
    for shelf in ("unmatched", "unsure", "spot_checks", "quarantined", "hints", "bounces"):
        for language in ("en", "de"):
            assert pages.get(f"/inbox?shelf={shelf}&lang={language}").status_code == 200


def test_a_mailbox_shows_its_state_without_its_secret_and_is_tried_by_the_hands(
    pages: FlaskClient, own: Settings, engine: Engine
) -> None:
    name = "study@127.0.0.1:143"
    with transaction(engine) as session:
        queries.note_mailbox_trouble(session, name, "connection refused", MONDAY, MONDAY + timedelta(minutes=4))
    before = pages.get("/admin/mailboxes").text

    status, _, _ = post(pages, "/admin/mailboxes/test", mailbox=name)
    with transaction(engine) as session:
        errand = errands.take(session, now=real_now())
        assert errand is not None
        record = {"kind": "DMARC", "name": "_dmarc.x", "found": [], "problem": "no policy", "publish": "v=DMARC1"}
        result = {"sending": "ok", "receiving": "refused", "remedy": "start it", "records": [record]}
        errands.finish(session, errand.id, result, now=real_now())
    after = pages.get("/admin/mailboxes").text

    assert status == 303
    assert "connection refused" in before
    assert all(words in after for words in ("refused", "start it", "v=DMARC1"))
    assert "never shown" not in before + after
    assert post(pages, "/admin/mailboxes/test", mailbox="unknown")[0] == 404


def test_the_inbox_opens_the_first_shelf_that_holds_what_waits(pages: FlaskClient, doubtful: tuple[int, int]) -> None:
    shown = pages.get("/inbox").text

    assert "wir sind bis 18 Uhr erreichbar" in shown
    assert 'shelf=unsure" aria-current="page"' in shown


def test_mail_from_standard_input_was_piped_in_and_other_mail_read_from_files(
    pages: FlaskClient, engine: Engine
) -> None:
    with transaction(engine) as session:
        for name in ("standard input", "mbox files"):
            session.add(MailboxRow(name=name, fetched_at=MONDAY))

    english, german = (pages.get(f"/admin/mailboxes?lang={code}").text for code in ("en", "de"))

    assert [english.count(words) for words in ("piped in", "read from files")] == [1, 1]
    assert "<dd>über die Standardeingabe</dd>" in german


@pytest.mark.parametrize("query", ["page=x", "page=0", "page=-1", "page=999", "shelf=nonsense"])
def test_a_page_or_shelf_that_is_not_there_leads_to_the_start_of_the_inbox(pages: FlaskClient, query: str) -> None:
    english, german = (pages.get(f"/inbox?{query}&lang={code}") for code in ("en", "de"))

    assert (english.status_code, german.status_code) == (400, 400)
    assert f"“{query.partition('=')[0]}”" in english.text
    assert 'href="/inbox">Show the inbox from its start</a>' in english.text
    assert 'href="/inbox">Posteingang von vorn zeigen</a>' in german.text


def test_a_decision_leads_back_to_its_page_and_where_it_emptied_the_last_to_the_one_before(
    pages: FlaskClient, stray: tuple[int, int], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(engine) as session:
        t0 = session.get_one(Reply, stray[0]).received_at
        for uid in (2, 3):
            head = f"From: Kim <kim{uid}@elsewhere.example>\r\nTo: info@study.example\r\nSubject: Brief {uid}\r\n"
            received(session, f"{head}Message-ID: <{uid}@elsewhere.example>\r\n\r\nGuten Tag".encode(), t0, uid=uid)
    monkeypatch.setattr(inbox, "PAGE_SIZE", 1)

    past_the_end = pages.get("/inbox?shelf=unmatched&page=4&done=final").text
    kept = post(pages, f"/inbox/{stray[0]}/correct", kind="human_reply", shelf="unmatched", page="2")[1]

    assert "page 3 of 3" in past_the_end
    assert "Nothing waits here" not in past_the_end
    assert '<input type="hidden" name="page" value="3">' in past_the_end
    assert "page=2" in kept


@pytest.mark.parametrize("path", ["/inbox/330/place", "/inbox/330/take-off", "/inbox/330/correct", "/inbox/undo"])
def test_the_address_of_a_form_leads_to_the_inbox_when_it_is_loaded_again(pages: FlaskClient, path: str) -> None:
    answer = pages.get(f"{path}?shelf=unsure&lang=de")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox?shelf=unsure&lang=de")


@pytest.mark.parametrize(
    ("url", "fields", "words"),
    [
        ("/inbox/{reply}/place", {"probe": "999999"}, "Antwort {reply} zu Anfrage 999999: eines davon"),
        ("/inbox/7777/take-off", {}, "Antwort 7777: "),
        ("/inbox/{reply}/correct", {"kind": "nonsense"}, "Art: „nonsense“"),
        ("/inbox/undo", {"undo": "forged"}, "Rückgängig: die zehn Sekunden sind vorbei"),
    ],
)
def test_a_refusal_is_said_in_german_on_a_german_page(
    pages: FlaskClient, stray: tuple[int, int], url: str, fields: dict[str, str], words: str
) -> None:
    assert words.format(reply=stray[0]) in post(pages, url.format(reply=stray[0]) + "?lang=de", **fields)[2]


def test_a_mail_that_was_moved_meanwhile_stays_where_it_is(
    pages: FlaskClient, stray: tuple[int, int], engine: Engine
) -> None:
    reply_id, probe_id = stray
    other = accepted(engine, probe_id + 1).probe_id
    assert '<input type="hidden" name="lay_with" value="">' in pages.get("/inbox?shelf=unmatched").text
    post(pages, f"/inbox/{reply_id}/place", probe=str(other), lay_with="")

    placed = post(pages, f"/inbox/{reply_id}/place", probe=str(probe_id), lay_with="", shelf="unmatched")
    taken = post(pages, f"/inbox/{reply_id}/take-off", lay_with=str(probe_id), on_probe=str(probe_id))

    for status, _, shown in (placed, taken):
        assert status == 400
        assert f"now it lies with inquiry {other}. Nothing was changed." in shown
        assert f'<a href="/probes/{other}#reply-{reply_id}">' in shown
    with reading(engine) as session:
        assert session.get_one(Reply, reply_id).probe_id == other
    assert f'name="lay_with" value="{other}"' in pages.get(f"/probes/{other}").text


def test_a_verdict_that_somebody_corrected_meanwhile_stays(
    pages: FlaskClient, stray: tuple[int, int], engine: Engine
) -> None:
    reply_id, _ = stray
    shown = pages.get("/inbox?shelf=unmatched").text
    seen = re.search(r'name="seen_verdict" value="(\d+)"', shown)
    assert seen is not None
    first = post(pages, f"/inbox/{reply_id}/correct", kind="bounce", seen_verdict=seen[1], shelf="unmatched")

    late = post(pages, f"/inbox/{reply_id}/correct?lang=de", kind="followup", seen_verdict=seen[1], shelf="unmatched")

    assert first[0] == 303
    assert late[0] == 400
    assert f"Antwort {reply_id} wurde berichtigt, nachdem diese Seite entstand: Sie ist jetzt „" in late[2]
    with reading(engine) as session:
        winner = queries.winning_verdict(session, reply_id)
        assert winner is not None
        assert winner.kind is ReplyKind.BOUNCE
    again = post(pages, f"/inbox/{reply_id}/correct", kind="followup", seen_verdict=str(winner.id), shelf="unmatched")
    assert again[0] == 303


def test_a_waiting_mail_shows_whom_it_is_for_where_it_hands_over_and_all_of_its_text(
    pages: FlaskClient, stray: tuple[int, int], engine: Engine
) -> None:
    with transaction(engine) as session:
        session.get_one(Reply, stray[0]).text = "Wort " * 1_000 + "Schluss"
        row = session.exec(select(VerdictRow).where(col(VerdictRow.reply_id) == stray[0])).one()
        row.handoff_channel, row.handoff_address = ChannelKind.TELEPHONE, "+49 30 23125 0"

    shown = pages.get("/inbox?shelf=unmatched&lang=en").text
    hints = pages.get("/inbox?shelf=hints&lang=en").text

    assert "to <code>info@study.example</code>" in shown
    assert "<code>+49 30 23125 0</code>" in shown
    assert "Wort…</pre>" in shown
    assert '<pre class="text">…Wort' in shown
    assert "Schluss</pre>" in shown
    assert "does not count until a person places it" in hints


def test_the_methodology_page_says_how_many_doubtful_verdicts_count_unchecked(
    pages: FlaskClient, doubtful: tuple[int, int]
) -> None:
    reply_id, _ = doubtful
    before = pages.get("/methodology?lang=en").text

    post(pages, f"/inbox/{reply_id}/correct", kind="human_reply")

    assert "count in this study: 1." in before
    assert "count in this study: 0." in pages.get("/methodology?lang=en").text
    assert "in dieser Studie zählen, sind noch ungeprüft: 0." in pages.get("/methodology?lang=de").text


def test_an_empty_mail_waits_like_any_other(pages: FlaskClient, engine: Engine) -> None:
    with transaction(engine) as session:
        received(session, b"", MONDAY)

    assert pages.get("/inbox").status_code == 200
    assert "(no text)" in pages.get("/inbox?lang=en").text
