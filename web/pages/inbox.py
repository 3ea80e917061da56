"""The inbox: mail that waits for a person, who places it or corrects what the rules said; undo for ten seconds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from benchmark import intake
from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import FollowUpKind, MatchedBy, ReplyFlag, ReplyKind
from benchmark.store import queries_inbox
from benchmark.store.queries_inbox import Shelf
from benchmark.store.session import engine_for, transaction
from benchmark.wall_clock import real_now, study_now
from web.agreement import agreements
from web.record import record
from web.security import settings

UNDO_S = 10
PAGE_SIZE = 25
CODER = "inbox"  # who decided, until there are accounts


def page() -> ResponseReturnValue:
    return _page()


def place(reply_id: int) -> ResponseReturnValue:
    """A person says which inquiry a mail answers."""
    number = request.form.get("probe", "").strip().lstrip("#")
    try:
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            raise BadInput("inquiry", f"{number[:20]!r} is no number of an inquiry", "it stands on the inquiry's page")
        with transaction(engine_for(settings().database)) as session:
            before = intake.assign(session, reply_id, int(number), now=study_now(session))
    except BadInput as problem:
        return _page(str(problem)), 400
    undo = {"reply": reply_id, "before": asdict(before)} if before.undoable else None
    return _done(undo, before.followed)


def correct(reply_id: int) -> ResponseReturnValue:
    """A person's word on what a mail is; it wins over every rule."""
    kind, flags = request.form.get("kind", ""), request.form.getlist("flag")
    followup_kind = request.form.get("followup_kind", "")
    try:
        if kind not in set(ReplyKind):
            raise BadInput("kind", f"{kind[:40]!r} is none", "choose one of the list")
        known = frozenset(ReplyFlag(flag) for flag in flags if flag in set(ReplyFlag))
        with transaction(engine_for(settings().database)) as session:
            subkind = FollowUpKind(followup_kind) if followup_kind in set(FollowUpKind) else None
            correction = intake.Correction(ReplyKind(kind), known, subkind)
            verdict_id = intake.correct(session, reply_id, correction, coder=CODER, now=study_now(session))
    except BadInput as problem:
        return _page(str(problem)), 400
    return _done({"verdict": verdict_id})


def undo() -> ResponseReturnValue:
    """Takes the last decision back, within ten seconds of it."""
    try:
        said = _signer().loads(request.form.get("undo", ""), max_age=UNDO_S)
    except BadSignature:
        return _page("undo: its ten seconds are over — correct the mail instead"), 400
    try:
        with transaction(engine_for(settings().database)) as session:
            _take_back(session, said)
    except BadInput as problem:
        return _page(str(problem)), 400
    return redirect(url_for("inbox", shelf=request.form.get("shelf")), 303)


def _take_back(session: Any, said: dict[str, Any]) -> None:
    now = study_now(session)
    if "verdict" in said:
        intake.take_back_correction(session, int(said["verdict"]), now=now)
        return
    before = {**said["before"]}
    before["matched_by"] = MatchedBy(before["matched_by"]) if before["matched_by"] else None
    intake.take_back_assignment(session, int(said["reply"]), intake.Assigned(**before), now=now)


def _done(undo: dict[str, Any] | None, followed: int = 0) -> ResponseReturnValue:
    token = _signer().dumps(undo) if undo else "final"
    shelf = request.form.get("shelf")
    return redirect(url_for("inbox", shelf=shelf, done=token, followed=followed or None), 303)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="inbox-undo")


def _undo_offered() -> str:
    """The token of the last decision while it may still be taken back."""
    token = request.args.get("done", "")
    try:
        _signer().loads(token, max_age=UNDO_S)
    except BadSignature:
        return ""
    return token


def _page(problem: str = "") -> str:
    wanted = request.values.get("shelf") or Shelf.UNMATCHED
    if wanted not in set(Shelf):
        abort(400)
    shelf, number = Shelf(wanted), request.args.get("page", "1")
    page_number = int(number) if number.isascii() and number.isdigit() and 0 < int(number) < 10_000 else 1
    counts = queries_inbox.inbox_counts(record())
    mails = queries_inbox.inbox(record(), shelf, PAGE_SIZE, (page_number - 1) * PAGE_SIZE)
    return render_template(
        "inbox.html",
        agreements=agreements() if shelf is Shelf.SPOT_CHECKS else (),
        shelf=shelf,
        shelves=list(Shelf),
        counts=counts,
        mails=mails,
        page_number=page_number,
        last_page=max(1, -(-counts[shelf] // PAGE_SIZE)),
        kinds=list(ReplyKind),
        flags=list(ReplyFlag),
        followup_kinds=list(FollowUpKind),
        done=bool(request.args.get("done")) and not problem,
        undo=_undo_offered(),
        followed=request.args.get("followed", 0, int),
        problem=problem,
        now=real_now(),
    )
