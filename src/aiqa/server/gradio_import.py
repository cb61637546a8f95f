"""The import of Gradio without what the chat does not use, which takes most of its time.

At each import, Gradio writes a stub file beside every component, after parsing and rendering its
source; and it imports the package ``mcp`` for a server of its own, in place of which the chat has
``aiqa.server.mcp``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

_WRITES_STUBS = "gradio.component_meta"
_STUB_WRITER = "create_or_modify_pyi"


def import_gradio() -> ModuleType:
    """Return Gradio, imported without telemetry, stub files and ``mcp``."""
    # Gradio reads this when it is imported.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    if "gradio" in sys.modules:
        return sys.modules["gradio"]
    with _without_stubs(), _hidden("mcp"):
        import gradio
    return gradio


class _Loader(SourceFileLoader):
    """Loads the module that writes stub files, and has it write none."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        if hasattr(module, _STUB_WRITER):
            setattr(module, _STUB_WRITER, lambda *_: None)


class _Finder:
    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _WRITES_STUBS:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.origin and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(name, spec.origin)
        return spec


@contextmanager
def _without_stubs() -> Iterator[None]:
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@contextmanager
def _hidden(package: str) -> Iterator[None]:
    """Make imports of ``package`` fail, unless it is imported already."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]  # what Python takes for "not there"
    try:
        yield
    finally:
        del sys.modules[package]
