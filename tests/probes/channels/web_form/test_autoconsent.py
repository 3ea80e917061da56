"""The vendored autoconsent is what npm gave, with its licence."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from probes.channels.web_form.autoconsent import CONFIG, VERSION


def test_the_vendored_files_are_unmodified() -> None:
    folder = files("probes.channels.web_form").joinpath(f"vendor/autoconsent-{VERSION}")

    for line in folder.joinpath("SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == digest
    assert "Mozilla Public License" in folder.joinpath("LICENSE").read_text()


def test_it_may_refuse_and_never_accept() -> None:
    assert (CONFIG["autoAction"], CONFIG["heuristicMode"]) == ("optOut", "reject")
