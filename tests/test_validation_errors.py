"""Messages name the field that was rejected, never its value."""

from __future__ import annotations

from typing import Any, Self

import pytest
from pydantic import BaseModel, ValidationError, model_validator

from aiqa.validation_errors import validation_message


class _Pair(BaseModel):
    values: list[int]
    name: str = ""

    @model_validator(mode="after")
    def _has_two(self) -> Self:
        if len(self.values) != 2:
            raise ValueError("two values are needed")
        return self


def _error(data: Any) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        _Pair.model_validate(data)
    return caught.value


def test_each_error_has_the_path_of_its_field() -> None:
    message = validation_message(_error({"values": [1, "secret"], "name": 3}))
    first, second = message.split("; ")
    assert first.startswith("values.1: Input should be a valid integer")
    assert second.startswith("name: Input should be a valid string")
    assert "secret" not in message


def test_an_error_of_no_field_names_the_whole_or_nothing() -> None:
    error = _error({"values": [1]})
    assert validation_message(error) == "Value error, two values are needed"
    assert validation_message(error, whole="line") == "line: Value error, two values are needed"


def test_only_the_first_errors_are_included() -> None:
    message = validation_message(_error({"values": ["x", "y"]}), most=1)
    assert message.startswith("values.0: ")
    assert "values.1" not in message
