"""METRICS: every figure with its definition, denominator and estimator. Pages, CSV and codebook read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from benchmark.core import measures
from benchmark.core.estimators import Estimate
from benchmark.core.figures import WITHIN
from benchmark.core.observed import Observed
from benchmark.core.vocabulary import HandOffState


class Unit(StrEnum):
    SHARE = "share"  # 0..1
    HOURS = "hours"


class Estimator(StrEnum):
    WILSON = "Wilson 95 %"
    KAPLAN_MEIER = "Kaplan-Meier, log-log 95 %"
    RMST = "restricted mean survival time"


@dataclass(frozen=True)
class Text:
    """The same sentence in both languages."""

    en: str
    de: str


@dataclass(frozen=True)
class Metric:
    """One figure: what it is called, what it means, what is divided by what, and how it is computed.

    `column` is its column of the leaderboard, "" where it stands on other pages only.
    """

    key: str
    name: Text
    definition: Text
    numerator: Text
    denominator: Text
    unit: Unit
    estimator: Estimator
    evaluate: Callable[[Observed], Estimate]
    column: str = ""


_DELIVERED = Text("delivered probes", "zugestellte Anfragen")
_HOURS_NAMES = {
    "within_1h": ("1 hour", "1 Stunde"),
    "within_4h": ("4 hours", "4 Stunden"),
    "within_24h": ("24 hours", "24 Stunden"),
    "within_48h": ("48 hours", "48 Stunden"),
    "within_7d": ("7 days", "7 Tagen"),
}


def _mature(window: str) -> Text:
    return Text(f"delivered, mature({window})", f"zugestellt, reif({window})")


_WITHIN_METRICS = tuple(
    Metric(
        name,
        Text(f"answered within {en}", f"beantwortet binnen {de}"),
        Text(
            f"share of inquiries a person replied to within {en} of acceptance by the channel",
            f"Anteil der Anfragen, auf die ein Mensch binnen {de} nach Annahme durch den Kanal geantwortet hat",
        ),
        Text(f"first human reply within {en}", f"erste menschliche Antwort binnen {de}"),
        _mature(name.removeprefix("within_")),
        Unit.SHARE,
        Estimator.WILSON,
        measures.of_table(name),
        name,
    )
    for name, (en, de) in _HOURS_NAMES.items()
)
assert set(_HOURS_NAMES) == set(WITHIN)

METRICS: tuple[Metric, ...] = (
    Metric(
        "delivery_rate",
        Text("delivery rate", "Zustellquote"),
        Text(
            "share of attempted inquiries that were accepted and not returned for good within 72 hours",
            "Anteil der versuchten Anfragen, die angenommen und binnen 72 Stunden nicht endgültig zurückgesandt wurden",
        ),
        Text("accepted, no permanent bounce within 72 h", "angenommen, keine endgültige Rückweisung binnen 72 h"),
        Text("attempted, without our own send errors", "versucht, ohne eigene Sendefehler"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.delivery_rate,
    ),
    Metric(
        "unreachable_rate",
        Text("unreachable rate", "Quote nicht erreichbar"),
        Text(
            "share of assigned inquiries a customer could not have delivered: bounced, form broken, refused, barrier",
            "Anteil der zugeteilten Anfragen, die auch ein Kunde nicht losgeworden wäre: unzustellbar, Formular "
            "defekt, abgewiesen, Hürde",
        ),
        Text("bounced or met a barrier", "zurückgewiesen oder an einer Hürde gescheitert"),
        Text("assigned, without our own errors", "zugeteilt, ohne eigene Fehler"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.unreachable_rate,
    ),
    Metric(
        "ack_rate",
        Text("acknowledgement rate", "Bestätigungsquote"),
        Text(
            "share of inquiries acknowledged within W_ack, by a machine or a person; an absence notice is none",
            "Anteil der Anfragen, deren Eingang binnen W_ack bestätigt wurde, automatisch oder von einem Menschen; "
            "eine Abwesenheitsnotiz zählt nicht",
        ),
        Text("any acknowledgement within W_ack", "irgendeine Bestätigung binnen W_ack"),
        _mature("W_ack"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.of_table("ack_rate"),
        "ack_rate",
    ),
    Metric(
        "ack_auto_rate",
        Text("acknowledged by a machine", "automatisch bestätigt"),
        Text("share first acknowledged by a machine", "Anteil, der zuerst automatisch bestätigt wurde"),
        Text("first acknowledgement automatic, within W_ack", "erste Bestätigung automatisch, binnen W_ack"),
        _mature("W_ack"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.acknowledged_by(0),
    ),
    Metric(
        "ack_human_rate",
        Text("acknowledged by a person", "von einem Menschen bestätigt"),
        Text("share first acknowledged by a person", "Anteil, der zuerst von einem Menschen bestätigt wurde"),
        Text("first acknowledgement human, within W_ack", "erste Bestätigung von einem Menschen, binnen W_ack"),
        _mature("W_ack"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.acknowledged_by(1),
    ),
    Metric(
        "time_to_acknowledgement",
        Text("time to acknowledgement", "Zeit bis zur Bestätigung"),
        Text(
            "time by which half of the inquiries were acknowledged, the unacknowledged counted as waiting",
            "Zeit, nach der die Hälfte der Anfragen bestätigt war; unbestätigte zählen als wartend",
        ),
        Text(
            "hours from acceptance to the first acknowledgement", "Stunden von der Annahme bis zur ersten Bestätigung"
        ),
        _DELIVERED,
        Unit.HOURS,
        Estimator.KAPLAN_MEIER,
        lambda observed: measures.acknowledgement_curve(observed).quantile(),
    ),
    Metric(
        "median_hours",
        Text("first response time", "Zeit bis zur ersten Antwort"),
        Text(
            "time by which a person had replied to half of the inquiries, the silent ones counted as waiting; never "
            "the mean of the repliers",
            "Zeit, nach der auf die Hälfte der Anfragen ein Mensch geantwortet hatte; unbeantwortete zählen als "
            "wartend; nie der Mittelwert der Antwortenden",
        ),
        Text(
            "hours from acceptance to the first human reply",
            "Stunden von der Annahme bis zur ersten menschlichen Antwort",
        ),
        _DELIVERED,
        Unit.HOURS,
        Estimator.KAPLAN_MEIER,
        lambda observed: measures.response_curve(observed).quantile(),
        "median_hours",
    ),
    *_WITHIN_METRICS,
    Metric(
        "rmst_hours",
        Text("average wait", "mittlere Wartezeit"),
        Text(
            "average wait for a person's reply, counting the full W_resp for those who never replied",
            "mittlere Wartezeit auf die Antwort eines Menschen; wer nie antwortete, zählt mit vollem W_resp",
        ),
        Text("area under the response curve up to W_resp", "Fläche unter der Antwortkurve bis W_resp"),
        _DELIVERED,
        Unit.HOURS,
        Estimator.RMST,
        measures.average_wait,
        "rmst_hours",
    ),
    Metric(
        "acknowledged_never_answered",
        Text("acknowledged, never answered", "bestätigt, nie beantwortet"),
        Text(
            "share of inquiries that were acknowledged and then left without a person's reply",
            "Anteil der Anfragen, die bestätigt wurden und dann ohne Antwort eines Menschen blieben",
        ),
        Text("acknowledged and no human reply within W_resp", "bestätigt und keine menschliche Antwort binnen W_resp"),
        _mature("W_resp"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.acknowledged_never_answered,
    ),
    Metric(
        "answered_rate",
        Text("answer rate", "Quote beantwortet"),
        Text(
            "share of inquiries that got a substantive reply, one that deals with the matter, within W_long",
            "Anteil der Anfragen, die binnen W_long inhaltlich beantwortet wurden, mit einer Antwort zur Sache",
        ),
        Text("substantive reply within W_long", "inhaltliche Antwort binnen W_long"),
        _mature("W_long"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.of_table("answered_rate"),
        "answered_rate",
    ),
    Metric(
        "median_answer_hours",
        Text("time to answer", "Zeit bis zur inhaltlichen Antwort"),
        Text(
            "time by which half of the inquiries had a substantive reply; time spent waiting for us is taken out",
            "Zeit, nach der die Hälfte der Anfragen inhaltlich beantwortet war; Wartezeit auf uns ist herausgerechnet",
        ),
        Text(
            "hours from acceptance to the first substantive reply",
            "Stunden von der Annahme bis zur inhaltlichen Antwort",
        ),
        _DELIVERED,
        Unit.HOURS,
        Estimator.KAPLAN_MEIER,
        lambda observed: measures.answer_curve(observed).quantile(),
        "median_answer_hours",
    ),
    Metric(
        "first_contact_resolution",
        Text("resolved at first contact", "beim ersten Kontakt gelöst"),
        Text(
            "share of human replies that answered fully the first time",
            "Anteil der menschlichen Antworten, die schon beim ersten Mal vollständig waren",
        ),
        Text("the first human reply answers fully", "die erste menschliche Antwort ist vollständig"),
        Text("delivered, with a human reply", "zugestellt, mit menschlicher Antwort"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.first_contact,
    ),
    Metric(
        "first_contact_resolution_all",
        Text("resolved at first contact, of all", "beim ersten Kontakt gelöst, von allen"),
        Text(
            "share of all inquiries that the first human reply answered fully within W_resp",
            "Anteil aller Anfragen, die schon die erste menschliche Antwort binnen W_resp vollständig beantwortet hat",
        ),
        Text(
            "the first human reply within W_resp answers fully",
            "die erste menschliche Antwort binnen W_resp ist vollständig",
        ),
        _mature("W_resp"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.first_contact_of_all,
    ),
    Metric(
        "followup_rate",
        Text("follow-up rate", "Nachfassquote"),
        Text(
            "share of answered inquiries after which the brand came back by itself: checks back, keeps a promise, "
            "reports progress; a survey alone and marketing do not count",
            "Anteil der beantworteten Anfragen, nach denen sich die Marke von selbst wieder meldete: fragt nach, "
            "hält ein Versprechen, berichtet vom Stand; eine Umfrage allein und Werbung zählen nicht",
        ),
        Text(
            "unprompted contact after the answer, within W_fu", "unaufgeforderter Kontakt nach der Antwort, binnen W_fu"
        ),
        Text("delivered with an answer, mature(W_fu)", "zugestellt und beantwortet, reif(W_fu)"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.of_table("followup_rate"),
        "followup_rate",
    ),
    Metric(
        "handoff_rate",
        Text("hand-off rate", "Quote weiterverwiesen"),
        Text(
            "share of replies that move the sender to another channel or address",
            "Anteil der Antworten, die den Absender an einen anderen Kanal oder eine andere Adresse verweisen",
        ),
        Text("moved, completed or lost", "verwiesen, mit oder ohne Abschluss"),
        Text("delivered, with a human reply", "zugestellt, mit menschlicher Antwort"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.handed_off(HandOffState.OPEN, HandOffState.COMPLETED, HandOffState.LOST),
    ),
    Metric(
        "handoff_completed_rate",
        Text("moved and completed", "verwiesen und abgeschlossen"),
        Text(
            "share of replies that move the sender and still lead to the answer: it was passed on, or came there",
            "Anteil der Antworten, die verweisen und doch zur Antwort führen: sie wurde weitergegeben oder kam dort",
        ),
        Text("moved, the answer came", "verwiesen, die Antwort kam"),
        Text("delivered, with a human reply", "zugestellt, mit menschlicher Antwort"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.handed_off(HandOffState.COMPLETED),
    ),
    Metric(
        "handoff_lost_rate",
        Text("moved and lost", "verwiesen und verloren"),
        Text(
            "share of replies after which the sender must start again elsewhere",
            "Anteil der Antworten, nach denen der Absender anderswo neu anfangen muss",
        ),
        Text("moved, the sender must start again", "verwiesen, der Absender muss neu anfangen"),
        Text("delivered, with a human reply", "zugestellt, mit menschlicher Antwort"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.handed_off(HandOffState.LOST),
    ),
    Metric(
        "kept_promise_rate",
        Text("kept its promise", "Versprechen gehalten"),
        Text(
            "share of substantive replies within the time the brand itself promises",
            "Anteil inhaltlicher Antworten innerhalb der Zeit, die die Marke selbst verspricht",
        ),
        Text("substantive reply within the promised time", "inhaltliche Antwort in der versprochenen Zeit"),
        Text(
            "delivered where a promise is on record, watched so long",
            "zugestellt, Versprechen liegt vor, so lange beobachtet",
        ),
        Unit.SHARE,
        Estimator.WILSON,
        measures.kept_promise,
    ),
    Metric(
        "ticket_rate",
        Text("case-number rate", "Quote mit Vorgangsnummer"),
        Text("share of inquiries that got a case number", "Anteil der Anfragen, die eine Vorgangsnummer erhielten"),
        Text("a case number in any reply", "eine Vorgangsnummer in irgendeiner Antwort"),
        _mature("W_ack"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.ticket_rate,
    ),
    Metric(
        "out_of_office_rate",
        Text("absence rate", "Abwesenheitsquote"),
        Text(
            "share of inquiries met by an absence or closure notice; absence and then nothing is no response",
            "Anteil der Anfragen, auf die eine Abwesenheitsnotiz kam; danach nichts ist keine Antwort",
        ),
        Text("absence or closure notice", "Abwesenheits- oder Schließungsnotiz"),
        _mature("W_ack"),
        Unit.SHARE,
        Estimator.WILSON,
        measures.out_of_office_rate,
    ),
)

METRIC = {metric.key: metric for metric in METRICS}
