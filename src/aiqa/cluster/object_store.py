"""The object store that search tables lie in, and the test that it can be trusted with them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from aiqa.errors import CatalogError

_WRITERS = 8
_ROUNDS = 3


def storage_options(address: str) -> dict[str, str]:
    """Return what Lance must be told of the store at ``address`` beside AWS's variables."""
    endpoint = next(
        (
            os.environ[name]
            for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
            if os.environ.get(name)
        ),
        "",
    )
    if not address.startswith("s3://") or not endpoint:
        return {}
    return {"aws_endpoint": endpoint, "allow_http": str(endpoint.startswith("http://")).lower()}


def require_conditional_puts(address: str) -> None:
    """Refuse a store where two writers could both create the same object.

    Tables are committed by creating an object that must not be there yet. A store that lets several
    writers do so loses commits without a word, and some do so only when writers race.

    Raises:
        CatalogError: the store does so, or cannot be written to.
    """
    import obstore
    from obstore.exceptions import AlreadyExistsError, BaseError
    from obstore.store import LocalStore, from_url

    try:
        if "://" in address:
            store = from_url(address, config=storage_options(address))  # type: ignore[call-overload]
        else:
            store = LocalStore(Path(address), mkdir=True)

        def creates(name: str) -> bool:
            try:
                obstore.put(store, name, b"aiqa", mode="create")
            except AlreadyExistsError:
                return False
            return True

        with ThreadPoolExecutor(_WRITERS) as threads:
            for _ in range(_ROUNDS):
                name = f"probes/{uuid4().hex}"
                try:
                    winners = sum(threads.map(creates, [name] * _WRITERS))
                finally:
                    obstore.delete(store, name)
                if winners != 1:
                    raise CatalogError(
                        f"The object store at {address} does not keep several writers apart: "
                        f"{winners} of {_WRITERS} created the same object.",
                        "Use a store with conditional writes (If-None-Match), such as Amazon S3, "
                        "Ceph or MinIO.",
                    )
    except BaseError as error:
        raise CatalogError(
            f"The object store at {address} cannot be written: {_first_line(error)}",
            "Check its address, the bucket and the AWS_… variables.",
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
