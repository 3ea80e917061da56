"""Languages: every word of every vocabulary, and no sentence without its German."""

from __future__ import annotations

import runpy
from pathlib import Path

from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask

from web import words
from web.formats import hours, score, share

TOOL = Path(__file__).parents[2] / "tools" / "translations"


def test_every_member_of_every_vocabulary_has_a_word() -> None:
    for vocabulary, known in words.WORDS.items():
        assert set(known) == set(vocabulary), vocabulary


def test_no_sentence_is_without_german_and_the_compiled_file_is_in_step() -> None:
    tool = runpy.run_path(str(TOOL), run_name="tool")
    with tool["PO"].open("rb") as file:
        catalogue = read_po(file, locale="de")
    with tool["PO"].with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)

    for message in tool["template"]():
        if message.id:
            german = catalogue.get(message.id)
            assert german is not None, f"run tools/translations: {message.id!r} is new"
            assert german.string, f"{message.id!r} has no German"
            assert compiled.get(message.id).string == german.string


def test_placeholders_are_the_same_in_german() -> None:
    tool = runpy.run_path(str(TOOL), run_name="tool")
    with tool["PO"].open("rb") as file:
        catalogue = read_po(file, locale="de")

    assert [message.id for message in catalogue if list(message.check(catalogue))] == []


def test_waits_are_written_in_the_unit_a_reader_would_use(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert [hours(value) for value in (None, 0.5, 2.34, 30, 100)] == ["–", "30 min", "2.3 h", "30 h", "4.2 days"]
        assert (share(0.875), score(71.6)) == ("88%", "72")
    with app.test_request_context("/?lang=de"):
        assert [hours(value) for value in (0.5, 2.34, 100)] == ["30 Min.", "2,3 Std.", "4,2 Tg."]
