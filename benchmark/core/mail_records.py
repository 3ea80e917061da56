"""Which records the domain of a study mailbox needs, so that its mail arrives and comes back."""

from __future__ import annotations

from ipaddress import ip_address

from benchmark.core.mail_accounts import MailAccount


def records_to_publish(account: MailAccount) -> dict[str, str]:
    """The line a zone file wants, for MX, SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489)."""
    domain = account.domain
    key = "<public key of your mail server>"
    return {
        "MX": f"{domain}. MX 10 mail.{domain}.",
        "SPF": f'{domain}. TXT "{" ".join(["v=spf1", "mx", *server_terms(account.smtp.host), "-all"])}"',
        "DKIM": f'{account.dkim_selector}._domainkey.{domain}. TXT "v=DKIM1; k=rsa; p={key}"',
        "DMARC": f'_dmarc.{domain}. TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}"',
    }


def server_terms(host: str) -> list[str]:
    """How a submission server is named in an SPF record (RFC 7208, 5); [] for one on this machine."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return [] if host in ("", "localhost") else [f"a:{host}"]
    return [] if address.is_loopback else [f"ip{address.version}:{address}"]
