"""`replymark forms inspect` on files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark.core.recipes import load_recipe
from probes.command_line.forms import forms
from probes.page_text import decode
from probes.sandbox.sites import SiteAnswer, SiteServer, SiteSpec

PAGE = "<form><label>E-Mail <input name=mail id=i></label><textarea name=text></textarea><button>Senden</button></form>"


def test_inspect_prints_the_mapping_as_json(tmp_path: Path) -> None:
    page = tmp_path / "kontakt.html"
    page.write_text(PAGE)

    told = json.loads(CliRunner().invoke(forms, ["inspect", str(page), "--format", "json"]).output)

    assert [told[0][key] for key in ("source", "chosen")] == [str(page), 0]
    assert told[0]["forms"][0]["is_contact"] is True
    assert [(f["name"], f["id"], f["role"]) for f in told[0]["forms"][0]["fields"]] == [
        ("mail", "i", "email"),
        ("text", "", "message"),
        ("", "", "submit"),
    ]


def test_a_page_without_a_contact_form_chooses_none(tmp_path: Path) -> None:
    page = tmp_path / "suche.html"
    page.write_text("<form><input name=q></form>")

    assert json.loads(CliRunner().invoke(forms, ["inspect", str(page), "--format", "json"]).output)[0]["chosen"] is None


def test_a_missing_file_is_told_in_one_line_and_loses_no_other(tmp_path: Path) -> None:
    page = tmp_path / "kontakt.html"
    page.write_text(PAGE)

    result = CliRunner().invoke(forms, ["inspect", "/nowhere.html", str(tmp_path), str(page), "--format", "json"])

    told = json.loads(result.stdout)
    assert result.exit_code == 2
    assert [entry["chosen"] for entry in told] == [None, None, 0]
    assert len(result.stderr.splitlines()) == 2
    assert "/nowhere.html" in told[0]["problem"]


BROKEN = {
    "nothing": "",
    "bytes": "\x00\x01\xff",
    "unclosed": "<form><input name=a<textarea name=b",
    "deep": "<div>" * 60_000 + PAGE,
    "long": "<p>Wort</p>" * 300_000 + PAGE,
    "quotes": '<form action="x><input name="mail"><textarea name=t></form>',
    "many": "<form><input name=q></form>" * 3_000 + PAGE,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_or_huge_page_is_read_all_the_same(tmp_path: Path, name: str) -> None:
    page = tmp_path / f"{name}.html"
    page.write_text(BROKEN[name])

    result = CliRunner().invoke(forms, ["inspect", str(page), "--format", "json"])

    assert result.exit_code == 0, result.exception
    assert json.loads(result.stdout)[0]["source"] == str(page)


def test_forms_are_counted_in_document_order_nested_and_empty_ones_too(tmp_path: Path) -> None:
    page = tmp_path / "order.html"
    page.write_text(f"<form></form><table><form><tr><td>{PAGE}</td></tr></form></table><form><input name=q></form>")

    told = json.loads(CliRunner().invoke(forms, ["inspect", str(page), "--format", "json"]).stdout)[0]

    assert [form["index"] for form in told["forms"]] == [0, 1, 2, 3]
    assert told["chosen"] == 2


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "utf-8-sig"])
def test_umlauts_survive_whatever_the_file_was_written_in(encoding: str) -> None:
    assert "Straße" in decode("<p>Straße".encode(encoding))


class LoopbackSite(SiteServer):
    """One brand's site that also answers under its loopback address, as a person would type it."""

    def __init__(self) -> None:
        spec = SiteSpec("nordlicht.example", "Nordlicht", "de", "shop")
        super().__init__([spec], lambda host, fields: SiteAnswer("never"))
        self._sites["127.0.0.1"] = spec

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/kontakt"


@pytest.mark.real
def test_an_address_is_inspected_with_the_browser_and_one_outside_is_refused() -> None:
    with LoopbackSite() as site:
        told = json.loads(CliRunner().invoke(forms, ["inspect", site.url, "--format", "json"]).output)
        refused = CliRunner().invoke(forms, ["inspect", "http://nordlicht.invalid/kontakt"])

    assert told[0]["chosen"] == 1
    assert "message" in {entry["role"] for entry in told[0]["forms"][1]["fields"]}
    assert refused.exit_code == 2
    assert "outside the rehearsal world" in refused.stderr


@pytest.mark.real
def test_a_rehearsal_writes_recipe_and_picture_and_sends_nothing(tmp_path: Path) -> None:
    recipe = tmp_path / "nordlicht.yaml"
    with LoopbackSite() as site:
        result = CliRunner().invoke(forms, ["rehearse", site.url, "--recipe", str(recipe)])

        assert result.exit_code == 0, result.output
        assert site.posts == []
    read = load_recipe(recipe.read_text())
    assert read.steps[0].fields["comment"].role == "message"
    assert read.signature
    assert recipe.with_suffix(".jpg").read_bytes()[:2] == b"\xff\xd8"
