"""The relation of two values."""

from __future__ import annotations

from typing import Literal

Relation = Literal["same", "different", "unlike"]
"""Equal or compatible; contradicting; or of different types, so that they cannot be compared."""
