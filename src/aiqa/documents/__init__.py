"""Files to documents: a loader module per format."""

from aiqa.documents.registry import LOADER_VERSION, is_supported, load_document, supported

__all__ = ["LOADER_VERSION", "is_supported", "load_document", "supported"]
