"""Linear models weigh features by name."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.reader.linear_model import FeatureTable, LinearModel

COLUMNS = {"score": [1.0, 2.0, -1.0], "length": [0.5, 0.0, 4.0], "dense": [0.25, 0.5, 0.75]}


def test_scores_are_weighted_sums_of_the_named_columns() -> None:
    model = LinearModel({"dense": 4.0, "score": -1.0})
    assert model.scores(FeatureTable.of(COLUMNS)).tolist() == [0.0, 0.0, 4.0]


@given(st.permutations(list(COLUMNS)), st.permutations(["dense", "length", "score"]))
def test_the_order_of_columns_and_weights_does_not_matter(
    columns: list[str], weighed: list[str]
) -> None:
    weights = {"dense": 4.0, "score": -1.0, "length": 0.5}
    model = LinearModel({name: weights[name] for name in weighed})
    table = FeatureTable.of({name: COLUMNS[name] for name in columns})
    assert model.scores(table) == pytest.approx([0.25, 0.0, 6.0])


def test_a_feature_that_is_missing_is_an_error() -> None:
    with pytest.raises(ValueError, match="not in"):
        LinearModel({"pairs": 1.0}).scores(FeatureTable.of(COLUMNS))


def test_a_table_gives_its_columns_by_name_and_may_have_no_rows() -> None:
    table = FeatureTable.of(COLUMNS)
    assert (len(table), table.names) == (3, ("score", "length", "dense"))
    assert table.column("length").tolist() == [0.5, 0.0, 4.0]
    none = FeatureTable.of({name: [] for name in COLUMNS})
    assert len(none) == 0
    assert LinearModel({"dense": 1.0}).scores(none).shape == (0,)


def test_a_model_survives_json() -> None:
    model = LinearModel({"dense": 4.0, "score": -1.0})
    assert LinearModel(json.loads(json.dumps(model.as_dict()))) == model
    assert np.isfinite(model.scores(FeatureTable.of(COLUMNS))).all()
