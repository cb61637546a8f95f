"""What Office files have in common: their packages, drawings, charts, equations and symbols."""

from aiqa.documents.ooxml.errors import opening

__all__ = ["opening"]
