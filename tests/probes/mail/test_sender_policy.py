"""Who may send for a domain, by the rules of RFC 7208."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from probes.mail.sender_policy import Policy, PolicyError, mechanisms, with_server
from tests.probes.mail.name_server import Zone

ZONE: Zone = {
    ("study.example", "MX"): ["10 mail.study.example."],
    ("mail.study.example", "A"): ["192.0.2.10"],
    ("mail.study.example", "AAAA"): ["2001:db8::10"],
    ("out.provider.example", "A"): ["198.51.100.7"],
    ("spf.provider.example", "TXT"): ["v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:5::/48 -all"],
}


def result(record: str, address: str, more: Zone | None = None) -> str:
    zone = {**ZONE, ("study.example", "TXT"): [record], **(more or {})}
    return Policy(lambda name, kind: zone.get((name, kind), []), ip_address(address)).result("study.example")


@pytest.mark.parametrize(
    ("record", "address", "expected"),
    [
        ("v=spf1 mx -all", "192.0.2.10", "pass"),
        ("v=spf1 MX -ALL", "2001:db8::10", "pass"),
        ("v=spf1 mx -all", "192.0.2.11", "fail"),
        ("v=spf1 mx/24 ~all", "192.0.2.99", "pass"),
        ("v=spf1 mx/24//64 ~all", "2001:db8::99", "pass"),
        ("v=spf1 mx//64 ~all", "2001:db8::99", "pass"),
        ("v=spf1 a:mail.study.example ~all", "192.0.2.10", "pass"),
        ("v=spf1 a ~all", "192.0.2.10", "softfail"),
        ("v=spf1 ip4:192.0.2.0/28 -all", "192.0.2.15", "pass"),
        ("v=spf1 -ip4:192.0.2.0/28 +all", "192.0.2.15", "fail"),
        ("v=spf1 ip6:2001:db8::/32 -all", "192.0.2.15", "fail"),
        ("v=spf1 include:spf.provider.example -all", "198.51.100.7", "pass"),
        ("v=spf1 include:spf.provider.example -all", "203.0.113.1", "fail"),
        ("v=spf1 include:spf.provider.example", "203.0.113.1", "neutral"),
        ("v=spf1 redirect=spf.provider.example", "198.51.100.7", "pass"),
        ("v=spf1 redirect=spf.provider.example", "203.0.113.1", "fail"),
        ("v=spf1 redirect=spf.provider.example exp=why.study.example mx", "192.0.2.10", "pass"),
        ("another=record", "192.0.2.10", "none"),
    ],
)
def test_the_first_term_that_holds_decides(record: str, address: str, expected: str) -> None:
    assert result(record, address) == expected


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("v=spf1 ip4:300.0.0.1 -all", "no network"),
        ("v=spf1 include: -all", "no term"),
        ("v=spf1 sender:mail.example -all", "no term"),
        ("v=spf1 include:gone.example -all", "no policy"),
        ("v=spf1 mx/99 -all", "no prefix length"),
        ("v=spf1 include:study.example -all", "more than 10 lookups"),
    ],
)
def test_what_receivers_take_for_an_error_is_one(record: str, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        result(record, "203.0.113.1")


def test_a_policy_that_depends_on_the_mail_is_left_undecided() -> None:
    zone: Zone = {("study.example", "TXT"): ["v=spf1 exists:%{i}.spf.example -all"]}
    policy = Policy(lambda name, kind: zone.get((name, kind), []), ip_address("203.0.113.1"))

    assert policy.result("study.example") == "fail"
    assert policy.undecided == ["exists:%{i}.spf.example"]


@pytest.mark.parametrize(
    ("record", "host", "expected"),
    [
        ("v=spf1 mx +all", "localhost", "v=spf1 mx ~all"),
        ("v=spf1 mx a:smtp.study.example", "smtp.study.example", "v=spf1 mx a:smtp.study.example ~all"),
        ("v=spf1 mx ~all", "smtp.study.example", "v=spf1 mx a:smtp.study.example ~all"),
        ("v=spf1 -all", "192.0.2.4", "v=spf1 ip4:192.0.2.4 -all"),
        ("v=spf1 include:p.example", "2001:db8::4", "v=spf1 include:p.example ip6:2001:db8::4 ~all"),
        ("v=spf1 redirect=p.example", "h.example", "v=spf1 a:h.example redirect=p.example"),
    ],
)
def test_the_record_to_publish_keeps_what_stands_there(record: str, host: str, expected: str) -> None:
    assert with_server(record, host) == expected
    assert mechanisms(expected)
