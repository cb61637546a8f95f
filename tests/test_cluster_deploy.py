"""The files that make a cluster: what they name is there, and what they say is what aiqa takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml

from aiqa.cluster.cluster_address import ClusterAddress
from tests.conftest import ROOT
from tests.test_readme import check

FOLDER = ROOT / "docs" / "deploy" / "cluster"
MANIFESTS = FOLDER / "kubernetes"
PAGE = (ROOT / "docs" / "pages" / "scale.md").read_text("utf-8")
MADE_ELSEWHERE = {"aiqa-postgres-app", "aiqa-postgres-ca"}
"""Secrets of the operator of PostgreSQL, named after its cluster."""


@cache
def kustomization() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text("utf-8"))
    return loaded


@cache
def objects() -> list[dict[str, Any]]:
    return [
        made
        for name in kustomization()["resources"]
        for made in yaml.safe_load_all((MANIFESTS / name).read_text("utf-8"))
    ]


def nested(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in ``value``, at any depth."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from nested(inner)


def pods() -> list[dict[str, Any]]:
    return [one for made in objects() for one in nested(made) if "containers" in one]


def settings() -> dict[str, str]:
    (generated,) = kustomization()["configMapGenerator"]
    return dict(literal.split("=", 1) for literal in generated["literals"])


def words(container: dict[str, Any]) -> list[str]:
    """The words of ``aiqa``'s command line in ``container``."""
    command = [*container.get("command", []), *container.get("args", [])]
    script = re.findall(r"aiqa (.*)", command[-1]) if "sh" in command else []
    return script[0].split() if script else command


def options(line: list[str]) -> list[str]:
    return [word.partition("=")[0] for word in line]


def test_every_file_is_used() -> None:
    listed = {*kustomization()["resources"], "kustomization.yaml", "restore.yaml"}
    assert {path.name for path in MANIFESTS.iterdir()} == listed


def test_the_commands_and_the_addresses_are_those_of_aiqa() -> None:
    composed = yaml.safe_load((FOLDER / "compose.yml").read_text("utf-8"))
    lines = [composed["services"][name]["command"] for name in ("chat", "ingest", "maintain")]
    lines += [words(one) for pod in pods() for one in pod["containers"] if one["name"] != "ray"]
    assert len(lines) == 6
    for line in lines:
        check(options(line))
    for address in (composed["x-aiqa"]["environment"]["AIQA_INDEX"], settings()["AIQA_INDEX"]):
        assert ClusterAddress.parse(address).lance.startswith("s3://")


def test_traffic_to_postgresql_is_verified() -> None:
    assert ClusterAddress.parse(settings()["AIQA_INDEX"]).tls == "verify-full"
    mounts = [
        {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        for pod in pods()
        for container in pod["containers"]
        if "PGPASSWORD" in str(container)
    ]
    assert len(mounts) == 4
    for mounted in mounts:
        assert settings()["PGSSLROOTCERT"] == f"{mounted['authority']}/ca.crt"


def test_what_pods_refer_to_is_made() -> None:
    volumes = {made["metadata"]["name"] for made in objects() if "Claim" in made["kind"]}
    named = {one["claimName"] for made in objects() for one in nested(made) if "claimName" in one}
    assert named == volumes
    maps = {
        one["configMapRef"]["name"] for p in pods() for one in nested(p) if "configMapRef" in one
    }
    assert maps == {kustomization()["configMapGenerator"][0]["name"]}
    secrets = {
        one.get("secretName") or (one.get("secretKeyRef") or one.get("secretRef") or one)["name"]
        for made in objects()
        for one in nested(made)
        if one.keys() & {"secretName", "secretKeyRef", "secretRef"}
    }
    assert secrets - MADE_ELSEWHERE == {"aiqa-objects", "aiqa-ray"}
    for name in (secrets | {"aiqa-backups"}) - MADE_ELSEWHERE:
        assert f"create secret generic {name}" in PAGE


@pytest.mark.parametrize("pod", pods(), ids=lambda pod: str(pod["containers"][0]["name"]))
def test_pods_are_restricted(pod: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]


def test_ray_takes_nothing_without_the_token() -> None:
    (cluster,) = (made for made in objects() if made["kind"] == "RayCluster")
    rays = [pod for pod in pods() if "RAY_AUTH_TOKEN" in str(pod)]
    assert len(rays) == 3
    for pod in rays:
        for container in pod["containers"]:
            given = {one["name"]: one.get("value") for one in container["env"]}
            assert given["RAY_AUTH_MODE"] == "token"
    assert cluster["spec"]["headGroupSpec"]["rayStartParams"]["include-dashboard"] == "false"


def test_no_secret_is_in_a_file() -> None:
    for path in FOLDER.rglob("*.y*ml"):
        text = path.read_text("utf-8")
        assert not re.search(r"(?i)(password|secret_access_key|token): [\"']?[\w-]{12,}", text)
