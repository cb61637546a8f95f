"""The REST interface, an application of its own at ``/api/v1``."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from aiqa.server.calls import Calls
from aiqa.server.documents import Shelf
from aiqa.server.evaluation_jobs import EvaluationJobs
from aiqa.server.problems import tell_problems
from aiqa.server.rest.asking import asking_api
from aiqa.server.rest.description import describe
from aiqa.server.rest.documents import documents_api
from aiqa.server.rest.evaluations import evaluations_api
from aiqa.server.rest.feedback import feedback_api
from aiqa.server.rest.uploads import uploads_api
from aiqa.server.rest.verification import verification_api
from aiqa.server.tracing import Tracing


def rest_application(
    calls: Calls,
    shelf: Shelf | None,
    jobs: EvaluationJobs,
    tracing: Tracing,
    *,
    uploads: Path,
    upload_mb: int,
    has_users: bool,
) -> FastAPI:
    """Return the application; without ``shelf``, documents cannot be changed.

    Files arrive in the folder ``uploads``, each of at most ``upload_mb``.
    """
    application = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry=tracing.config,
    )
    tell_problems(application)
    describe(application, has_users=has_users)
    application.include_router(asking_api(calls))
    application.include_router(documents_api(calls, shelf.deletions if shelf else None))
    if shelf:
        application.include_router(uploads_api(shelf.intake, calls.assistant, uploads, upload_mb))
    application.include_router(feedback_api(calls.assistant))
    application.include_router(evaluations_api(jobs))
    application.include_router(verification_api(calls.assistant))
    return application
