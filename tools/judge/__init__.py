"""How the judge of replies learns; `python -m tools.judge` writes its tables."""
