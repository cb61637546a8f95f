"""Addresses of indexes in a cluster: ``postgresql://USER@HOST/DATABASE?lance=s3://BUCKET/PREFIX``."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from aiqa.errors import SettingsError

_PORT = 5432
_TLS_MODES = ("disable", "require", "verify-full")
_PARAMETERS = {"lance", "base", "shards", "replicas", "originals", "sslmode", "sslrootcert"}
_EXAMPLE = "An example: postgresql://aiqa@db.example.org/aiqa?lance=s3://bucket/index."


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """Where the parts of an index are.

    ``hosts`` are tried in order for the one that can be written to. ``lance`` is the place of the
    search tables, cut into ``shards``; with ``replicas``, so many actors of a Ray cluster search
    each of them, otherwise this process does. With ``originals``, copies of files are kept there,
    too. Sources are relative to ``base``. ``tls`` is one of "disable", "require" and "verify-full",
    with the authorities in the file ``authorities``.
    """

    user: str
    hosts: tuple[tuple[str, int], ...]
    database: str
    lance: str
    base: Path
    shards: int = 1
    replicas: int = 0
    originals: bool = False
    tls: str = "disable"
    authorities: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, address: str) -> Self:
        """Read an address; what it lacks comes from libpq's variables, such as ``PGPASSWORD``.

        Raises:
            SettingsError: it cannot be used.
        """
        try:
            parts = urlsplit(address)
            given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            account, _, places = parts.netloc.rpartition("@")
            user, _, password = account.partition(":")
            hosts = tuple(_host(place) for place in places.split(",") if place)
            shards = int(given.get("shards", "1"))
            replicas = int(given.get("replicas", "0"))
        except ValueError:
            raise SettingsError("The address of the index is not valid.", _EXAMPLE) from None
        if unknown := given.keys() - _PARAMETERS:
            raise SettingsError(
                f"The address of the index has an unknown part {min(unknown)!r}.", _EXAMPLE
            )
        database = unquote(parts.path.strip("/"))
        if not (hosts and database and given.get("lance")) or shards < 1 or replicas < 0:
            raise SettingsError("The address of the index is not complete.", _EXAMPLE)
        if given.get("originals", "kept") != "kept":
            raise SettingsError(f"originals is {given['originals']!r}.", 'It can only be "kept".')
        tls = given.get("sslmode") or os.environ.get("PGSSLMODE") or _usual_tls(hosts)
        if tls not in _TLS_MODES:
            raise SettingsError(f"sslmode is {tls!r}.", f"Choose among {', '.join(_TLS_MODES)}.")
        return cls(
            user=unquote(user) or os.environ.get("PGUSER") or "aiqa",
            hosts=hosts,
            database=database,
            lance=given["lance"].rstrip("/"),
            base=Path(given.get("base", ".")).absolute(),
            shards=shards,
            replicas=replicas,
            originals=given.get("originals") == "kept",
            tls=tls,
            authorities=given.get("sslrootcert") or os.environ.get("PGSSLROOTCERT"),
            password=unquote(password) or os.environ.get("PGPASSWORD"),
        )

    @property
    def name(self) -> str:
        """The address as messages name it: without password and search tables."""
        hosts = ",".join(host if port == _PORT else f"{host}:{port}" for host, port in self.hosts)
        return f"postgresql://{self.user}@{hosts}/{self.database}"

    @property
    def folder(self) -> Path:
        """The path that stands for the index where an index on one machine has its folder.

        Documents may be in a folder that is named as the database.
        """
        return self.base / f"{self.database}-cluster"


def _host(place: str) -> tuple[str, int]:
    parts = urlsplit(f"//{place}")
    if not parts.hostname:
        raise ValueError(place)
    return parts.hostname, parts.port or _PORT


def _usual_tls(hosts: tuple[tuple[str, int], ...]) -> str:
    is_here = all(host in {"127.0.0.1", "::1", "localhost"} for host, _ in hosts)
    return "disable" if is_here else "verify-full"
