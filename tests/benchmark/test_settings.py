"""Settings as the environment gives them."""

from __future__ import annotations

import pytest

from benchmark.core.problems import BadInput
from benchmark.settings import load_settings


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("REPLYMARK_DNS_SERVER", "8.8.8.8:53", "setting dns_server: only a loopback name server is asked"),
        ("REPLYMARK_ARCHIVE_ADDRESS", "archive", "setting archive_address: one mail address, such as"),
        ("REPLYMARK_PORT", "many", "setting port: Input should be a valid integer"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_its_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(BadInput) as refused:
        load_settings()

    assert str(refused.value).startswith(words)
    assert f"(value {value!r})" in str(refused.value)
