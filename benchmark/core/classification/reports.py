"""Reports about mail: bounces, delays, read receipts (RFC 3464, 8098), by their fields first and by wording after."""

from __future__ import annotations

import re

from benchmark.core.classification.findings import Finding, finding, rule
from benchmark.core.classification.reading import Reading, once, speaks_personally
from benchmark.core.classification.wording import Hits
from benchmark.core.values import RuleHit
from benchmark.core.vocabulary import ReplyKind

_DISPOSITIONS = ("message/disposition-notification", "message/global-disposition-notification")
_STATUS_CLASS = re.compile(r"^\s*([245])\.\d+\.\d+")
_SHORT_REPORT = 600  # characters of own words of a mail system without its copy of our mail
_OF_MAIL = frozenset({"bounce-text-status", "bounce-text-smtp"})  # rules that only mail systems' words meet
_OF_LETTERS = re.compile(
    r"nachricht|\be-?mails?\b|\bmails?\b|messag|mensaje|mensagem|\bbericht|postfach|mailbox|casella|bo(?:î|i)te|courriel|correo"
    r"|wiadomo|zpr(?:á|a)v|meddeland|besked|сообщени|письм"
)
_STRICT_DAEMON = 1.5  # weight of a sender whose name alone says that a mail system writes

# Actions of RFC 3464 and what they mean here, strongest first.
_ACTIONS = (
    ("fail", ReplyKind.BOUNCE),
    ("delay", ReplyKind.DELIVERY_DELAY),
    ("deliver", ReplyKind.READ_RECEIPT),
    ("relay", ReplyKind.READ_RECEIPT),
    ("expand", ReplyKind.READ_RECEIPT),
)


def delivery_report(reading: Reading) -> Finding | None:
    """A machine-readable report with a verdict on delivery. Its form alone proves nothing: mailbots use it too."""
    fields = reading.message.report_fields
    actions = [value.lower().strip() for name, value in fields if name == "action"]
    for word, kind in _ACTIONS:
        if any(action.startswith(word) for action in actions):
            return _reported(reading, kind, rule("dsn-action", "report", f"Action: {word}"))
    statuses = [found[1] for name, value in fields if name == "status" and (found := _STATUS_CLASS.match(value))]
    if "5" in statuses:
        return _reported(reading, ReplyKind.BOUNCE, rule("dsn-status", "report", "Status: 5"))
    if "4" in statuses:
        return _reported(reading, ReplyKind.DELIVERY_DELAY, rule("dsn-status", "report", "Status: 4"))
    return None


def _reported(reading: Reading, kind: ReplyKind, seen: RuleHit) -> Finding | None:
    """Some auto-responders wrap their letter in a success report; then the letter decides."""
    if kind is ReplyKind.READ_RECEIPT and not _is_mail_system(reading):
        return None
    if kind is ReplyKind.DELIVERY_DELAY:
        last_word = reading.asked_of_report("final")
        bounced = reading.asked_of_report("bounce")
        delayed = reading.asked_of_report("delay")
        if last_word.weight and bounced.weight > delayed.weight + 2:
            return Finding(ReplyKind.BOUNCE, 2.0, (seen, *last_word.rules))
    return Finding(kind, 5.0, (seen,))


def _is_mail_system(reading: Reading) -> bool:
    return reading.asked_of_report("daemon").weight > 0 or reading.asked_of_report("success").weight > 0


def feedback_report(reading: Reading) -> Finding | None:
    """A provider passes on that somebody called a mail of ours spam (RFC 5965): no word of the brand."""
    if "message/feedback-report" not in reading.message.part_types:
        return None
    return Finding(ReplyKind.UNSOLICITED, 3.0, (rule("feedback-report", "part", "message/feedback-report"),))


def read_receipt_report(reading: Reading) -> Finding | None:
    """A disposition notification; what it says (displayed, deleted) makes no difference here."""
    if not any(kind in _DISPOSITIONS for kind in reading.message.part_types):
        names = {name for name, _ in reading.message.report_fields}
        if "disposition" not in names or "action" in names:
            return None
    disposition = next((value for name, value in reading.message.report_fields if name == "disposition"), "")
    if "rejected" in reading.headers.get("auto-submitted", "") or _says_rejected(reading):
        # RFC 5429: a filter that refuses a mail says so in the form of a disposition notification.
        return Finding(ReplyKind.BOUNCE, 4.0, (rule("mdn-rejected", "report", disposition or "rejected"),))
    return Finding(ReplyKind.READ_RECEIPT, 5.0, (rule("mdn", "report", disposition or "disposition report"),))


def _says_rejected(reading: Reading) -> bool:
    return any(seen.rule == "bounce-text-rejected" for seen in reading.asked_of_report("bounce").rules)


def bounce_by_wording(reading: Reading) -> Finding | None:
    """Mail systems that write no report: the sender raises the suspicion, the wording decides."""
    speaker = _speaker(reading)
    if speaker.weight == 0 and not _subject_speaks(reading):
        return None
    bounced, delayed = reading.asked_of_report("bounce"), reading.asked_of_report("delay")
    if reading.asked_of_report("abuse").weight or is_about_goods(reading):
        return None
    by_subject_alone = all(seen.where == "subject" for seen in delayed.rules)
    if by_subject_alone and reading.looks_like_reply and not _names_itself(speaker):
        delayed = Hits()  # "Re: Deferred entry" is what somebody was asked
    if delayed.weight >= _delay_needed(speaker, delayed) and not _is_final(reading, delayed):
        return finding(ReplyKind.DELIVERY_DELAY, speaker, delayed)
    if bounced.weight >= _needed(reading, speaker, bounced):
        return finding(ReplyKind.BOUNCE, speaker, bounced)
    return None


