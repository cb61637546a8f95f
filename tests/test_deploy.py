"""The files that make a container: what they say is what aiqa takes and needs."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from tests.conftest import ROOT
from tests.test_dependencies import ALWAYS, normalized
from tests.test_readme import check

DEPLOY = ROOT / "docs" / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")


def default_command() -> list[str]:
    (command,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    words: list[str] = json.loads(command)
    return words


def test_the_commands_are_those_of_aiqa() -> None:
    composed = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
    (service,) = composed["services"].values()
    for command in (default_command(), service["command"]):
        check([word.partition("=")[0] for word in command])
    assert service["ports"] == ["127.0.0.1:7860:7860"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_what_is_copied_is_there_and_not_kept_from_the_builder() -> None:
    sent = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    assert copied
    for name in " ".join(copied).split():
        assert (ROOT / name).exists()
        assert f"!{name}" in sent


def test_what_is_left_out_is_what_only_other_embedders_need() -> None:
    (listed,) = re.findall(r"--quiet \\\n +(.*) \\$", DOCKERFILE, re.MULTILINE)
    left_out = {normalized(name) for name in listed.split()}
    assert {"torch", "transformers", "sentence-transformers"} == left_out & ALWAYS


@pytest.mark.parametrize("words", ["USER 1000:1000", "HEALTHCHECK", "/ready", "libseccomp2"])
def test_the_image_is_guarded(words: str) -> None:
    assert words in DOCKERFILE
