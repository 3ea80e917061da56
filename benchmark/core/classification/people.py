"""People's mail, follow-ups, and mail that nobody asked for."""

from __future__ import annotations

import re

from benchmark.core.classification.findings import Finding, finding, rule
from benchmark.core.classification.machines import (
    DECLARED,
    RECEIPT_WORDS,
    declared_marks,
    machine_marks,
    receipt_marks,
)
from benchmark.core.classification.reading import Reading, once
from benchmark.core.classification.voices import greets_by_name, left_over, quotes_itself, signed_by_person
from benchmark.core.classification.wording import Hits
from benchmark.core.quoting import shows_who_wrote_when
from benchmark.core.values import RuleHit
from benchmark.core.vocabulary import FollowUpKind, ReplyKind

_LINKS = ("http://", "https://", "<a ", "<a\n", "<a\r", "<a\t")
_IMAGES = ("<img ", "<img\n", "<img\r", "<img\t")
_PEOPLES_MAILER = re.compile(
    r"thunderbird|mutt|kmail|evolution|gnus|alpine|pine\b|apple mail|iphone|ipad|claws|icedove|roundcube|k-9|sylpheed"
    r"|seamonkey|emacs|wanderlust|\bmew\b|horde|squirrelmail|mailmate|eudora|opera mail"
)
# Also without a sign of it: "I just wanted to hear whether it works".
_ASKS = re.compile(
    r"\?|\b(?:ask|check|see|hear|know|wonder(?:ing)?|curious|find out) (?:whether|if|how)\b"
    r"|\b(?:\w*fragen|h(?:ö|oe)ren|horchen|wissen|\w*haken|erkundigen),? (?:ob|wie)\b"
    r"|\b(?:savoir|demander) (?:si|comment)\b|\b(?:saber|preguntar(?:le|te)?) (?:si|c(?:ó|o)mo)\b"
    r"|\b(?:sapere|chieder(?:e|le|ti)) (?:se|come)\b|\b(?:saber|perguntar(?:-lhe)?) (?:se|como)\b"
    r"|\b(?:horen|vragen|weten|benieuwd),? of\b"
    r"|\b(?:h(?:ö|o)ra|h(?:ø|o)re|fr(?:å|a)ga|sp(?:ø|o)r(?:ge|re)) (?:om|hur|hvordan)\b"
    r"|\b(?:zapyta(?:ć|c)|dowiedzie(?:ć|c) si(?:ę|e)),? czy\b|\bzeptat,? (?:jestli|zda|jak)\b"
)
MANY_RECIPIENTS = 3
_A_FEW_WORDS, _A_PARAGRAPH = 12, 60  # characters beside what a desk tells of a ticket by itself
_LONG_LETTER = 350  # characters; what stands below so much text is its footer

_FOLLOWUPS = (
    ("survey", FollowUpKind.SURVEY),
    ("checks_back", FollowUpKind.CHECKS_BACK),
    ("resolved", FollowUpKind.CHECKS_BACK),
    ("keeps_promise", FollowUpKind.KEEPS_PROMISE),
    ("progress", FollowUpKind.PROGRESS),
)
# What a person may write in any first answer counts as follow-up only after an answer, or from a desk.
_NEEDS_RELATION = frozenset({"keeps_promise", "progress", "checks_back"})


def agent_in_template(reading: Reading) -> Finding | None:
    """A desk's template around an agent's own words is a person's reply, whatever the headers say."""
    agent = reading.asked("followup", "agent")
    if reading.comment:
        agent += Hits(3.0, (rule("desk-comment", "text", reading.letter[:60]),))
    if agent.weight < 2 or reading.asked("flags", "bot").weight >= DECLARED:  # "our assistant has answered"
        return None
    closing = reading.asked("followup", "resolved")
    return finding(ReplyKind.HUMAN_REPLY, agent) if closing.weight < 2 else None


