"""Reads the forms of an HTML file without a browser into the same model that collect.js fills."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from probes.channels.web_form.model import PageModel, page_from

CONTROLS = frozenset({"input", "select", "textarea", "button"})
SILENT = frozenset({"script", "style", "template", "select", "textarea", "option", "svg", "button", "head"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
NESTING, DEEPEST = frozenset({"div", "span", "font", "center", "section", "table"}), 1000
AT, OWNER = "data-replymark-at", "data-replymark-form"

# A quote opens a value only behind an equals sign; anywhere else it is an ordinary character.
_TOKEN = re.compile(
    r"<!--.*?-->|<(script|style|textarea|title)\b[^>]*>.*?</\1\s*>|"
    r"<(?P<close>/?)(?P<tag>[a-zA-Z][\w:-]*)(?:=\s*(?>\"[^\"]*\"|'[^']*')|[^>])*+>",
    re.DOTALL | re.IGNORECASE,
)
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(\.0+)?\s*(;|$)|text-indent\s*:\s*-\d{3,}|clip\s*:\s*rect\(\s*[01]|(?<![-\w])(width|height)\s*:\s*[01](px)?\s*(;|$)",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"^\(.*\)\W*$|^\[.*\]$")  # "(so that we can answer)" explains the words before it
_OFFSCREEN = re.compile(
    r"(left|top|margin-left|right)\s*:\s*-\d{3,}|margin\s*:[^;]*\s-\d{3,}|translate[XY]?\(\s*-?\d{3,}", re.IGNORECASE
)
_RULE = re.compile(r"([^{}@]+)\{([^{}]*)\}")


def read_page(html: str) -> PageModel:
    """All forms of a page; broken markup is read as a browser would read it."""
    parser = LexborHTMLParser(_marked(html))
    return page_from(_Reader(parser).read())


def _marked(html: str) -> str:
    """The page with a number on every form and the owner's number on every control.

    A form opened inside a table is closed at once in the tree, but keeps its controls: HTML gives them to the form
    that was open where they stand in the text. The tree alone cannot tell any more, so it is written down before.
    """
    state = _Marks()
    return _TOKEN.sub(state.mark, html)


@dataclass
class _Marks:
    forms: int = 0
    open: int | None = None
    depth: int = 0

    def mark(self, match: re.Match[str]) -> str:
        text = match.group(0)
        tag = (match.group("tag") or match.group(1) or "").lower()
        if tag == "form":
            return self._form(match, text)
        if tag in NESTING:
            return self._box(text, closing=bool(match.group("close")))
        if tag not in CONTROLS or match.group("close") or self.open is None:
            return text
        at = 1 + len(tag)
        return f'{text[:at]} {OWNER}="{self.open}"{text[at:]}'

    def _box(self, text: str, *, closing: bool) -> str:
        """Browsers stop nesting at some depth too; a tree of tens of thousands of boxes costs the parser seconds."""
        deep = self.depth > DEEPEST
        self.depth = max(0, self.depth - 1) if closing else self.depth + 1
        return "" if deep else text

    def _form(self, match: re.Match[str], text: str) -> str:
        if match.group("close"):
            self.open = None
            return text
        # A browser ignores a form in a form; whoever wrote it meant two, and so they are read.
        before = "</form>" if self.open is not None else ""
        self.open, self.forms = self.forms, self.forms + 1
        return f'{before}{text[:5]} {AT}="{self.open}"{text[5:]}'


def squash(text: str, limit: int = 200) -> str:
    """Whitespace normalised, shortened."""
    return " ".join(text.split())[:limit]


def _walk(node: LexborNode) -> Iterator[LexborNode]:
    """All nodes below in document order, texts included; nothing of what cannot be read."""
    waiting = [node.child]  # a stack instead of recursion: broken pages nest thousands deep
    while waiting:
        child = waiting.pop()
        if child is None:
            continue
        yield child
        waiting.append(child.next)
        if child.tag not in SILENT:
            waiting.append(child.child)


def _texts(node: LexborNode) -> Iterator[str]:
    return (inner.text_content or "" for inner in _walk(node) if inner.tag == "-text")


def text_of(node: LexborNode) -> str:
    """What can be read below a node."""
    return squash(" ".join(_texts(node)))


def nearest_text(pending: list[str]) -> str:
    """The last piece of text with a word in it, and what stands behind it (a star, a colon)."""
    for at in range(len(pending) - 1, -1, -1):
        if sum(char.isalnum() for char in pending[at]) >= 2 and not (at and _ASIDE.match(pending[at])):
            return " ".join(pending[at:])[-120:]
    return " ".join(pending)[-120:]


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    parent = node.parent
    while parent is not None and parent.tag not in ("-document", "html"):
        yield parent
        parent = parent.parent


@dataclass
class _Found:
    """A control on its way into the model."""

    node: LexborNode
    near: str = ""
    after: str = ""


@dataclass
class _Form:
    node: LexborNode
    heading: str
    controls: list[_Found] = field(default_factory=list)


class _Reader:
    """One pass over the tree, like the one in collect.js."""

    def __init__(self, parser: LexborHTMLParser) -> None:
        self.parser = parser
        self.forms: dict[str, _Form] = {}
        self.ids: dict[str, LexborNode] = {}
        self.labels: dict[str, list[LexborNode]] = {}
        self.hidden = _hidden_by_sheet(parser)

    def read(self) -> dict[str, Any]:
        root = self.parser.body or self.parser.root
        if root is None:
            return {}
        self._index(root)
        self._pass(root)
        html = self.parser.css_first("html")
        title = self.parser.css_first("title")
        return {
            "forms": [self._form(at, form) for at, form in enumerate(self.forms.values())],
            "title": squash(title.text()) if title is not None else "",
            "language": _attribute(html, "lang") if html is not None else "",
            "markers": self._markers(),
        }

    def _index(self, root: LexborNode) -> None:
        for node in self.parser.css("[id]"):
            self.ids.setdefault(_attribute(node, "id"), node)
        for node in self.parser.css("label[for]"):
            self.labels.setdefault(_attribute(node, "for"), []).append(node)

    def _pass(self, root: LexborNode) -> None:
        heading, pending, last = "", [], None
        for node in _walk(root):
            if node.tag == "-text":
                text = squash(node.text_content or "")
                if text:
                    pending.append(text)
                    if last is not None and not last.after:
                        last.after = text
            elif node.tag in HEADINGS:
                heading = text_of(node)
            elif node.tag == "form":
                self.forms[_attribute(node, AT)] = _Form(node, heading)
                pending, last = [], None
            elif node.tag in CONTROLS:
                found = _Found(node, nearest_text(pending))
                if _attribute(node, "type").lower() != "hidden":
                    pending, last = [], found
                self._own(found)

    def _own(self, found: _Found) -> None:
        """By the `form` attribute, else by where the control stood in the text."""
        other = self.ids.get(_attribute(found.node, "form"))
        key = _attribute(other, AT) if other is not None and other.tag == "form" else _attribute(found.node, OWNER)
        if key in self.forms:
            self.forms[key].controls.append(found)

    def _form(self, at: int, form: _Form) -> dict[str, Any]:
        own = form.node.css_first("h1, h2, h3, h4, legend")
        controls = [self._control(found, form.node) for found in form.controls]
        return {
            "index": at,
            "action": _attribute(form.node, "action"),
            "method": _attribute(form.node, "method") or "get",
            "name": _attribute(form.node, "name"),
            "id": _attribute(form.node, "id"),
            "classes": _named(form.node),
            "text": squash(" ".join(_texts(form.node)), 1500),
            "heading": text_of(own) if own is not None else form.heading,
            "visible": any(not control["hidden"] for control in controls),
            "controls": controls,
        }

    def _control(self, found: _Found, form: LexborNode) -> dict[str, Any]:
        node = found.node
        kind = _attribute(node, "type").lower()
        if node.tag != "input":
            kind = (kind or "submit") if node.tag == "button" else ""
        image = node.parent.css_first("img, canvas") if node.parent is not None else None
        names = node.attributes
        return {
            "tag": node.tag,
            "type": kind or ("text" if node.tag == "input" else ""),
            "name": _attribute(node, "name"),
            "id": _attribute(node, "id"),
            "autocomplete": _attribute(node, "autocomplete"),
            "label": self._label(node),
            "aria": squash(" ".join([*self._pointed(node, "aria-labelledby"), _attribute(node, "aria-label")])),
            "described": squash(" ".join(self._pointed(node, "aria-describedby"))),
            "legend": self._legend(node),
            "placeholder": squash(_attribute(node, "placeholder")),
            "title": squash(_attribute(node, "title")),
            "value": squash(_attribute(node, "value")) if node.tag in ("input", "button") else "",
            "near": found.near,
            "after": found.after,
            "image": squash(f"{_attribute(image, 'alt')} {_attribute(image, 'src')}") if image is not None else "",
            "classes": _named(node),
            "wrapper": squash(" ".join(_named(box) for box in _boxes(node, form))),
            "required": "required" in names or _attribute(node, "aria-required") == "true",
            "readonly": "readonly" in names,
            "disabled": "disabled" in names,
            "checked": "checked" in names,
            "hidden": self._hiddenness(node, kind, form),
            "tabindex": _number(node, "tabindex"),
            "maxlength": _number(node, "maxlength"),
            "size": _number(node, "size"),
            "options": _options(node),
        }

    def _label(self, node: LexborNode) -> str:
        if node.tag == "button":
            return squash(node.text(separator=" "))
        labels = list(self.labels.get(_attribute(node, "id") or "\0", ()))
        labels += [box for box in _ancestors(node) if box.tag == "label"][:1]
        return squash(" ".join(dict.fromkeys(text_of(label) for label in labels)))

    def _pointed(self, node: LexborNode, attribute: str) -> list[str]:
        """The texts of the nodes whose ids an attribute lists."""
        return [text_of(self.ids[name]) for name in _attribute(node, attribute).split() if name in self.ids]

    def _legend(self, node: LexborNode) -> str:
        box = next((box for box in _ancestors(node) if box.tag == "fieldset"), None)
        legend = box.css_first("legend") if box is not None else None
        return text_of(legend) if legend is not None else ""

    def _hiddenness(self, node: LexborNode, kind: str, form: LexborNode) -> str:
        if kind == "hidden":
            return "type"
        for box in (node, *_boxes(node, form, depth=8)):
            told = _hides(_attribute(box, "style")) or self.hidden.get(box.mem_id, "")
            if told or "hidden" in box.attributes:
                return told or "style"
        return ""

    def _markers(self) -> list[str]:
        scripts = [f"script {_attribute(node, 'src')}" for node in self.parser.css("script[src]")]
        frames = [f"frame {_attribute(node, 'src')}" for node in self.parser.css("iframe[src]")]
        marks = [
            f"mark {node.tag} {_named(node)} {'data-sitekey' if 'data-sitekey' in node.attributes else ''}"
            for node in self.parser.css(
                "[class*=captcha], [id*=captcha], [class*=turnstile], [data-sitekey], altcha-widget"
            )
        ]
        return [marker[:300] for marker in (*scripts, *frames, *marks)][:200]


def _boxes(node: LexborNode, form: LexborNode, depth: int = 3) -> list[LexborNode]:
    """The closest boxes around a control, inside its form."""
    boxes: list[LexborNode] = []
    for box in _ancestors(node):
        if box.mem_id == form.mem_id or box.tag in ("body", "form") or len(boxes) == depth:
            break
        boxes.append(box)
    return boxes


def _named(node: LexborNode) -> str:
    return squash(f"{_attribute(node, 'class')} {_attribute(node, 'id')}")


def _number(node: LexborNode, name: str) -> int | None:
    text = _attribute(node, name).strip()
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 9 else None


def _options(node: LexborNode) -> list[dict[str, Any]]:
    if node.tag != "select":
        return []
    options = []
    for option in node.css("option")[:400]:
        text = squash(option.text(), 80)
        value = option.attributes.get("value")
        options.append(
            {"value": text if value is None else value, "text": text, "disabled": "disabled" in option.attributes}
        )
    return options


def _hides(style: str) -> str:
    """How a declaration takes its element out of sight: "offscreen", "style" or not at all."""
    if _OFFSCREEN.search(style):
        return "offscreen"
    return "style" if _HIDING.search(style) else ""


def _hidden_by_sheet(parser: LexborHTMLParser) -> dict[int, str]:
    """Nodes that the page's own style blocks hide; media queries and outer sheets are left aside."""
    hidden: dict[int, str] = {}
    for sheet in parser.css("style"):
        for selector, body in _RULE.findall(re.sub(r"/\*.*?\*/", "", sheet.text(), flags=re.DOTALL)):
            told = _hides(body)
            if told and ":" not in selector and len(selector) < 300:
                hidden |= dict.fromkeys(_matched(parser, selector.strip()), told)
    return hidden


def _matched(parser: LexborHTMLParser, selector: str) -> set[int]:
    try:
        return {node.mem_id for node in parser.css(selector)}
    except SelectolaxError:  # a selector that the parser cannot read
        return set()
