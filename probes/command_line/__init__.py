"""Subcommands of the hands."""
