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
from importlib.util import find_spec
from pathlib import Path

from probes.channels.web_form.finding import choose
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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("split_file", type=Path)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--errors", action="store_true")
    asked = parser.parse_args()
    spec = find_spec("formasaurus")
    assert spec is not None and spec.origin is not None, "install the dev extra"
    folder = Path(spec.origin).parent / "data"
    full = {entry["short"]: entry["full"] for entry in json.loads((folder / "config.json").read_text())["field_types"]["types"]}
    index = json.loads((folder / "index.json").read_text())
    with asked.split_file.open() as handle:
        rows = [row for row in csv.DictReader(handle) if row["split"] == asked.split]
    wanted = [row for row in rows if row["form_type"] == "contact/comment" and not row["duplicate_of"]]
    counts: Counter[str] = Counter()
    confusions: Counter[tuple[str, str]] = Counter()
    began = time.perf_counter()
    for row in wanted:
        name, number = row["id"].split("#")
        page = read_page((folder / name).read_text("utf-8", "replace"))
        scored, chosen = choose(page.forms, page)
        at = int(number)
        counts["forms"] += 1
        if at >= len(scored):
            counts["lost"] += 1
            continue
        counts["chosen"] += chosen is not None and chosen == at
        if asked.errors and chosen != at:
            print(f"CHOICE {row['id']} chosen {chosen}: {[(s.score, s.is_comment) for s in scored]}")
        labels = index[name]["visible_html_fields"][at]
        right = {"ours": True, "naive": True}
        for label_name, short in labels.items():
            expected = ROLES.get(full[short], "other")
            if full[short] == "NOT ANNOTATED":
                continue
            found = [d for d in scored[at].decisions if d.control.name == label_name]
            if not found:
                if asked.errors:
                    print(f"LOST {row['id']} {label_name}")
            guesses = {"ours": found[0].role.value if found else "lost", "naive": naive(found[0].control) if found else "lost"}
            counts["fields"] += 1
            counts["core"] += expected in CORE
            for who, guess in guesses.items():
                counts[f"{who} fields"] += guess == expected
                if expected in CORE:
                    counts[f"{who} core"] += guess == expected
                    right[who] &= guess == expected
            if guesses["ours"] != expected:
                confusions[expected, guesses["ours"]] += 1
                if asked.errors:
                    c = found[0].control if found else None
                    told = (c.tag, c.type, c.name, c.label, c.placeholder, c.near[-50:], c.after[:30]) if c else ()
                    print(f"FIELD {row['id']} {row['lang']} {full[short]} → {guesses['ours']} by {found[0].signal if found else ''} {told}")
        for who, good in right.items():
            counts[f"{who} whole"] += good
    spent = time.perf_counter() - began
    for who in ("ours", "naive"):
        print(
            f"{who:6} all fields {counts[f'{who} fields'] / counts['fields']:.3f}  "
            f"core {counts[f'{who} core'] / counts['core']:.3f}  whole forms {counts[f'{who} whole'] / counts['forms']:.3f}"
        )
    print(
        f"forms {counts['forms']}, fields {counts['fields']}, contact form chosen {counts['chosen'] / counts['forms']:.3f}, "
        f"not seen {counts['lost']}, {spent / counts['forms'] * 1000:.0f} ms a page"
    )
    if asked.errors:
        print(confusions.most_common(30))


if __name__ == "__main__":
    main()
