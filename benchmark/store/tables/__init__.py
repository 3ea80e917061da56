"""The tables, a room a subject. Unique constraints carry the promises; the record of the world is never rewritten.

Instants are aware and stored in UTC; enums are stored as text by value; columns ending in `_s` are seconds.
"""

from __future__ import annotations

from benchmark.store.tables.campaigns import (
    Brand,
    Campaign,
    ContactPoint,
    Inquiry,
    PersonaRow,
    Probe,
    ProbePhrase,
    Wave,
)
from benchmark.store.tables.mail import MailAccountRow, MailboxItem, MailboxRow, RawMessage
from benchmark.store.tables.replies import Event, LearnedKey, Observation, Reply, SoughtKey, VerdictRow
from benchmark.store.tables.results import Edition, OutcomePack, OutcomeRow
from benchmark.store.tables.sending import Attempt, EvidenceContent, EvidenceRow, ReceivingHost, Suppression
from benchmark.store.tables.upkeep import Errand, Heartbeat, Lease, StudyClock

__all__ = [
    "Attempt",
    "Brand",
    "Campaign",
    "ContactPoint",
    "Edition",
    "Errand",
    "Event",
    "EvidenceContent",
    "EvidenceRow",
    "Heartbeat",
    "Inquiry",
    "LearnedKey",
    "Lease",
    "MailAccountRow",
    "MailboxItem",
    "MailboxRow",
    "Observation",
    "OutcomePack",
    "OutcomeRow",
    "PersonaRow",
    "Probe",
    "ProbePhrase",
    "RawMessage",
    "ReceivingHost",
    "Reply",
    "SoughtKey",
    "StudyClock",
    "Suppression",
    "VerdictRow",
    "Wave",
]
