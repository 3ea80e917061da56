"""Campaigns as YAML files: every error names line, key and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from benchmark.core.design import (
    BrandIn,
    CampaignDesign,
    ContactPointIn,
    InquiryIn,
    PersonaIn,
    SendingIn,
    TextIn,
    WaveIn,
)
from benchmark.core.problems import BadInput

MAX_BYTES = 5_000_000
_MODELS: tuple[type[BaseModel], ...] = (
    CampaignDesign, BrandIn, ContactPointIn, InquiryIn, TextIn, PersonaIn, WaveIn, SendingIn,
)  # fmt: skip
_KEYS = sorted({key for model in _MODELS for key in model.model_fields})


class _PlainDates(RoundTripConstructor):
    """Leaves dates as they are written, so that 30 February is an error with a place and not a crash."""


_PlainDates.add_constructor("tag:yaml.org,2002:timestamp", lambda reader, node: reader.construct_scalar(node))


def read_campaign(path: Path) -> CampaignDesign:
    """Raises BadInput with file, line, key, value and remedy; nothing is written anywhere."""
    document = _load(path)
    try:
        return CampaignDesign.model_validate(_plain(document))
    except ValidationError as problem:
        # A misspelt key also makes its right spelling missing; the misspelling is what helps.
        first = min(problem.errors(), key=lambda error: error["type"] != "extra_forbidden")
        raise _worded(path, document, first) from None


def _load(path: Path) -> CommentedMap:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(str(path), "is larger than 5 MB", "a campaign file lists brands and texts, no data")
        text = path.read_text(encoding="utf-8")
        reader = YAML(typ="rt")
        reader.Constructor = _PlainDates
        document = reader.load(text)
    except OSError as problem:
        raise BadInput(str(path), problem.strerror or "cannot be read", "name an existing campaign file") from None
    except UnicodeDecodeError as problem:
        raise BadInput(str(path), f"is not UTF-8 (byte {problem.start})", "save the file as UTF-8") from None
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = f"{path}, line {mark.line + 1}" if mark else str(path)
        raise BadInput(place, problem.problem or "is no YAML", "check indentation, colons and quotes there") from None
    except (YAMLError, RecursionError):
        raise BadInput(str(path), "is no YAML", "start from the example in README.md") from None
    if not isinstance(document, CommentedMap):
        raise BadInput(str(path), "is no campaign: the top level must be `key: value`", "see README.md's example")
    return document


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return str(node) if isinstance(node, str) else node


def _worded(path: Path, document: CommentedMap, error: Mapping[str, Any]) -> BadInput:
    line, key = _place(document, error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    remedy = "see the example in README.md"
    if error["type"] == "extra_forbidden":
        message = "unknown key"
        close = get_close_matches(str(error["loc"][-1]), _KEYS, n=1)
        remedy = f"did you mean {close[0]!r}?" if close else "remove it"
    elif error["type"] == "missing":
        message, remedy = "is missing", "add it"
    elif error["type"] != "value_error":
        message += f" (value {error['input']!r})"[:120]
    return BadInput(f"{path}, line {line}, {key}", message, remedy)


def _place(document: CommentedMap, location: tuple[int | str, ...]) -> tuple[int, str]:
    """Line (from 1) of the deepest node of a pydantic location that stands in the file, and its dotted key."""
    node: Any = document
    line = 1
    for step in location:
        try:
            if isinstance(node, CommentedMap) and step in node:
                line = node.lc.key(step)[0] + 1
            elif isinstance(node, CommentedSeq) and isinstance(step, int):
                line = node.lc.item(step)[0] + 1
            else:
                break
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    return line, ".".join(str(step) for step in location) or "campaign"
