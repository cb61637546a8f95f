"""Files to documents: a loader module per format."""

from aiqa.documents.registry import LOADERS, is_supported, load, supported

__all__ = ["LOADERS", "is_supported", "load", "supported"]
