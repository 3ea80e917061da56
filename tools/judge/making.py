"""Letters put together by chance from sentences and frames: what the judge learns most of its wording from."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmark.core.vocabulary import ReplyKind
from tools.judge.mails import ROOT, LabelledMail
from tools.letters.own_letters import written

SENTENCES = ROOT / "tools/letters/sentences"
Pools = dict[tuple[str, str], list[str]]

# Which systems send such letters, as profiles of own_letters; repeated where they are frequent.
PROFILES = {
    "auto_ack": "plain plain reply reply zendesk freshdesk otrs znuny zammad osticket rt autorespond cpanel gmail"
    " exchange servicenow salesforce hubspot glpi html",
    "out_of_office": "plain reply reply exchange exchange gmail sieve groupwise notes autorespond html",
    "human_reply": "plain reply reply reply reply html zendesk freshdesk otrs redmine rt jira servicenow intercom"
    " dynamics hubspot list",
    "automated_answer": "plain reply zendesk intercom freshdesk html",
    "followup": "plain reply zendesk freshdesk otrs servicenow jira redmine html",
    "unsolicited": "plain plain html mailchimp",
    "challenge": "plain reply html",
    "bounce": "plain",
    "delivery_delay": "plain",
    "read_receipt": "plain",
}
# How many sentences such a letter has.
LENGTHS = {
    "auto_ack": (1, 2, 2, 3, 3, 4, 4, 5, 6, 8),
    "out_of_office": (1, 1, 2, 2, 3, 3, 4, 5, 6),
    "human_reply": (1, 1, 2, 2, 3, 3, 4, 5, 6, 8),
    "automated_answer": (1, 2, 3, 4, 5, 6),
    "followup": (1, 2, 2, 3, 3, 4, 5, 6),
    "unsolicited": (1, 2, 3, 4, 5, 6, 8),
}
_BY_PEOPLE = frozenset({"human_reply", "out_of_office", "followup"})
_ANSWERS = _BY_PEOPLE | {"auto_ack", "automated_answer"}
_MENTIONED = ("auto_ack", "out_of_office", "bounce", "followup", "unsolicited")
GREETINGS = {
    "en": (
        "Hi Anna,",
        "Dear Ms Probe,",
        "Hello Anna,",
        "Hi there,",
        "Dear customer,",
        "Dear Sir or Madam,",
        "Hey,",
        "Dear Anna,",
        "Good morning,",
        "Hello,",
        "",
        "",
    ),
    "de": (
        "Hallo Frau Probe,",
        "Sehr geehrte Frau Probe,",
        "Hallo Anna,",
        "Guten Tag,",
        "Liebe Kundin, lieber Kunde,",
        "Sehr geehrte Damen und Herren,",
        "Moin,",
        "Guten Tag Frau Probe,",
        "Liebe Frau Probe,",
        "Servus,",
        "",
        "",
    ),
}
TEAMS = {
    "en": (
        "Your Harbour team",
        "Kind regards, Customer Service",
        "The Support Team",
        "Sincerely, Brightwater",
        "Kind regards\nCustomer Care",
        "",
        "",
    ),
    "de": (
        "Ihr Serviceteam",
        "Mit freundlichen Grüßen\nIhr Kundendienst",
        "Ihre Stadtverwaltung",
        "Dein Team",
        "Mit freundlichen Grüßen\nBrunnenhof GmbH",
        "",
        "",
    ),
}
PEOPLE = {
    "en": (
        "Best, Tom",
        "Kind regards,\nHelen Marsh",
        "Cheers, Dave",
        "Regards,\nPriya",
        "Ruth",
        "Thanks,\nMike",
        "Best wishes\nJoan Hill\nCustomer Service",
        "",
        "",
    ),
    "de": (
        "Viele Grüße, Melanie Kurz",
        "Mit freundlichen Grüßen\nJohanna Stein",
        "LG Tim",
        "Gruß, K. Loos",
        "Freundliche Grüße\nA. Brenner\nKundenservice",
        "Beste Grüße\nSven Ohm",
        "",
        "",
    ),
}
SUBJECTS = {
    "en": ("Opening hours", "Question", "Your service", "Delivery", "Invoice 4711", "Appointment", "Complaint"),
    "de": (
        "Frage zu Ihrem Angebot",
        "Anfrage",
        "Lieferung",
        "Rechnung 4711",
        "Termin",
        "Öffnungszeiten",
        "Reklamation",
    ),
}
ROLES = (
    "Service <service@firma.example>",
    "info@shop.example",
    "Support <support@desk.example>",
    "Brunnenhof <kontakt@brunnenhof.example>",
    "no-reply@firma.example",
)
NAMES = (
    "Anna Kurz <a.kurz@firma.example>",
    "Tom Weaver <tom@firm.example>",
    "m.weber@haus.example",
    "Helen Marsh <helen@marsh.example>",
)


def pools(folder: Path = SENTENCES) -> tuple[Pools, Pools, Pools]:
    """Sentences, subjects, and words about anything at all by (kind, language)."""
    sentences: Pools = defaultdict(list)
    subjects: Pools = defaultdict(list)
    others: Pools = defaultdict(list)
    by_sort = {(): sentences, ("subject",): subjects, ("other",): others}
    for path in sorted(folder.glob("*.txt")):
        here: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                kind, language, *rest = line[2:].split()
                here = by_sort[tuple(rest)][kind, language]
            elif line.strip():
                here.append(line.strip())
    return sentences, subjects, others


def made_letters(count: int, seed: int = 1) -> Iterator[LabelledMail]:
    """Letters put together by chance; the same seed and sentences give the same letters."""
    chance = random.Random(seed)
    sentences, subjects, others = pools()
    keys = list(sentences)
    weights = [len(sentences[key]) ** 0.75 for key in keys]
    for number, (kind, language) in enumerate(chance.choices(keys, weights, k=count)):
        said = _said(kind, language, sentences, others, chance)
        by_person = kind in _BY_PEOPLE and chance.random() < 0.75
        if language in GREETINGS and not (kind == "human_reply" and chance.random() < 0.25):
            said = [chance.choice(GREETINGS[language]), *said]
            said.append(chance.choice((PEOPLE if by_person else TEAMS)[language]))
        text = chance.choice(("\n", "\n\n", " ", "\n")).join(filter(None, said))
        if chance.random() < 0.12:
            for umlaut, plain in zip("äöüß", ("ae", "oe", "ue", "ss"), strict=True):
                text = text.replace(umlaut, plain)
        profile = chance.choice(PROFILES[kind].split())
        subject = _subject(kind, language, profile, subjects, chance)
        sender = chance.choice(NAMES if by_person and chance.random() < 0.8 else ROLES)
        raw = written(profile, f"From: {sender}\nSubject: {subject}\n\n{text}\n", number)
        yield LabelledMail(f"made-{number}", ReplyKind(kind), raw, 0.5)


def _said(kind: str, language: str, sentences: Pools, others: Pools, chance: random.Random) -> list[str]:
    own = sentences[kind, language]
    said = chance.sample(own, min(len(own), chance.choice(LENGTHS.get(kind, (1, 2, 3, 4)))))
    if kind == "human_reply":
        anything = others[kind, language]
        if anything and chance.random() < 0.35:
            said = said[: chance.randrange(2)] + chance.sample(anything, chance.choice((1, 1, 2, 3, 4)))
        foreign = sentences[chance.choice(_MENTIONED), language]
        if foreign and chance.random() < 0.1:  # people mention receipts, holidays and bounces among other things
            said.insert(chance.randrange(len(said) + 1), chance.choice(foreign))
            said += chance.sample(own, min(2, len(own)))
    answers = sentences["human_reply", language]
    if answers and chance.random() < {"automated_answer": 0.5, "followup": 0.15}.get(kind, 0):
        said.append(chance.choice(answers))
    return said


def _subject(kind: str, language: str, profile: str, subjects: Pools, chance: random.Random) -> str:
    own = subjects[kind, language]
    is_own = own and chance.random() < (0.3 if kind == "human_reply" else 0.6)
    subject = chance.choice(own if is_own else SUBJECTS.get(language, SUBJECTS["en"]))
    if kind in _ANSWERS and (profile == "reply" or chance.random() < 0.35):
        return chance.choice(("Re: ", "AW: ", "RE: ")) + subject
    return subject
