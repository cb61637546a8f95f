"""Files to documents: a loader module per format."""

from aiqa.documents.registry import (
    LOADER_VERSION,
    is_supported,
    kind_of,
    load_document,
    may_be_read,
    no_loader,
    suffix_of,
    supported,
)

__all__ = [
    "LOADER_VERSION",
    "is_supported",
    "kind_of",
    "load_document",
    "may_be_read",
    "no_loader",
    "suffix_of",
    "supported",
]
