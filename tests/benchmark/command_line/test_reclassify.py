"""The bar of `replymark reclassify`; what it does is tested with the verbs."""

from __future__ import annotations

import io

from benchmark.command_line.reclassify import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_on_a_terminal_only() -> None:
    terminal, file = Terminal(), io.StringIO()

    for out in (terminal, file):
        with progress(120, out) as advance:
            for _ in range(3):
                advance(40)

    assert "120/120" in terminal.getvalue()
    assert file.getvalue() == ""
