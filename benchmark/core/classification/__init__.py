"""What a message is: rules and wording tables turn it into a Verdict."""

from __future__ import annotations
