"""What a person decides about a brand's contact points: a proposal is confirmed, a recipe is kept."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from sqlmodel import Session

from benchmark import policy
from benchmark.core.problems import BadInput
from benchmark.core.recipes import load_recipe
from benchmark.core.vocabulary import ChannelKind
from benchmark.store import queries_contact_points
from benchmark.store.queries_contact_points import PointFacts
from benchmark.store.tables import Brand


def confirm(session: Session, brand_id: int, channel: ChannelKind, address: str, source: str, *, today: date) -> int:
    """A contact point from now on, found at `source` and checked today.

    Raises BadInput for an address of another form than its channel's, Refused for a suppressed brand.
    """
    address = address.strip()
    policy.refuse_suppressed(session, session.get_one(Brand, brand_id), address)
    if not address or len(address) > 500 or any(ord(char) < 33 for char in address):
        raise BadInput("address", f"{address[:60]!r} is no address", "give one without spaces")
    if channel is ChannelKind.EMAIL and ("@" not in address or "/" in address):
        raise BadInput("address", f"{address[:60]} is no e-mail address", "give one like service@brand.example")
    if channel is ChannelKind.WEB_FORM and urlsplit(address).scheme not in ("http", "https"):
        raise BadInput("address", f"{address[:60]} is no address of a page", "give one that begins with https://")
    return queries_contact_points.add_point(session, brand_id, channel, address, source[:500], today)


def keep_recipe(session: Session, point: PointFacts, text: str, *, source: str, today: date) -> None:
    """From the next inquiry on this recipe is obeyed; an empty text removes it. Raises BadInput naming line and key."""
    if point.channel is not ChannelKind.WEB_FORM:
        raise BadInput(source, f"a recipe is for web forms, not for {point.channel}", "choose the form's contact point")
    if text.strip():
        load_recipe(text, source)
    queries_contact_points.set_recipe(session, point.id, text if text.strip() else "", today)
