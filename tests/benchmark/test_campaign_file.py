"""Campaign files: each mistake is answered with line, key and remedy, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.campaign_file import read_campaign
from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import ChannelKind

GOOD = """\
campaign: spring
purpose: Tests.
responsible: The tests
waves:
  - starts_on: 2026-03-02
personas:
  - {key: jana, first_name: Jana, last_name: Brandt}
inquiries:
  - key: hours
    kind: question
    texts:
      - language: de
        subject: Frage
        body: Guten Tag {{brand}}
brands:
  - name: Lindenhof
    contact_points:
      - channel: email
        address: service@lindenhof.example
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "campaign.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    design = read_campaign(write(tmp_path, GOOD))

    assert design.brands[0].contact_points[0].channel is ChannelKind.EMAIL
    assert design.brands[0].key == "lindenhof"


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("kind: question", "kind: riddle", "line 10, inquiries.0.kind", "riddle"),
        ("purpose:", "purpos:", "line 2, purpos", "did you mean 'purpose'"),
        ("purpose: Tests.\n", "", "purpose", "is missing"),
        ("2026-03-02", "2026-02-30", "line 5, waves.0.starts_on", "2026-02-30"),
        ("{{brand}}", "{{brnd}}", "line 12", "{{brnd}}"),
        ("service@lindenhof.example", "lindenhof", "line 18", "no mail address"),
        ("channel: email", "channel: fax", "line 18, brands.0.contact_points.0.channel", "fax"),
        ("language: de", "language: en", "inquiry 'hours' has no text in 'de'", "which a brand needs"),
        ("  - name: Lindenhof", "  - name: Lindenhof\n    zone: Europe/Bärlin", "line 17", "no IANA zone"),
        ("waves:", "waves: [", "line", "check indentation"),
        ("campaign: spring", "campaign: Spring Time", "line 1, campaign", "Spring Time"),
    ],
)
def test_a_mistake_names_its_place_and_remedy(tmp_path: Path, old: str, new: str, place: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        read_campaign(write(tmp_path, GOOD.replace(old, new, 1)))

    assert place in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"- a\n- b\n", b"just words", b"a: !!python/object:os.system x"]
)
def test_what_is_no_campaign_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)

    with pytest.raises(BadInput, match=r"bad\.yaml"):
        read_campaign(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.yaml"):
        read_campaign(tmp_path / "nowhere.yaml")
