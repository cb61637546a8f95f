"""Addresses of clusters are read as PostgreSQL's own, and never told with a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiqa.cluster.cluster_address import ClusterAddress
from aiqa.errors import CatalogError, SettingsError
from aiqa.storage.opening import locate
from tests.conftest import Open

SECRET = "s3cret/+"  # noqa: S105  # nobody has it


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGUSER", "PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT"):
        monkeypatch.delenv(name, raising=False)


def test_an_address_says_where_all_parts_are(monkeypatch: pytest.MonkeyPatch) -> None:
    address = ClusterAddress.parse(
        "postgresql://ada:s3cret%2F%2B@db1:6432,db2/notes?lance=s3://bucket/place/&base=/srv"
        "&shards=4"
    )
    assert (address.user, address.password, address.database) == ("ada", SECRET, "notes")
    assert address.hosts == (("db1", 6432), ("db2", 5432))
    assert (address.lance, address.base, address.shards) == ("s3://bucket/place", Path("/srv"), 4)
    assert address.name == "postgresql://ada@db1:6432,db2/notes"
    assert SECRET not in repr(address)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    monkeypatch.setenv("PGUSER", "eve")
    address = ClusterAddress.parse("postgres://[::1]:6000/notes?lance=there")
    assert (address.user, address.password, address.hosts) == ("eve", SECRET, (("::1", 6000),))


def test_other_machines_are_reached_by_tls_unless_it_is_said_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def tls(host: str, more: str = "") -> str:
        return ClusterAddress.parse(f"postgresql://{host}/notes?lance=there{more}").tls

    assert (tls("127.0.0.1"), tls("db.example.org")) == ("disable", "verify-full")
    assert tls("localhost,db.example.org") == "verify-full"
    monkeypatch.setenv("PGSSLMODE", "require")
    assert (tls("db.example.org"), tls("db.example.org", "&sslmode=disable")) == (
        "require",
        "disable",
    )


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("postgresql://ada:{}@db/notes", "is not complete"),
        ("postgresql://ada:{}@db?lance=there", "is not complete"),
        ("postgresql:///notes?lance=there", "is not complete"),
        ("postgresql://ada:{}@db:port/notes?lance=there", "is not valid"),
        ("postgresql://ada:{}@db/notes?lance=there&shards=many", "is not valid"),
        ("postgresql://ada:{}@db/notes?lance=there&table=x", "unknown part 'table'"),
        ("postgresql://ada:{}@db/notes?lance=there&sslmode=prefer", "sslmode is 'prefer'"),
    ],
)
def test_what_cannot_be_used_is_told_without_the_password(address: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint) as error:
        locate(address.format("hidden"))
    assert "hidden" not in str(error.value)


def test_a_database_that_is_away_or_refuses_is_told_without_the_password(
    cluster: str, open_assistant: Open
) -> None:
    for address in (
        cluster.replace("aiqa@", "nobody:hidden@"),
        "postgresql://ada:hidden@127.0.0.1:1/notes?lance=there",
    ):
        with pytest.raises(CatalogError, match=r"^The database postgresql://\w+@127") as error:
            open_assistant(address).status()
        assert "hidden" not in str(error.value)


def test_documents_may_be_in_a_folder_named_as_the_database(
    cluster: str, harbour: Path, open_assistant: Open
) -> None:
    name = cluster.partition("?")[0].rpartition("/")[2]
    docs = harbour.rename(harbour.with_name(name))
    for file in ("log.pdf", "rescue.docx", "rules.html"):
        (docs / file).unlink()
    assistant = open_assistant(cluster)
    assistant.ingest(docs)
    assert assistant.status().sources == (f"{name}/lighthouse.md", f"{name}/tides.txt")
