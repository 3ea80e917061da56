"""Outcomes packed as arrays per bucket of brands: a million are read in a moment, one reply touches one bucket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Integer, bindparam, func, select, text
from sqlmodel import Session, col

from benchmark.core.columns import ACKNOWLEDGED_BY, EXCLUSIONS, FOLLOWUP_KINDS, HANDOFFS, WAITING_S
from benchmark.store.rows import ask, many
from benchmark.store.tables import OutcomePack

BUCKETS = 512
"""Brands with the same id modulo this share a bucket, so a campaign has at most so many packs."""

SECONDS = (
    "t0_s",
    "acknowledged_s",
    "human_s",
    "substantive_s",
    "followed_up_s",
    "bounced_s",
    "closed_s",
    "ticket_s",
    "out_of_office_s",
    "handoff_lost_s",
    "tester_delay_s",
    "promised_s",
)
SMALL = ("acknowledged_by", "handoff", "exclusion", "followup_kinds", "first_contact_resolved")
WORDS = ("channel", "inquiry", "template")
IDS = ("brand_id", "wave_id")

Arrays = dict[str, NDArray[Any]]

_ACKNOWLEDGED = {word.value: code for code, word in enumerate(ACKNOWLEDGED_BY)} | {None: -1}
_HANDOFF = {word.value: code for code, word in enumerate(HANDOFFS)} | {None: 0}
_EXCLUSION = {word.value: code for code, word in enumerate(EXCLUSIONS)} | {None: -1}
_FOLLOWUP = {word.value: 1 << bit for bit, word in enumerate(FOLLOWUP_KINDS)}


@dataclass(frozen=True)
class Pack:
    """Rows of one bucket: arrays by name, and the words that `channel`, `inquiry` and `template` are codes of."""

    arrays: Arrays
    words: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.arrays["t0_s"])


def encode(pack: Pack) -> bytes:
    """A line of JSON that says what follows, then the arrays; a column of one value is only named with it."""
    columns: list[list[Any]] = []
    blobs: list[bytes] = []
    for name, array in pack.arrays.items():
        constant = len(array) == 0 or bool(
            (array == array[0]).all() or (array.dtype == float and np.isnan(array).all())
        )
        value = None if not len(array) or array[0] != array[0] else array[0].item()
        columns.append([name, array.dtype.str, constant, value if constant else None])
        if not constant:
            blobs.append(array.tobytes())
    head = {"n": len(pack), "columns": columns, "words": {name: list(words) for name, words in pack.words.items()}}
    return json.dumps(head, ensure_ascii=False).encode() + b"\n" + b"".join(blobs)


def decode(content: bytes) -> Pack:
    end = content.index(b"\n") + 1
    head = json.loads(content[:end])
    n = head["n"]
    arrays: Arrays = {}
    for name, kind, constant, value in head["columns"]:
        dtype = np.dtype(kind)
        if constant:
            arrays[name] = np.full(n, np.nan if value is None else value, dtype=dtype)
        else:
            arrays[name] = np.frombuffer(content, dtype=dtype, count=n, offset=end)
            end += n * dtype.itemsize
    return Pack(arrays, {name: tuple(words) for name, words in head["words"].items()})


def mark_stale(session: Session, campaign_id: int, brand_ids: Iterable[int]) -> None:
    """Says that outcomes of these brands changed; called in the transaction of the change."""
    buckets = sorted({brand_id % BUCKETS for brand_id in brand_ids})
    ask(session, _STALE[session.connection().dialect.name], campaign_id=campaign_id, buckets=buckets)


_STALE = {
    dialect: text(
        f"INSERT INTO outcome_pack (campaign_id, bucket, version) SELECT CAST(:campaign_id AS integer), bucket, 1"
        f" FROM {buckets} WHERE true"
        " ON CONFLICT (campaign_id, bucket) DO UPDATE SET version = outcome_pack.version + 1, content = NULL"
    ).bindparams(many("buckets"))
    for dialect, buckets in (
        ("postgresql", "unnest(CAST(:buckets AS integer[])) AS stale (bucket)"),
        ("sqlite", "(SELECT value AS bucket FROM json_each(:buckets)) AS stale"),
    )
}


def store_pack(session: Session, campaign_id: int, bucket: int, pack: Pack) -> None:
    """Keeps a packed bucket; its version stays, for nothing changed."""
    session.execute(_KEEP, {"campaign_id": campaign_id, "bucket": bucket, "content": encode(pack)})


_KEEP = text(
    "INSERT INTO outcome_pack (campaign_id, bucket, version, content) VALUES (:campaign_id, :bucket, 1, :content)"
    " ON CONFLICT (campaign_id, bucket) DO UPDATE SET content = excluded.content"
)


def data_version(session: Session, campaign_id: int) -> tuple[int, int]:
    """Grows with every change of an outcome of the campaign; (0, 0) where nothing was ever packed."""
    statement = select(func.count(), func.coalesce(func.sum(col(OutcomePack.version)), 0))
    count, total = session.execute(statement.where(col(OutcomePack.campaign_id) == campaign_id)).one()
    return int(count), int(total)


def bucket_versions(session: Session, campaign_id: int) -> dict[int, int]:
    rows = session.execute(
        select(col(OutcomePack.bucket), col(OutcomePack.version)).where(col(OutcomePack.campaign_id) == campaign_id)
    )
    return {row.bucket: row.version for row in rows}


def read_packs(session: Session, campaign_id: int, buckets: Sequence[int]) -> dict[int, Pack]:
    """The wanted buckets, stale ones packed afresh (not written back: a reader may not write)."""
    contents = session.execute(
        select(col(OutcomePack.bucket), col(OutcomePack.content)).where(
            col(OutcomePack.campaign_id) == campaign_id, col(OutcomePack.bucket).in_(buckets)
        )
    ).all()
    return {
        bucket: decode(content) if content is not None else pack_of(session, campaign_id, bucket)
        for bucket, content in contents
    }


@dataclass(frozen=True)
class Extent:
    """What all rows of a campaign have in common, so that who reads them row by row need not ask each row."""

    words: Mapping[str, frozenset[str]]  # all that occur in `channel`, `inquiry` and `template`
    latest_s: float  # epoch seconds: nothing was recorded later
    whole: bool  # every time is a whole second
    waiting: bool  # some brand still waits for us, so that its delay depends on the moment asked about


def extent_of(session: Session, campaign_id: int) -> Extent | None:
    """Read a few buckets at a time; None where any bucket is stale, for then nobody knows."""
    words: dict[str, set[str]] = {name: set() for name in WORDS}
    latest_s, whole, waiting, known = float("-inf"), True, False, False
    for start in range(0, BUCKETS, AT_ONCE):
        for content in session.execute(_CONTENTS, {"campaign_id": campaign_id, "first": start, "end": start + AT_ONCE}):
            if content.content is None:
                return None
            pack, known = decode(content.content), True
            still = _still_waiting(pack)
            latest_s, waiting = max(latest_s, _latest_s(pack)), waiting or still
            whole = whole and not still and _is_whole(pack)
            for name in WORDS:
                words[name].update(pack.words[name])
    if not known:
        return None
    return Extent({name: frozenset(found) for name, found in words.items()}, latest_s, whole, waiting)


AT_ONCE = 32
_CONTENTS = text(
    "SELECT content FROM outcome_pack WHERE campaign_id = :campaign_id AND bucket >= :first AND bucket < :end"
)


def _still_waiting(pack: Pack) -> bool:
    return bool((pack.arrays["tester_delay_s"] >= WAITING_S).any())


def _latest_s(pack: Pack) -> float:
    waits = np.zeros(len(pack))
    for name in SECONDS[1:]:
        if name != "tester_delay_s":
            waits = np.fmax(waits, pack.arrays[name])
    delays = pack.arrays["tester_delay_s"]
    ends = pack.arrays["t0_s"] + waits + np.where(delays < WAITING_S, delays, 0.0)
    return float(np.fmax.reduce(ends, initial=float("-inf")))


def _is_whole(pack: Pack) -> bool:
    return all(
        bool(np.all((found == np.trunc(found)) | np.isnan(found))) for found in (pack.arrays[name] for name in SECONDS)
    )


def freshen(session: Session, campaign_id: int) -> int:
    """Packs all stale buckets of a campaign and keeps them; gives their number."""
    stale = session.execute(
        select(col(OutcomePack.bucket)).where(
            col(OutcomePack.campaign_id) == campaign_id, col(OutcomePack.content).is_(None)
        )
    ).scalars()
    buckets = list(stale)
    for bucket in buckets:
        store_pack(session, campaign_id, bucket, pack_of(session, campaign_id, bucket))
    return len(buckets)


def pack_of(session: Session, campaign_id: int, bucket: int | None) -> Pack:
    """Rows of one bucket (None: of the whole campaign) from the tables. Probes nobody sent yet have no outcome row."""
    statement = _ROWS if bucket is None else _BUCKET_ROWS
    given = {"campaign_id": campaign_id, "buckets": BUCKETS, "bucket": bucket}
    rows = session.execute(statement, given if bucket is not None else {"campaign_id": campaign_id}).all()
    return pack_rows([tuple(row) for row in rows])


_COLUMNS = """
SELECT p.brand_id, p.wave_id, coalesce(o.channel, p.channel), coalesce(o.inquiry, i.kind, ''),
       coalesce(nullif(o.text_version, ''), p.text_version),
       o.t0_s, o.acknowledged_s, o.human_s, o.substantive_s, o.followed_up_s, o.bounced_s, o.closed_s, o.ticket_s,
       o.out_of_office_s, o.handoff_lost_s, coalesce(o.tester_delay_s, 0), c.promised_response_s,
       o.acknowledged_by, o.handoff, o.exclusion, o.followup_kinds, o.first_contact_resolved
