"""Computes the leaderboard again from data/probes.csv and method.json. Needs nothing but Python 3.9 or newer.

python recompute_leaderboard.py            prints rank, score and brand
python recompute_leaderboard.py --check    compares with data/leaderboard.csv; exit status 1 where they differ
"""

# ruff: noqa: B905, PTH123, T201 - it must run on Python 3.9, by itself, and speaks on the screen
# Plain Python for readers of the data, not a part of the program:
# mypy: ignore-errors

import csv
import datetime
import json
import math
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
METHOD = json.loads((HERE / "method.json").read_text(encoding="utf-8"))
AS_OF = datetime.datetime.fromisoformat(METHOD["as_of"]).timestamp()
HOUR = 3600.0
W = {name: float(seconds) for name, seconds in METHOD["windows_s"].items()}
WEIGHTS = METHOD["weights_used"]
Z = statistics.NormalDist().inv_cdf(0.975)
WITHIN = {
    f"within_{name}": hours * HOUR for name, hours in (("1h", 1), ("4h", 4), ("24h", 24), ("48h", 48), ("7d", 168))
}
SPEED = [HOUR, 4 * HOUR, 24 * HOUR, 48 * HOUR]
SLACK = 1e-6
TOLERANCE = 2.0**-26  # "exactly one half", as R has it
SECONDS = [
    "acknowledged_s",
    "human_s",
    "substantive_s",
    "followed_up_s",
    "bounced_s",
    "closed_s",
    "tester_delay_s",
]


