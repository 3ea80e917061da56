"""What the doctor and the mailbox page say of a study domain's records, asked of a real name server."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta

import dns.resolver
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from benchmark import mail_accounts
from benchmark.core.mail_accounts import MailAccount, MailServer
from benchmark.settings import Settings
from benchmark.store import queries_sending
from benchmark.store.session import reading
from probes.command_line import doctor
from probes.mail import name_records
from probes.mail.name_records import asked_at, note_receiving_host
from probes.mail.study_domain import SILENCE, DomainRecord, domain_records
from tests.probes.mail.name_server import Zone, name_server
from tests.samples import MONDAY

pytestmark = pytest.mark.real
GOOD: Zone = {
    ("study.example", "MX"): ["10 mail.study.example."],
    ("study.example", "TXT"): ['"v=spf1 mx -all"', '"another=record"'],
    ("mail._domainkey.study.example", "TXT"): ['"v=DKIM1; k=rsa; " "p=MIGfMA0G"'],
    ("_dmarc.study.example", "TXT"): ['"v=DMARC1; p=quarantine"'],
}
ACCOUNT = mail_accounts.of_settings(Settings(smtp_port=1))
OUTSIDE = replace(ACCOUNT, smtp=MailServer("out.provider.example", 587))
LEFT_OUT: Zone = {
    ("out.provider.example", "A"): ["198.51.100.7"],
    ("spf.provider.example", "TXT"): ['"v=spf1 ip4:198.51.100.0/24 -all"'],
}
"""Where the submission server of OUTSIDE is, and a policy that names it."""


def records(zone: Zone, account: MailAccount = ACCOUNT) -> dict[str, DomainRecord]:
    with name_server(zone) as address:
        resolver = asked_at(Settings(dns_server=address))
        assert isinstance(resolver, dns.resolver.Resolver)
        return {record.kind: record for record in domain_records(resolver, account)}


def test_a_domain_in_order_has_nothing_to_publish() -> None:
    found = records(GOOD)

    assert [(record.problem, record.publish) for record in found.values()] == [("", "")] * 4
    assert found["DKIM"].found == ("v=DKIM1; k=rsa; p=MIGfMA0G",)


WRONG: list[tuple[tuple[str, str], list[str], str, str]] = [
    (("study.example", "MX"), [], "MX", "nobody receives"),
    (("study.example", "MX"), ["0 ."], "MX", "takes no mail"),
    (("study.example", "TXT"), ['"hello"'], "SPF", "no server is named"),
    (("study.example", "TXT"), ['"v=spf1 mx +all"'], "SPF", "everybody"),
    (("study.example", "TXT"), ['"v=spf1 mx -all"', '"v=spf1 a -all"'], "SPF", "two records"),
    (("study.example", "TXT"), ['"v=spf1"'], "SPF", "all other servers"),
    (("study.example", "TXT"), ['"v=spf1 -all"'], "SPF", "forbids every server"),
    (("study.example", "TXT"), ['"v=spf1 +all mx"'], "SPF", "everybody"),
    (("study.example", "TXT"), ['"v=spf1 ipv4:192.0.2.1 -all"'], "SPF", "no term"),
    (("study.example", "TXT"), ['"v=spf1 include:none.example -all"'], "SPF", "no policy"),
    (("mail._domainkey.study.example", "TXT"), [], "DKIM", "no key"),
    (("mail._domainkey.study.example", "TXT"), ['"v=DKIM1; p="'], "DKIM", "withdrawn"),
    (("_dmarc.study.example", "TXT"), [], "DMARC", "policy"),
    (("_dmarc.study.example", "TXT"), ['"v=DMARC1; p=maybe"'], "DMARC", "no policy"),
    (("_dmarc.study.example", "TXT"), ["SERVFAIL"], "DMARC", "nobody answers"),
]
"""A record, what stands there instead, whose problem that is, and a word of it."""


@pytest.mark.parametrize(("key", "value", "kind", "words"), WRONG)
def test_what_is_wrong_is_said_with_the_record_that_mends_it(
    key: tuple[str, str], value: list[str], kind: str, words: str
) -> None:
    found = records({**GOOD, key: value})

    assert words in found[kind].problem
    assert {other.problem for name, other in found.items() if name != kind} == {""}
    if words != "nobody answers":
        assert found[kind].publish.startswith(key[0])


def test_the_policy_is_asked_for_the_address_of_the_submission_server() -> None:
    zone: Zone = {**GOOD, **LEFT_OUT}
    left_out = records(zone, OUTSIDE)["SPF"]
    zone["study.example", "TXT"] = ['"v=spf1 mx include:spf.provider.example -all"']
    named = records(zone, OUTSIDE)["SPF"]

    assert "does not name the submission server out.provider.example (198.51.100.7)" in left_out.problem
    assert left_out.publish == 'study.example. TXT "v=spf1 mx a:out.provider.example -all"'
    assert (named.problem, named.publish) == ("", "")


def test_the_doctor_names_the_records_to_publish(sqlite_url: str) -> None:
    with name_server({**GOOD, ("_dmarc.study.example", "TXT"): []}) as address:
        finding = doctor.domain(Settings(database_url=sqlite_url, dns_server=address))
        well = doctor.domain(Settings(database_url=sqlite_url))

    assert 'publish _dmarc.study.example. TXT "v=DMARC1' in finding.remedy
    assert well.remedy == ""
    assert "asks nobody" in well.state


def test_a_silent_name_server_is_asked_once_and_said_once(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_records, "TIMEOUT_S", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        resolver = asked_at(Settings(dns_server=address))
        assert resolver is not None
        found = domain_records(resolver, ACCOUNT)
        finding = doctor.domain(Settings(database_url=sqlite_url, dns_server=address))

    assert [(record.kind, record.publish) for record in found] == [(SILENCE, "")]
    assert finding.state.count(f"nobody answers at {address}") == 1
    assert finding.remedy == "start it, or correct REPLYMARK_DNS_SERVER"


def test_a_name_server_that_refuses_leaves_a_remedy_too(sqlite_url: str) -> None:
    with name_server({**GOOD, ("_dmarc.study.example", "TXT"): ["SERVFAIL"]}) as address:
        finding = doctor.domain(Settings(database_url=sqlite_url, dns_server=address))

    assert "DMARC of study.example: nobody answers" in finding.state
    assert finding.remedy == "see what the name server reports"


def _receiving_host(session: Session, domain: str) -> str:
    return queries_sending.looked_up(session, domain, ()).receiving_host


def test_a_brands_mail_exchanger_is_asked_once_a_day(sqlite_engine: Engine) -> None:
    zone: Zone = {("brand.example", "MX"): ["20 backup.example.", "10 brand.mail.example."], ("no.example", "A"): []}
    with name_server(zone) as address:
        settings = Settings(dns_server=address)
        note_receiving_host(sqlite_engine, settings, "brand.example", MONDAY)
        note_receiving_host(sqlite_engine, settings, "no.example", MONDAY)
        zone["brand.example", "MX"] = ["10 moved.example."]
        note_receiving_host(sqlite_engine, settings, "brand.example", MONDAY + timedelta(hours=1))
        with reading(sqlite_engine) as session:
            first = _receiving_host(session, "brand.example")
        note_receiving_host(sqlite_engine, settings, "brand.example", MONDAY + timedelta(hours=25))

    with reading(sqlite_engine) as session:
        assert (first, _receiving_host(session, "brand.example")) == (
            "brand.mail.example",
            "moved.example",
        )
        assert _receiving_host(session, "no.example") == "no.example"
        assert _receiving_host(session, "never.asked.example") == "never.asked.example"


@pytest.mark.parametrize("value", ["8.8.8.8:53", "127.0.0.1", "dns.example:53"])
def test_only_a_loopback_name_server_is_taken(value: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Settings(dns_server=value)


@pytest.mark.parametrize("value", ["archive", "a@b", "one@a.example, two@a.example", "Archive <a@a.example>"])
def test_an_archive_that_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"one mail address, such as archive@study\.example"):
        Settings(archive_address=value)

    assert Settings(archive_address="archive@study.example").archive_address
