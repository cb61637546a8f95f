"""Messages for data that Pydantic has rejected."""

from __future__ import annotations

from pydantic import ValidationError


def validation_message(error: ValidationError, *, whole: str = "", most: int | None = None) -> str:
    """Return the path and the message of each error, such as ``"k: Input should be …; …"``.

    Input values are not repeated. ``whole`` names the data in errors that belong to no field;
    without it, these have their message alone. Only the first ``most`` errors are included.
    """
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(
        ": ".join(filter(None, (".".join(map(str, one["loc"])) or whole, one["msg"])))
        for one in errors[:most]
    )