def read_probes():
    """One dictionary a probe; a wait that has not happened is infinite."""
    with open(HERE / "data" / "probes.csv", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            probe = {name: float(row[name]) if row[name] else math.inf for name in SECONDS}
            probe["brand"], probe["exclusion"] = row["brand"], row["exclusion"]
            sent = row["sent_at"].replace("Z", "+00:00")
            probe["t0"] = datetime.datetime.fromisoformat(sent).timestamp() if sent else None
            probe["delivered"] = bool(sent) and not row["exclusion"] and probe["bounced_s"] == math.inf
            probe["first_word_s"] = min(probe["acknowledged_s"], probe["human_s"], probe["substantive_s"])
            yield probe


def mature(probe, window):
    if not probe["delivered"] or probe["closed_s"] < window:
        return False
    return AS_OF - probe["t0"] >= max(window, W["bounce"]) - SLACK


def wilson(p, n, z=Z):
    if n == 0 or p is None:
        return None, None
    stretch = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / stretch
    half = z * math.sqrt(max(p * (1 - p), 0) / n + z * z / (4 * n * n)) / stretch
    return (0.0 if p <= 0 else centre - half), (1.0 if p >= 1 else centre + half)


def share(hits, base):
    hits, base = list(hits), list(base)
    n = sum(base)
    value = sum(1 for hit, counts in zip(hits, base) if hit and counts) / n if n else None
    return (value, *wilson(value, n), n)


def curve(waits):
    """[(t, S, low, high)] at each event time and the longest time watched; waits are (time, happened)."""
    ordered = sorted(waits, key=lambda wait: (wait[0], not wait[1]))
    at_risk, survival, variance, points, index = len(ordered), 1.0, 0.0, [], 0
    while index < len(ordered):
        time, events, gone = ordered[index][0], 0, 0
        while index < len(ordered) and ordered[index][0] == time:
            events, gone, index = events + ordered[index][1], gone + 1, index + 1
        if events:
            survival *= (at_risk - events) / at_risk
            variance += events / (at_risk * (at_risk - events)) if at_risk > events else math.inf
            points.append((time, survival, *log_log(survival, variance)))
        at_risk -= gone
    return points, (ordered[-1][0] if ordered else 0.0)


def log_log(survival, variance):
    if not 0 < survival < 1 or variance == math.inf:
        return None, None
    shift, level = Z * math.sqrt(variance) / math.log(survival), math.log(-math.log(survival))
    return math.exp(-math.exp(level - shift)), math.exp(-math.exp(level + shift))


def crossing(points, place, last):
    """Smallest t with the curve below one half, or the middle of a flat at exactly one half."""
    known = [(point[0], point[place]) for point in points if point[place] is not None]
    below = [(time, level) for time, level in known if level < 0.5 + TOLERANCE]
    if not below:
        return None
    first, value = below[0]
    if value < 0.5 - TOLERANCE:
        return first
    later = [time for time, level in below if level < 0.5 - TOLERANCE]
    return (first + (later[0] if later else last)) / 2


def average_wait(points, tau):
    area, before, survival = 0.0, 0.0, 1.0
    for time, level, _low, _high in points:
        if time >= tau:
            break
        area, before, survival = area + survival * (time - before), time, level
    return area + survival * (tau - before)


def hours(seconds):
    return None if seconds is None else seconds / HOUR


def waits_of(probes, name, delayed):
    for probe in probes:
        if probe["delivered"]:
            watched = min(AS_OF - probe["t0"], probe["closed_s"])
            watched = max(watched - (probe["tester_delay_s"] if delayed else 0.0), 0.0)
            happened = probe[name] <= watched
            yield (round((probe[name] if happened else watched) * 1e6) / 1e6, happened)


def mean_score(probes):
    n = len(probes)
    if n == 0:
        return None
    answers = [probe["substantive_s"] for probe in probes]
    in_time = [wait for wait in answers if wait <= W["response"]]
    parts = {
        "acknowledged": sum(probe["first_word_s"] <= W["ack"] for probe in probes) / n,
        "answered": len(in_time) / n,
        "speed": sum(0.25 * (wait <= limit) for wait in in_time for limit in SPEED) / n,
        "followed": sum(
            probe["followed_up_s"] <= W["followup"] and probe["substantive_s"] < math.inf for probe in probes
        ) / n,
    }  # fmt: skip
    return sum(weight * parts[name] for name, weight in WEIGHTS.items() if weight)


def figures(brand, probes):
    """All cells of one brand but its rank."""
    row = {"brand": brand, "n": sum(probe["delivered"] for probe in probes)}
    ready = [probe for probe in probes if mature(probe, W["response"])]
    row["mature"], row["excluded"] = len(ready), sum(bool(p["exclusion"]) or p["bounced_s"] < math.inf for p in probes)
    cells = {
        "ack_rate": share((p["first_word_s"] <= W["ack"] for p in probes), (mature(p, W["ack"]) for p in probes)),
        "answered_rate": share(
            (p["substantive_s"] <= W["long"] for p in probes), (mature(p, W["long"]) for p in probes)
        ),
        "followup_rate": share(
            (p["followed_up_s"] <= W["followup"] for p in probes),
            (mature(p, W["followup"]) and p["substantive_s"] < math.inf for p in probes),
        ),
    }
    for name, limit in WITHIN.items():
        cells[name] = share((p["human_s"] <= limit for p in probes), (mature(p, limit) for p in probes))
    for name in METHOD["not_recorded"]:
        cells[name] = (None, None, None, 0)
    score = mean_score(ready)
    cells["score"] = (score, *wilson(score, len(ready)), len(ready))
    for name, (value, low, high, _n) in cells.items():
        scale = 100 if name == "score" else 1
        for suffix, figure in (("", value), ("_low", low), ("_high", high)):
            row[name + suffix] = None if figure is None else figure * scale
    points, last = curve(list(waits_of(probes, "human_s", False)))
    row["median_hours"], row["median_low"], row["median_high"] = (hours(crossing(points, k, last)) for k in (1, 2, 3))
    row["rmst_hours"] = hours(average_wait(points, W["response"])) if row["n"] else None
    answers, last = curve(list(waits_of(probes, "substantive_s", True)))
    row["median_answer_hours"] = hours(crossing(answers, 1, last))
    row["class"] = class_of(row, probes, score)
    return row


def class_of(row, probes, score):
    given = METHOD["classes"].get(row["brand"])
    if given:
        return given
    lost = any(probe["exclusion"] in ("bounced", "barrier") or probe["bounced_s"] < math.inf for probe in probes)
    if row["n"] == 0 and lost:
        return "unreachable"
    return "too_few" if row["mature"] < METHOD["min_n"] or score is None else "ranked"


def newcombe(p1, n1, p2, n2, z):
    (low1, high1), (low2, high2) = wilson(p1, n1, z), wilson(p2, n2, z)
    difference = p1 - p2
    return difference - math.hypot(p1 - low1, high2 - p2), difference + math.hypot(high1 - p1, p2 - low2)


def rank(rows):
    """Ranks, ranges and tiers of the ranked rows, in place."""
    rows = [row for row in rows if row["class"] == "ranked"]
    scores = [round(row["score"] / 100, 9) for row in rows]
    strict = len(rows) > 30
    z = statistics.NormalDist().inv_cdf(1 - 0.025 / (len(rows) - 1)) if strict else Z
    for row, score in zip(rows, scores):
        row["rank"] = 1 + sum(other > score for other in scores)
        if strict:
            gaps = [newcombe(row["score"] / 100, row["mature"], o["score"] / 100, o["mature"], z) for o in rows]
            above, below = sum(high < 0 for _low, high in gaps), sum(low > 0 for low, _high in gaps)
        else:
            above = sum(other["score_low"] > row["score_high"] for other in rows)
            below = sum(other["score_high"] < row["score_low"] for other in rows)
        row["rank_low"], row["rank_high"] = above + 1, len(rows) - below
    tier, rest = 0, rows
    while rest:
        tier, anchor = tier + 1, max(row["score_low"] for row in rest)
        for row in rest:
            row["tier"] = tier if row["score_high"] >= anchor else None
        rest = [row for row in rest if row["tier"] is None]


def leaderboard():
    brands = {}
    for probe in read_probes():
        brands.setdefault(probe["brand"], []).append(probe)
    for name in METHOD["classes"]:
        brands.setdefault(name, [])
    rows = [figures(brand, probes) for brand, probes in brands.items()]
    rank(rows)
    return {row["brand"]: row for row in rows}


def differences(rows):
    """Sentences on every cell that is not the published one (to one part in a thousand million)."""
    with open(HERE / "data" / "leaderboard.csv", encoding="utf-8", newline="") as stream:
        published = {row["brand"]: row for row in csv.DictReader(stream)}
    if set(published) != set(rows):
        yield "the brands differ: " + ", ".join(sorted(set(published) ^ set(rows)))
    for brand in sorted(set(published) & set(rows)):
        for name, cell in published[brand].items():
            if name in ("company", "sector", "formula", "brand"):
                continue
            mine = rows[brand].get(name)
            if not same(mine, cell):
                yield f"{brand}, {name}: published {cell!r}, computed {mine!r}"


def same(mine, cell):
    if mine is None or cell == "":
        return mine is None and cell == ""
    return mine == cell if isinstance(mine, str) else math.isclose(mine, float(cell), rel_tol=1e-9, abs_tol=1e-9)


def main():
    rows = leaderboard()
    if "--check" in sys.argv[1:]:
        found = list(differences(rows))
        print("\n".join(found) or f"agrees: {len(rows)} brands")
        return 1 if found else 0
    for row in sorted(rows.values(), key=lambda row: (row.get("rank") or math.inf, row["brand"])):
        score = "" if row["score"] is None else f"{row['score']:.1f}"
        print(f"{row.get('rank') or row['class']:>8} {score:>6} {row['brand']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