def desk_news_before_any_answer(reading: Reading) -> Finding | None:
    """Where nothing was answered, nothing is followed up: a desk's "solved" around somebody's words is their reply, and
    without any it only shows that the inquiry was on the desk."""
    if not reading.is_matched or writes_again(reading):
        return None
    solved, progress = reading.asked("followup", "resolved"), reading.asked("followup", "progress")
    words = solved + progress
    if max(solved.weight, progress.weight) < 1.2 or receipt_marks(reading).weight > words.weight + 1.5:
        return None
    if shows_who_wrote_when(reading.own):
        return finding(ReplyKind.HUMAN_REPLY, words)
    marks, declared = machine_marks(reading), declared_marks(reading)
    said = left_over(reading, ("followup", "resolved"), ("followup", "progress"), *RECEIPT_WORDS)
    is_letter = signed_by_person(reading) or greets_by_name(reading.letter)
    if said >= _A_FEW_WORDS and is_letter and not declared.rules:
        is_answer = solved.weight >= 1.5 and receipt_marks(reading).weight < 1.2
        return finding(ReplyKind.HUMAN_REPLY, words) if is_answer else None
    is_nobodys = said < (_A_PARAGRAPH if declared.rules else _A_FEW_WORDS)
    if is_nobodys and not (reading.says_i or signed_by_person(reading)) and marks.weight + declared.weight >= 1:
        return finding(ReplyKind.AUTO_ACK, words, marks)
    return None


@once
def followup(reading: Reading) -> Finding | None:
    """The brand writes again without being asked: it checks back, keeps a promise, reports progress, asks for marks."""
    found = [(kind, topic, reading.asked("followup", topic)) for topic, kind in _FOLLOWUPS]
    likely = [item for item in found if item[2].weight >= 1.2 and _is_about_us(reading, item[1], item[2])]
    if not likely:
        return None
    kind, topic, words = max(likely, key=lambda item: item[2].weight)
    if topic != "survey" and receipt_marks(reading).weight > words.weight + 1.5:
        return None
    knows_us = writes_again(reading) or (topic == "survey" and reading.asked("followup", "context").weight > 0)
    result = finding(ReplyKind.FOLLOWUP, words, bonus=0.5 * knows_us)
    return Finding(result.kind, result.weight, result.rules, followup_kind=kind)


@once
def writes_again(reading: Reading) -> bool:
    """We know of an earlier answer, or the mail quotes or mentions one; on a list that says nothing."""
    if reading.context.answered_before:
        return True
    mentioned = quotes_itself(reading) or reading.asked("followup", "again").weight >= 1
    return mentioned and not reading.on_discussion_list


def _is_about_us(reading: Reading, topic: str, words: Hits) -> bool:
    if writes_again(reading):
        return True
    by_subject = any(seen.where == "subject" for seen in words.rules)
    from_desk = _from_desk(reading)
    by_text = any(seen.where != "subject" for seen in words.rules)
    if topic == "survey":
        is_machine = machine_marks(reading).weight + declared_marks(reading).weight >= 0.4
        short = len(reading.own) < _LONG_LETTER
        return from_desk and (is_machine or by_text) and (by_subject or words.weight >= 2.4 or (short and is_machine))
    if topic == "resolved":
        return words.weight >= (1.5 if machine_marks(reading).weight >= 1 else 2.0) and (from_desk or by_subject)
    is_desk = machine_marks(reading).weight >= 0.4 or ("#" in reading.message.subject and not reading.says_i)
    if topic == "checks_back" and reading.is_matched:  # nobody asks in a first answer whether all has turned out well
        return words.weight >= 1.5
    return topic in _NEEDS_RELATION and from_desk and words.weight >= (1.5 if is_desk else 2.4)


def likely_followup_kind(reading: Reading) -> FollowUpKind:
    """For a follow-up known by its tone: the sub-kind with most words. Where none speaks, whoever asks checks back,
    somebody who says "I" and asks nothing brings what they promised, and the rest reports progress."""
    words = {kind: reading.asked("followup", topic).weight for topic, kind in _FOLLOWUPS}
    best = max(words, key=lambda kind: words[kind])
    if words[best]:
        return best
    if _ASKS.search(reading.letter):
        return FollowUpKind.CHECKS_BACK
    return FollowUpKind.KEEPS_PROMISE if reading.says_i else FollowUpKind.PROGRESS


