"""The OpenAPI description of the REST interface."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from aiqa.server.problems import PROBLEM_TYPE
from aiqa.server.rest.schemas import AnswerBody, FeedbackBody

_ABOUT = """\
Answers from your documents, in the documents' own words, with citations.

Offsets count Unicode characters of a document's canonical text, which
`/documents/{document_id}/text` returns. Errors are problems by RFC 9457 with a `remedy`.
"""

_PROBLEMS = {
    400: "The request is not well-formed.",
    401: "Nobody is signed in, or with a wrong password or token.",
    403: "This user may not do this.",
    404: "There is no such thing.",
    405: "The path has other methods; `Allow` names them.",
    409: "It is not as the request takes it to be.",
    413: "The request is too large.",
    415: "The request or a file has a type that is not read.",
    422: "The request is well-formed, but cannot be used.",
    429: "Too many requests; `Retry-After` names the seconds to wait.",
    500: "Something went wrong; it is in the server's log.",
    503: "Too much is waiting, or there is no usable index; see `Retry-After`.",
    507: "The disk or the user's share of it is full.",
}

_SCHEMA = {
    "title": "Problem",
    "description": "What went wrong, by RFC 9457, and what to do about it.",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, in a sentence."},
        "remedy": {"type": "string", "description": "What to do, in a sentence."},
        "errors": {
            "type": "array",
            "description": "What is wrong with which value.",
            "items": {
                "type": "object",
                "properties": {"at": {"type": "string"}, "what": {"type": "string"}},
                "required": ["at", "what"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "remedy"],
    "examples": [
        {
            "type": "about:blank",
            "title": "Unprocessable Content",
            "status": 422,
            "detail": "The question is empty.",
            "remedy": "Ask in a few words.",
        }
    ],
}


def describe(application: FastAPI, *, has_users: bool) -> None:
    """Let ``application`` describe itself, with the problems that each operation may have."""

    def openapi() -> dict[str, Any]:
        if application.openapi_schema is None:
            application.openapi_schema = _description(application, has_users=has_users)
        return application.openapi_schema

    application.openapi = openapi  # type: ignore[method-assign]


def _description(application: FastAPI, *, has_users: bool) -> dict[str, Any]:
    described = get_openapi(
        title="aiqa",
        version=version("aiqa"),
        description=_ABOUT,
        routes=application.routes,
        servers=[{"url": "/api/v1"}],
    )
    components = described.setdefault("components", {})
    components["schemas"]["Problem"] = _SCHEMA
    for model in (AnswerBody, FeedbackBody):
        # FastAPI leaves out what is null, also in examples.
        examples = model.model_json_schema()["examples"]
        components["schemas"][model.__name__]["examples"] = examples
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    components["responses"] = {
        f"Problem{status}": {
            "description": words,
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, words in _PROBLEMS.items()
    }
    if has_users:
        components["securitySchemes"] = {
            "password": {"type": "http", "scheme": "basic"},
            "token": {"type": "http", "scheme": "bearer"},
        }
        described["security"] = [{"password": []}, {"token": []}]
    for operations in described["paths"].values():
        for operation in operations.values():
            for status in _PROBLEMS:
                response = {"$ref": f"#/components/responses/Problem{status}"}
                operation["responses"][str(status)] = response
    return described
