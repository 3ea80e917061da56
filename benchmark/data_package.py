"""The zip for papers: data, codebook, method, citation, checksums, and a script that computes the table again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlmodel import Session

from benchmark.core.codebook import CODEBOOK, GUARD_RULE, Level
from benchmark.core.metrics import METRICS
from benchmark.exports import export
from benchmark.method import method_of
from benchmark.store.tables import Campaign, Edition

DATED = (1980, 1, 1, 0, 0, 0)  # the same data give the same bytes, whenever they are packed
LICENCE = {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/", "title": "CC BY 4.0"}


def write_package(
    path: Path, session: Session, campaign: Campaign, as_of: datetime, edition: Edition | None = None
) -> None:
    """Writes the data package; streams, so a million probes need no more memory than a few.

    The package of an edition carries the method as it was published; `editions.export_edition` checks that it holds.
    """
    sums: dict[str, str] = {}
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        for level in Level:
            _add(package, sums, f"data/{level}.csv", export(session, campaign, "csv", level, as_of))
        method = {"edition": edition.number, **edition.method} if edition else method_of(session, campaign, as_of)
        _add(package, sums, "method.json", _json(method))
        _add(package, sums, "datapackage.json", _json(_descriptor(campaign, as_of)))
        _add(package, sums, "codebook.en.md", [_codebook("en").encode()])
        _add(package, sums, "codebook.de.md", [_codebook("de").encode()])
        _add(package, sums, "CITATION.cff", [_citation(campaign, as_of).encode()])
        _add(package, sums, "LICENSE.txt", [f"{LICENCE['title']}\n{LICENCE['path']}\n".encode()])
        script = files("benchmark") / "package_files" / "recompute_leaderboard.py"
        _add(package, sums, "recompute_leaderboard.py", [script.read_bytes()])
        for name in EXAMPLES:
            _add(package, sums, f"examples/{name}", [example(name, as_of).encode()])
        listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        _add(package, {}, "SHA256SUMS", [listed.encode()])


EXAMPLES = ("medians_pandas.py", "medians_survival.R")


def example(name: str, as_of: datetime, probes: str = "data/probes.csv") -> str:
    """An example of `package_files/examples` for the data of a moment, at a path or an address."""
    text = (files("benchmark") / "package_files" / "examples" / name).read_text(encoding="utf-8")
    moment = as_of.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return text.replace("AS_OF", moment).replace("data/probes.csv", probes)


def _add(package: ZipFile, sums: dict[str, str], name: str, pieces: Iterable[bytes]) -> None:
    digest = hashlib.sha256()
    entry = ZipInfo(name, DATED)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
    with package.open(entry, "w", force_zip64=True) as stream:
        for piece in pieces:
            digest.update(piece)
            stream.write(piece)
    sums[name] = digest.hexdigest()


def _json(value: object) -> Iterator[bytes]:
    yield json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def _descriptor(campaign: Campaign, as_of: datetime) -> dict[str, Any]:
    """Data Package v2 (https://datapackage.org)."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"replymark-{campaign.id}",
        "title": campaign.title or campaign.name,
        "version": as_of.astimezone(UTC).strftime("%Y.%m.%d"),
        "licenses": [LICENCE],
        "resources": [_resource(level) for level in Level],
    }


def _resource(level: Level) -> dict[str, Any]:
    return {
        "name": level.value,
        "path": f"data/{level}.csv",
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
        "schema": {
            "fields": [
                {
                    "name": column.name,
                    "type": column.kind.value,
                    "description": column.meaning.en,
                    **_format(column.kind),
                }
                for column in CODEBOOK[level]
            ],
            "missingValues": [""],
        },
    }


def _format(kind: str) -> dict[str, Any]:
    if kind == "datetime":
        return {"format": "any"}
    return {"trueValues": ["1", "True", "true"], "falseValues": ["0", "False", "false"]} if kind == "boolean" else {}


def _codebook(language: str) -> str:
    """The codebook as a page of Markdown; it says the same as METRICS and the column list."""
    german = language == "de"
    lines = ["# Codebuch" if german else "# Codebook", "", getattr(GUARD_RULE, language), ""]
    for level in Level:
        lines += [f"## data/{level}.csv", "", *_table(("Spalte", "Typ", "Einheit", "Bedeutung") if german else _HEADS)]
        lines += [
            f"| {column.name} | {column.kind} | {column.unit} | {getattr(column.meaning, language)} |"
            for column in CODEBOOK[level]
        ]
        lines.append("")
    lines += ["## Kennzahlen" if german else "## Metrics", ""]
    for metric in METRICS:
        name, definition, numerator, denominator = (
            getattr(text, language) for text in (metric.name, metric.definition, metric.numerator, metric.denominator)
        )
        lines.append(f"- **{name}** ({metric.key}): {definition}. {numerator} / {denominator}; {metric.estimator}.")
    return "\n".join(lines) + "\n"


_HEADS = ("column", "type", "unit", "meaning")


def _table(heads: tuple[str, ...]) -> list[str]:
    return ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]


def _citation(campaign: Campaign, as_of: datetime) -> str:
    title = json.dumps(f"Replymark: {campaign.title or campaign.name}", ensure_ascii=False)
    return "\n".join(
        (
            "cff-version: 1.2.0",
            "message: If you use these data, please cite them as below.",
            "type: dataset",
            f"title: {title}",
            "authors:",
            "  - name: The Replymark researchers",
            f"version: {as_of.astimezone(UTC):%Y.%m.%d}",
            f"date-released: {as_of.astimezone(UTC):%Y-%m-%d}",
            f"license: {LICENCE['name']}",
            "",
        )
    )
