"""Files to documents: a loader module per format."""

from aiqa.documents.registry import LOADERS, content_id, is_supported, load, supported

__all__ = ["LOADERS", "content_id", "is_supported", "load", "supported"]
