"""The web-form channel: any contact form, once, with evidence."""

from __future__ import annotations

from probes.channels.web_form.channel import WebFormChannel
from probes.channels.web_form.settings import WebFormSettings

__all__ = ["WebFormChannel", "WebFormSettings"]
