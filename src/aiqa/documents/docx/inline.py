"""The words of a paragraph, as Word shows them once all changes are accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aiqa.documents.docx.structure import is_prompt, properties_of
from aiqa.documents.docx.styles import Styles
from aiqa.documents.ooxml.equations import linear
from aiqa.documents.ooxml.names import (
    NAMESPACES,
    ON,
    RAISED,
    attribute,
    branch,
    child,
    integer,
    is_on,
    prefixed,
)
from aiqa.documents.ooxml.symbols import in_unicode, symbol

if TYPE_CHECKING:
    from lxml.etree import _Element

CHECKED, UNCHECKED = "☒", "☐"
_SOFT_HYPHEN = "\N{SOFT HYPHEN}"
_SKIPPED = frozenset((
    "w:pPr", "w:rPr", "w:sdtPr", "w:sdtEndPr", "w:customXmlPr", "w:smartTagPr", "w:rubyPr",
    "w:del", "w:moveFrom", "w:delText", "w:instrText", "w:delInstrText", "w:softHyphen", "w:rt",
))  # fmt: skip
_BLANKS = {"w:tab": " ", "w:br": "\n", "w:cr": "\n", "w:ptab": " "}
_ANCHORED = frozenset((
    "w:footnoteReference", "w:endnoteReference", "w:commentReference",
    "w:drawing", "w:pict", "w:object",
))  # fmt: skip


@dataclass(slots=True)
class Inline:
    """What stands in a paragraph: its words, and the notes and drawings that hang on them."""

    words: list[str] = field(default_factory=list)
    anchored: list[_Element] = field(default_factory=list)
    is_bold: bool = True
    """Whether all the words are bold."""
    hides_text: bool = False
    """Whether there are words that are formatted as hidden."""

    @property
    def text(self) -> str:
        """The words in one string."""
        return "".join(self.words)

    def add(self, other: Inline) -> None:
        """Add what stands in the paragraph after, when the break between them was deleted."""
        self.words += other.words
        self.anchored += other.anchored
        self.is_bold = self.is_bold and other.is_bold


@dataclass(frozen=True, slots=True)
class _Format:
    """What is said of a run: its font, and whether it is shown, raised, bold, a note's mark."""

    font: str = ""
    is_hidden: bool = False
    is_raised: bool = False
    is_bold: bool = False
    is_mark: bool = False


class InlineReader:
    """Reads the paragraphs of one story in order: a field may begin in one and end in another."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._fields: list[bool] = []
        """For each field around the present place, whether this is its result."""
        self._style = ""
        self._inline = Inline()
        self._handlers: dict[str, Callable[[_Element, _Format], None]] = {
            "w:t": self._text,
            "w:r": self._run,
            "w:sym": self._symbol,
            "w:noBreakHyphen": lambda _, style: self._say("-", style),
            "w:fldChar": self._field,
            "w:sdt": self._control,
            "m:oMath": lambda element, style: self._say(linear(element), style),
            "mc:AlternateContent": self._alternatives,
        }

    def read(self, paragraph: _Element) -> Inline:
        """Return what stands in ``paragraph``."""
        self._style, self._inline = self._styles.of_paragraph(paragraph), Inline()
        self._walk(paragraph, _Format())
        # A field whose result never comes must not hide the rest of the document.
        self._fields = [is_result for is_result in self._fields if is_result]
        return self._inline

    def _walk(self, element: _Element, style: _Format) -> None:
        for inner in element:
            name = prefixed(inner)
            if name in _BLANKS:
                self._say(_BLANKS[name], style)
            elif handler := self._handlers.get(name):
                handler(inner, style)
            elif name in _ANCHORED:
                if not style.is_hidden:
                    self._inline.anchored.append(inner)
                if attribute(inner, "w:customMarkFollows", "0") in ON:
                    style = replace(style, is_mark=True)
            elif name not in _SKIPPED:
                self._walk(inner, style)

    def _say(self, words: str, style: _Format) -> None:
        if style.is_hidden or style.is_mark or not all(self._fields):
            self._inline.hides_text |= style.is_hidden and all(self._fields) and bool(words.strip())
            return
        if style.is_raised and not any(map(str.isalpha, words)):
            words = words.translate(RAISED)  # "10" with a raised "6" is not 106
        self._inline.words.append(words)
        if words.strip() and not style.is_bold:
            self._inline.is_bold = False

    def _text(self, element: _Element, style: _Format) -> None:
        words = (element.text or "").replace(_SOFT_HYPHEN, "")
        self._say(in_unicode(words, style.font) if style.font else words, style)

    def _run(self, run: _Element, style: _Format) -> None:
        properties = properties_of(run, "w:rPr")
        is_hidden, is_bold = (
            self._styles.run_property(properties, self._style, name) for name in ("w:vanish", "w:b")
        )
        fonts, raised = properties.get("w:rFonts"), properties.get("w:vertAlign")
        font = attribute(fonts, "w:ascii") or attribute(fonts, "w:hAnsi")
        is_raised = attribute(raised, "w:val") == "superscript"
        self._walk(run, _Format(font, is_hidden or style.is_hidden, is_raised, is_bold))

    def _symbol(self, element: _Element, style: _Format) -> None:
        self._say(symbol(attribute(element, "w:char"), attribute(element, "w:font")), style)

    def _alternatives(self, element: _Element, style: _Format) -> None:
        chosen = branch(element)
        if chosen is not None:
            self._walk(chosen, style)

    def _control(self, element: _Element, style: _Format) -> None:
        """Read a content control: the state of a check box, otherwise what is filled in."""
        box = child(element, "w:sdtPr", "w14:checkbox")
        if box is not None:
            checked = is_on(child(box, "w14:checked"), "w14:val")
            self._say(CHECKED if checked else UNCHECKED, style)
        elif not is_prompt(element):
            self._walk(element, style)

    def _field(self, element: _Element, style: _Format) -> None:
        match attribute(element, "w:fldCharType"):
            case "begin":
                self._say(_form_field(element), style)
                self._fields.append(False)
            case "separate" if self._fields:
                self._fields[-1] = True
            case "end" if self._fields:
                self._fields.pop()


def _form_field(element: _Element) -> str:
    """Return the state of a check box or a list of a form from before content controls."""
    box = element.find(".//w:checkBox", NAMESPACES)
    if box is not None:
        checked = child(box, "w:checked")
        state = checked if checked is not None else child(box, "w:default")
        return CHECKED if is_on(state) else UNCHECKED
    choices = element.find(".//w:ddList", NAMESPACES)
    if choices is None:
        return ""
    result = child(choices, "w:result")
    chosen = integer(result if result is not None else child(choices, "w:default"), "w:val", 0)
    entries = [attribute(entry, "w:val") for entry in choices.iterfind("w:listEntry", NAMESPACES)]
    return entries[chosen] if 0 <= chosen < len(entries) else ""
