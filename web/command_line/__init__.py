"""Subcommands of the face."""
