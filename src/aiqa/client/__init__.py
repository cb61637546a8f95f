"""A client for the REST interface of another machine's ``aiqa chat`` or ``aiqa serve``."""

from importlib.util import find_spec

from aiqa.errors import DependencyError

if find_spec("httpx") is None:
    raise DependencyError(
        "The client needs httpx, which is not installed.", "Run `pip install 'aiqa[client]'`."
    )

from aiqa.client.client import Client
from aiqa.client.replies import (
    DocumentInfo,
    EvaluationStatus,
    Hit,
    ProblemError,
    QuoteCheck,
    UploadStatus,
)

__all__ = [
    "Client",
    "DocumentInfo",
    "EvaluationStatus",
    "Hit",
    "ProblemError",
    "QuoteCheck",
    "UploadStatus",
]
