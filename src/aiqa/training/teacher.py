"""A larger model that shows the reader how sure to be of every word piece."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from aiqa.errors import SettingsError
from aiqa.training.hardware import device

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class Teacher(torch.nn.Module):
    """A span model of another kind that is given the reader's word pieces and scores the same ones.

    ``source`` is the folder or the public name of its encoder, or of a model trained before; a head
    that it lacks is drawn by ``seed``. Its vocabulary must have every word piece of ``tokenizer``,
    under whatever number; special ones are matched by what they are for.

    Raises:
        SettingsError: there is no such model, or a word piece is none of its.
    """

    _ids: torch.Tensor

    def __init__(self, source: str | Path, tokenizer: Tokenizer, seed: int = 0) -> None:
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        super().__init__()
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        torch.manual_seed(seed)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(source)
            self._model: Any = AutoModelForQuestionAnswering.from_pretrained(
                source, use_safetensors=True
            )
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"There is no teacher in {source}: {error}",
                "Give the folder of the encoder that the recipe names by `--encoder DIR`.",
            ) from error
        self.register_buffer("_ids", _numbers(tokenizer, self._tokenizer, source), persistent=False)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor,  # noqa: ARG002  # not all kinds know segments
    ) -> Any:
        """Start and end logits of the reader's ``input_ids``, each of their shape."""
        return self._model(input_ids=self._ids[input_ids], attention_mask=attention_mask)

    def save_pretrained(self, folder: Path) -> None:
        """Write the model with its own tokeniser."""
        self._model.save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)

    def ready(self) -> Teacher:
        """The same, to teach: without chance and, on an accelerator, in half precision."""
        self.to(device(), torch.bfloat16 if device().type == "cuda" else None)
        return self.eval()


def _numbers(ours: Tokenizer, theirs: Any, source: str | Path) -> torch.Tensor:
    """For each of our word pieces its number in the other vocabulary; int64, ``(vocabulary,)``."""
    special = {
        "[CLS]": theirs.cls_token_id,
        "[SEP]": theirs.sep_token_id,
        "[PAD]": theirs.pad_token_id,
    }
    known = theirs.get_vocab() | special
    vocabulary = ours.get_vocab()
    if lacking := sorted(piece for piece in vocabulary if known.get(piece) is None):
        raise SettingsError(
            f"{source} cannot teach: it lacks {len(lacking)} of the reader's word pieces, "
            f"{lacking[0]!r} for one.",
            "Take an encoder with BERT's uncased vocabulary.",
        )
    numbers = torch.zeros(max(vocabulary.values()) + 1, dtype=torch.int64)
    for piece, number in vocabulary.items():
        numbers[number] = known[piece]
    return numbers
