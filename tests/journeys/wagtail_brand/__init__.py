"""A brand's site made with Wagtail, run by an environment of its own; nothing of Replymark is imported here."""
