"""An index of several machines: a catalog in PostgreSQL, searched through an object store."""
