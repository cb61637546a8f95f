"""Pages within a page: those that it holds itself are read with it, the others are named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiqa.documents.html_elements import hides
from aiqa.documents.text_builder import CanonicalText, one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element

_ELSEWHERE = re.compile(r"(?:[a-z][a-z+.-]*:|//|#|$)", re.IGNORECASE)
"""What the address of a file beside the page does not begin with."""


def unfold_frames(page: _Element, parse: Callable[[str], _Element | None]) -> None:
    """Put what frames hold, or show where there are no frames, in the place of the frames.

    Frames within what they hold are left alone: each level would be parsed once more.
    """
    for frame in list(page.iter("iframe")):
        if source := frame.attrib.pop("srcdoc", ""):
            _replace(frame, parse(str(source)))
    for instead in list(page.iter("noframes")):
        _replace(instead, parse(instead.text or ""))
    body = page.find("body")
    if body is not None:
        for frames in page.findall("frameset"):
            frames.tag = "div"
            body.append(frames)


def _replace(element: _Element, page: _Element | None) -> None:
    """Let ``element`` hold the body of ``page`` instead of what it holds."""
    body = None if page is None else page.find("body")
    element.text, element[:] = (None, []) if body is None else (body.text, list(body))
    element.tag = "div"


def note_frames(page: _Element, text: CanonicalText) -> None:
    """Note the frames that show files beside the page: these are read as files of their own."""
    for frame in page.iter("frame", "iframe"):
        address = one_line(frame.get("src", ""))
        if not (_ELSEWHERE.match(address) or hides(frame)):
            text.omit(f"The frame {address} is a page of its own and was not read with this one.")
