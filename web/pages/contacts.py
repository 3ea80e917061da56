"""How a brand can be reached: its contact points, a search on its web site, rehearsals and recipes of its forms."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from benchmark import contact_points, errands
from benchmark.core.problems import BadInput, Refused
from benchmark.core.vocabulary import ChannelKind, ErrandKind
from benchmark.store import queries_contact_points, queries_pages
from benchmark.store.queries_contact_points import PointFacts
from benchmark.store.queries_pages import BrandFacts
from benchmark.store.session import engine_for, transaction
from benchmark.wall_clock import real_now
from web.evidence import as_download
from web.record import record
from web.security import settings

MAX_RECIPE = 100_000


def page(slug: str) -> ResponseReturnValue:
    return _page(_brand(slug))


def discover(slug: str) -> ResponseReturnValue:
    """Asks the hands to read the site."""
    brand = _brand(slug)
    return _ask(brand, ErrandKind.DISCOVER, {"address": request.form.get("address", "").strip()[:200]})


def rehearse(point_id: int) -> ResponseReturnValue:
    """Asks the hands to go through the form up to the click."""
    point = _point(point_id)
    return _ask(_brand_of(point), ErrandKind.REHEARSE, {"point": point.id, "address": point.address})


def confirm(slug: str) -> ResponseReturnValue:
    """A proposal becomes a contact point."""
    brand = _brand(slug)
    kind, address = request.form.get("channel", ""), request.form.get("address", "")
    try:
        if kind not in set(ChannelKind):
            raise BadInput("channel", f"no such channel {kind[:40]!r}", "choose one of the list")
        with transaction(engine_for(settings().database)) as session:
            source = request.form.get("source", "")
            contact_points.confirm(session, brand.id, ChannelKind(kind), address, source, today=real_now().date())
    except (BadInput, Refused) as problem:
        return _page(brand, str(problem)), 400
    return redirect(url_for("contacts", slug=slug), 303)


def recipe(point_id: int) -> Response:
    """The stored recipe as a file."""
    point = _point(point_id)
    if not point.recipe:
        abort(404)
    return as_download(f"{_brand_of(point).slug}.yaml", point.recipe.encode())


def keep_recipe(point_id: int) -> ResponseReturnValue:
    """Takes a recipe in, or says which line and key is wrong."""
    point = _point(point_id)
    given = request.files.get("recipe")
    raw = given.stream.read(MAX_RECIPE + 1) if given else b""
    try:
        name = (given.filename if given else "") or "recipe"
        if not raw and "remove" not in request.form:
            raise BadInput(name, "the file is empty", "choose the recipe's file")
        with transaction(engine_for(settings().database)) as session:
            today = real_now().date()
            contact_points.keep_recipe(session, point, _text(name, raw), source=name[:80], today=today)
    except BadInput as problem:
        return _page(_brand_of(point), str(problem)), 400
    return redirect(url_for("contacts", slug=_brand_of(point).slug), 303)


def _text(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise BadInput(f"{name[:80]}, line {line}", "not UTF-8 text", "save it as UTF-8") from problem


def _ask(brand: BrandFacts, kind: ErrandKind, argument: dict[str, Any]) -> ResponseReturnValue:
    if not argument["address"]:
        return _page(brand, str(BadInput("address", "nothing to look for", "give a domain like brand.example"))), 400
    try:
        with transaction(engine_for(settings().database)) as session:
            number = errands.ask(session, kind, brand.id, argument, now=real_now())
    except Refused as problem:
        return _page(brand, str(problem)), 400
    return redirect(url_for("errand", errand_id=number), 303)


def _page(brand: BrandFacts, problem: str = "") -> str:
    points = queries_contact_points.points_of(record(), brand.id)
    return render_template("contacts.html", brand=brand, points=points, problem=problem, guess=_guess(points))


def _guess(points: Any) -> str:
    """The domain of what is known already, for the search field."""
    for point in points:
        host = str(point.address).rpartition("@")[2].split("://")[-1].split("/")[0]
        if "." in host:
            return host
    return ""


def _brand(slug: str) -> BrandFacts:
    brand = queries_pages.brand_by_slug(record(), slug)
    if brand is None:
        abort(404)
    return brand


def _brand_of(point: PointFacts) -> BrandFacts:
    return _brand(queries_contact_points.slug_of(record(), point.brand_id))


def _point(point_id: int) -> PointFacts:
    point = queries_contact_points.point(record(), point_id)
    if point is None:
        abort(404)
    return point
