"""What a person decides about a reply, as the forms of inbox and inquiry page send it; undo for ten seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeTimedSerializer

from benchmark.core.problems import BadInput
from benchmark.core.values import HandOffTarget
from benchmark.core.vocabulary import ChannelKind, FollowUpKind, HandOffState, ReplyFlag, ReplyKind
from benchmark.decisions import CorrectedMeanwhile, Correction, Kept, MovedMeanwhile, Seen
from web.words import Patterns, in_words, word

Word = TypeVar("Word", bound=StrEnum)
UNDO_S = 10
MAX_ADDRESS = 320
SUBSTANTIVE = {"": None, "yes": True, "no": False}

CHOICES: Mapping[str, Any] = {
    "kinds": tuple(ReplyKind),
    "followup_kinds": tuple(FollowUpKind),
    "handoff_states": tuple(HandOffState),
    "channels": tuple(ChannelKind),
    # A hand-off and a return date have fields of their own, which say whether there is one.
    "flags": tuple(flag for flag in ReplyFlag if flag not in (ReplyFlag.HANDOFF, ReplyFlag.RETURN_DATE)),
}
"""What the forms offer."""


def correction() -> Correction:
    """A person's word as the form says it; a field that is not sent leaves what was found. Raises BadInput."""
    kind = _chosen("kind", ReplyKind)
    followup_kind = request.form.get("followup_kind", "")
    flags = {ReplyFlag(flag) for flag in request.form.getlist("flag") if flag in set(ReplyFlag)}
    said: dict[str, Any] = {}
    if "handoff_state" in request.form:
        state = said["handoff_state"] = _chosen("handoff_state", HandOffState)
        said["handoff"] = _target(state)
        flags = flags - {ReplyFlag.HANDOFF} if state is HandOffState.NONE else flags | {ReplyFlag.HANDOFF}
    if "return_date" in request.form:
        said["return_date"] = _return_date()
        flags = flags | {ReplyFlag.RETURN_DATE} if said["return_date"] else flags - {ReplyFlag.RETURN_DATE}
    if "substantive" in request.form:
        said["substantive"] = SUBSTANTIVE.get(request.form["substantive"], Kept.KEPT)
    subkind = FollowUpKind(followup_kind) if followup_kind in set(FollowUpKind) else None
    return Correction(kind, frozenset(flags), subkind, **said)


_FIELDS = {"kind": _l("Kind"), "handoff_state": _l("Hand-off"), "handoff_channel": _l("Channel of the hand-off")}


def _chosen(name: str, words: type[Word]) -> Word:
    value = request.form.get(name, "")
    if value not in set(words):
        raise BadInput(str(_FIELDS[name]), _("“%(value)s” is none", value=value[:40]), _("choose one of the list"))
    return words(value)


def _target(state: HandOffState) -> HandOffTarget | None:
    address = request.form.get("handoff_address", "").strip()[:MAX_ADDRESS]
    channel = request.form.get("handoff_channel", "")
    if state is HandOffState.NONE and (channel or address):
        problem = _("a channel or an address, but no hand-off")
        raise BadInput(_("Hand-off"), problem, _("say what became of it, or clear both"))
    if not channel:
        if address:
            problem = _("an address without its channel")
            raise BadInput(_("Hand-off"), problem, _("choose the channel it belongs to"))
        return None
    return HandOffTarget(_chosen("handoff_channel", ChannelKind), address)


def _return_date() -> date | None:
    value = request.form.get("return_date", "").strip()
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        problem = _("“%(value)s” is no day", value=value[:20])
        raise BadInput(_("Return date"), problem, _("write it as 2026-03-31")) from None


# What `benchmark.decisions` may answer, so that the catalogue holds it.
_ANSWERS = (
    *(_l("is not there"), _l("one of them is not there"), _l("give the probe's number"), _l("lies with no inquiry")),
    *(_l("look for it in the inbox"), _l("is no mail and belongs to its inquiry"), _l("correct what it is instead")),
    _l("there is nothing to take back"),
)