FROM probe AS p
LEFT JOIN outcome AS o ON o.probe_id = p.id
LEFT JOIN inquiry AS i ON i.id = p.inquiry_id
LEFT JOIN contact_point AS c ON c.id = p.contact_point_id
WHERE p.campaign_id = :campaign_id"""
_ROWS = text(_COLUMNS)
_BUCKET_ROWS = text(_COLUMNS + " AND p.brand_id IN (SELECT id FROM brand WHERE id % :buckets = :bucket)").bindparams(
    bindparam("buckets", type_=Integer), bindparam("bucket", type_=Integer)
)


def pack_rows(rows: Sequence[tuple[Any, ...]]) -> Pack:
    """A pack from rows in the order of the query above: ids, words, seconds, small codes."""
    columns: list[Sequence[Any]] = (
        list(zip(*rows, strict=True)) if rows else [()] * (len(IDS) + len(WORDS) + len(SECONDS) + len(SMALL))
    )
    arrays: Arrays = {name: np.array(columns[place], dtype=np.int32) for place, name in enumerate(IDS)}
    words: dict[str, tuple[str, ...]] = {}
    for place, name in enumerate(WORDS, start=len(IDS)):
        words[name] = tuple(sorted(set(columns[place])))
        code = {word: number for number, word in enumerate(words[name])}
        arrays[name] = np.array([code[word] for word in columns[place]], dtype=np.int32)
    start = len(IDS) + len(WORDS)
    for place, name in enumerate(SECONDS, start=start):
        arrays[name] = np.array(columns[place], dtype=np.float64)
    start += len(SECONDS)
    for (name, code_of), column in zip(_SMALL_CODES, columns[start:], strict=True):
        arrays[name] = np.array([code_of(value) for value in column], dtype=np.int8)
    return Pack(arrays, words)


def _followup_bits(kinds: str | None) -> int:
    return sum(_FOLLOWUP[kind] for kind in kinds.split(";")) if kinds else 0


_SMALL_CODES: tuple[tuple[str, Callable[[Any], int]], ...] = (
    ("acknowledged_by", _ACKNOWLEDGED.__getitem__),
    ("handoff", _HANDOFF.__getitem__),
    ("exclusion", _EXCLUSION.__getitem__),
    ("followup_kinds", _followup_bits),
    ("first_contact_resolved", bool),
)


def stale_campaigns(session: Session) -> list[int]:
    """Campaigns with buckets that wait to be packed."""
    waiting = select(col(OutcomePack.campaign_id)).where(col(OutcomePack.content).is_(None)).distinct()
    return list(session.execute(waiting).scalars())
