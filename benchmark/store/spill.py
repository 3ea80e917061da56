"""Columns of an import spilled to files as numbers, and read back bucket by bucket as the arrays of a pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.core.columns import ACKNOWLEDGED_BY, EXCLUSIONS
from benchmark.store.packs import BUCKETS, SECONDS, SMALL, Arrays

CODES = ("brand", "wave", "channel", "inquiry")
NUMBERS = ("t0_s", "acknowledged_s", "human_s", "substantive_s", "followed_up_s", "bounced_s")
KINDS: dict[str, np.dtype[Any]] = dict.fromkeys(CODES, np.dtype(np.int32))
KINDS |= dict.fromkeys(NUMBERS, np.dtype(np.float64))
KINDS |= dict.fromkeys(("acknowledged_by", "exclusion"), np.dtype(np.int8))

_BY = {"": -1} | {word.value: code for code, word in enumerate(ACKNOWLEDGED_BY)}
_EXCLUSION = {"": -1} | {word.value: code for code, word in enumerate(EXCLUSIONS)}


class Spill:
    """A file a column; memory holds one batch while writing, one bucket and the order of the rows while reading."""

    def __init__(self, folder: Path) -> None:
        self._paths = {name: folder / f"{name}.column" for name in KINDS}
        self._files = {name: path.open("wb") for name, path in self._paths.items()}

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def add(
        self,
        codes: Sequence[Sequence[int]],
        waits: Mapping[str, NDArray[np.float64]],
        acknowledged_by: Sequence[str],
        exclusion: Sequence[str],
    ) -> None:
        """Rows of a batch; `codes` as CODES names them, `waits` in seconds as NUMBERS names them."""
        columns: dict[str, Any] = dict(zip(CODES, codes, strict=True)) | dict(waits)
        columns["acknowledged_by"] = [_BY[word] for word in acknowledged_by]
        columns["exclusion"] = [_EXCLUSION[word] for word in exclusion]
        for name, file in self._files.items():
            file.write(np.asarray(columns[name], dtype=KINDS[name]).tobytes())

    def buckets(self, brand_ids: NDArray[Any], wave_ids: NDArray[Any]) -> Iterator[tuple[int, Arrays]]:
        """(bucket, arrays of its pack): rows by brand in order of appearance, then as they were added."""
        self.close()
        if not self._paths["brand"].stat().st_size:
            return
        columns = {name: np.memmap(path, KINDS[name], "r") for name, path in self._paths.items()}
        order_of_brands = np.argsort(brand_ids % BUCKETS, kind="stable")
        place = np.empty(len(brand_ids), dtype=np.int32)
        place[order_of_brands] = np.arange(len(brand_ids), dtype=np.int32)
        order = np.argsort(place[columns["brand"]], kind="stable")
        bucket_of = (brand_ids % BUCKETS)[columns["brand"][order]]
        starts = np.flatnonzero(np.diff(bucket_of, prepend=-1))
        for rows, bucket in zip(np.split(order, starts[1:]), bucket_of[starts].tolist(), strict=True):
            yield bucket, _arrays({name: column[rows] for name, column in columns.items()}, brand_ids, wave_ids)


def _arrays(rows: Mapping[str, NDArray[Any]], brand_ids: NDArray[Any], wave_ids: NDArray[Any]) -> Arrays:
    """What an import cannot tell is empty."""
    n = len(rows["brand"])
    arrays: Arrays = {
        "brand_id": brand_ids[rows["brand"]].astype(np.int32),
        "wave_id": wave_ids[rows["wave"]].astype(np.int32),
        "channel": rows["channel"],
        "inquiry": rows["inquiry"],
        "template": np.zeros(n, dtype=np.int32),
    }
    arrays |= {name: np.full(n, np.nan) for name in SECONDS} | {"tester_delay_s": np.zeros(n)}
    arrays |= {name: rows[name] for name in NUMBERS}
    arrays |= {name: np.zeros(n, dtype=np.int8) for name in SMALL}
    arrays |= {name: rows[name] for name in ("acknowledged_by", "exclusion")}
    return arrays | {"first_contact_resolved": (rows["human_s"] == rows["substantive_s"]).astype(np.int8)}
