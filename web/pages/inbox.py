"""The inbox: mail that waits for a person, who places it or corrects what the rules said; undo for ten seconds.

The page of an inquiry sends the same forms, and is shown again afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from benchmark import decisions
from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import MatchedBy
from benchmark.store import queries_inbox
from benchmark.store.queries_inbox import Shelf
from benchmark.store.session import engine_for, retried
from benchmark.wall_clock import real_now, study_now
from web import decision_forms as forms
from web.agreement import agreements
from web.pages import probe
from web.parameters import BadParameter
from web.record import record
from web.security import settings

T = TypeVar("T")
PAGE_SIZE = 25
CODER = "inbox"  # who decided, until there are accounts


def page() -> ResponseReturnValue:
    return _page()


def place(reply_id: int) -> ResponseReturnValue:
    """A person says which inquiry a mail answers, wherever it lay before."""
    try:
        number, seen = forms.probe_number(), forms.seen()
        before = _decided(
            lambda session, now: decisions.assign(session, reply_id, number, now=now, coder=CODER, seen=seen)
        )
    except BadInput as problem:
        return _refused(problem)
    return _moved(reply_id, before)


def take_off(reply_id: int) -> ResponseReturnValue:
    """A person says that a mail does not answer the inquiry it lies with."""
    try:
        seen = forms.seen()
        before = _decided(lambda session, now: decisions.take_off(session, reply_id, now=now, coder=CODER, seen=seen))
    except BadInput as problem:
        return _refused(problem)
    return _moved(reply_id, before)


def correct(reply_id: int) -> ResponseReturnValue:
    """A person's word on what a mail is; it wins over every rule."""
    try:
        word, seen = forms.correction(), forms.seen_verdict()
        verdict_id = _decided(
            lambda session, now: decisions.correct(session, reply_id, word, coder=CODER, now=now, seen_verdict=seen)
        )
    except BadInput as problem:
        return _refused(problem)
    return _back(done=forms.signed({"verdict": verdict_id}))


def undo() -> ResponseReturnValue:
    """Takes the last decision back, within ten seconds of it."""
    said = forms.taken_back()
    if said is None:
        return _refused(BadInput(_("Undo"), _("its ten seconds are over"), _("correct the mail instead")))
    try:
        _decided(lambda session, now: _take_back(session, said, now))
    except BadInput as problem:
        return _refused(problem)
    return _back()


def reloaded(**_deed: object) -> ResponseReturnValue:
    """The address of a form after a refusal, typed or reloaded: the inbox, as the address says it."""
    kept: dict[str, Any] = {name: request.args[name] for name in ("shelf", "page", "lang") if name in request.args}
    return redirect(url_for("inbox", **kept), 303)


def _decided(decision: Callable[[Any, datetime], T]) -> T:
    """What a decision gives that is handed a writing session and the study's time."""
    return retried(engine_for(settings().database), lambda session: decision(session, study_now(session)))


def _take_back(session: Any, said: Mapping[str, Any], now: datetime) -> None:
    if "verdict" in said:
        decisions.take_back_correction(session, int(said["verdict"]), now=now)
        return
    before = {**said["before"]}
    before["matched_by"] = MatchedBy(before["matched_by"]) if before["matched_by"] else None
    decisions.take_back_assignment(session, int(said["reply"]), decisions.Assigned(**before), now=now)


def _moved(reply_id: int, before: decisions.Assigned) -> ResponseReturnValue:
    undo = {"reply": reply_id, "before": asdict(before)} if before.undoable else None
    return _back(done=forms.signed(undo), followed=before.followed or None)


def _back(**noted: Any) -> ResponseReturnValue:
    """To the page the form stood on."""
    probe_id = forms.asked_on_probe()
    if probe_id is not None:
        return redirect(url_for("probe", probe_id=probe_id, **noted), 303)
    return redirect(url_for("inbox", shelf=request.form.get("shelf"), page=request.form.get("page"), **noted), 303)


def _refused(problem: BadInput) -> ResponseReturnValue:
    probe_id = forms.asked_on_probe()
    refusal = forms.refusal(problem)
    return _page(refusal) if probe_id is None else probe.shown(probe_id, refusal), 400


def _first_that_waits(counts: Mapping[Shelf, int]) -> Shelf:
    return next((shelf for shelf in queries_inbox.WAITING if counts[shelf]), Shelf.UNMATCHED)


def _asked_page(last_page: int) -> int:
    """A decision may empty the last page, and then the one before it is shown; other pages that are not there are
    refused."""
    asked = request.values.get("page") or "1"
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 9 else 0
    if not 1 <= number <= last_page and request.method == "GET" and not request.args.get("done"):
        raise BadParameter("page", asked)
    return max(1, min(number, last_page))


def _page(problem: forms.Refusal | None = None) -> str:
    counts = queries_inbox.inbox_counts(record())
    wanted = request.values.get("shelf") or _first_that_waits(counts)
    if wanted not in set(Shelf):
        raise BadParameter("shelf", wanted)
    shelf = Shelf(wanted)
    last_page = max(1, -(-counts[shelf] // PAGE_SIZE))
    page_number = _asked_page(last_page)
    mails = queries_inbox.inbox(record(), shelf, PAGE_SIZE, (page_number - 1) * PAGE_SIZE)
    return render_template(
        "inbox.html",
        agreements=agreements() if shelf is Shelf.SPOT_CHECKS else (),
        shelf=shelf,
        shelves=list(Shelf),
        counts=counts,
        mails=mails,
        page_number=page_number,
        last_page=last_page,
        choices=forms.CHOICES,
        noted=forms.noted(),
        problem=problem,
        now=real_now(),
    )
