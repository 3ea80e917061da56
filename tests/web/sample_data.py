"""A small finished campaign, made through the verbs: fictional brands of every character, about a hundred probes.

`python tests/web/sample_data.py FOLDER` writes it into FOLDER for a look with a browser.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from sqlmodel import Session

from benchmark import campaigns, decisions, dispatch, intake, observations
from benchmark.core.design import CampaignDesign
from benchmark.core.values import ClaimedProbe, Delivery, Evidence
from benchmark.core.vocabulary import (
    AttemptState,
    ChannelKind,
    HandOffState,
    ObservationKind,
    ReplyFlag,
    ReplyKind,
)
from benchmark.observations import ObservationIn
from benchmark.settings import Settings
from benchmark.store import queries
from benchmark.store.session import engine_for, transaction, upgrade
from probes.sandbox.study_clock import set_clock
from tests.samples import placed

NAME = "spring-2026"
END = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
)
HOSTILE = (
    '<p onclick="alert(1)">Hello <img src="https://track.example/p.gif" onerror="alert(2)">'
    '<script>alert("x")</script><a href="javascript:alert(3)">here</a><style>@import "https://a.example/x.css"</style></p>'
)


@dataclass(frozen=True)
class Answer:
    """Something a brand writes so many hours after the inquiry."""

    after_h: float
    kind: str  # ack | human | late | hostile | followup | bounce | asks


Character = Callable[[random.Random], Iterable[Answer]]


def _exemplary(chance: random.Random) -> Iterable[Answer]:
    yield Answer(0.05, "ack")
    yield Answer(chance.uniform(1, 7), "human")
    if chance.random() < 0.6:
        yield Answer(chance.uniform(80, 130), "followup")


def _quick(chance: random.Random) -> Iterable[Answer]:
    if chance.random() < 0.9:
        yield Answer(chance.uniform(0.3, 3), "human")


def _slow(chance: random.Random) -> Iterable[Answer]:
    yield Answer(0.1, "ack")
    if chance.random() < 0.7:
        yield Answer(chance.uniform(40, 160), "human")


def _robot(_chance: random.Random) -> Iterable[Answer]:
    yield Answer(0.02, "ack")


def _hostile(chance: random.Random) -> Iterable[Answer]:
    if chance.random() < 0.6:
        yield Answer(chance.uniform(4, 30), "hostile")


def _nothing(_chance: random.Random) -> Iterable[Answer]:
    return ()


CHARACTERS: dict[str, Character] = {
    "Alpenmilch": _exemplary,
    "Borealis Strom": _quick,
    "Cobalt Mobil": _slow,
    "Drossel Versand": _robot,
    "Erlkönig Reisen": _hostile,
    "Fernweh Bahn": _nothing,
    "Gletscher Bank": _quick,
    "Halden Gas": _nothing,
}
SECTORS = ("Food", "Energy", "Telecoms", "Retail", "Travel", "Travel", "Banking", "Energy")
BOUNCING, CAPTCHA = "Gletscher Bank", "Halden Gas"


def design() -> CampaignDesign:
    texts = [
        {
            "language": "de",
            "subject": "Frage zu {{brand}}",
            "body": "Liefern Sie auch samstags?\n\n{{name}}",
        },
        {
            "language": "en",
            "subject": "Question for {{brand}}",
            "body": "Do you deliver on Saturdays?\n\n{{name}}",
        },
    ]
    other = [
        {
            "language": "de",
            "subject": "Vorschlag",
            "body": "Bitte zeigen Sie Preise mit Steuer.\n\n{{name}}",
        },
        {"language": "en", "subject": "A suggestion", "body": "Hello,\n\nplease show prices with tax.\n\n{{name}}"},
    ]
    return CampaignDesign.model_validate(
        {
            "campaign": NAME,
            "title": "Spring 2026",
            "purpose": "How do eight fictional companies answer simple questions?",
            "responsible": "Dr. Ada Beispiel",
            "seed": 7,
            "caps": {"open": 20, "per_90_days": 60, "per_year": 200},
            "sending": {"min_gap": "1h"},
            "waves": [
                {"name": f"Wave {n}", "starts_on": date(2026, 3, 2) + timedelta(weeks=n), "days": 5} for n in range(5)
            ],
            "personas": [
                {"key": "anna", "first_name": "Anna", "last_name": "Muster", "language": "de"},
                {"key": "ben", "first_name": "Ben", "last_name": "Sample", "language": "en"},
            ],
            "inquiries": [
                {"key": "saturday", "kind": "question", "texts": texts},
                {"key": "prices", "kind": "suggestion", "texts": other},
            ],
            "brands": [_brand(place, name) for place, name in enumerate(CHARACTERS)] + [_unreachable_by_design()],
        }
    )


def _brand(place: int, name: str) -> dict[str, object]:
    slug = "".join(letter for letter in name.lower().replace("ö", "oe") if letter.isalnum())
    points: list[dict[str, object]] = [
        {"channel": "email", "address": f"service@{slug}.example", "provenance": "imprint", "checked_on": "2026-02-20"},
        {"channel": "web_form", "address": f"https://{slug}.example/contact"},
    ]
    if place == 0:
        points.append({"channel": "mastodon", "address": "@alpenmilch@social.example"})
    return {
        "name": name,
        "company": f"{name} AG",
        "sector": SECTORS[place],
        "country": "DE" if place % 2 == 0 else "GB",
        "zone": "Europe/Berlin" if place % 2 == 0 else "Europe/London",
        "language": "de" if place % 2 == 0 else "en",
        "contact_points": points,
    }


def _unreachable_by_design() -> dict[str, object]:
    return {
        "name": "Inselpost",
        "sector": "Retail",
        "country": "DE",
        "contact_points": [{"channel": "email", "address": "", "offered": False}],
    }


def write(settings: Settings, seed: int = 7) -> None:
    """Fills the database of these settings: everything through the verbs, in the order in which it would happen."""
    chance = random.Random(seed)
    engine = engine_for(settings.database)
    upgrade(engine)
    with transaction(engine) as session:
        start = datetime(2026, 3, 1, 8, tzinfo=UTC)
        set_clock(session, start)
        campaigns.launch(
            session, design(), study_domain=settings.study_domain, now=start, entropy=lambda n: chance.randbytes(n)
        )
        _run(session, chance)
        set_clock(session, END)
        dispatch.close_matured(session, now=END)


def _run(session: Session, chance: random.Random) -> None:
    uid = 0
    while (now := queries.next_due_at(session)) is not None and now < END:
        for probe_id in [probe.id for probe in queries.due_probes(session, now)]:
            claimed = dispatch.claim(session, probe_id, now=now, real_now=now, lease=timedelta(hours=1))
            if claimed is not None:
                uid = _hand_over(session, claimed, now + timedelta(seconds=40), chance, uid)


def _hand_over(session: Session, probe: ClaimedProbe, now: datetime, chance: random.Random, uid: int) -> int:
    if probe.brand_name == CAPTCHA and probe.channel is ChannelKind.WEB_FORM:
        barrier = Delivery(AttemptState.BARRIER, "blocked_captcha:checkbox", evidence=(_shot("before.png"),))
        dispatch.record(session, probe.attempt_id, barrier, now=now)
        return uid
    if probe.channel is ChannelKind.MASTODON:
        dispatch.record(session, probe.attempt_id, Delivery(AttemptState.TASK, "task"), now=now)
        _post(session, probe, now)
        return uid
    dispatch.arm(session, probe.attempt_id, now=now, real_now=now)
    dispatch.record(session, probe.attempt_id, _accepted(probe), now=now)
    answers = [Answer(0.01, "bounce")] if probe.brand_name == BOUNCING and uid % 3 == 0 else []
    for answer in answers or CHARACTERS[probe.brand_name](chance):
        uid += 1
        _deliver(session, probe, answer, now, uid)
    return uid + 1


def _shot(name: str) -> Evidence:
    return Evidence(name, "image/png", PNG)


def _accepted(probe: ClaimedProbe) -> Delivery:
    if probe.channel is ChannelKind.WEB_FORM:
        page = Evidence("page.html", "text/html", b"<script>alert(1)</script>")
        return Delivery(AttemptState.ACCEPTED, "success", evidence=(_shot("before.png"), _shot("after.png"), page))
    dialogue = Evidence("dialogue.txt", "text/plain", b"250 2.0.0 Ok")
    return Delivery(AttemptState.ACCEPTED, "250 2.0.0 Ok", evidence=(dialogue,))


def _deliver(session: Session, probe: ClaimedProbe, answer: Answer, sent_at: datetime, uid: int) -> None:
    received_at = (sent_at + timedelta(hours=answer.after_h)).replace(microsecond=0)
    if received_at > END:
        return
    mail = intake.FetchedMail(uid, _mail(probe, answer, uid, received_at), received_at)
    items = intake.keep_mail(session, "study", 1, [mail], now=received_at, real_now=received_at)
    for item in items:
        reply_id = placed(session, item, received_at)
        if answer.kind == "followup" and reply_id is not None:
            word = decisions.Correction(ReplyKind.FOLLOWUP)
            decisions.correct(session, reply_id, word, coder="coder-1", now=received_at)


EXTRAS = (
    "Mornings are best.",
    "Please ring twice.",
    "The van is green.",
    "It is free.",
    "Ask for Tom.",
    "See you soon.",
)
TEXTS = {
    "ack": (
        "Eingangsbestätigung [Ticket#{uid}]",
        "Vielen Dank für Ihre Nachricht. Ihre Anfrage ist bei uns eingegangen und wird unter der Ticketnummer "
        "{uid} bearbeitet. Dies ist eine automatische Antwort.",
    ),
    "human": ("Re: {subject}", "Guten Tag {name},\n\nja, wir liefern auch samstags. {extra}\n\nEva Lang"),
    "hostile": (
        "Re: {subject} <b>bold</b>",
        'Hello {name},\n\nyes <script>alert("x")</script> we do. {extra}\n\nMax Field',
    ),
    "followup": ("Re: {subject}", "Guten Tag {name},\n\nhat alles geklappt mit der Lieferung?\n\nEva Lang"),
}


def _mail(probe: ClaimedProbe, answer: Answer, uid: int, received_at: datetime) -> bytes:
    if answer.kind == "bounce":
        return _bounce(probe, uid)
    subject, text = TEXTS[answer.kind]
    extra = EXTRAS[uid % len(EXTRAS)] + " " + EXTRAS[uid // len(EXTRAS) % len(EXTRAS)]
    words = {"extra": extra, "uid": 4_000_000 + uid, "subject": probe.subject, "name": probe.persona.name}
    mail = EmailMessage()
    mail["From"] = f'"{probe.brand_name} Service" <service@{probe.address.rpartition("@")[2] or "brand.example"}>'
    mail["To"] = probe.reply_address
    mail["Subject"] = subject.format(**words)
    mail["Message-ID"] = f"<{uid}@brand.example>"
    mail["In-Reply-To"] = probe.message_id
    mail["Date"] = received_at
    if answer.kind == "ack":
        mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(text.format(**words))
    if answer.kind == "hostile":
        mail.add_alternative(HOSTILE, subtype="html")
        mail.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="<svg onload=alert(1)>.exe")
    return mail.as_bytes()


def _bounce(probe: ClaimedProbe, uid: int) -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {probe.reply_address}\r\nReturn-Path: <>\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <b{uid}@mx.example>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        "--x\r\nContent-Type: text/plain\r\n\r\nThe mail could not be delivered.\r\n"
        "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {probe.address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n"
        f"--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {probe.message_id}\r\nSubject: {probe.subject}\r\n\r\n"
        "--x--\r\n"
    ).encode()


def _post(session: Session, probe: ClaimedProbe, now: datetime) -> None:
    observations.log_posting(
        session, probe.probe_id, f"https://social.example/@study/{probe.probe_id}", now, coder="coder-1"
    )
    if probe.probe_id % 2:
        seen = ObservationIn(
            platform=ChannelKind.MASTODON,
            kind=ObservationKind.REPLY,
            checked_at=now + timedelta(hours=5),
            coder="coder-1",
            reply_at=now + timedelta(hours=2),
            platform_id=str(probe.probe_id),
            author_handle="@alpenmilch",
            flags=frozenset({ReplyFlag.HANDOFF}),
            followup_kind=None,
            handoff_state=HandOffState.COMPLETED,
            text="Bitte per E-Mail, wir kümmern uns!",
        )
        observations.log_observation(session, probe.probe_id, seen, now=now + timedelta(hours=5))


if __name__ == "__main__":
    write(Settings(data_dir=Path(sys.argv[1])))
