"""The web sites of the rehearsal world's fictional brands: one loopback server, many virtual hosts, real forms."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FunctionLoader, StrictUndefined

from benchmark.wall_clock import monotonic, real_now

MAX_BODY = 1_000_000


@dataclass(frozen=True)
class SiteSpec:
    """One fictional brand's web site. `host` lies under .example; `min_fill_s` is the time trap of that style."""

    host: str
    brand_name: str
    language: str = "de"
    style: str = "plain"
    accent: str = "#2f5d62"
    min_fill_s: float = 0.25
    phone: str = "+49 30 23125 000"

    def __post_init__(self) -> None:
        if not self.host.endswith(".example") or self.style not in STYLES or self.language not in TEXTS:
            raise ValueError(f"not a site of the rehearsal world: {self}")

    @property
    def contact_path(self) -> str:
        return "/kontakt" if self.language == "de" else "/contact"

    @property
    def form_url(self) -> str:
        """The address of the page with the contact form, as a contact point holds it."""
        return f"http://{self.host}{self.contact_path}"

    @property
    def embed_host(self) -> str:
        """Where the framed form lives: another origin, as help-desk vendors do it."""
        return f"forms.{self.host}"


@dataclass(frozen=True)
class SiteAnswer:
    """What the page shows after a good inquiry: a sentence and, with some brands, a ticket number."""

    text: str
    ticket: str | None = None


@dataclass(frozen=True)
class ReceivedPost:
    """One POST as the server saw it, in canonical field names; `problem` is why it was not taken."""

    host: str
    path: str
    fields: Mapping[str, str]
    at: datetime
    problem: str = ""


OnInquiry = Callable[[str, dict[str, str]], SiteAnswer]


@dataclass(frozen=True)
class Style:
    """How one kind of form is built: its template, what its fields are called and how it answers."""

    template: str
    names: Mapping[str, str]  # canonical name → name of the field on the page
    required: tuple[str, ...] = ("email", "message")
    redirects: bool = False
    answers_json: bool = False
    embedded: bool = False
    trap: str = ""  # field that must stay empty
    timed: bool = False
    session: bool = False  # refuses a POST without the cookie and token of the page


_PLAIN = {"name": "name", "email": "email", "subject": "subject", "message": "message"}
_SHOP = {
    "salutation": "salutationId",
    "first_name": "firstName",
    "last_name": "lastName",
    "email": "email",
    "phone": "phone",
    "subject": "subject",
    "message": "comment",
    "consent": "privacy",
}
_CF7 = {"name": "your-name", "email": "your-email", "subject": "your-subject", "message": "your-message"}
_STEPS = {"topic": "topic", "name": "fullname", "email": "email", "message": "message", "consent": "dsgvo"}
_FRAME = {"name": "requester_name", "email": "requester_email", "subject": "subject", "message": "description"}

STYLES: Mapping[str, Style] = {
    "plain": Style("plain.html", _PLAIN),
    "shop": Style(
        "shop.html", _SHOP, ("email", "message", "last_name", "subject", "consent"), redirects=True, session=True
    ),
    "ajax": Style("ajax.html", _CF7, answers_json=True),
    "multi_step": Style("multi_step.html", _STEPS, ("topic", "email", "message", "consent")),
    "iframe": Style("iframe.html", _FRAME, embedded=True),
    "cookie_layer": Style("cookie_layer.html", _PLAIN),
    "captcha": Style("captcha.html", _PLAIN, required=("email", "message", "captcha")),
    "no_form": Style("no_form.html", {}),
    "honeypot": Style("honeypot.html", _PLAIN, trap="website", timed=True),
}

TEXTS: Mapping[str, Mapping[str, str]] = json.loads(
    files("probes.sandbox").joinpath("site_templates/texts.json").read_text("utf-8")
)


def _template_source(name: str) -> str:
    return files("probes.sandbox").joinpath(f"site_templates/{name}").read_text("utf-8")


