"""The tables of a catalog in PostgreSQL, and their migration.

A row of ``documents``, ``chunks`` and ``sources`` is in the generations from ``born`` on, up to but
without ``died``: what one generation says never changes, until ``aiqa maintain`` deletes what none
that is kept has. ``files``, ``failures`` and ``notes`` are as they are now.
"""

from __future__ import annotations

from aiqa.cluster.postgres import Connection, Postgres
from aiqa.cluster.shared_tables import ACCOUNTS, FEEDBACK, HISTORY, SESSIONS
from aiqa.cluster.work_queue import SCHEMA as WORK_QUEUE
from aiqa.errors import CatalogError

ALIVE = 2**63 - 1
"""``died`` of a row that has not."""

_CATALOG = f"""
CREATE TABLE recipes (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, recipe text NOT NULL
    UNIQUE);
CREATE TABLE activations (generation bigint PRIMARY KEY, recipe integer NOT NULL
    REFERENCES recipes);
CREATE TABLE pending (generation bigint NOT NULL);
INSERT INTO pending VALUES (1);
CREATE TABLE publications (
    generation bigint PRIMARY KEY, stamp text NOT NULL, recipe integer NOT NULL
    REFERENCES recipes, search text NOT NULL, published timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE notes (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE documents (
    id text COLLATE "C" NOT NULL, born bigint NOT NULL, died bigint NOT NULL DEFAULT {ALIVE},
    format text NOT NULL, title bytea NOT NULL, folded_title bytea NOT NULL, text bytea NOT NULL,
    pages text NOT NULL, headings text NOT NULL, blocks text NOT NULL, about text NOT NULL,
    published text NOT NULL, loader integer NOT NULL, checksum text NOT NULL,
    PRIMARY KEY (id, born)
);
CREATE UNIQUE INDEX documents_alive ON documents (id) WHERE died = {ALIVE};
CREATE INDEX documents_by_birth ON documents (born);
CREATE INDEX documents_by_death ON documents (died) WHERE died < {ALIVE};
CREATE TABLE layouts (
    document_id text COLLATE "C" NOT NULL, born bigint NOT NULL, number integer NOT NULL,
    start bigint NOT NULL, width double precision NOT NULL, height double precision NOT NULL,
    boxes bytea NOT NULL, PRIMARY KEY (document_id, born, number),
    FOREIGN KEY (document_id, born) REFERENCES documents (id, born) ON DELETE CASCADE
);
CREATE TABLE files (
    source text COLLATE "C" PRIMARY KEY, collection text COLLATE "C" NOT NULL,
    size bigint NOT NULL, mtime_ns bigint NOT NULL, checksum text NOT NULL, loader integer NOT NULL
);
CREATE INDEX files_by_size ON files (size);
CREATE TABLE failures (
    source text COLLATE "C" PRIMARY KEY,
    file text COLLATE "C" NOT NULL REFERENCES files ON DELETE CASCADE, error text NOT NULL
);
CREATE INDEX failures_by_file ON failures (file);
CREATE TABLE sources (
    source text COLLATE "C" NOT NULL, born bigint NOT NULL, died bigint NOT NULL DEFAULT {ALIVE},
    file text COLLATE "C" NOT NULL, document_id text COLLATE "C" NOT NULL,
    collection text COLLATE "C" NOT NULL, day text COLLATE "C" NOT NULL,
    PRIMARY KEY (source, born)
);
CREATE UNIQUE INDEX sources_alive ON sources (source) WHERE died = {ALIVE};
CREATE INDEX sources_by_document ON sources (document_id);
CREATE INDEX sources_by_file ON sources (file);
CREATE INDEX sources_by_birth ON sources (born);
CREATE INDEX sources_by_death ON sources (died) WHERE died < {ALIVE};
CREATE TABLE chunks (
    key bigint NOT NULL, born bigint NOT NULL, died bigint NOT NULL DEFAULT {ALIVE},
    document_id text COLLATE "C" NOT NULL, recipe integer NOT NULL REFERENCES recipes,
    section text NOT NULL, page integer, start bigint NOT NULL, "end" bigint NOT NULL,
    text bytea NOT NULL, checksum bigint NOT NULL, vector bytea NOT NULL, sentences text NOT NULL,
    PRIMARY KEY (key, born)
);
CREATE UNIQUE INDEX chunks_alive ON chunks (key) WHERE died = {ALIVE};
CREATE INDEX chunks_by_document ON chunks (document_id, recipe, start);
CREATE INDEX chunks_by_birth ON chunks (born);
CREATE INDEX chunks_by_death ON chunks (died) WHERE died < {ALIVE};
ALTER TABLE chunks ALTER vector SET STORAGE EXTERNAL
"""
"""Texts are bytes, as PostgreSQL's own type has no NUL. Vectors cannot be compressed."""

_MIGRATIONS = (tuple(_CATALOG.split(";\n")), WORK_QUEUE, FEEDBACK, HISTORY, SESSIONS, ACCOUNTS)
"""What leads from each version to the next, beginning with an empty database."""


def is_prepared(database: Postgres) -> bool:
    """Tell whether the database has the tables of a catalog."""
    ((name,),) = database.rows("SELECT CAST(to_regclass('aiqa_version') AS text)")
    return name is not None


def prepare_tables(database: Postgres) -> None:
    """Create the tables, or migrate those of an earlier version.

    Raises:
        CatalogError: they are of a later version of aiqa.
    """
    with database.transaction() as connection:
        # Several machines may start at a time.
        connection.rows("SELECT pg_advisory_xact_lock(hashtextextended('aiqa migration', 0))")
        connection.rows("CREATE TABLE IF NOT EXISTS aiqa_version (version integer NOT NULL)")
        before = _version(connection)
        if before > len(_MIGRATIONS):
            raise CatalogError(
                f"The index {database.address.name} was built by a later version of aiqa (its "
                f"format is {before}, this one reads {len(_MIGRATIONS)}).",
                "Update aiqa on this machine.",
            )
        for migration in _MIGRATIONS[before:]:
            for statement in migration:
                connection.rows(statement)
        if before < len(_MIGRATIONS):
            connection.rows("DELETE FROM aiqa_version")
            connection.rows("INSERT INTO aiqa_version VALUES (:v)", v=len(_MIGRATIONS))


def _version(connection: Connection) -> int:
    rows = connection.rows("SELECT version FROM aiqa_version")
    return int(rows[0][0]) if rows else 0
