"""Scores the form mapping on labelled pages of the formasaurus wheel, beside the naive regex, in one run.

    .venv/bin/python tests/performance/form_mapping.py SPLIT.csv [--split dev] [--errors]

The split file lists the forms to score (columns id as `html/7.html#0`, split, form_type). Only pages and labels of the
wheel are read, never its trained models.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from probes.channels.web_form.finding import choose
from probes.channels.web_form.mapping import Decision
from probes.channels.web_form.model import PageModel
from probes.channels.web_form.static_dom import read_page

ROLES = {
    "full name": "name", "screen name (another nick which is not username)": "name", "first name": "first_name",
    "last name": "last_name", "middle name": "middle_name", "email": "email", "email confirmation": "email_confirm",
    "phone": "phone", "phone country code": "phone", "phone part 1": "phone", "phone part 2": "phone",
    "phone part 3": "phone", "comment title or subject": "subject", "comment text": "message", "country": "country",
    "city": "city", "state": "state", "postal code": "zip", "address": "address", "full street address": "address",
    "street name": "address", "street number": "address", "address line 1": "address", "address line 2": "address",
    "organization name": "company", "url": "url", "captcha": "captcha", "honeypot": "honeypot",
    "TOS confirmation": "consent", "receive emails confirmation": "marketing", "gender": "salutation",
    "submit button": "submit",
}  # fmt: skip
CORE = {"name", "first_name", "last_name", "email", "phone", "subject", "message"}
NAIVE = (
    ("captcha", r"captcha|sicherheit|code"), ("email", r"mail"), ("phone", r"phone|tel|mobil"),
    ("subject", r"subject|betreff|title|topic"), ("message", r"message|nachricht|comment|text|anfrage|question"),
    ("first_name", r"first|vorname|fname"), ("last_name", r"last|nachname|surname|lname"),
    ("company", r"company|firma|organi"), ("url", r"url|website|homepage"), ("city", r"city|stadt|ort\b"),
    ("zip", r"zip|plz|postal"), ("country", r"country|land"), ("state", r"state|region"),
    ("address", r"address|street|stra"), ("consent", r"privacy|datenschutz|terms|agree"), ("name", r"name"),
)  # fmt: skip


def naive(control: object) -> str:
    """What a first attempt does: one regex after the other over label, placeholder and name."""
    words = " ".join(str(getattr(control, key)) for key in ("label", "placeholder", "name", "id")).lower()
    if getattr(control, "tag", "") == "textarea":
        return "message"
    if getattr(control, "is_button", False):
        return "submit"
    return next((role for role, pattern in NAIVE if re.search(pattern, words)), "other")


@dataclass
class Tally:
    """Counts of one run; `errors` are lines for a person who wants to see each one."""

    counts: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def form(self, form_id: str, page: PageModel, at: int, labels: dict[str, str]) -> None:
        """Scores one labelled form; `labels` maps field names to the wheel's words."""
        scored, chosen = choose(page.forms, page)
        self.counts["forms"] += 1
        self.counts["chosen"] += chosen == at
        if chosen != at:
            self.errors.append(f"CHOICE {form_id}: {chosen} of {[entry.score for entry in scored]}")
        decisions = scored[at].decisions if at < len(scored) else ()
        right = {"ours": True, "naive": True}
        for name, label in labels.items():
            self._field(form_id, name, label, decisions, right)
        for who, good in right.items():
            self.counts[f"{who} whole"] += good

    def _field(
        self, form_id: str, name: str, label: str, decisions: Sequence[Decision], right: dict[str, bool]
    ) -> None:
        expected = ROLES.get(label, "other")
        found = next((d for d in decisions if d.control.name == name), None)
        guesses = {"ours": "lost", "naive": "lost"}
        if found is not None:
            guesses = {"ours": found.role.value, "naive": naive(found.control)}
        self.counts["fields"] += 1
        self.counts["core"] += expected in CORE
        for who, guess in guesses.items():
            self.counts[f"{who} fields"] += guess == expected
            if expected in CORE:
                self.counts[f"{who} core"] += guess == expected
                right[who] &= guess == expected
        if guesses["ours"] != expected:
            seen = "" if found is None else f"{found.control.label!r} {found.control.near!r} by {found.signal}"
            self.errors.append(f"FIELD {form_id} {name}: {label} → {guesses['ours']} {seen}")

    def lines(self) -> list[str]:
        """The figures, ours and the naive regex's."""
        counts = self.counts
        rows = [
            f"{who:6} all fields {counts[f'{who} fields'] / counts['fields']:.3f}  "
            f"core {counts[f'{who} core'] / counts['core']:.3f}  whole {counts[f'{who} whole'] / counts['forms']:.3f}"
            for who in ("ours", "naive")
        ]
        chosen = counts["chosen"] / counts["forms"]
        return [*rows, f"forms {counts['forms']}, fields {counts['fields']}, contact form chosen {chosen:.3f}"]


def labelled_forms(split_file: Path, split: str) -> Iterator[tuple[str, Path, int, dict[str, str]]]:
    """Form id, page, index of the form and its labels, for every contact form of a split; copies are left out."""
    spec = find_spec("formasaurus")
    if spec is None or spec.origin is None:
        raise SystemExit("install the dev extra first: it brings the labelled pages")
    folder = Path(spec.origin).parent / "data"
    types = json.loads((folder / "config.json").read_text())["field_types"]["types"]
    full = {entry["short"]: entry["full"] for entry in types}
    index = json.loads((folder / "index.json").read_text())
    with split_file.open() as handle:
        rows = [row for row in csv.DictReader(handle) if row["split"] == split and not row["duplicate_of"]]
    for row in rows:
        if row["form_type"] == "contact/comment":
            name, number = row["id"].split("#")
            labels = {key: full[short] for key, short in index[name]["visible_html_fields"][int(number)].items()}
            known = {key: label for key, label in labels.items() if label != "NOT ANNOTATED"}
            yield row["id"], folder / name, int(number), known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split_file", type=Path)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--errors", action="store_true", help="print every wrong decision")
    asked = parser.parse_args()
    tally, began = Tally(), time.perf_counter()
    for form_id, path, at, labels in labelled_forms(asked.split_file, asked.split):
        tally.form(form_id, read_page(path.read_text("utf-8", "replace")), at, labels)
    spent = time.perf_counter() - began
    print("\n".join([*(tally.errors if asked.errors else ()), *tally.lines()]))
    print(f"{spent / max(tally.counts['forms'], 1) * 1000:.0f} ms a form")


if __name__ == "__main__":
    main()
