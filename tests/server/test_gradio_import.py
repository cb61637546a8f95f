"""Gradio is imported without what takes long and is not used."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import sys
from aiqa.server.gradio_import import import_gradio
import inspect
read = []
plain = inspect.getfile
inspect.getfile = lambda one: read.append(one) or plain(one)
gradio = import_gradio()
assert gradio.Blocks and import_gradio() is gradio
assert not any(getattr(one, "EVENTS", None) for one in read), "stub files are written"
assert "mcp" not in sys.modules
import mcp
"""


def test_no_stub_files_are_written_and_mcp_can_still_be_imported() -> None:
    subprocess.run([sys.executable, "-c", _PROGRAM], check=True)
