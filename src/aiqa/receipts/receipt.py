"""The receipt of an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiqa.errors import ReceiptError


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signed statement of an answer and of what it came from, which anybody can check.

    ``body`` is what is stated, ``key`` the signer's public key, ``signature`` that of the body in
    its canonical form (RFC 8785) by Ed25519; both are in hexadecimal.
    """

    body: Mapping[str, Any]
    key: str
    signature: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that ``aiqa verify`` reads."""
        return {"body": dict(self.body), "key": self.key, "signature": self.signature}

    def to_json(self) -> str:
        """Return the content of a receipt's file."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n"

    def write(self, path: str | Path) -> None:
        """Write the receipt to the new file ``path``.

        Raises:
            ReceiptError: the file exists or cannot be written.
        """
        try:
            with Path(path).open("x", encoding="utf-8") as file:
                file.write(self.to_json())
        except FileExistsError:
            raise ReceiptError(
                f"{path} is there already.", "Choose another name or remove it."
            ) from None
        except OSError as error:
            raise ReceiptError(
                f"The receipt cannot be written to {path}: {error.strerror}.",
                "Choose another place.",
            ) from error
