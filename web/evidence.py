"""Hostile texts made harmless: HTML without a single address in it, files that a browser will not run."""

from __future__ import annotations

import nh3
from flask import Response

MAX_HTML = 500_000
TAGS = {
    *("a", "b", "blockquote", "br", "caption", "center", "code", "dd", "del", "div", "dl", "dt", "em", "font", "h1"),
    *("h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub"),
    *("sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul"),
}
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'"
"""For the frame: nothing is loaded and nothing is sent. (`frame-ancestors` and `sandbox` are not allowed in a meta.)"""

IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


def safe_document(html: str) -> str:
    """A page for an `<iframe sandbox srcdoc>`: no attribute survives, so neither does any address, style or script."""
    if not html.strip():
        return ""
    clean = nh3.clean(
        html[:MAX_HTML],
        tags=TAGS,
        attributes={},
        clean_content_tags={"script", "style", "title", "noscript", "template"},
        url_schemes=set(),
        link_rel=None,
    )
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    return f"<!doctype html><html><head>{head}</head><body>{clean}</body></html>"


def image_type(content: bytes) -> str:
    """The image type the bytes themselves show, "" for anything else: what is named .png may be a page."""
    return next((kind for magic, kind in IMAGES.items() if content.startswith(magic)), "")


def as_download(name: str, content: bytes) -> Response:
    """Octet-stream: saved, never opened in the reader's browser."""
    response = Response(content, mimetype="application/octet-stream")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response.headers.set("Content-Disposition", "attachment", filename=_plain(name))
    return response


def as_shown(name: str, content: bytes) -> Response:
    """An image as an image, everything else as a download."""
    kind = image_type(content)
    if not kind:
        return as_download(name, content)
    response = Response(content, mimetype=kind)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return response


def _plain(name: str) -> str:
    kept = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name)
    return kept.lstrip(".")[:100] or "file"
