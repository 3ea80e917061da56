"""What the hands brought: a page that looks again by itself until they are done, with and without JavaScript."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from benchmark.core.vocabulary import ErrandKind
from benchmark.store import queries_contact_points, queries_errands, queries_pages
from benchmark.store.queries_errands import ErrandFacts
from benchmark.wall_clock import real_now
from web.evidence import as_download
from web.record import record

PATIENCE = timedelta(seconds=10)
TEMPLATES = {ErrandKind.DISCOVER: "errand_discover.html", ErrandKind.REHEARSE: "errand_rehearse.html"}


def page(errand_id: int) -> ResponseReturnValue:
    errand = _errand(errand_id)
    if errand.kind is ErrandKind.MAILBOX:
        return redirect(url_for("mailboxes"), 303)
    brand_id = int(errand.argument["brand"])
    slug = queries_contact_points.slug_of(record(), brand_id)
    known = {(point.channel, point.address) for point in queries_contact_points.points_of(record(), brand_id)}
    waited = real_now() - errand.created_at
    return render_template(
        TEMPLATES[errand.kind],
        brand=queries_pages.brand_by_slug(record(), slug),
        errand=errand,
        known=known,
        nobody=not errand.is_over and errand.state == "waiting" and waited > PATIENCE,
    )


def recipe(errand_id: int) -> Response:
    """The recipe a rehearsal drafted, for a person to review."""
    text = str(_errand(errand_id).result.get("recipe", ""))
    if not text:
        abort(404)
    return as_download("recipe.yaml", text.encode())


def _errand(errand_id: int) -> ErrandFacts:
    errand = queries_errands.errand(record(), errand_id)
    if errand is None:
        abort(404)
    return errand