@once
def is_about_goods(reading: Reading) -> bool:
    """A parcel that could not be delivered, told by anybody but a mail system; those name an address or a code."""
    if _names_itself(_speaker(reading)) or reading.message.return_path == "" or _OF_LETTERS.search(reading.letter):
        return False
    if not reading.asked("delivery", "goods").rules:
        return False
    return "@" not in reading.own and not any(seen.rule in _OF_MAIL for seen in reading.asked_of_report("bounce").rules)


@once
def _speaker(reading: Reading) -> Hits:
    """Marks of a mail system writing: its name, the empty return path, the list of failed recipients."""
    marks = reading.asked_of_report("daemon")
    extra = []
    if reading.message.return_path == "":
        extra.append((0.5, rule("empty-return-path", "return-path", "<>")))
    if reading.headers.get("auto-submitted", "").startswith("auto-"):
        extra.append((0.5, rule("auto-submitted", "auto-submitted", reading.headers["auto-submitted"])))
    if "x-failed-recipients" in reading.headers:
        extra.append((1.5, rule("x-failed-recipients", "header", reading.headers["x-failed-recipients"])))
    if (reading.message.return_path or "").startswith("mailer-daemon"):
        extra.append((1.0, rule("daemon-return-path", "return-path", reading.message.return_path or "")))
    if "x-mailman-version" in reading.headers and not reading.on_posted_mail:
        extra.append((1.0, rule("daemon-list", "x-mailman-version", reading.headers["x-mailman-version"])))
    if reading.message.content_type == "multipart/report":
        to_deliver = "delivery-status" in reading.headers.get("content-type", "")
        extra.append((1.0 if to_deliver else 0.5, rule("report-form", "content-type", "multipart/report")))
    return marks + Hits(sum(weight for weight, _ in extra), tuple(seen for _, seen in extra))


def _subject_speaks(reading: Reading) -> bool:
    if reading.replies_to_something:
        return False
    return any(reading.asked_of_report(topic, only="subject").rules for topic in ("bounce", "delay"))


def _names_itself(speaker: Hits) -> bool:
    """A mail system by its name or its form, not just a machine."""
    return any(seen.rule.startswith(("daemon-", "x-failed", "report-form")) for seen in speaker.rules)


def _delay_needed(speaker: Hits, delayed: Hits) -> float:
    """Robots of all kinds say that a mail was queued and need not be sent again; mail systems mean delivery."""
    by_subject = any(seen.where == "subject" for seen in delayed.rules)
    return 1.5 if by_subject or _names_itself(speaker) else 4.0


def _needed(reading: Reading, speaker: Hits, bounced: Hits) -> float:
    """How much wording it takes: little from a mailer daemon, much from anybody else."""
    named = _names_itself(speaker)
    by_subject = any(seen.where == "subject" for seen in bounced.rules)
    if named and speaker.weight >= _STRICT_DAEMON:
        return 1.0
    if named:
        return 1.5
    if speaker.weight and by_subject:
        return 2.0
    # A person may write about bounces too, so subject and text must both speak a mail system's language.
    if by_subject and not reading.replies_to_something and not speaks_personally(reading):
        return 3.0 if len(reading.own) < _SHORT_REPORT and not reading.looks_like_reply else 4.0
    return 6.0 if speaker.weight else 9.0


def _is_final(reading: Reading, delayed: Hits) -> bool:
    """`Delayed` in the subject is never a last word; in the text "permanent" or "giving up" may follow it."""
    if any(seen.where == "subject" for seen in delayed.rules):
        return False
    subject_failed = any(seen.where == "subject" for seen in reading.asked_of_report("bounce").rules)
    return subject_failed or reading.asked_of_report("final").weight > 0


@once
def daemon_without_words(reading: Reading) -> Finding | None:
    """A mailer daemon whose text nothing recognises still most likely returns a mail."""
    speaker = reading.asked_of_report("daemon")
    returned = reading.message.return_path == "" or not reading.looks_like_reply
    if any(seen.rule == "daemon-mailer" for seen in speaker.rules) and returned:
        return Finding(ReplyKind.BOUNCE, 1.0, speaker.rules)
    return None


def read_receipt_by_wording(reading: Reading) -> Finding | None:
    found = reading.asked("notices", "read_receipt")
    form = reading.message.content_type == "multipart/report"
    success = reading.asked_of_report("success") if _speaker(reading).weight >= 1 else Hits()
    likely = form or not reading.replies_to_something or len(reading.own) < 500
    if found.weight >= 4 or (found.weight >= 2 and likely):
        return finding(ReplyKind.READ_RECEIPT, found) if _is_short(reading) else None
    return finding(ReplyKind.READ_RECEIPT, success) if success.weight >= 1.5 else None


def _is_short(reading: Reading) -> bool:
    return len(reading.own) < 1_200


def challenge(reading: Reading) -> Finding | None:
    """Somebody's filter wants the sender to prove that a person wrote."""
    system = reading.asked("notices", "challenge_system")
    asked = reading.asked("notices", "challenge")
    if system.weight:
        return finding(ReplyKind.CHALLENGE, system, asked)
    by_text = any(seen.where == "text" for seen in asked.rules)
    says_human = any(seen.rule.startswith("challenge-human") for seen in asked.rules)
    return finding(ReplyKind.CHALLENGE, asked) if asked.weight >= (2.0 if says_human else 2.5) and by_text else None
