"""Settings, read once from the environment into a frozen object; the only reader of the environment."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from benchmark.core.mail_accounts import PER_HOST_HOUR, PER_HOUR, MailSecurity
from benchmark.core.problems import BadInput
from benchmark.core.vocabulary import Mode

_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
SETUP_FILE = Path(sys.prefix) / "replymark.env"  # set-up writes here which browser and Redis it found


def _default_data_dir() -> Path:
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "replymark"


class Settings(BaseSettings):
    """Every setting has its row in the README. The sandbox is the only mode; another value is refused."""

    model_config = SettingsConfigDict(
        env_prefix="REPLYMARK_", env_file=(SETUP_FILE, ".env"), extra="ignore", frozen=True, populate_by_name=True
    )

    mode: Mode = Mode.SANDBOX
    data_dir: Path = Field(default_factory=_default_data_dir)
    database_url: str = Field(default="", validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    redis_url: str = Field(default="", validation_alias=AliasChoices("REDIS_URL", "redis_url"))
    redis_server: str = ""
    browser: str = Field(default="", validation_alias=AliasChoices("REPLYMARK_BROWSER", "CHROMIUM", "browser"))
    secret_key: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    run_token: str = ""
    reload: bool = False
    https: bool = False  # a proxy in front speaks TLS: cookies become __Host- and Secure
    trusted_hosts: str = ""  # host names beside loopback under which the pages may be asked, separated by commas

    study_domain: str = "study.example"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 0
    smtp_security: MailSecurity = MailSecurity.PLAIN
    smtp_user: str = ""
    smtp_password: str = Field(default="", repr=False)
    imap_host: str = "127.0.0.1"
    imap_port: int = 0
    imap_security: MailSecurity = MailSecurity.PLAIN
    imap_user: str = "study"
    imap_password: str = Field(default="", repr=False)
    archive_address: str = ""  # gets a copy of each inquiry and so settles doubts
    sent_folder: str = ""  # where the submission server keeps copies by itself
    mail_per_hour: int = Field(default=PER_HOUR, ge=1)
    mail_per_host_hour: int = Field(default=PER_HOST_HOUR, ge=1)
    mail_timeout_s: float = Field(default=30.0, gt=0)
    dns_server: str = ""  # HOST:PORT of a loopback name server; empty: none is asked
    mailbox_key: str = Field(default="", repr=False)
    egress_proxy: str = ""
    poll_s: float = 20.0
    tick_s: float = 1.0
    sweep_s: float = 60.0
    lease_s: float = 180.0
    dwell_s: float = 8.0
    dwell_jitter_s: float = 4.0
    find_s: float = 6.0

    @field_validator("smtp_host", "imap_host")
    @classmethod
    def _loopback_only(cls, value: str) -> str:
        if value not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("only loopback servers are reachable in sandbox mode; use 127.0.0.1")
        return value

    @field_validator("dns_server")
    @classmethod
    def _loopback_names(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value and (host not in {"127.0.0.1", "localhost"} or not port.isdigit()):
            raise ValueError("only a loopback name server is asked in sandbox mode; use 127.0.0.1:PORT")
        return value

    @field_validator("archive_address")
    @classmethod
    def _one_address(cls, value: str) -> str:
        if value and not _ADDRESS.fullmatch(value):
            raise ValueError("one mail address, such as archive@study.example")
        return value

    @property
    def trusted_host_names(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.trusted_hosts.split(",") if name.strip())

    @property
    def database(self) -> str:
        """SQLAlchemy URL: DATABASE_URL, or a SQLite file in the data folder."""
        if self.database_url:
            return _with_driver(self.database_url)
        return f"sqlite:///{self.data_dir / 'replymark.sqlite'}"


def _with_driver(url: str) -> str:
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def load_settings() -> Settings:
    """Raises BadInput naming the variable, its value and the remedy."""
    try:
        return Settings()
    except ValidationError as problem:
        first = problem.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"setting {name}",
            f"{first['msg'].removeprefix('Value error, ')} (value {first['input']!r})",
            "see the table in README.md",
        ) from None
