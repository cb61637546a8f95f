"""How an encrypted Office file begins, and what a damaged one raises."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import BadZipFile

from aiqa.documents.ooxml.package import Package
from aiqa.documents.text_builder import CanonicalText
from aiqa.errors import DocumentError

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
"""How an encrypted file begins, and one in the formats from before 2007."""

_BROKEN = (BadZipFile, zlib.error, KeyError, IndexError, AttributeError, TypeError, ValueError,
           NotImplementedError, EOFError, OSError, struct.error)  # fmt: skip
"""What zipfile and the parsers raise over parts that are missing, cut off or packed otherwise."""


@contextmanager
def opening(data: bytes, kind: str) -> Iterator[None]:
    """Run the block that parses ``data`` and explain what goes wrong; ``kind`` is "Word", say.

    Raises:
        DocumentError: the file is encrypted, of an old format, truncated or of another kind.
    """
    from lxml.etree import XMLSyntaxError

    if data.startswith(_OLE):
        raise DocumentError(
            f"This {kind} file is encrypted or in a format from before 2007.",
            "Save it in the present format without a password.",
        )
    try:
        yield
    except (XMLSyntaxError, *_BROKEN) as error:
        raise DocumentError(
            f"This is not a readable {kind} file: {_reason(error)}.",
            "It may be truncated; save it anew.",
        ) from error


@contextmanager
def noting(text: CanonicalText, what: str) -> Iterator[None]:
    """Run the block that reads a part of a file; if the part is damaged, note that and go on.

    ``what`` names the part at the beginning of a sentence ("Slide 4").
    """
    from lxml.etree import XMLSyntaxError

    try:
        yield
    except RecursionError:
        text.omit(f"{what} was not read whole: it nests too deeply.")
    except (XMLSyntaxError, *_BROKEN) as error:
        text.omit(f"{what} was not read whole: {_reason(error)}.")


def note_damage(package: Package, text: CanonicalText) -> None:
    """Note the parts that were read only as far as they could be made out."""
    for name in dict.fromkeys(package.damaged):
        text.omit(f"The part {name} was not read whole: it is damaged.")


def _reason(error: Exception) -> str:
    # The text of a KeyError is quoted.
    reason = error.args[0] if isinstance(error, KeyError) and error.args else error
    return str(reason).rstrip(".") or type(error).__name__
