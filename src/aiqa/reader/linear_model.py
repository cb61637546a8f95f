"""Linear models over named features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """Rows of features with named columns; ``values`` has shape ``(rows, len(names))``."""

    names: tuple[str, ...]
    values: Values

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[float]]) -> Self:
        """Create a table from columns of equal length."""
        values = np.array([list(column) for column in columns.values()], np.float64)
        return cls(tuple(columns), values.T.reshape(-1, len(columns)))

    def column(self, name: str) -> Values:
        """Return one column, shape ``(rows,)``."""
        return np.asarray(self.values[:, self.names.index(name)])

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A weight per feature, by name; the order of a table's columns does not matter."""

    weights: Mapping[str, float]

    def scores(self, table: FeatureTable) -> Values:
        """Return the weighted sum of each row, shape ``(rows,)``; higher is better.

        Raises:
            ValueError: the table lacks a feature.
        """
        columns = [table.names.index(name) for name in self.weights]
        return np.asarray(table.values[:, columns] @ np.array(list(self.weights.values())))

    def as_dict(self) -> dict[str, Any]:
        """Return a dictionary for JSON, which ``LinearModel(data)`` reads."""
        return dict(self.weights)
