"""Real servers on loopback, for all tests of clusters."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from aiqa.index_move import move
from aiqa.storage.opening import locate
from tests.cluster.postgres_server import PostgresServer
from tests.cluster.ray_nodes import RayNodes, ray_nodes
from tests.cluster.s3_server import s3

_numbers = count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that serves all tests of this process."""
    server = PostgresServer()
    try:
        yield server.create()
    finally:
        server.stop()


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> str:
    """The address of an empty database of its own."""
    return postgres_server.database(f"test{next(_numbers)}")


@pytest.fixture
def cluster(postgres: str, tmp_path: Path) -> str:
    """The address of an index in a cluster that is yet to be made; its search tables are files."""
    return f"{postgres}?lance={tmp_path / 'lance'}&base={tmp_path}"


@pytest.fixture(scope="session")
def corpus_cluster(
    postgres_server: PostgresServer, corpus_index: Path, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of an index in a cluster that has what ``corpus_index`` has."""
    tables = tmp_path_factory.mktemp("lance")
    database = postgres_server.database("corpus")
    address = f"{database}?lance={tables}&base={corpus_index.parent}"
    move(locate(corpus_index), locate(address))
    return address


@pytest.fixture(scope="session")
def harbour_tables(
    postgres_server: PostgresServer, harbour_index: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The search tables of an index of ``harbour_files``; its database is ``harbour``."""
    tables = tmp_path_factory.mktemp("lance")
    database = postgres_server.database("harbour")
    move(locate(harbour_index), locate(f"{database}?lance={tables}&base={harbour_index.parent}"))
    return tables


@pytest.fixture
def harbour_cluster(
    postgres_server: PostgresServer, harbour: Path, harbour_tables: Path, tmp_path: Path
) -> str:
    """An index in a cluster of ``harbour``, of its own."""
    database = postgres_server.database(f"test{next(_numbers)}", "harbour")
    tables = shutil.copytree(harbour_tables, tmp_path / "lance")
    return f"{database}?lance={tables}&base={harbour.parent}"


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The address of a bucket in a real S3 server, which AWS's variables lead to."""
    with s3() as address:
        yield address


@pytest.fixture(scope="session")
def ray() -> Iterator[RayNodes]:
    """A Ray cluster of two nodes, which this process is connected to."""
    with ray_nodes() as nodes:
        yield nodes
