"""The object store that search tables lie in, and the test that it can be trusted with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from aiqa.errors import CatalogError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

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
    from obstore.exceptions import AlreadyExistsError

    def creates(name: str) -> bool:
        try:
            obstore.put(store, name, b"aiqa", mode="create")
        except AlreadyExistsError:
            return False
        return True

    with reaching(address), ThreadPoolExecutor(_WRITERS) as threads:
        store = store_at(address)
        for _ in range(_ROUNDS):
            name = f"probes/{uuid4().hex}"
            winners = sum(threads.map(creates, [name] * _WRITERS))
            obstore.delete(store, name)
            if winners != 1:
                raise _unsafe(address, winners)


def folders(address: str) -> list[str]:
    """Return the names of the folders at ``address``, in order.

    Raises:
        CatalogError: the store cannot be read.
    """
    import obstore

    with reaching(address):
        found = obstore.list_with_delimiter(store_at(address))
        return sorted(path.strip("/") for path in found["common_prefixes"])


def delete_folder(address: str, name: str) -> int:
    """Delete all that is in the folder ``name`` at ``address``, and return the number of bytes.

    Raises:
        CatalogError: the store cannot be written to.
    """
    import obstore

    deleted = 0
    with reaching(address):
        store = store_at(address)
        for some in obstore.list(store, prefix=name):
            obstore.delete(store, [one["path"] for one in some])
            deleted += sum(one["size"] for one in some)
    return deleted


@contextmanager
def reaching(address: str) -> Iterator[None]:
    """Raise CatalogError where the store at ``address`` cannot be used."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, OSError) as error:
        raise CatalogError(
            f"The object store at {address} cannot be used: {_first_line(error)}",
            "Check its address, the bucket and the AWS_… variables.",
        ) from error


def store_at(address: str) -> ObjectStore:
    """Return the store at ``address``, a folder or a place in an object store."""
    from obstore.store import LocalStore, from_url

    if "://" not in address:
        return LocalStore(Path(address), automatic_cleanup=True, mkdir=True)
    options = storage_options(address)
    is_plain = options.pop("allow_http", "false") == "true"
    return from_url(address, config=cast("Any", options), client_options={"allow_http": is_plain})


def _unsafe(address: str, winners: int) -> CatalogError:
    return CatalogError(
        f"The object store at {address} does not keep several writers apart: {winners} of "
        f"{_WRITERS} created the same object.",
        "Use a store with conditional writes (If-None-Match), such as Amazon S3, Ceph or MinIO.",
    )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
