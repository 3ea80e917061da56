"""The columns of every download: name, type, unit and meaning in both languages, for headers and codebooks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from benchmark.core.leaderboard import LEADERBOARD_COLUMNS, LeaderboardRow
from benchmark.core.metrics import METRICS, Text


class Level(StrEnum):
    """What one row is."""

    LEADERBOARD = "leaderboard"
    PROBES = "probes"
    REPLIES = "replies"
    EVENTS = "events"
    ASSIGNMENT = "assignment"
    CODES = "codes"


class Kind(StrEnum):
    """Types of cells, as Data Package v2 calls them. Only text needs the formula guard."""

    TEXT = "string"
    INTEGER = "integer"
    NUMBER = "number"
    INSTANT = "datetime"
    DATE = "date"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    meaning: Text
    unit: str = ""


GUARD_RULE = Text(
    "A text that begins like a formula (= + - @, tab or return, also after a line break) carries a leading apostrophe.",
    "Ein Text, der wie eine Formel beginnt (= + - @, Tabulator oder Wagenrücklauf, auch nach einem Zeilenumbruch), "
    "trägt ein Hochkomma davor.",
)

_IDS = (
    Column("probe_id", Kind.TEXT, Text("one inquiry to one contact point", "eine Anfrage an eine Kontaktstelle")),
    Column("brand", Kind.TEXT, Text("what is ranked", "was gereiht wird")),
)
_PLACE = (
    Column("company", Kind.TEXT, Text("company the brand belongs to", "Unternehmen, zu dem die Marke gehört")),
    Column("sector", Kind.TEXT, Text("sector", "Branche")),
    Column("country", Kind.TEXT, Text("country", "Land")),
    Column("channel", Kind.TEXT, Text("channel of the inquiry", "Kanal der Anfrage")),
    Column("inquiry", Kind.TEXT, Text("kind of inquiry", "Art der Anfrage")),
    Column("wave", Kind.TEXT, Text("wave of the campaign", "Welle der Erhebung")),
    Column("template", Kind.TEXT, Text("inquiry and version of its text", "Anfrage und Fassung ihres Textes")),
)


def _after(name: str, en: str, de: str) -> Column:
    return Column(name, Kind.NUMBER, Text(f"from sent_at to {en}", f"von sent_at bis {de}"), "s")


PROBES = (
    *_IDS,
    *_PLACE,
    Column(
        "sent_at",
        Kind.INSTANT,
        Text("t0: the channel accepted the inquiry", "t0: der Kanal nahm die Anfrage an"),
        "UTC",
    ),
    _after("acknowledged_s", "the first acknowledgement", "zur ersten Bestätigung"),
    Column("acknowledged_by", Kind.TEXT, Text("auto or human", "auto (Maschine) oder human (Mensch)")),
    _after("human_s", "the first human reply", "zur ersten Antwort eines Menschen"),
    _after("substantive_s", "the first substantive reply", "zur ersten inhaltlichen Antwort"),
    _after(
        "followed_up_s", "the first unprompted follow-up after the answer", "zum ersten Nachfassen nach der Antwort"
    ),
    _after("bounced_s", "the permanent bounce", "zur endgültigen Rückweisung"),
    _after("closed_s", "the moment nothing was observed any more", "zum Ende der Beobachtung"),
    _after("ticket_s", "the first case number", "zur ersten Vorgangsnummer"),
    _after("out_of_office_s", "the first absence notice", "zur ersten Abwesenheitsnotiz"),
    Column(
        "handoff", Kind.TEXT, Text("none, open, completed or lost", "none, open, completed oder lost (Weiterverweis)")
    ),
    Column(
        "tester_delay_s",
        Kind.NUMBER,
        Text("time the brand waited for us, taken out of the clocks", "Wartezeit der Marke auf uns, herausgerechnet"),
        "s",
    ),
    Column("exclusion", Kind.TEXT, Text("why the probe does not count", "warum die Anfrage nicht zählt")),
)
REPLIES = (
    _IDS[0],
    Column("reply_id", Kind.INTEGER, Text("one reply", "eine Antwort")),
    Column("channel", Kind.TEXT, Text("channel it came on", "Kanal, auf dem sie kam")),
    Column("received_at", Kind.INSTANT, Text("our first trusted receipt", "unser erster verlässlicher Eingang"), "UTC"),
    Column("kind", Kind.TEXT, Text("what it is", "was sie ist")),
    Column("flags", Kind.TEXT, Text("flags on top of the kind", "Merkmale dazu")),
    Column("followup_kind", Kind.TEXT, Text("kind of follow-up", "Art des Nachfassens")),
    Column(
        "handoff_state",
        Kind.TEXT,
        Text(
            "what became of its hand-off: none, open, completed or lost; a person's word, else as handoff in probes",
            "was aus seinem Weiterverweis wurde: none, open, completed oder lost; Wort eines Menschen, sonst wie "
            "handoff in probes",
        ),
    ),
    Column(
        "substantive", Kind.BOOLEAN, Text("a coder's word, empty: by rule", "Wort einer Codierperson, leer: nach Regel")
    ),
    Column("language", Kind.TEXT, Text("language", "Sprache")),
    Column("confidence", Kind.NUMBER, Text("confidence of the verdict", "Sicherheit des Urteils"), "0..1"),
    Column("decided_by", Kind.TEXT, Text("rules or person", "rules (Regeln) oder person")),
    Column("rules_version", Kind.TEXT, Text("version of the rules", "Fassung der Regeln")),
    Column("matched_by", Kind.TEXT, Text("evidence that placed it", "Beleg der Zuordnung")),
    Column("handoff_channel", Kind.TEXT, Text("channel it hands over to", "Kanal, an den sie verweist")),
    Column("handoff_address", Kind.TEXT, Text("address it hands over to", "Adresse, an die sie verweist")),
    Column("ticket_ids", Kind.TEXT, Text("case numbers in it", "Vorgangsnummern darin")),
    Column(
        "return_date",
        Kind.DATE,
        Text("when somebody is back, as it says", "wann laut Antwort wieder jemand da ist"),
    ),
)
EVENTS = (
    _IDS[0],
    Column("event_id", Kind.INTEGER, Text("one event of the log", "ein Ereignis des Protokolls")),
    Column("kind", Kind.TEXT, Text("what happened", "was geschah")),
    Column("at", Kind.INSTANT, Text("when", "wann"), "UTC"),
    Column("reply_id", Kind.INTEGER, Text("the reply, if it is one", "die Antwort, falls es eine ist")),
)
ASSIGNMENT = (
    *_IDS,
    Column("channel", Kind.TEXT, Text("channel", "Kanal")),
    Column("wave", Kind.TEXT, Text("wave", "Welle")),
    Column("template", Kind.TEXT, Text("inquiry and version of its text", "Anfrage und Fassung ihres Textes")),
    Column("persona", Kind.TEXT, Text("key of the sender", "Schlüssel des Absenders")),
    Column("due_at", Kind.INSTANT, Text("time of sending as it was frozen", "Sendezeitpunkt, wie eingefroren"), "UTC"),
    Column("state", Kind.TEXT, Text("state of the probe", "Stand der Anfrage")),
    Column("sent_at", Kind.INSTANT, Text("t0: the channel accepted it", "t0: der Kanal nahm sie an"), "UTC"),
    Column(
        "deviation",
        Kind.TEXT,
        Text(
            "what differs from the plan: postponed, sent_later, or the state of what was not sent; empty = nothing",
            "was vom Plan abweicht: postponed (verschoben), sent_later (später gesendet) oder der Stand dessen, was "
            "nicht gesendet wurde; leer = nichts",
        ),
    ),
)
CODES = (
    _IDS[0],
    Column("reply_id", Kind.INTEGER, Text("the coded reply", "die codierte Antwort")),
    Column("verdict_id", Kind.INTEGER, Text("one coding; later ones win", "eine Codierung; spätere gelten")),
    Column("coder", Kind.INTEGER, Text("number of the coder, 0 = rules", "Nummer der Codierperson, 0 = Regeln")),
    Column("kind", Kind.TEXT, Text("what it is", "was sie ist")),
    Column("flags", Kind.TEXT, Text("flags on top of the kind", "Merkmale dazu")),
    Column("substantive", Kind.BOOLEAN, Text("deals with the matter", "geht auf die Sache ein")),
    Column("decided_at", Kind.INSTANT, Text("when", "wann"), "UTC"),
)

_OWN = {
    "rank": Text("competition rank of the estimate", "Rang des Schätzwerts (gleiche teilen ihn)"),
    "rank_low": Text("best rank the data allow", "bester Rang, den die Daten zulassen"),
    "rank_high": Text("worst rank the data allow", "schlechtester Rang, den die Daten zulassen"),
    "tier": Text(
        "group that cannot be told apart from its best", "Gruppe, die sich von ihrer Besten nicht unterscheiden lässt"
    ),
    "brand": Text("what is ranked", "was gereiht wird"),
    "company": Text("company", "Unternehmen"),
    "sector": Text("sector", "Branche"),
    "n": Text("delivered and valid probes", "zugestellte, gültige Anfragen"),
    "mature": Text("of them old enough for W_resp", "davon alt genug für W_resp"),
    "excluded": Text("probes that do not count, with a reason", "Anfragen, die begründet nicht zählen"),
    "median_low": Text("lower limit of median_hours", "untere Grenze von median_hours"),
    "median_high": Text("upper limit of median_hours", "obere Grenze von median_hours"),
    "score": Text("100 times the mean score of mature probes", "100 mal mittlere Punktzahl der reifen Anfragen"),
    "formula": Text("how the score is put together", "wie sich die Punktzahl zusammensetzt"),
    "class": Text(
        "ranked, too_few, unreachable, not_offered or opted_out",
        "ranked (gereiht), too_few (zu wenige), unreachable (nicht erreichbar), not_offered (Kanal fehlt), "
        "opted_out (abgelehnt)",
    ),
}
_METRIC_OF = {metric.column: metric for metric in METRICS if metric.column}
_KIND_OF = {"int": Kind.INTEGER, "float": Kind.NUMBER}


def _leaderboard_column(name: str, annotation: str) -> Column:
    kind = _KIND_OF.get(annotation.split(" ")[0], Kind.TEXT)
    if name in _OWN:
        return Column(name, kind, _OWN[name], "h" if name.startswith("median") else "0..100" if name == "score" else "")
    for suffix, en, de in (("_low", "lower", "untere"), ("_high", "upper", "obere")):
        if name.endswith(suffix):
            of = name.removesuffix(suffix)
            return Column(name, kind, Text(f"{en} 95 % limit of {of}", f"{de} 95-%-Grenze von {of}"))
    metric = _METRIC_OF[name]
    return Column(name, kind, metric.definition, "h" if metric.unit == "hours" else "0..1")


LEADERBOARD = tuple(
    _leaderboard_column(name, str(column.type))
    for name, column in zip(LEADERBOARD_COLUMNS, fields(LeaderboardRow), strict=True)
)

CODEBOOK: dict[Level, tuple[Column, ...]] = {
    Level.LEADERBOARD: LEADERBOARD,
    Level.PROBES: PROBES,
    Level.REPLIES: REPLIES,
    Level.EVENTS: EVENTS,
    Level.ASSIGNMENT: ASSIGNMENT,
    Level.CODES: CODES,
}
