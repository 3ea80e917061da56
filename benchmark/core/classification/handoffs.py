"""Hand-offs: to which channel and address the sender is sent."""

from __future__ import annotations

import re

from benchmark.core.addresses import domain_of
from benchmark.core.classification.reading import Reading
from benchmark.core.classification.wording import rows
from benchmark.core.values import HandOffTarget, RuleHit
from benchmark.core.vocabulary import ChannelKind

# In this order: an address to write to says more than a telephone number in the same letter.
_CHANNELS = (
    ChannelKind.EMAIL,
    ChannelKind.WEB_FORM,
    ChannelKind.TELEPHONE,
    ChannelKind.LETTER,
    ChannelKind.VISIT,
    ChannelKind.FACEBOOK,
)
_OFFER = re.compile(
    r"(?:any|further|more|other|additional|weitere\w*|bei (?:r(?:ü|ue)ck)?fragen|falls sie|sollten sie|if you|feel free"
    r"|gerne?)\b[^.!?]{0,90}$"
)
# "By telephone on ..." alone tells when somebody is there; who hands off asks to be called.
_ASKS_TO_CALL = re.compile(
    r"\b(?:please|kindly|should|must|need to|have to|best|only|instead|directly|call (?:us|our|the)|ring us"
    r"|give us a (?:call|ring)|contact (?:us|our|the)|speak to|bitte|wenden|rufen sie|ruft? uns|melden sie|nur"
    r"|am besten|ausschlie(?:ß|ss)lich|m(?:ü|ue)ss\w*|direkt|kontaktieren)\b"
)


def handoff(reading: Reading) -> tuple[HandOffTarget, RuleHit] | None:
    """Where the sender shall turn instead. An offer for further questions is no hand-off, nor is our own address."""
    for channel in _CHANNELS:
        for row in rows("flags", f"handoff_{channel.value}"):
            match = row.search(reading.places["text"])
            if match is None or _is_offer(reading.letter, match):
                continue
            address = _target(match)
            if channel is ChannelKind.TELEPHONE and not _ASKS_TO_CALL.search(_sentence_up_to(reading.letter, match)):
                continue
            if channel is ChannelKind.EMAIL and not _is_elsewhere(reading, address):
                continue
            return HandOffTarget(channel, address), RuleHit(row.id, row.where, match.group()[:60])
    return None


def _target(match: re.Match[str]) -> str:
    named = match.groupdict().get("address") or ""
    # Rows see dates with commas; in addresses the dots behind digits come back.
    return re.sub(r"(?<=\d),(?=\w)", ".", named).rstrip(".,;)")


def _is_elsewhere(reading: Reading, address: str) -> bool:
    """Neither the address this mail came from nor one of ours."""
    ours = {domain_of(known) for known in (*reading.message.to, *reading.message.cc, reading.context.our_address)}
    here = {reading.message.from_address, *reading.message.reply_to}
    return address not in here and domain_of(address) not in ours


def _sentence_up_to(letter: str, match: re.Match[str]) -> str:
    return re.split(r"[.!?] ", letter[: match.start()])[-1] + match.group()


def _is_offer(letter: str, match: re.Match[str]) -> bool:
    sentence = re.split(r"[.!?] ", letter[: match.start() + 25])[-1]
    return bool(_OFFER.search(sentence))
