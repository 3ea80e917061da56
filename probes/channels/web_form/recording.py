"""What went over the network during an attempt, as a HAR without bodies, and the page as MHTML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, Request, Response

from probes.channels.web_form.visit import utc_text

ENTRY_LIMIT = 400
MHTML_LIMIT = 1_200_000
URL_LIMIT = 1000
_SECRET = frozenset({"cookie", "set-cookie", "authorization", "proxy-authorization"})


class Recorder:
    """Notes every request of a context with status and times; nothing of what it carried."""

    def __init__(self, context: BrowserContext) -> None:
        self._entries: list[dict[str, Any]] = []
        context.on("response", self._on_response)
        context.on("requestfailed", self._on_failure)

    def _on_response(self, response: Response) -> None:
        self._add(response.request, response.status, response.status_text, response.headers)

    def _on_failure(self, request: Request) -> None:
        self._add(request, 0, request.failure or "failed", {})

    def _add(self, request: Request, status: int, text: str, headers: dict[str, str]) -> None:
        if len(self._entries) >= ENTRY_LIMIT:
            return
        self._entries.append(
            {
                "startedDateTime": utc_text(),
                "time": -1,
                "request": {
                    "method": request.method,
                    "url": request.url[:URL_LIMIT],
                    "httpVersion": "HTTP/1.1",
                    "headers": [],
                    "queryString": [],
                    "cookies": [],
                    "headersSize": -1,
                    "bodySize": -1,
                },
                "response": {
                    "status": status,
                    "statusText": text,
                    "httpVersion": "HTTP/1.1",
                    "headers": [
                        {"name": key, "value": value[:300]} for key, value in headers.items() if key not in _SECRET
                    ],
                    "cookies": [],
                    "content": {"size": -1, "mimeType": headers.get("content-type", "")},
                    "redirectURL": headers.get("location", ""),
                    "headersSize": -1,
                    "bodySize": -1,
                },
                "cache": {},
                "timings": {"send": -1, "wait": -1, "receive": -1},
            }
        )

    def har(self) -> bytes:
        """The log in HAR 1.2; times that were not measured are -1, as the format asks."""
        entries: Sequence[dict[str, Any]] = self._entries
        log = {"version": "1.2", "creator": {"name": "replymark", "version": "1"}, "entries": entries}
        return json.dumps({"log": log}, ensure_ascii=False).encode()


def snapshot(page: Page) -> bytes:
    """The page as MHTML, or b"" when it is too large or already gone."""
    try:
        session = page.context.new_cdp_session(page)
        content = str(session.send("Page.captureSnapshot", {"format": "mhtml"})["data"]).encode()
        session.detach()
    except Error:
        return b""
    return content if len(content) <= MHTML_LIMIT else b""
