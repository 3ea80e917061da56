# Share of inquiries answered by a person within 24 hours, and the median wait, per brand.
# Needs: pip install pandas
import pandas as pd

as_of = pd.Timestamp("AS_OF")
probes = pd.read_csv("data/probes.csv")
probes["sent_at"] = pd.to_datetime(probes["sent_at"], format="ISO8601", utc=True)
delivered = probes[probes["sent_at"].notna() & probes["exclusion"].isna()].copy()

# Mature: old enough for the window and for a late bounce (72 hours), and not closed before.
watched = as_of - delivered["sent_at"]
mature = delivered[(watched >= pd.Timedelta(hours=72)) & ~(delivered["closed_s"] < 24 * 3600)]
within = (mature["human_s"] <= 24 * 3600).groupby(mature["brand"]).agg(["mean", "size"])

# Median wait by Kaplan and Meier: those still waiting count as long as they were watched.
delivered["watched_s"] = watched.dt.total_seconds().clip(upper=delivered["closed_s"].fillna(float("inf")))
delivered["replied"] = delivered["human_s"] <= delivered["watched_s"]
delivered["waited_s"] = delivered["human_s"].where(delivered["replied"], delivered["watched_s"])


def median_hours(group):
    at_risk, waiting = len(group), 1.0
    flat = None  # where exactly half are still waiting, the median is the middle of that stretch
    for wait, here in group.sort_values("waited_s").groupby("waited_s"):
        replies = here["replied"].sum()
        if flat is not None and replies:
            return (flat + wait) / 2 / 3600
        waiting *= 1 - replies / at_risk
        at_risk -= len(here)
        if waiting < 0.5 - 1e-9:
            return wait / 3600
        if replies and abs(waiting - 0.5) <= 1e-9:
            flat = wait
    return None if flat is None else flat / 3600


medians = delivered.groupby("brand")[["waited_s", "replied"]].apply(median_hours).rename("median_hours")
print(within.rename(columns={"mean": "within_24h", "size": "n"}).join(medians, how="outer").to_csv())
