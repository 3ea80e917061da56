"""The rehearsal world in one process: brands behind real servers, their outbox, the researcher, the clock master.

Started by the supervisor as `python -m probes.sandbox.world FOLDER`; says where it listens in `FOLDER/world.json`.
"""

from __future__ import annotations

import email
import email.policy
import heapq
import logging
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Engine

from benchmark import observations
from benchmark.campaign_file import read_campaign
from benchmark.core.addresses import addresses_in, token_of
from benchmark.core.design import BrandIn, CampaignDesign
from benchmark.core.values import HandOffTarget
from benchmark.core.vocabulary import (
    ChannelKind,
    ObservationKind,
    ReplyFlag,
    ReplyKind,
)
from benchmark.observations import ObservationIn
from benchmark.settings import Settings, load_settings
from benchmark.store import queries
from benchmark.store.queries import OpenTask
from benchmark.store.session import ChangeWatcher, engine_for, reading, transaction
from benchmark.wall_clock import monotonic, pause, study_now
from probes.ready_file import say_ready
from probes.sandbox import letters, study_clock
from probes.sandbox.characters import CHARACTERS, FORM_STYLES, Act, Asked
from probes.sandbox.ledger import Ledger, LedgerLine, What
from probes.sandbox.letters import Inquiry, Sender
from probes.sandbox.post_office import PostOffice
from probes.sandbox.sites import SiteAnswer, SiteServer, SiteSpec

log = logging.getLogger(__name__)
RESEARCHER = "rehearsal researcher"
IDLE_S = 0.003
LOOK_AGAIN_S = 0.25  # also when nobody has committed
READY_FILE = "world.json"
FINISHED_FILE = "world.finished"


@dataclass(order=True)
class Planned:
    """An act in the outbox, in order of its time; `number` keeps equal times in order of planning."""

    at: datetime
    number: int
    act: Act = field(compare=False)
    sender: Sender = field(compare=False)
    inquiry: Inquiry = field(compare=False)
    channel: ChannelKind = field(compare=False)
    probe_id: int | None = field(compare=False, default=None)


def rehearsal_design() -> CampaignDesign:
    """The campaign the demo runs, as it stands in the package."""
    return read_campaign(Path(str(files("probes.sandbox").joinpath("rehearsal.yaml"))))


