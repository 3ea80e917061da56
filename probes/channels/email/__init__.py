"""E-mail: one inquiry over SMTP submission, and what the server's answers mean."""

from __future__ import annotations

from probes.channels.email.channel import EmailChannel, MailRoom
from probes.channels.email.composing import compose

__all__ = ["EmailChannel", "MailRoom", "compose"]
