"""The channels there are: one row each. A worker opens the one its queue needs and keeps it warm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from benchmark import mail_accounts
from benchmark.core.mail_accounts import MailAccount
from benchmark.core.values import ClaimedProbe, Delivery
from benchmark.core.vocabulary import ChannelGroup
from benchmark.settings import Settings
from benchmark.store.session import engine_for, reading
from probes.channels.email import MailRoom
from probes.channels.social import TaskChannel


class Channel(Protocol):
    """What every channel must do."""

    def hand_over(self, claimed: ClaimedProbe, arm: Callable[[], None]) -> Delivery:
        """One attempt. Calls `arm` right before the point of no return; raises TemporaryFailure only before it."""

    def close(self) -> None:
        """Gives back connections and browsers."""


def _email(settings: Settings) -> Channel:
    def accounts() -> list[MailAccount]:
        with reading(engine_for(settings.database)) as session:
            return mail_accounts.with_secrets(session, settings)

    return MailRoom(accounts, settings.mode, settings.mail_timeout_s)


def _web_form(settings: Settings) -> Channel:
    from probes.channels.web_form import WebFormChannel, WebFormSettings  # only the form worker pays for Playwright

    return WebFormChannel(
        WebFormSettings(
            browser_path=settings.browser,
            proxy_url=settings.egress_proxy,
            dwell_s=settings.dwell_s,
            dwell_jitter_s=settings.dwell_jitter_s,
            find_s=settings.find_s,
        )
    )


def _task(_settings: Settings) -> Channel:
    return TaskChannel()


OPENERS: dict[ChannelGroup, Callable[[Settings], Channel]] = {
    ChannelGroup.EMAIL: _email,
    ChannelGroup.WEB_FORM: _web_form,
    ChannelGroup.SOCIAL: _task,
    ChannelGroup.TELEPHONE: _task,
    ChannelGroup.POST: _task,
    ChannelGroup.OTHER: _task,
}
