"""What is said where a framework is not installed."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from aiqa.errors import DependencyError


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [
        ("haystack", "haystack", "haystack"),
        ("langchain", "langchain_core", "langchain"),
        ("llama_index", "llama_index", "llama-index"),
    ],
)
def test_the_error_names_the_extra(
    module: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [*sys.modules]:
        if name.split(".")[0] == package:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"aiqa.integrations.{module}", raising=False)
    with pytest.raises(DependencyError) as refused:
        import_module(f"aiqa.integrations.{module}")
    assert refused.value.message.startswith(f"aiqa.integrations.{module} needs {package}")
    assert f"pip install 'aiqa[{extra}]'" in refused.value.remedy