# The places it may name.
_PLACES: Patterns = (
    (re.compile(r"reply (?P<reply>\d+) to probe (?P<probe>\d+)"), _l("reply %(reply)s to inquiry %(probe)s")),
    (re.compile(r"reply (?P<reply>\d+)"), _l("reply %(reply)s")),
    (re.compile(r"verdict (?P<verdict>\d+)"), _l("verdict %(verdict)s")),
)


@dataclass(frozen=True)
class Refusal:
    """Why nothing was done, in the reader's language; `link` leads to where a mail lies that was moved meanwhile."""

    words: str
    link: str = ""


def refusal(problem: BadInput) -> Refusal:
    if isinstance(problem, MovedMeanwhile):
        return _moved(problem)
    if isinstance(problem, CorrectedMeanwhile):
        return _corrected(problem)
    remedy = _(problem.remedy) if problem.remedy else ""
    return Refusal(str(BadInput(in_words(problem.place, _PLACES), _(problem.problem), remedy)))


def _moved(problem: MovedMeanwhile) -> Refusal:
    reply_id, probe_id = problem.reply_id, problem.probe_id
    nothing = _("Nothing was changed.")
    if probe_id is None:
        words = _("Reply %(reply)s was moved after this page was made: now it lies with no inquiry.", reply=reply_id)
        return Refusal(f"{words} {nothing}")
    words = _(
        "Reply %(reply)s was moved after this page was made: now it lies with inquiry %(probe)s.",
        reply=reply_id,
        probe=probe_id,
    )
    return Refusal(f"{words} {nothing}", url_for("probe", probe_id=probe_id, _anchor=f"reply-{reply_id}"))


def _corrected(problem: CorrectedMeanwhile) -> Refusal:
    words = _(
        "Reply %(reply)s was corrected after this page was made: now it is “%(kind)s”.",
        reply=problem.reply_id,
        kind=str(word(problem.kind)),
    )
    link = ""
    if problem.probe_id is not None:
        link = url_for("probe", probe_id=problem.probe_id, _anchor=f"reply-{problem.reply_id}")
    return Refusal(f"{words} {_('Nothing was changed.')}", link)


def seen_verdict() -> int | None:
    """The verdict that stood on the page when the form was made; None where the form does not say it."""
    number = request.form.get("seen_verdict", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else None


def seen() -> Seen | None:
    """Where the mail lay when the form was made; None where the form does not say it."""
    number = request.form.get("lay_with")
    if number is None or (number and not (number.isascii() and number.isdigit() and len(number) <= 9)):
        return None
    return Seen(int(number) if number else None, "lay_as_hint" in request.form)


def probe_number() -> int:
    number = request.form.get("probe", "").strip().lstrip("#")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        problem = _("“%(value)s” is no number of an inquiry", value=number[:20])
        raise BadInput(_("Inquiry"), problem, _("it stands on the inquiry’s page"))
    return int(number)


def asked_on_probe() -> int | None:
    """The inquiry on whose page the form stood; None for the inbox."""
    number = request.form.get("on_probe", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 9 else None


def signed(undo: Mapping[str, Any] | None) -> str:
    """What may be taken back for ten seconds, as a link carries it."""
    return _signer().dumps(dict(undo)) if undo else "final"


def taken_back() -> dict[str, Any] | None:
    """What the form wants taken back; None when it is too late."""
    return _loaded(request.form.get("undo", ""))


def noted() -> Mapping[str, Any]:
    """For the page after a decision: that it was noted, what followed, and the token to take it back with."""
    token = request.args.get("done", "")
    return {
        "done": bool(token),
        "undo": token if _loaded(token) is not None else "",
        "followed": request.args.get("followed", 0, int),
    }


def _loaded(token: str) -> dict[str, Any] | None:
    try:
        said: dict[str, Any] = _signer().loads(token, max_age=UNDO_S)
    except BadSignature:
        return None
    return said


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="inbox-undo")
