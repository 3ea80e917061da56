"""Live mode does not exist: no setting, command, job, channel or page can reach it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from benchmark import campaigns, mail_accounts, policy
from benchmark.core.problems import BadInput, Refused
from benchmark.core.vocabulary import Mode
from benchmark.settings import Settings, load_settings
from probes.channels.email import EmailChannel
from tests.samples import brand, design, launched

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("benchmark", "probes", "web")


def test_there_is_one_mode() -> None:
    assert list(Mode) == [Mode.SANDBOX]


@pytest.mark.parametrize("value", ["live", "LIVE", "production", "", "sandbox,live"])
def test_no_setting_switches_it_on(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("REPLYMARK_MODE", value)

    with pytest.raises(BadInput, match="mode"):
        load_settings()


@pytest.mark.parametrize("name", ["smtp_host", "imap_host"])
@pytest.mark.parametrize("value", ["mail.example.com", "10.0.0.5", "0.0.0.0", "192.0.2.1"])
def test_mail_servers_outside_loopback_are_refused(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match="loopback"):
        Settings(**{name: value})


def test_the_channel_itself_starts_in_sandbox_mode() -> None:
    assert EmailChannel(mail_accounts.of_settings(Settings())).mode is Mode.SANDBOX


@pytest.mark.parametrize(
    "host", ["brand.com", "brand.example.com", "example", "brandexample", "127.0.0.1", "", "brand.example@evil.com"]
)
def test_the_rail_lets_only_names_of_the_rehearsal_world_pass(host: str) -> None:
    with pytest.raises(Refused):
        policy.refuse_outside_rehearsal(Mode.SANDBOX, host)


@pytest.mark.parametrize(
    "point",
    [
        {"channel": "email", "address": "service@brand.com"},
        {"channel": "web_form", "address": "https://www.brand.com/contact"},
        {"channel": "web_form", "address": "http://127.0.0.1/contact"},
    ],
)
def test_a_campaign_with_a_real_address_cannot_be_launched(sqlite_engine: Engine, point: dict[str, str]) -> None:
    with pytest.raises(Refused, match="outside the rehearsal world"):
        launched(sqlite_engine, brands=[brand("Brand", [point])])
    with pytest.raises(Refused):
        campaigns.check(design(brands=[brand("Brand", [point])]))


@pytest.mark.real
def test_the_command_refuses_a_campaign_file_with_a_real_address(tmp_path: Path) -> None:
    text = (ROOT / "probes/sandbox/rehearsal.yaml").read_text(encoding="utf-8")
    path = tmp_path / "live.yaml"
    path.write_text(text.replace("service@lindenhof.example", "service@lindenhof.com"), encoding="utf-8")
    replymark = Path(sys.executable).parent / "replymark"

    own = {**os.environ, "REPLYMARK_DATA_DIR": str(tmp_path)}
    told = subprocess.run([replymark, "campaign", "launch", path], capture_output=True, text=True, check=False, env=own)

    assert told.returncode == 2
    assert "outside the rehearsal world" in told.stderr
    assert told.stderr.count("\n") == 1


def test_only_the_known_modules_open_connections() -> None:
    """Whoever adds a way out meets this list and the rails behind it."""
    ways_out = {
        "smtplib",
        "imaplib",
        "imap_tools",
        "dns",
        "socket",
        "urllib.request",
        "http.client",
        "httpx",
        "requests",
        "playwright",
    }
    found = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if ways_out & set(_imports(path, ways_out))
    }

    # The dashboard only looks whether its own port is free.
    assert {name for name in found if not name.startswith("probes/")} <= {"web/command_line/web.py"}
    assert {
        name for name in found if name.startswith("probes/") and "sandbox" not in name and "web_form" not in name
    } <= {
        "probes/browser.py",
        "probes/channels/email/channel.py",
        "probes/egress.py",
        "probes/egress_rules.py",  # resolves names for the guard
        "probes/errands.py",  # knows the error of the browser alone
        "probes/mail/log_in.py",  # refuses every peer but loopback
        "probes/mail/mailbox.py",
        "probes/mail/name_records.py",  # asks a loopback name server alone
        "probes/mail/study_domain.py",  # asks a loopback name server alone
        "probes/page_fetch.py",  # through the egress guard alone
        "probes/runtime.py",
        "probes/scheduler.py",
        "probes/supervisor.py",
    }


def _imports(path: Path, wanted: set[str]) -> list[str]:
    text = path.read_text(encoding="utf-8")
    if not any(name in text for name in wanted):
        return []
    names = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names += [part for alias in node.names for part in (alias.name, alias.name.partition(".")[0])]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, node.module.partition(".")[0]]
    return names
