"""Real servers on loopback, for all tests of clusters."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.cluster.postgres_server import PostgresServer
from tests.cluster.ray_nodes import RayNodes, ray_nodes

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


@pytest.fixture(scope="session")
def ray() -> Iterator[RayNodes]:
    """A Ray cluster of two nodes, which this process is connected to."""
    with ray_nodes() as nodes:
        yield nodes
