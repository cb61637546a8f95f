"""What the OpenAPI description promises, tried by Schemathesis on the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema_rs import Draft202012Validator
from schemathesis.core.result import Ok

from aiqa import Assistant
from aiqa.server.intake import Intake
from tests.server.conftest import served

FEW = {"POST /ask", "POST /ask/stream", "POST /search", "POST /evaluations", "POST /uploads"}
"""Operations each call of which takes long."""

REFUSALS = ["2xx", 401, 403, 404, 409, 415, 422, 503]
"""What may become of a request that fits its schema: no document may fit its filters, say."""


@pytest.fixture(scope="module")
def open_address(assistant: Assistant) -> Iterator[str]:
    """A server for everybody: Schemathesis tries wrong passwords, after which none is tried."""
    with pytest.MonkeyPatch.context() as patch:
        # What it uploads is not worth reading.
        patch.setattr(Intake, "_read", lambda *_: None)
        with served(assistant, page=False, upload_mb=1) as url:
            yield url


@pytest.fixture(scope="module")
def described(open_address: str) -> dict[str, Any]:
    """The description, as the server gives it."""
    described: dict[str, Any] = httpx.get(f"{open_address}/api/v1/openapi.json").json()
    return described


def operations(described: dict[str, Any], address: str) -> list[Any]:
    config = schemathesis.Config.from_dict(
        {
            "checks": {"positive_data_acceptance": {"expected-statuses": REFUSALS}},
        }
    )
    schema = schemathesis.openapi.from_dict(described, config=config)
    schema.config.update(base_url=f"{address}/api/v1")
    return [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_requests_made_from_the_description_are_answered_as_it_says(
    described: dict[str, Any], open_address: str, mode: schemathesis.GenerationMode
) -> None:
    tried = 0
    for operation in operations(described, open_address):

        @settings(
            max_examples=1 if operation.label in FEW else 3,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case: Any) -> None:
            nonlocal tried
            tried += 1
            response = case.call(timeout=60)
            case.validate_response(response)
            if mode == schemathesis.GenerationMode.POSITIVE and response.status_code == 422:
                assert "errors" not in response.json()

        if operation.label != "GET /uploads" or mode == schemathesis.GenerationMode.POSITIVE:
            holds()
    assert tried > 30


def test_every_operation_tells_its_problems_and_has_an_example(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    problem = described["components"]["schemas"]["Problem"]
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], path
            for status in ("401", "403", "404", "405", "413", "422", "429", "503", "507"):
                assert status in operation["responses"], (method, path)
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                name = content["schema"]["$ref"].rpartition("/")[2]
                assert described["components"]["schemas"][name]["examples"], name
    Draft202012Validator(problem).validate(problem["examples"][0])
    for name in ("AnswerBody", "FeedbackBody", "AskBody", "EvaluationBody", "VerifyBody"):
        schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        for example in described["components"]["schemas"][name]["examples"]:
            Draft202012Validator(schema).validate(example)


def test_the_server_lets_through_what_is_described_and_nothing_else(
    described: dict[str, Any], open_address: str
) -> None:
    told = {
        (method.upper(), path)
        for path, operations in described["paths"].items()
        for method in operations
    }
    assert len(told) == 18
    for method, path in told:
        filled = path.replace("{document_id}", "0" * 64).replace("{evaluation_id}", "0" * 32)
        filled = filled.replace("{upload_id}", "999999")
        seen = httpx.request(method, f"{open_address}/api/v1{filled}").status_code
        assert seen in (200, 400, 404, 422), (method, path)
