"""What a page folds away until it is asked for: panels of tabs, answers below their questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiqa.documents.html_elements import hides

if TYPE_CHECKING:
    from lxml.etree import _Element


def show_folded(page: _Element) -> None:
    """Show the panels that a tab or a button of ``page`` opens.

    What other scripts may show, such as a message about an error, stays hidden.
    """
    opened = {
        identity
        for control in page.iter("*")
        if control.get("aria-expanded") or control.get("role") == "tab"
        for identity in control.get("aria-controls", "").split()
    }
    for panel in page.iter("*"):
        if (panel.get("role") == "tabpanel" or panel.get("id") in opened) and hides(panel):
            panel.attrib.pop("hidden", None)
            panel.attrib.pop("style", None)