class World:
    """Knows nothing of the study's tables but the clock, the open tasks and what is still in flight."""

    def __init__(self, settings: Settings, folder: Path, design: CampaignDesign, seed: int) -> None:
        self.settings, self.folder, self.design, self.seed = settings, folder, design, seed
        self.engine: Engine = engine_for(settings.database)
        self.ledger = Ledger(folder)
        self.brands = {brand.key: brand for brand in design.brands}
        self.outbox: list[Planned] = []
        self.turns: Counter[tuple[str, ChannelKind]] = Counter()
        self.lock = threading.Lock()
        self.numbers = 0
        self.office = PostOffice(self._mail_addresses(), self._on_mail)
        self.sites = SiteServer(self._site_specs(), self._on_form)
        with reading(self.engine) as session:
            self.now = study_now(session)

    def start(self) -> None:
        """Opens the servers and says where they listen."""
        smtp_port, sites_port = self.office.start(), self.sites.start()
        ready = {"smtp_port": smtp_port, "hosts": dict.fromkeys(sorted(self.sites.hosts), sites_port)}
        say_ready(self.folder / READY_FILE, ready)
        mailbox = self.settings
        self.office.open_mailbox(mailbox.imap_host, mailbox.imap_port, mailbox.imap_user, mailbox.imap_password)

    def run(self) -> None:
        """Turns until the process is ended."""
        watcher, looked_at = ChangeWatcher(self.engine), -1.0
        while True:
            if watcher.changed() or monotonic() - looked_at > LOOK_AGAIN_S:
                looked_at = monotonic()
                self.turn()
            else:
                pause(IDLE_S)

    def turn(self) -> None:
        """Does the open tasks, or, when nothing is in flight, moves the clock to the next event and performs it."""
        with reading(self.engine) as session:
            tasks = queries.open_tasks(session) if queries.any_task(session) else []
            with self.lock:
                next_act_at = self.outbox[0].at if self.outbox else None
            standing = study_clock.look(session, self.now, self.office.delivered, next_act_at)
        if tasks:
            for task in tasks:
                self._post(task)
            return
        if standing.busy or standing.next_at is None:
            self._mark_finished(standing)
            return
        self._jump(max(standing.next_at, self.now))

    def _jump(self, moment: datetime) -> None:
        with transaction(self.engine) as session:
            study_clock.set_clock(session, moment)
        self.now = moment
        while self.outbox and self.outbox[0].at <= moment:
            with self.lock:
                planned = heapq.heappop(self.outbox)
            self._perform(planned)

    def _mark_finished(self, standing: study_clock.Standing) -> None:
        marker = self.folder / FINISHED_FILE
        finished = not standing.busy and standing.next_at is None and bool(self.turns)
        if finished != marker.exists():
            marker.touch() if finished else marker.unlink()

    # What the brands receive

    def _on_mail(self, recipient: str, content: bytes) -> str:
        message = email.message_from_bytes(content, policy=email.policy.default)
        name, reply_address = parseaddr(str(message["From"]))
        body = message.get_body(("plain",))
        brand = self.brands[recipient.rpartition("@")[2].removesuffix(".example")]
        asked = self._asked(brand, ChannelKind.EMAIL)
        inquiry = self._inquiry(
            brand, asked.turn, str(message["Subject"]), reply_address, name, recipient, str(message["Message-ID"])
        )
        original = str(body.get_content()).encode() if body else b""
        self._received(brand, asked, Inquiry(**{**inquiry.__dict__, "original": original}))
        return "250 2.0.0 Ok: queued"

    def _on_form(self, host: str, fields: dict[str, str]) -> SiteAnswer:
        brand = self.brands[host.removesuffix(".example")]
        asked = self._asked(brand, ChannelKind.WEB_FORM)
        name = fields.get("name") or f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
        subject = fields.get("subject") or self._subject_of(fields.get("message", ""))
        inquiry = self._inquiry(brand, asked.turn, subject, fields.get("email", ""), name)
        sender = _sender(brand)
        with_ticket = brand.key in ("lindenhof", "sunmere", "ringfield")
        self._received(brand, asked, inquiry)
        words, ticket = letters.page_words(sender, inquiry, with_ticket)
        flags = [ReplyFlag.HAS_TICKET] if ticket else []
        self._write_done(asked, inquiry, ReplyKind.AUTO_ACK, flags, "page", asked.at)
        return SiteAnswer(words, ticket)

    def _post(self, task: OpenTask) -> None:
        """The researcher posts the question on the platform and logs where, as the later form will."""
        brand = self.brands[task.brand_slug]
        asked = self._asked(brand, task.channel)
        url = f"http://{task.channel}.example/{brand.key}/posts/{asked.turn + 1}"
        with transaction(self.engine) as session:
            observations.log_posting(session, task.probe_id, url, self.now, coder=RESEARCHER)
        inquiry = self._inquiry(brand, asked.turn, task.subject, task.reply_address, task.persona_name)
        self._received(brand, asked, inquiry, task.probe_id)

    def _asked(self, brand: BrandIn, channel: ChannelKind) -> Asked:
        with self.lock:
            turn = self.turns[(brand.key, channel)]
            self.turns[(brand.key, channel)] += 1
        return Asked(brand.key, channel.group, channel, turn, self.now, brand.zone, self.seed)

    def _received(self, brand: BrandIn, asked: Asked, inquiry: Inquiry, probe_id: int | None = None) -> None:
        line = LedgerLine(What.RECEIVED, asked.at, brand.key, asked.channel, token_of(inquiry.reply_address) or "")
        self.ledger.write(line)
        for act in CHARACTERS[brand.key](asked):
            with self.lock:
                self.numbers += 1
                planned = Planned(
                    asked.at + act.after, self.numbers, act, _sender(brand), inquiry, asked.channel, probe_id
                )
                heapq.heappush(self.outbox, planned)

    def _inquiry(
        self, brand: BrandIn, turn: int, subject: str, reply_address: str, name: str, to: str = "", message_id: str = ""
    ) -> Inquiry:
        persona = next((p for p in self.design.personas if p.persona().name == name), None)
        salutation = persona.salutation if persona else ""
        reply_to = next(iter(addresses_in(reply_address)), reply_address)
        return Inquiry(self._key_of(subject), subject, reply_to, name, salutation, turn, to, message_id)

    def _key_of(self, subject: str) -> str:
        """Which inquiry was asked, by its subject; the first one for subjects nobody planned."""
        keys = {text.subject: inquiry.key for inquiry in self.design.inquiries for text in inquiry.texts}
        return keys.get(subject, self.design.inquiries[0].key)

    def _subject_of(self, message: str) -> str:
        """Forms without a subject line: the brand reads the message."""
        start = " ".join(message.split())
        for inquiry in self.design.inquiries:
            for text in inquiry.texts:
                middle = " ".join(text.body.split("\n\n")[1].split())[:40]
                if middle.partition("{{")[0] in start:
                    return text.subject
        return start[:60]

    # What the brands do

    def _perform(self, planned: Planned) -> None:
        act = planned.act
        if act.by_telephone or (planned.channel.group.value == "social" and planned.probe_id is not None):
            self._observe(planned)
        else:
            self.office.deliver(letters.mail_of(planned.sender, planned.inquiry, act, planned.at), planned.at)
        asked = Asked(planned.sender.slug, planned.channel.group, planned.channel, 0, planned.at, "UTC", self.seed)
        self._write_done(asked, planned.inquiry, act.kind, sorted(act.flags), act.letter, planned.at)

    def _observe(self, planned: Planned) -> None:
        """The researcher sees the answer on the wall, or takes the call, and logs it."""
        act, sender = planned.act, planned.sender
        platform = ChannelKind.TELEPHONE if act.by_telephone else planned.channel
        handoff = HandOffTarget(ChannelKind.EMAIL) if ReplyFlag.HANDOFF in act.flags else None
        number = f"{sender.slug}-{planned.number}"
        seen = ObservationIn(
            platform=platform,
            kind=ObservationKind.REPLY,
            checked_at=planned.at,
            coder=RESEARCHER,
            reply_at=planned.at,
            reply_url="" if act.by_telephone else f"http://{platform}.example/{sender.slug}/replies/{number}",
            platform_id=number,
            author_handle=sender.slug,
            reply_kind=act.kind,
            flags=act.flags,
            followup_kind=act.followup_kind,
            handoff=handoff,
            text=letters.post_words(sender, planned.inquiry, act),
        )
        with transaction(self.engine) as session:
            probe_id = planned.probe_id or queries.probe_of_token(
                session, token_of(planned.inquiry.reply_address) or ""
            )
            if probe_id is not None:
                observations.log_observation(session, probe_id, seen, now=planned.at)

    def _write_done(
        self, asked: Asked, inquiry: Inquiry, kind: ReplyKind, flags: list[ReplyFlag], letter: str, at: datetime
    ) -> None:
        token = token_of(inquiry.reply_address) or ""
        words = [flag.value for flag in flags]
        self.ledger.write(LedgerLine(What.DONE, at, asked.slug, asked.channel, token, kind, words, letter))

    def _mail_addresses(self) -> frozenset[str]:
        points = (point for brand in self.design.brands for point in brand.contact_points)
        return frozenset(point.address.lower() for point in points if point.channel is ChannelKind.EMAIL)

    def _site_specs(self) -> list[SiteSpec]:
        return [
            SiteSpec(f"{slug}.example", self.brands[slug].name, self.brands[slug].language, style)
            for slug, style in FORM_STYLES.items()
            if slug in self.brands
        ]


def _sender(brand: BrandIn) -> Sender:
    return Sender(brand.key, brand.name, brand.language, brand.country)


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    folder, settings = Path(sys.argv[1]), load_settings()
    design = rehearsal_design()
    world = World(settings, folder, design, int(sys.argv[2]) if len(sys.argv) > 2 else design.seed)
    world.start()
    world.run()


if __name__ == "__main__":
    main()