_TEMPLATES = Environment(
    loader=FunctionLoader(_template_source), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


@dataclass
class _Visit:
    """What a page handed out: a token with its time, so that time traps and CSRF checks have something to hold."""

    token: str = field(default_factory=lambda: secrets.token_hex(8))
    opened: float = field(default_factory=monotonic)


class SiteServer:
    """Serves all sites; every POST it received is in `posts`, accepted or not."""

    def __init__(self, specs: Iterable[SiteSpec], on_inquiry: OnInquiry) -> None:
        self._sites = {spec.host: spec for spec in specs}
        self._embeds = {spec.embed_host: spec for spec in self._sites.values() if STYLES[spec.style].embedded}
        self._on_inquiry = on_inquiry
        self._visits: dict[str, _Visit] = {}
        self._answers: dict[str, SiteAnswer] = {}
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self.posts: list[ReceivedPost] = []

    @property
    def hosts(self) -> frozenset[str]:
        """Every host name it answers for; all of them belong into the egress guard's map."""
        return frozenset(self._sites) | frozenset(self._embeds)

    @property
    def port(self) -> int:
        if self._server is None:
            raise RuntimeError("the site server is not running")
        return int(self._server.server_address[1])

    def start(self) -> int:
        """Listens on a free loopback port and returns it."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sites", daemon=True).start()
        return self.port

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def post_count(self, host: str) -> int:
        """How many POSTs a site received, refused ones too."""
        with self._lock:
            return sum(post.host == host for post in self.posts)

    def page(self, host: str, target: str) -> tuple[int, str]:
        """Status and HTML of a GET."""
        url = urlsplit(target)
        if host in self._embeds:
            return 200, self._render(self._embeds[host], "embed.html")
        spec = self._sites.get(host)
        if spec is None:
            return 404, "<h1>404</h1>"
        if url.path == "/":
            return 200, self._render(spec, "home.html")
        if url.path != spec.contact_path:
            return 404, self._render(spec, "missing.html")
        answer = self._answers.pop(dict(parse_qsl(url.query)).get("done", ""), None)
        return 200, self._render(spec, STYLES[spec.style].template, answer=answer)

    def receive(self, host: str, path: str, raw: Mapping[str, str], cookie: str) -> _Reply:
        """Takes one POST: counts it, checks it as that style would and asks the world for its answer."""
        spec = self._embeds.get(host) or self._sites.get(host)
        if spec is None or not STYLES[spec.style].names:
            return _Reply(405, "<h1>405</h1>")
        style = STYLES[spec.style]
        fields = {key: raw.get(name, "").strip() for key, name in style.names.items()}
        problem = self._problem(spec, style, fields, raw, cookie)
        with self._lock:
            self.posts.append(ReceivedPost(spec.host, path, fields, real_now(), problem))
        if problem:
            return self._refusal(spec, style, problem, raw)
        return self._thanks(spec, style, self._on_inquiry(spec.host, fields))

    def _problem(
        self, spec: SiteSpec, style: Style, fields: Mapping[str, str], raw: Mapping[str, str], cookie: str
    ) -> str:
        words = TEXTS[spec.language]
        visit = self._visits.get(raw.get("form_token", ""))
        if style.trap and raw.get(style.trap):
            return words["spam"]
        if visit is None or (style.session and visit.token not in cookie):
            return words["expired"]
        if style.timed and monotonic() - visit.opened < spec.min_fill_s:
            return words["too_fast"]
        if missing := [key for key in style.required if not fields.get(key)]:
            return f"{words['missing']}: {', '.join(missing)}"
        return "" if "@" in fields["email"] else words["bad_email"]

    def _refusal(self, spec: SiteSpec, style: Style, problem: str, raw: Mapping[str, str]) -> _Reply:
        if style.answers_json:
            return _Reply(200, json.dumps({"status": "validation_failed", "message": problem}), "application/json")
        template = "embed.html" if style.embedded else style.template
        return _Reply(200, self._render(spec, template, problem=problem, values=dict(raw)))

    def _thanks(self, spec: SiteSpec, style: Style, answer: SiteAnswer) -> _Reply:
        if style.answers_json:
            return _Reply(200, json.dumps({"status": "mail_sent", "message": _sentence(answer)}), "application/json")
        if style.redirects:
            key = secrets.token_hex(6)
            self._answers[key] = answer
            return _Reply(303, "", location=f"{spec.contact_path}?done={key}")
        return _Reply(200, self._render(spec, "embed.html" if style.embedded else style.template, answer=answer))

    def _render(
        self,
        spec: SiteSpec,
        template: str,
        *,
        answer: SiteAnswer | None = None,
        problem: str = "",
        values: Mapping[str, str] | None = None,
    ) -> str:
        visit = _Visit()
        self._visits[visit.token] = visit
        return _TEMPLATES.get_template(template).render(
            site=spec,
            t=TEXTS[spec.language],
            form_token=visit.token,
            answer=None if answer is None else _sentence(answer),
            problem=problem,
            values=values or {},
        )


@dataclass(frozen=True)
class _Reply:
    status: int
    body: str
    media_type: str = "text/html; charset=utf-8"
    location: str = ""


def _sentence(answer: SiteAnswer) -> str:
    return answer.text if answer.ticket is None or answer.ticket in answer.text else f"{answer.text} ({answer.ticket})"


def _handler_for(server: SiteServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path in _PLAIN_FILES:
                media_type, name = _PLAIN_FILES[path]
                self._send(_Reply(200, _template_source(name), media_type))
                return
            status, body = server.page(self._host(), self.path)
            self._send(_Reply(status, body))

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY)
            raw = parse_fields(self.headers.get("Content-Type") or "", self.rfile.read(length))
            self._send(server.receive(self._host(), self.path, raw, self.headers.get("Cookie") or ""))

        def _host(self) -> str:
            return (self.headers.get("Host") or "").split(":")[0].lower()

        def _send(self, reply: _Reply) -> None:
            body = reply.body.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(body)))
            if reply.location:
                self.send_header("Location", reply.location)
            if token := _handed_out(reply.body):
                self.send_header("Set-Cookie", f"session={token}; Path=/; HttpOnly; SameSite=Lax")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Quiet: what arrived is in `posts`."""

    return Handler


_PLAIN_FILES = {"/site.css": ("text/css; charset=utf-8", "site.css"), "/robots.txt": ("text/plain", "robots.txt")}


def _handed_out(body: str) -> str:
    _, found, rest = body.partition('name="form_token" value="')
    return rest.split('"')[0] if found else ""


def parse_fields(media_type: str, body: bytes) -> dict[str, str]:
    """Form fields of a POST body: urlencoded, multipart (fields only) or a flat JSON object; last value wins."""
    kind, _, parameters = media_type.partition(";")
    match kind.strip().lower():
        case "application/json":
            loaded = json.loads(body or b"{}")
            return {str(key): str(value) for key, value in loaded.items()} if isinstance(loaded, dict) else {}
        case "multipart/form-data":
            return _multipart(parameters.partition("boundary=")[2].strip('" '), body)
        case _:
            return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _multipart(boundary: str, body: bytes) -> dict[str, str]:
    fields = {}
    for part in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        _, found, name = head.decode("utf-8", "replace").partition(' name="')
        if found:
            fields[name.split('"')[0]] = content.removesuffix(b"\r\n").decode("utf-8", "replace")
    return fields
