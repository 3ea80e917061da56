"""What a person decides about a reply, as the forms of inbox and inquiry page send it; undo for ten seconds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from benchmark.core.problems import BadInput
from benchmark.core.values import HandOffTarget
from benchmark.core.vocabulary import ChannelKind, FollowUpKind, HandOffState, ReplyFlag, ReplyKind
from benchmark.intake import Correction, Kept

Word = TypeVar("Word", bound=StrEnum)
UNDO_S = 10
MAX_ADDRESS = 320
SUBSTANTIVE = {"": None, "yes": True, "no": False}

CHOICES: Mapping[str, Any] = {
    "kinds": tuple(ReplyKind),
    "followup_kinds": tuple(FollowUpKind),
    "handoff_states": tuple(HandOffState),
    "channels": tuple(ChannelKind),
    # A hand-off has its own fields.
    "flags": tuple(flag for flag in ReplyFlag if flag is not ReplyFlag.HANDOFF),
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
        flags |= {ReplyFlag.RETURN_DATE} if said["return_date"] else set()
    if "substantive" in request.form:
        said["substantive"] = SUBSTANTIVE.get(request.form["substantive"], Kept.KEPT)
    subkind = FollowUpKind(followup_kind) if followup_kind in set(FollowUpKind) else None
    return Correction(kind, frozenset(flags), subkind, **said)


def _chosen(name: str, words: type[Word]) -> Word:
    value = request.form.get(name, "")
    if value not in set(words):
        raise BadInput(name, f"{value[:40]!r} is none", "choose one of the list")
    return words(value)


def _target(state: HandOffState) -> HandOffTarget | None:
    address = request.form.get("handoff_address", "").strip()[:MAX_ADDRESS]
    channel = request.form.get("handoff_channel", "")
    if state is HandOffState.NONE and (channel or address):
        raise BadInput("hand-off", "a channel or an address, but no hand-off", "say what became of it, or clear both")
    if not channel:
        if address:
            raise BadInput("hand-off", "an address without its channel", "choose the channel it belongs to")
        return None
    return HandOffTarget(_chosen("handoff_channel", ChannelKind), address)


def _return_date() -> date | None:
    value = request.form.get("return_date", "").strip()
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise BadInput("return date", f"{value[:20]!r} is no day", "write it as 2026-03-31") from None


def probe_number() -> int:
    number = request.form.get("probe", "").strip().lstrip("#")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise BadInput("inquiry", f"{number[:20]!r} is no number of an inquiry", "it stands on the inquiry's page")
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
