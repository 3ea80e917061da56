"""Do the study domain's records let its mail arrive and come back? What stands there, and what to publish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import dns.resolver

from benchmark.core.mail_accounts import MailAccount
from benchmark.core.mail_records import records_to_publish
from benchmark.core.problems import TemporaryFailure
from probes.mail.name_records import NameServerSilent, answers
from probes.mail.sender_policy import (
    Address,
    Ask,
    Policy,
    PolicyError,
    addresses_of,
    is_policy,
    mechanisms,
    with_server,
)

SILENCE = "DNS"


@dataclass(frozen=True)
class DomainRecord:
    """One record of the domain: `problem` is "" when it is in order; `publish` is the line that mends it."""

    kind: str  # MX | SPF | DKIM | DMARC, or SILENCE
    name: str
    found: tuple[str, ...]
    problem: str = ""
    publish: str = ""


def domain_records(resolver: dns.resolver.Resolver, account: MailAccount) -> list[DomainRecord]:
    """MX, SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) of a mailbox's domain.

    Where the name server is silent the last one is SILENCE, and nothing more was asked.
    """

    def ask(name: str, kind: str) -> list[str]:
        return answers(resolver, name, kind)

    return list(_until_silence(ask, account))


def _until_silence(ask: Ask, account: MailAccount) -> Iterator[DomainRecord]:
    try:
        for check in (_mx, _spf, _dkim, _dmarc):
            yield _asked(check, ask, account)
    except NameServerSilent as problem:
        yield DomainRecord(SILENCE, account.domain, (), str(problem))


def _asked(check: Callable[[Ask, MailAccount], DomainRecord], ask: Ask, account: MailAccount) -> DomainRecord:
    try:
        return check(ask, account)
    except NameServerSilent:
        raise
    except TemporaryFailure as problem:
        return DomainRecord(check.__name__.strip("_").upper(), account.domain, (), f"nobody answers: {problem}")


def _mx(ask: Ask, account: MailAccount) -> DomainRecord:
    found = ask(account.domain, "MX")
    publish = records_to_publish(account)["MX"]
    if not found:
        return DomainRecord("MX", account.domain, (), "nobody receives mail for this domain", publish)
    if any(record.split()[-1] == "." for record in found):
        return DomainRecord("MX", account.domain, tuple(found), "it says that it takes no mail (RFC 7505)", publish)
    return DomainRecord("MX", account.domain, tuple(found))


def _spf(ask: Ask, account: MailAccount) -> DomainRecord:
    host = account.smtp.host
    own = [address for address in addresses_of(ask, host) if not address.is_loopback] if account.smtp.port else []
    found = tuple(text for text in ask(account.domain, "TXT") if is_policy(text))
    problem = _policy_problem(ask, account, found, own)
    return DomainRecord("SPF", account.domain, found, problem, _policy_to_publish(account, found) if problem else "")


def _policy_to_publish(account: MailAccount, found: tuple[str, ...]) -> str:
    """The one record that stands there with the submission server added; a new one where it cannot be kept."""
    try:
        if len(found) == 1 and not all(term.name == "all" for term in mechanisms(found[0])):
            return f'{account.domain}. TXT "{with_server(found[0], account.smtp.host)}"'
    except PolicyError:
        pass
    return records_to_publish(account)["SPF"]


def _policy_problem(ask: Ask, account: MailAccount, found: tuple[str, ...], own: list[Address]) -> str:
    """Asked for each address of the submission server; one on this machine says nothing of what receivers see."""
    if not found:
        return "no server is named that may send for it"
    if len(found) > 1:
        return "there are two records, which counts as an error (RFC 7208, 3.2)"
    try:
        terms = mechanisms(found[0])
        open_end = next((term for term in terms if term.name == "all" and term.sign in "+?"), None)
        if open_end:
            return f"{open_end.sign}all lets everybody send for it"
        if not any(term.name in ("all", "redirect") for term in terms):
            return "it does not say what holds for all other servers (no -all or ~all)"
        if all(term.name == "all" for term in terms):
            return "it forbids every server to send for it"
        policies = [Policy(ask, address) for address in (own or (None,))]
        results = [policy.result(account.domain) for policy in policies]
    except PolicyError as problem:
        return f"receivers take it for an error: {problem}"
    denied = [
        str(policy.address)
        for policy, result in zip(policies, results, strict=True)
        if policy.address and result != "pass" and not policy.undecided
    ]
    return f"it does not name the submission server {account.smtp.host} ({', '.join(denied)})" if denied else ""


def _dkim(ask: Ask, account: MailAccount) -> DomainRecord:
    name = f"{account.dkim_selector}._domainkey.{account.domain}"
    found = [text for text in ask(name, "TXT") if "p=" in text]
    publish = records_to_publish(account)["DKIM"]
    if not found:
        return DomainRecord("DKIM", name, (), "no key stands there; is the selector right?", publish)
    tags = _tags(found[0])
    if not tags.get("p"):
        return DomainRecord("DKIM", name, tuple(found), "its key has been withdrawn (p= is empty)", publish)
    return DomainRecord("DKIM", name, tuple(found))


def _dmarc(ask: Ask, account: MailAccount) -> DomainRecord:
    name = f"_dmarc.{account.domain}"
    found = [text for text in ask(name, "TXT") if text.lower().replace(" ", "").startswith("v=dmarc1")]
    publish = records_to_publish(account)["DMARC"]
    if not found:
        return DomainRecord("DMARC", name, (), "large receivers demand a policy from who sends to them", publish)
    if len(found) > 1:
        return DomainRecord("DMARC", name, tuple(found), "there are two records, so none counts", publish)
    if _tags(found[0]).get("p") not in ("none", "quarantine", "reject"):
        return DomainRecord("DMARC", name, tuple(found), "p= names no policy", publish)
    return DomainRecord("DMARC", name, tuple(found))


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
