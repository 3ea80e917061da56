"""A brand's real mail system on loopback: Exim takes mail over SMTP, acknowledges, bounces, and hands it to Dovecot.

Runs as an ordinary configuration of Debian's exim4 and dovecot packages in a folder of its own, on free high ports.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imap_tools import MailBoxUnencrypted

from benchmark.wall_clock import monotonic, pause
from probes.supervisor import free_port

PROGRAMS = ("/usr/sbin/exim4", "/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp")
PASSWORD = "secret"

EXIM = """
primary_hostname = mx.lindenhof.example
exim_path = /usr/sbin/exim4
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
exim_user = {user}
exim_group = {group}
never_users =
daemon_smtp_ports = {smtp}
local_interfaces = 127.0.0.1
tls_advertise_hosts =
acl_smtp_rcpt = accept
keep_environment =
queue_run_in_order = false
bounce_return_size_limit = 10K
begin acl
accept:
  accept
begin routers
study:
  driver = accept
  domains = study.example
  transport = lmtp
gone:
  driver = redirect
  domains = lindenhof.example
  local_parts = gone
  allow_fail
  data = :fail: no such user here
desk:
  driver = accept
  domains = lindenhof.example
  local_parts = service
  transport = acknowledge
  unseen
inbox:
  driver = accept
  domains = lindenhof.example
  transport = swallow
begin transports
lmtp:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  hosts_override
  port = {lmtp}
  allow_localhost
acknowledge:
  driver = autoreply
  from = Kundenservice <service@lindenhof.example>
  to = $sender_address
  subject = Re: $h_subject:
  headers = Auto-Submitted: auto-replied
  text = "Guten Tag,\\n\\nvielen Dank, Ihre Anfrage ist bei uns eingegangen und wird unter der Vorgangsnummer \\
4711-$tod_epoch bearbeitet. Dies ist eine automatische Antwort.\\n"
swallow:
  driver = appendfile
  file = {folder}/swallowed
  user = {user}
  group = {group}
begin retry
*  *  F,1h,1s
begin rewrite
"""

DOVECOT = """
protocols = imap lmtp
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{folder}/mail
listen = 127.0.0.1
auth_username_format = study
recipient_delimiter = +
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""


@dataclass(frozen=True)
class MailSystem:
    smtp: int
    imap: int
    folder: Path


def missing() -> str:
    """Why it cannot run here, "" when it can."""
    absent = [program for program in PROGRAMS if not Path(program).exists()]
    if absent and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        packages = ["dovecot-imapd", "dovecot-lmtpd", "exim4-daemon-light"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], [*install, *packages]):
            subprocess.run(command, env=environment, capture_output=True, check=False)
        absent = [program for program in PROGRAMS if not Path(program).exists()]
    if absent:
        return f"{', '.join(absent)} missing: apt-get install dovecot-imapd dovecot-lmtpd exim4-daemon-light"
    return "" if os.geteuid() == 0 else "Exim and Dovecot want to be started by root"


@contextmanager
def mail_system() -> Iterator[MailSystem]:
    """Gives the ports once both servers answer."""
    account = pwd.getpwnam("mail")
    folder = Path(tempfile.mkdtemp(prefix="replymark-mail-"))
    folder.chmod(0o755)
    for path in (folder, *(folder / name for name in ("spool", "run", "state", "mail", "home"))):
        path.mkdir(exist_ok=True)
        os.chown(path, account.pw_uid, account.pw_gid)
    ports = {name: free_port() for name in ("smtp", "imap", "lmtp")}
    values = {"folder": folder, "user": "mail", "group": "mail", "uid": account.pw_uid, "gid": account.pw_gid, **ports}
    (folder / "exim.conf").write_text(EXIM.format(**values))
    (folder / "dovecot.conf").write_text(DOVECOT.format(**values))
    for name in ("exim.conf", "dovecot.conf"):
        (folder / name).chmod(0o644)
    commands = (
        ["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")],
        ["/usr/sbin/exim4", "-C", str(folder / "exim.conf"), "-bdf", "-q5s"],
    )
    running = [subprocess.Popen(command, start_new_session=True) for command in commands]
    try:
        _wait_for(ports)
        yield MailSystem(ports["smtp"], ports["imap"], folder)
    finally:
        for process in running:
            process.terminate()
            process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(ports: dict[str, int], within_s: float = 20.0) -> None:
    deadline = monotonic() + within_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", ports["smtp"]), 1).close()
            MailBoxUnencrypted("127.0.0.1", ports["imap"]).login("study", PASSWORD).logout()
        except OSError:
            if monotonic() > deadline:
                raise
            pause(0.1)
        else:
            return
