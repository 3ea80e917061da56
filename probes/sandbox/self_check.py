"""Holds what was measured against the truth ledger: nothing sent twice, nothing lost, everything found as it was."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlmodel import Session

from benchmark.core.vocabulary import ChannelKind, ReplyFlag
from benchmark.store import queries_check
from benchmark.store.queries_check import MeasuredReply, SentProbe
from probes.sandbox.ledger import LedgerLine, What, read_ledger

NEAR = timedelta(hours=1)
TOLD_BY_FLAG = frozenset({ReplyFlag.ASKS_FOR_INFO.value, ReplyFlag.HANDOFF.value})  # these decide what counts
CHANNELS = ("email", "web_form", "social")


@dataclass(frozen=True)
class Check:
    """Counts of one channel or of all; times in study minutes."""

    probes: int
    sent: int
    received_by_brands: int
    duplicates: int
    lost: int
    planted: int
    found: int
    misclassified: int
    unmatched: int
    time_error_minutes: dict[str, float]


@dataclass(frozen=True)
class _Pair:
    """A planted event and the reply that was measured for it, if any."""

    planted: LedgerLine
    measured: MeasuredReply | None


def check(session: Session, folder: Path) -> dict[str, Any]:
    """The self-check of the JSON summary, in total and by channel group."""
    ledger = list(read_ledger(folder))
    probes = queries_check.sent_probes(session)
    replies = queries_check.measured_replies(session)
    unmatched = queries_check.unmatched_count(session)  # only mail can wait for its probe
    whole = _count(probes, ledger, replies, unmatched)
    by_channel = {
        name: asdict(
            _count(
                [probe for probe in probes if probe.channel.group.value == name],
                [line for line in ledger if ChannelKind(line.channel).group.value == name],
                [reply for reply in replies if reply.probe_channel.group.value == name],
                unmatched if name == "email" else 0,
            )
        )
        for name in CHANNELS
    }
    return {**asdict(whole), "by_channel": by_channel}


def _count(
    probes: Sequence[SentProbe], ledger: Sequence[LedgerLine], replies: Sequence[MeasuredReply], unmatched: int
) -> Check:
    received = Counter(line.token for line in ledger if line.what is What.RECEIVED)
    sent = {probe.token: probe for probe in probes if probe.t0 is not None}
    pairs = list(_pairs([line for line in ledger if line.what is What.DONE], replies))
    errors = [abs(pair.measured.at - pair.planted.at) for pair in pairs if pair.measured]
    errors += [abs(probe.t0 - at) for probe, at in _arrivals(sent, ledger) if probe.t0]
    return Check(
        probes=len(probes),
        sent=len(sent),
        received_by_brands=sum(received.values()),
        duplicates=sum(count - 1 for count in received.values()),
        lost=sum(token not in received for token in sent),
        planted=len(pairs),
        found=sum(pair.measured is not None for pair in pairs),
        misclassified=sum(_is_misread(pair) for pair in pairs),
        unmatched=unmatched,
        time_error_minutes={"median": _minutes(errors, median), "max": _minutes(errors, max)},
    )


def _pairs(planted: Sequence[LedgerLine], replies: Iterable[MeasuredReply]) -> Iterable[_Pair]:
    """Each planted event with the nearest reply of its probe; a reply serves for one event only."""
    waiting: dict[str, list[MeasuredReply]] = defaultdict(list)
    for reply in replies:
        waiting[reply.token].append(reply)
    for line in planted:
        near = [reply for reply in waiting[line.token] if abs(reply.at - line.at) <= NEAR]
        best = min(near, key=lambda reply: (abs(reply.at - line.at), reply.kind != line.kind), default=None)
        if best is not None:
            waiting[line.token].remove(best)
        yield _Pair(line, best)


def _is_misread(pair: _Pair) -> bool:
    if pair.measured is None:
        return False
    told = TOLD_BY_FLAG & set(pair.planted.flags)
    return pair.measured.kind != pair.planted.kind or told != TOLD_BY_FLAG & set(pair.measured.flags)


def _arrivals(sent: dict[str, SentProbe], ledger: Sequence[LedgerLine]) -> Iterable[tuple[SentProbe, datetime]]:
    first: dict[str, datetime] = {}
    for line in ledger:
        if line.what is What.RECEIVED:
            first.setdefault(line.token, line.at)
    return [(probe, first[token]) for token, probe in sent.items() if token in first]


def _minutes(errors: list[timedelta], of: Any) -> float:
    return of(errors) / timedelta(minutes=1) if errors else 0.0