def _from_desk(reading: Reading) -> bool:
    """Shows a ticket, a desk's headers or an answer to something: so it is about an inquiry."""
    if reading.is_matched or reading.replies_to_something or reading.looks_like_reply:
        return True
    if reading.asked("systems", "system").weight or reading.asked("followup", "context").weight:
        return True
    desk = reading.asked("acknowledgement", "ticket").weight + reading.asked("followup", "resolved").weight
    return desk >= 1 or bool(re.search(r"[#\[]\s?\w*-?\d+", reading.message.subject))


@once
def unsolicited(reading: Reading) -> Finding | None:
    """Bulk mail and spam: only what shows no relation to anything of ours."""
    bulk = _bulk_marks(reading)
    marketing = reading.asked("unsolicited", "marketing")
    notice = reading.asked("unsolicited", "notice")
    build = build_marks(reading)
    total = bulk + marketing + build + (notice if bulk.weight else Hits())
    if total.weight - _relation(reading) >= _needed(reading, bulk):
        return finding(ReplyKind.UNSOLICITED, total)
    return None


def _bulk_marks(reading: Reading) -> Hits:
    bulk = reading.asked("unsolicited", "bulk")
    if not reading.on_discussion_list:
        return bulk
    rules = tuple(seen for seen in bulk.rules if seen.rule.startswith("bulk-spam"))
    return Hits(1.5 * bool(rules), rules)


@once
def build_marks(reading: Reading) -> Hits:
    """How the mail is made: pictures and many links, hidden or missing recipients."""
    html = reading.message.html[:60_000].lower()
    marks: list[tuple[float, RuleHit]] = []
    links = sum(map((html or reading.message.text[:20_000].lower()).count, _LINKS))
    if links >= 6 and not reading.looks_like_reply:
        marks.append((0.6, rule("many-links", "body", f"{links} links")))
    if html and sum(map(html.count, _IMAGES)) >= 3 and not reading.looks_like_reply:
        marks.append((0.6, rule("many-pictures", "html", "pictures")))
    if html and "text/plain" not in reading.message.part_types:
        marks.append((0.3, rule("html-only", "body", reading.message.content_type)))
    recipients = len(reading.message.to) + len(reading.message.cc)
    if not recipients and "received" in reading.headers and not reading.looks_like_reply:
        marks.append((0.3, rule("no-recipient", "to", "")))
    if recipients >= MANY_RECIPIENTS and not reading.looks_like_reply:
        marks.append((0.4, rule("many-recipients", "to", f"{recipients} recipients")))
    return Hits(sum(weight for weight, _ in marks), tuple(seen for _, seen in marks))


def _relation(reading: Reading) -> float:
    """What speaks for an answer to somebody. Spam writes "Re:" too, so ids weigh more than a subject."""
    if reading.is_matched:
        return 2.5 if reading.replies_to_something else 1.5
    weight = 2.0 * reading.replies_to_something + 0.4 * (reading.looks_like_reply and not reading.replies_to_something)
    weight += 1.5 * (reading.replies_to_something and reading.answers_with_quote)  # no mailing shows what it answers
    return weight + 0.5 * written_with_a_mail_program(reading)


def written_with_a_mail_program(reading: Reading) -> bool:
    """One that people use, by its own word."""
    mailer = reading.headers.get("user-agent", "") + reading.headers.get("x-mailer", "")
    return bool(_PEOPLES_MAILER.search(mailer))


def _needed(reading: Reading, bulk: Hits) -> float:
    """Little where the mail has the form of a mailing, much where a person may have typed it."""
    if reading.on_discussion_list:
        return 2.4
    return 1.2 if bulk.weight or reading.message.html else 2.0
