"""Each rule of treatment: what becomes of a probe, given what was recorded of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from benchmark.core.outcomes import outcome_of
from benchmark.core.values import (
    Outcome,
    ProbeHistory,
    ReplyFact,
    Windows,
)
from benchmark.core.vocabulary import (
    AcknowledgedBy,
    ChannelKind,
    Exclusion,
    FollowUpKind,
    HandOffState,
    InquiryKind,
    ReplyFlag,
    ReplyKind,
)

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATER = T0 + 60 * DAY


def reply(after: timedelta, kind: ReplyKind = ReplyKind.HUMAN_REPLY, *flags: ReplyFlag, **more: Any) -> ReplyFact:
    return ReplyFact(T0 + after, kind, more.pop("identity", f"{kind}{after}"), frozenset(flags), **more)


def judged(*replies: ReplyFact, as_of: datetime = LATER, **more: Any) -> Outcome:
    return outcome_of(ProbeHistory(t0=more.pop("t0", T0), replies=replies, **more), as_of, Windows())


def test_silence_is_an_outcome_with_no_clock_stopped() -> None:
    outcome = judged()

    assert outcome == Outcome(t0=T0)


def test_a_persons_answer_stops_three_clocks_at_once() -> None:
    outcome = judged(reply(3 * HOUR))

    assert outcome.acknowledged_after == outcome.human_after == outcome.substantive_after == 3 * HOUR
    assert outcome.acknowledged_by is AcknowledgedBy.HUMAN
    assert outcome.first_contact_resolved


def test_an_automatic_acknowledgement_never_stops_the_later_clocks() -> None:
    outcome = judged(reply(HOUR, ReplyKind.AUTO_ACK), reply(5 * HOUR))

    assert outcome.acknowledged_after == HOUR
    assert outcome.acknowledged_by is AcknowledgedBy.AUTO
    assert outcome.human_after == outcome.substantive_after == 5 * HOUR


def test_an_absence_notice_is_no_acknowledgement_and_stops_nothing() -> None:
    outcome = judged(reply(HOUR, ReplyKind.OUT_OF_OFFICE))

    assert outcome.out_of_office_after == HOUR
    assert outcome.acknowledged_after is outcome.human_after is outcome.substantive_after is None


def test_a_complete_automated_answer_is_substantive_but_not_human() -> None:
    outcome = judged(reply(HOUR, ReplyKind.AUTOMATED_ANSWER))

    assert outcome.substantive_after == outcome.acknowledged_after == HOUR
    assert outcome.acknowledged_by is AcknowledgedBy.AUTO
    assert outcome.human_after is None


def test_a_partial_automated_answer_only_acknowledges() -> None:
    outcome = judged(reply(HOUR, ReplyKind.AUTOMATED_ANSWER, ReplyFlag.PARTIAL))

    assert outcome.substantive_after is None


@pytest.mark.parametrize("flag", [ReplyFlag.ACKNOWLEDGES_ONLY, ReplyFlag.ASKS_FOR_INFO, ReplyFlag.HANDOFF])
def test_a_confirmation_a_question_back_or_an_open_hand_off_is_human_and_not_substantive(flag: ReplyFlag) -> None:
    outcome = judged(reply(HOUR, ReplyKind.HUMAN_REPLY, flag))

    assert outcome.human_after == HOUR
    assert outcome.substantive_after is None


def test_a_partial_answer_of_a_person_is_substantive_but_does_not_resolve() -> None:
    outcome = judged(reply(HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.PARTIAL))

    assert outcome.substantive_after == HOUR
    assert not outcome.first_contact_resolved


def test_a_bounce_is_terminal_and_not_counted_as_silence() -> None:
    outcome = judged(reply(HOUR, ReplyKind.BOUNCE), reply(2 * HOUR))

    assert outcome.exclusion is Exclusion.BOUNCED
    assert outcome.bounced_after == HOUR
    assert outcome.human_after is None


def test_a_bounce_after_three_days_undoes_no_delivery() -> None:
    outcome = judged(reply(73 * HOUR, ReplyKind.BOUNCE))

    assert outcome.exclusion is None
    assert outcome.bounced_after is None


def test_a_delay_notice_is_no_bounce() -> None:
    assert judged(reply(HOUR, ReplyKind.DELIVERY_DELAY)).exclusion is None


def test_a_reply_before_t0_is_excluded_with_its_reason() -> None:
    outcome = judged(reply(-HOUR), reply(HOUR))

    assert outcome == Outcome(t0=T0, exclusion=Exclusion.REPLY_BEFORE_T0)


def test_marketing_before_t0_excludes_nothing() -> None:
    assert judged(reply(-HOUR, ReplyKind.UNSOLICITED)).exclusion is None


def test_a_receipt_in_whole_seconds_is_not_before_the_second_it_belongs_to() -> None:
    outcome = judged(reply(timedelta(0), ReplyKind.AUTO_ACK), t0=T0 + timedelta(microseconds=700_000))

    assert outcome.exclusion is None
    assert outcome.acknowledged_after == timedelta(0)


def test_our_own_send_error_keeps_its_reason() -> None:
    outcome = judged(t0=None, exclusion=Exclusion.SEND_ERROR)

    assert (outcome.t0, outcome.exclusion) == (None, Exclusion.SEND_ERROR)


def test_copies_of_one_reply_count_once_at_the_earliest() -> None:
    outcome = judged(
        reply(HOUR), reply(2 * HOUR, identity="copy"), reply(3 * HOUR, ReplyKind.FOLLOWUP, identity="copy")
    )

    assert outcome.human_after == HOUR
    assert outcome.followed_up_after is None


def test_what_is_later_than_as_of_has_not_happened() -> None:
    outcome = judged(reply(HOUR, ReplyKind.AUTO_ACK), reply(5 * HOUR), as_of=T0 + 4 * HOUR)

    assert outcome.acknowledged_after == HOUR
    assert outcome.human_after is None
    assert judged(as_of=T0 - HOUR).t0 is None


def test_for_a_suggestion_a_persons_confirmation_with_a_next_step_counts() -> None:
    passed_on = reply(HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.ACKNOWLEDGES_ONLY, ReplyFlag.HANDOFF)
    thanks = reply(HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.ACKNOWLEDGES_ONLY)

    assert judged(passed_on, inquiry=InquiryKind.SUGGESTION).substantive_after == HOUR
    assert judged(thanks, inquiry=InquiryKind.SUGGESTION).substantive_after is None
    assert judged(passed_on, inquiry=InquiryKind.QUESTION).substantive_after is None


def test_a_named_next_step_makes_a_confirmed_suggestion_an_answer() -> None:
    built = reply(HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.ACKNOWLEDGES_ONLY, ReplyFlag.NEXT_STEP)

    assert judged(built, inquiry=InquiryKind.SUGGESTION).substantive_after == HOUR
    assert judged(built, inquiry=InquiryKind.COMPLAINT).substantive_after is None


def test_a_coders_word_goes_before_the_rule() -> None:
    only_thanks = reply(HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.ACKNOWLEDGES_ONLY, substantive=True)

    assert judged(only_thanks).substantive_after == HOUR
    assert judged(reply(HOUR, substantive=False)).substantive_after is None
    assert judged(reply(HOUR, ReplyKind.UNSOLICITED, substantive=True)).substantive_after is None


def test_time_in_which_the_brand_waits_for_us_is_taken_out_of_the_later_clocks() -> None:
    outcome = judged(
        reply(2 * HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.ASKS_FOR_INFO),
        reply(30 * HOUR),
        tester_replied_at=(T0 + 26 * HOUR,),
    )

    assert outcome.human_after == 2 * HOUR
    assert outcome.substantive_after == 6 * HOUR
    assert outcome.tester_delay == 24 * HOUR


def test_a_brand_that_still_waits_for_us_is_not_charged_with_the_wait() -> None:
    outcome = judged(reply(2 * HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.ASKS_FOR_INFO), as_of=T0 + 12 * HOUR)

    assert outcome.tester_delay == 10 * HOUR


def test_two_questions_back_during_one_wait_are_one_wait() -> None:
    outcome = judged(
        reply(HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.ASKS_FOR_INFO),
        reply(2 * HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.ASKS_FOR_INFO),
        reply(10 * HOUR),
        tester_replied_at=(T0 + 5 * HOUR,),
    )

    assert outcome.tester_delay == 4 * HOUR
    assert outcome.substantive_after == 6 * HOUR


def test_a_follow_up_counts_only_after_an_answer() -> None:
    contact = reply(5 * DAY, ReplyKind.FOLLOWUP, followup_kind=FollowUpKind.CHECKS_BACK)

    assert judged(reply(HOUR), contact).followed_up_after == 5 * DAY
    assert judged(contact).followed_up_after is None


def test_a_first_contact_classified_as_follow_up_is_a_persons_reply() -> None:
    progress = judged(reply(HOUR, ReplyKind.FOLLOWUP, followup_kind=FollowUpKind.PROGRESS))
    promised = judged(reply(HOUR, ReplyKind.FOLLOWUP, followup_kind=FollowUpKind.KEEPS_PROMISE))

    assert (progress.human_after, progress.substantive_after) == (HOUR, None)
    assert (promised.human_after, promised.substantive_after) == (HOUR, HOUR)


def test_a_survey_alone_is_shown_and_not_scored() -> None:
    outcome = judged(reply(HOUR), reply(2 * DAY, ReplyKind.FOLLOWUP, followup_kind=FollowUpKind.SURVEY))

    assert outcome.followup_kinds == {FollowUpKind.SURVEY}
    assert outcome.followed_up_after is None


def test_a_survey_without_any_answer_is_neither_a_person_nor_an_acknowledgement() -> None:
    outcome = judged(reply(HOUR, ReplyKind.FOLLOWUP, followup_kind=FollowUpKind.SURVEY))

    assert outcome.human_after is outcome.acknowledged_after is None


def test_marketing_is_no_follow_up() -> None:
    assert judged(reply(HOUR), reply(DAY, ReplyKind.UNSOLICITED)).followed_up_after is None


def test_a_contact_we_asked_for_is_no_follow_up() -> None:
    outcome = judged(reply(HOUR), reply(3 * DAY, ReplyKind.FOLLOWUP), tester_replied_at=(T0 + 2 * DAY,))

    assert outcome.followed_up_after is None


def test_a_case_number_counts_in_any_reply() -> None:
    outcome = judged(reply(HOUR, ReplyKind.AUTO_ACK, ReplyFlag.HAS_TICKET))

    assert outcome.ticket_after == HOUR


@pytest.mark.parametrize(
    ("replies", "state"),
    [
        ((reply(HOUR),), HandOffState.NONE),
        ((reply(HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.HANDOFF),), HandOffState.LOST),
        ((reply(HOUR, ReplyKind.OUT_OF_OFFICE, ReplyFlag.HANDOFF), reply(DAY)), HandOffState.NONE),
        ((reply(HOUR, handoff_state=HandOffState.LOST),), HandOffState.LOST),
        (
            (
                reply(HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.HANDOFF),
                reply(DAY, channel=ChannelKind.TELEPHONE),
            ),
            HandOffState.COMPLETED,
        ),
    ],
)
def test_a_hand_off_is_completed_when_the_answer_comes(replies: tuple[ReplyFact, ...], state: HandOffState) -> None:
    assert judged(*replies).handoff is state


def test_a_hand_off_stays_open_for_the_window_of_a_response_and_is_lost_after_it() -> None:
    moved = reply(HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.HANDOFF)

    assert judged(moved, as_of=T0 + HOUR + 6 * DAY).handoff is HandOffState.OPEN
    assert judged(moved, as_of=T0 + HOUR + 7 * DAY).handoff is HandOffState.LOST
    assert judged(moved, as_of=T0 + DAY).handoff_lost_after == HOUR + 7 * DAY


@pytest.mark.parametrize(
    "replies",
    [
        (reply(HOUR),),
        (reply(HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.HANDOFF), reply(DAY)),
        (reply(HOUR, handoff_state=HandOffState.LOST), reply(DAY, ReplyKind.HUMAN_REPLY, ReplyFlag.HANDOFF)),
    ],
)
def test_what_waits_for_no_answer_is_not_lost_by_time(replies: tuple[ReplyFact, ...]) -> None:
    assert judged(*replies).handoff_lost_after is None


def test_a_hand_off_that_makes_the_sender_start_again_is_no_answer() -> None:
    assert judged(reply(HOUR, handoff_state=HandOffState.LOST)).substantive_after is None


def test_a_closed_probe_is_watched_until_it_was_closed() -> None:
    outcome = judged(reply(HOUR, ReplyKind.AUTO_ACK), reply(5 * HOUR), closed_at=T0 + 4 * HOUR)

    assert outcome.closed_after == 4 * HOUR
    assert outcome.acknowledged_after == HOUR
    assert outcome.human_after is None


@pytest.mark.parametrize("kind", [ReplyKind.CHALLENGE, ReplyKind.READ_RECEIPT])
def test_a_challenge_or_read_receipt_acknowledges_nothing(kind: ReplyKind) -> None:
    assert judged(reply(HOUR, kind)).acknowledged_after is None


def test_the_order_in_which_replies_are_known_changes_nothing() -> None:
    replies = (
        reply(HOUR, ReplyKind.AUTO_ACK, ReplyFlag.HAS_TICKET),
        reply(HOUR, ReplyKind.OUT_OF_OFFICE),
        reply(2 * HOUR, ReplyKind.HUMAN_REPLY, ReplyFlag.ASKS_FOR_INFO),
        reply(9 * HOUR),
        reply(9 * DAY, ReplyKind.FOLLOWUP),
    )

    assert len({judged(*order) for order in permutations(replies)}) == 1
