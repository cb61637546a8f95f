"""The parsing process with loaders that do on purpose what a file may make a parser do.

The text of a ``.probe`` file is Python that runs in place of a parser; what it prints, or the error
that stops it, becomes the text of the document.
"""

from __future__ import annotations

import contextlib
import io
import sys
import types

from aiqa.documents import registry
from aiqa.documents.sandbox.__main__ import main
from aiqa.documents.text_builder import Content


def load(data: bytes) -> Content:
    """Run the file."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        try:
            exec(data, {})  # noqa: S102  # the tests' own
        except Exception as error:  # noqa: BLE001
            print("refused:", type(error).__name__, error)
    return Content(told.getvalue() or "nothing")


if __name__ == "__main__":
    module = types.ModuleType("aiqa.documents.probe")
    module.__dict__["load"] = load
    sys.modules[module.__name__] = module
    registry._FORMATS[".txt"] = ("text", "probe")
    main()
