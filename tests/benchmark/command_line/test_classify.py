"""`replymark classify` as it is called."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmark import preparing
from benchmark.command_line.classify import classify
from benchmark.core.classification import RULES_VERSION
from benchmark.core.problems import BadInput
from benchmark.core.values import InboundMessage, MatchContext, Verdict

ACK = (
    "From: service@brand.example\nSubject: [Ticket#4711] Ihre Anfrage\nAuto-Submitted: auto-replied\n\n"
    "Wir haben Ihre Nachricht erhalten und melden uns so schnell wie möglich.\n"
)
LETTER = (
    "From: kern@brand.example\nSubject: Re: Frage\nIn-Reply-To: <1@study.example>\n\nZehn Werktage.\n\nGruß, Kern\n"
)


def run(*arguments: object) -> str:
    result = CliRunner().invoke(classify, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def rows(*arguments: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run(*arguments))))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "below").mkdir()
    (tmp_path / "b.eml").write_text(ACK, encoding="utf-8")
    (tmp_path / "below" / "a.eml").write_text(LETTER, encoding="utf-8")
    (tmp_path / "labels.csv").write_text("file,label\n", encoding="utf-8")
    return tmp_path


def test_a_folder_gives_one_row_a_mail_in_the_order_of_paths(folder: Path) -> None:
    found = rows(folder)

    assert [row["file"] for row in found] == [str(folder / "b.eml"), str(folder / "below" / "a.eml")]
    assert [row["kind"] for row in found] == ["auto_ack", "human_reply"]


def test_the_columns_are_those_promised(folder: Path) -> None:
    header = run(folder).splitlines()[0]

    assert header == (
        "file,kind,confidence,ticket_ids,language,flags,rules,rules_version"
        ",followup_kind,handoff_channel,handoff_address,return_date"
    )


def test_a_row_carries_ticket_flags_rules_and_their_version(folder: Path) -> None:
    row = rows(folder / "b.eml")[0]

    assert (row["ticket_ids"], row["language"], row["flags"]) == ("4711", "de", "has_ticket")
    assert "auto-submitted-replied" in row["rules"].split(";")
    assert row["rules_version"] == RULES_VERSION
    assert 0.8 <= float(row["confidence"]) < 1


def test_json_gives_lists_as_lists(folder: Path) -> None:
    found = json.loads(run(folder / "b.eml", "--format", "json"))

    assert found[0]["ticket_ids"] == ["4711"]
    assert found[0]["kind"] == "auto_ack"
    assert [hit["rule"] for hit in found[0]["evidence"]] == found[0]["rules"]
    assert {"rule": "auto-submitted-replied", "where": "auto-submitted", "matched": "auto-replied"} in (
        found[0]["evidence"]
    )


def test_an_empty_folder_gives_an_empty_result(tmp_path: Path) -> None:
    told = CliRunner().invoke(classify, [str(tmp_path), "--format", "json"])

    assert (told.exit_code, json.loads(told.stdout)) == (0, [])
    assert told.stderr == f"replymark: {tmp_path}: holds no mail file\n"


def test_an_mbox_gives_one_row_a_mail(tmp_path: Path) -> None:
    line = "From kern@brand.example Tue Mar 10 09:00:00 2026\n"
    (tmp_path / "inbox").write_text(f"{line}{ACK}\n{line}{LETTER}>From here on it is quick.\n\n", encoding="utf-8")

    found = rows(tmp_path / "inbox")

    assert [row["file"].rpartition("#")[2] for row in found] == ["1", "2"]
    assert [row["kind"] for row in found] == ["auto_ack", "human_reply"]


def test_a_single_mail_with_a_from_line_is_no_mbox(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_text(f"From a@b.example Tue Mar 10 09:00:00 2026\n{LETTER}", encoding="utf-8")

    assert [row["file"] for row in rows(tmp_path)] == [str(tmp_path / "one.eml")]


def test_a_path_given_twice_is_read_once(folder: Path) -> None:
    assert len(rows(folder, folder / "b.eml")) == 2


def test_a_missing_path_is_named_before_anything_is_written(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"missing\.eml: no such file or folder"):
        run(folder, folder / "missing.eml")


def test_a_file_that_is_no_mail_still_gets_a_row(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(bytes(range(256)))

    assert len(rows(tmp_path)) == 1


def test_a_mail_may_come_on_standard_input() -> None:
    result = CliRunner().invoke(classify, ["-"], input=ACK, catch_exceptions=False)

    found = list(csv.DictReader(io.StringIO(result.output)))
    assert [(row["file"], row["kind"]) for row in found] == [("stdin", "auto_ack")]


def test_an_mbox_on_standard_input_gives_one_row_a_mail() -> None:
    line = "From kern@brand.example Tue Mar 10 09:00:00 2026\n"

    result = CliRunner().invoke(classify, ["-"], input=f"{line}{ACK}\n{line}{LETTER}", catch_exceptions=False)

    found = list(csv.DictReader(io.StringIO(result.output)))
    assert [(row["file"], row["kind"]) for row in found] == [("stdin#1", "auto_ack"), ("stdin#2", "human_reply")]


def test_a_single_mail_with_a_from_line_on_standard_input_is_one() -> None:
    given = f"From a@b.example Tue Mar 10 09:00:00 2026\n{LETTER}"

    result = CliRunner().invoke(classify, ["-"], input=given, catch_exceptions=False)

    assert [row["file"] for row in csv.DictReader(io.StringIO(result.output))] == ["stdin"]


def test_a_mail_that_breaks_the_rules_holds_up_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = preparing.classify_all

    def breaking(messages: Iterable[tuple[InboundMessage, MatchContext | None]]) -> list[Verdict]:
        asked = list(messages)
        if any("Zehn Werktage" in message.text for message, _ in asked):
            raise ZeroDivisionError
        return together(asked)

    monkeypatch.setattr(preparing, "classify_all", breaking)

    assert [row["file"] for row in rows(folder)] == [str(folder / "b.eml"), str(folder / "below" / "a.eml")]


@pytest.mark.parametrize(
    ("arguments", "given", "told"),
    [
        (["-"], b" \n", "standard input: holds no mail"),
        (["/dev/null"], b"", "/dev/null: is a device"),
        ([], b"", "is not said"),
    ],
)
def test_nothing_to_read_is_refused_in_one_line(arguments: list[str], given: bytes, told: str) -> None:
    result = CliRunner().invoke(classify, arguments, given)

    assert isinstance(result.exception, BadInput)
    assert told in str(result.exception)
    assert result.stdout == ""


def test_links_that_lead_nowhere_are_named(folder: Path) -> None:
    (folder / "gone.eml").symlink_to("nowhere")
    (folder / "loop.eml").symlink_to("loop.eml")

    told = CliRunner().invoke(classify, [str(folder)])

    assert len(list(csv.DictReader(io.StringIO(told.stdout)))) == 2
    assert all(f"{folder / name}: links to nothing" in told.stderr for name in ("gone.eml", "loop.eml"))
    with pytest.raises(BadInput, match="links to nothing"):
        run(folder / "gone.eml")
    with pytest.raises(BadInput, match="cannot be read"):
        run(folder / "loop.eml")
