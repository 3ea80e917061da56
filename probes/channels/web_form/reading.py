"""Reads the forms of a live page, frame by frame, into the model that the mapping understands."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import ElementHandle, Error, Frame, JSHandle, Page

from probes.channels.web_form.model import FormModel, PageModel, page_from
from probes.channels.web_form.visit import page_script


@dataclass(frozen=True)
class LiveForm:
    """A form in a frame of the page, with a way back to its elements."""

    frame: Frame
    handle: JSHandle
    page: PageModel
    form: FormModel

    def element(self, index: int) -> ElementHandle:
        """The element of the control with this index."""
        found = self.handle.evaluate_handle("(read, [form, at]) => read.elements[form][at]", [self.form.index, index])
        element = found.as_element()
        if element is None:
            raise Error("the control is gone")
        return element


def read_forms(page: Page) -> list[LiveForm]:
    """All forms of all frames; a frame that is just loading or already gone counts as empty."""
    found: list[LiveForm] = []
    for frame in page.frames:
        found += _read_frame(frame)
    return found


def _read_frame(frame: Frame) -> list[LiveForm]:
    try:
        handle = frame.evaluate_handle(page_script("collect.js"))
        model = page_from(handle.evaluate("read => read.model"))
    except Error:
        return []
    return [LiveForm(frame, handle, model, form) for form in model.forms] or _empty(frame, handle, model)


def _empty(frame: Frame, handle: JSHandle, model: PageModel) -> list[LiveForm]:
    """A frame without forms still has markers (captcha and bot walls live in frames)."""
    return [LiveForm(frame, handle, model, FormModel(-1, ()))] if model.markers else []
