"""The annotations of a PDF page: what is filled in its form, and the comments pinned to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_ushort, cast, create_string_buffer
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from aiqa.documents.pdf.flow import FlowPart
from aiqa.documents.pdf.lines import displayed, inked, packed, spread
from aiqa.documents.text_builder import one_line

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_MOST_ANNOTATIONS = 5000
_HIDDEN = 1 << 1
_PASSWORD = 1 << 13

_INDEX = re.compile(r"\[\d+\]")
_CHECKED = frozenset(("", "1", "on", "true", "x", "yes"))
"""Values of checked boxes that say no more than that."""


@dataclass(frozen=True, slots=True)
class _Annotation:
    """An annotation of a page, as pdfium has it, and the form that it may belong to."""

    raw: Any
    form: Any
    page: PdfPage

    def comment(self) -> FlowPart | None:
        """Return what somebody wrote on the page, and who."""
        from pypdfium2.raw import FPDFAnnot_GetStringValue

        words = _string(lambda *out: FPDFAnnot_GetStringValue(self.raw, b"Contents", *out))
        author = _string(lambda *out: FPDFAnnot_GetStringValue(self.raw, b"T", *out))
        label = f"comment by {author}" if author else "comment"
        return FlowPart("comment", words, self._ink(words), label=label) if words else None

    def field(self) -> FlowPart | None:
        """Return a field of the form that has a value."""
        from pypdfium2.raw import FPDFAnnot_GetFormFieldAlternateName, FPDFAnnot_GetFormFieldName

        value = self._value()
        name = self._of_field(FPDFAnnot_GetFormFieldAlternateName)
        if not name:
            # Programs name fields "form[0].page[1].name[0]".
            full = _INDEX.sub("", self._of_field(FPDFAnnot_GetFormFieldName))
            name = full.rpartition(".")[2].replace("_", " ")
        return (
            FlowPart("form field", value, self._ink(value), label=one_line(name)) if value else None
        )

    def _value(self) -> str:
        from pypdfium2.raw import (
            FPDF_FORMFIELD_CHECKBOX,
            FPDF_FORMFIELD_COMBOBOX,
            FPDF_FORMFIELD_LISTBOX,
            FPDF_FORMFIELD_RADIOBUTTON,
            FPDF_FORMFIELD_TEXTFIELD,
            FPDFAnnot_GetFormFieldExportValue,
            FPDFAnnot_GetFormFieldFlags,
            FPDFAnnot_GetFormFieldType,
            FPDFAnnot_GetFormFieldValue,
            FPDFAnnot_IsChecked,
        )

        kind = FPDFAnnot_GetFormFieldType(self.form, self.raw)
        if kind in (FPDF_FORMFIELD_CHECKBOX, FPDF_FORMFIELD_RADIOBUTTON):
            if FPDFAnnot_IsChecked(self.form, self.raw):
                value = self._of_field(FPDFAnnot_GetFormFieldExportValue)
                return "yes" if value.casefold() in _CHECKED else value
            return "no" if kind == FPDF_FORMFIELD_CHECKBOX else ""
        if kind == FPDF_FORMFIELD_TEXTFIELD:
            if FPDFAnnot_GetFormFieldFlags(self.form, self.raw) & _PASSWORD:
                return ""
            return self._of_field(FPDFAnnot_GetFormFieldValue)
        if kind in (FPDF_FORMFIELD_COMBOBOX, FPDF_FORMFIELD_LISTBOX):
            return ", ".join(self._chosen()) or self._of_field(FPDFAnnot_GetFormFieldValue)
        return ""

    def _chosen(self) -> Iterator[str]:
        from pypdfium2.raw import (
            FPDFAnnot_GetOptionCount,
            FPDFAnnot_GetOptionLabel,
            FPDFAnnot_IsOptionSelected,
        )

        for index in range(FPDFAnnot_GetOptionCount(self.form, self.raw)):
            if FPDFAnnot_IsOptionSelected(self.form, self.raw, index):
                yield _string(
                    lambda *out, i=index: FPDFAnnot_GetOptionLabel(self.form, self.raw, i, *out)
                )

    def _of_field(self, get: Callable[..., int]) -> str:
        return _string(lambda *out: get(self.form, self.raw, *out))

    def _ink(self, words: str) -> bytes:
        """The boxes of characters, which share that of the annotation."""
        return packed(spread(self.box(), inked(words)))

    def box(self) -> list[float]:
        """Return left, top, right and bottom of the annotation on the page as displayed."""
        from pypdfium2.raw import FS_RECTF, FPDFAnnot_GetRect

        rect = FS_RECTF()
        FPDFAnnot_GetRect(self.raw, byref(rect))
        sides = np.array([[rect.left, rect.top, rect.right, rect.bottom]], np.float32)
        return [float(side) for side in displayed(np.nan_to_num(sides), self.page)[0]]


def annotations_of(document: PdfDocument, page: PdfPage) -> list[FlowPart]:
    """Return the fields and comments of a page from top to bottom, each once."""
    from pypdfium2.raw import (
        FPDF_ANNOT_LINK,
        FPDF_ANNOT_POPUP,
        FPDF_ANNOT_WIDGET,
        FPDFAnnot_GetFlags,
        FPDFAnnot_GetSubtype,
        FPDFPage_GetAnnotCount,
    )

    found: list[tuple[float, float, FlowPart]] = []
    for index in range(min(FPDFPage_GetAnnotCount(page.raw), _MOST_ANNOTATIONS)):
        with _annotation(document, page, index) as item:
            if item is None or FPDFAnnot_GetFlags(item.raw) & _HIDDEN:
                continue
            kind = FPDFAnnot_GetSubtype(item.raw)
            part = None
            if kind == FPDF_ANNOT_WIDGET:
                part = item.field() if item.form else None
            elif kind not in (FPDF_ANNOT_LINK, FPDF_ANNOT_POPUP):
                part = item.comment()
            if part:
                left, top, _, bottom = item.box()
                found.append((round((top + bottom) / 2 / 6), left, part))
    found.sort(key=lambda item: (item[2].kind != "form field", *item[:2]))
    return list({(p.kind, p.label, p.words): p for _, _, p in found}.values())


@contextmanager
def _annotation(document: PdfDocument, page: PdfPage, index: int) -> Iterator[_Annotation | None]:
    from pypdfium2.raw import FPDFPage_CloseAnnot, FPDFPage_GetAnnot

    raw = FPDFPage_GetAnnot(page.raw, index)
    if not raw:
        yield None
        return
    try:
        yield _Annotation(raw, document.formenv.raw if document.formenv else None, page)
    finally:
        FPDFPage_CloseAnnot(raw)


def _string(get: Callable[..., int]) -> str:
    """What a function of pdfium writes as UTF-16; it returns the bytes that this takes."""
    size = get(None, 0)
    buffer = create_string_buffer(size)
    get(cast(buffer, POINTER(c_ushort)), size)
    return one_line(buffer.raw.decode("utf-16-le", "replace").rstrip("\0"))
