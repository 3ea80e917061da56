"""A small campaign and its pieces for tests of the verbs."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, select

from benchmark import campaigns, dispatch, intake
from benchmark.core.design import CampaignDesign
from benchmark.core.values import ClaimedProbe, Delivery
from benchmark.core.vocabulary import AttemptState
from benchmark.intake import FetchedMail
from benchmark.placing import place_mails
from benchmark.preparing import prepare_items
from benchmark.store.session import transaction
from benchmark.store.tables import Probe

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEASE = timedelta(minutes=3)
DOMAIN = "study.example"


def design_document(**changes: Any) -> dict[str, Any]:
    """A valid campaign of two brands, as its YAML would be read."""
    document: dict[str, Any] = {
        "campaign": "spring",
        "purpose": "Tests.",
        "responsible": "The tests",
        "seed": 7,
        "waves": [{"starts_on": "2026-03-02", "days": 5}],
        "personas": [{"key": "jana", "first_name": "Jana", "last_name": "Brandt", "salutation": "Frau"}],
        "inquiries": [
            {
                "key": "hours",
                "kind": "question",
                "texts": [
                    {
                        "language": "de",
                        "subject": "Frage zu Ihren Servicezeiten",
                        "body": "Guten Tag,\n\nbis wann sind Sie an Werktagen telefonisch erreichbar?\n\n{{name}}\n",
                    }
                ],
            }
        ],
        "brands": [
            brand("Lindenhof", [{"channel": "email", "address": "service@lindenhof.example"}]),
            brand("Seewind", [{"channel": "email", "address": "service@seewind.example"}]),
        ],
    }
    return {**document, **changes}


def brand(name: str, contact_points: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    return {"name": name, "country": "DE", "sector": "energy", "contact_points": contact_points, **changes}


def design(**changes: Any) -> CampaignDesign:
    return CampaignDesign.model_validate(design_document(**changes))


_numbers = itertools.count(1)


def entropy(size: int) -> bytes:
    """Different bytes at each call."""
    return next(_numbers).to_bytes(size, "big")


def launched(engine: Engine, **changes: Any) -> list[int]:
    """Launches the sample campaign and gives the ids of its probes in order of their due times."""
    with transaction(engine) as session:
        campaigns.launch(session, design(**changes), study_domain=DOMAIN, now=MONDAY - DAY, entropy=entropy)
        rows = session.exec(select(Probe).order_by(Probe.due_at)).all()  # type: ignore[arg-type]
        return [row.id or 0 for row in rows]


def due_at(engine: Engine, probe_id: int) -> datetime:
    with transaction(engine) as session:
        found = session.get_one(Probe, probe_id).due_at
        assert found is not None
        return found


def claimed(engine: Engine, probe_id: int, now: datetime | None = None) -> ClaimedProbe | None:
    moment = now or due_at(engine, probe_id)
    with transaction(engine) as session:
        return dispatch.claim(session, probe_id, now=moment, real_now=MONDAY, lease=LEASE)


def accepted(engine: Engine, probe_id: int, now: datetime | None = None) -> ClaimedProbe:
    """Claims, arms and records an accepted attempt at its due time."""
    moment = now or due_at(engine, probe_id)
    claim = claimed(engine, probe_id, moment)
    assert claim is not None
    with transaction(engine) as session:
        dispatch.arm(session, claim.attempt_id, now=moment, real_now=MONDAY)
    with transaction(engine) as session:
        dispatch.record(session, claim.attempt_id, Delivery(AttemptState.ACCEPTED, "250 Ok"), now=moment)
    return claim


def mail(claim: ClaimedProbe, at: datetime, body: str, subject: str = "", **headers: str) -> bytes:
    """A brand's mail to the probe's secret address."""
    message = EmailMessage()
    message["From"] = headers.pop("sender", claim.address)
    message["To"] = claim.reply_address
    message["Subject"] = subject or f"Re: {claim.subject}"
    message["Date"] = format_datetime(at)
    message["Message-ID"] = headers.pop("message_id", f"<{at.timestamp()}.{len(body)}@brand.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes()


def received(session: Session, content: bytes, at: datetime, uid: int = 1, uidvalidity: int = 1) -> int | None:
    """Keeps and places one mail; gives the reply's id."""
    items = intake.keep_mail(session, "box", uidvalidity, [FetchedMail(uid, content, at)], now=at, real_now=at)
    return placed(session, items[0], at) if items else None


def placed(session: Session, item_id: int, at: datetime) -> int | None:
    """Prepares and places a kept mail."""
    prepared = prepare_items(session, [item_id])
    return place_mails(session, prepared, now=at)[0] if prepared else None
