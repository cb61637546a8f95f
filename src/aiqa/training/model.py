"""The reader's network: a BERT or MPNet encoder with heads for spans, evidence and windows."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from aiqa.errors import SettingsError

_POSITION_OFFSET = 2
"""The first position of MPNet, which counts from beyond its padding."""


class Outputs(NamedTuple):
    """Logits of a batch.

    ``starts``, ``ends``, ``evidence``: shape ``(windows, length)``, of a span starting or ending at
    a word piece and of it being in a sentence that answers. ``answering``: ``(windows,)``.
    ``polarity``: ``(windows, 3)``, yes, no, neither.
    """

    starts: torch.Tensor
    ends: torch.Tensor
    evidence: torch.Tensor
    answering: torch.Tensor
    polarity: torch.Tensor


class ReaderModel(nn.Module):
    """An encoder of Hugging Face's kind ``bert`` or ``mpnet`` with the reader's heads.

    Both take the ids of BERT's uncased vocabulary: those of an MPNet encoder are put in that order
    when it is loaded.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        from transformers import BertConfig, BertModel, MPNetConfig, MPNetModel

        super().__init__()
        self.kind = str(config["model_type"])
        if self.kind == "bert":
            self.config: Any = BertConfig(**config)
            self.encoder: Any = BertModel(self.config, add_pooling_layer=False)
        elif self.kind == "mpnet":
            self.config = MPNetConfig(**config)
            self.encoder = MPNetModel(self.config, add_pooling_layer=False)
        else:
            raise SettingsError(f"An encoder of kind {self.kind!r} cannot become a reader.")
        size = int(self.config.hidden_size)
        self.tokens = nn.Linear(size, 3)
        self.window = nn.Linear(size, 4)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor,
    ) -> Outputs:
        """Return the logits of windows given as int64 tensors ``(windows, length)``."""
        if self.kind == "bert":
            hidden = self.encoder(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state
        else:
            hidden = self._mpnet(input_ids, attention_mask)
        by_token = self.tokens(hidden).float()
        by_window = self.window(hidden[:, 0]).float()
        return Outputs(
            by_token[..., 0],
            by_token[..., 1],
            by_token[..., 2],
            by_window[:, 0],
            by_window[:, 1:],
        )

    def _mpnet(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Run the layers with relative positions and mask as one bias, computed once."""
        positions = torch.arange(input_ids.shape[1], device=input_ids.device) + _POSITION_OFFSET
        hidden = self.encoder.embeddings(input_ids, position_ids=positions[None])
        bias = self.encoder.encoder.compute_position_bias(hidden[:1])
        bias = bias + (1.0 - attention_mask[:, None, None, :].to(bias.dtype)) * -1e4
        if torch.is_autocast_enabled(hidden.device.type):
            bias = bias.to(torch.get_autocast_dtype(hidden.device.type))
        for layer in self.encoder.encoder.layer:
            hidden = layer(hidden, attention_mask=None, position_bias=bias)[0]
        return hidden


def fuse_attention(model: ReaderModel) -> None:
    """Let an MPNet encoder use PyTorch's fused attention; its relative positions stay as they are.

    transformers has no fused attention for MPNet, and the fused kernels give biases no gradient.
    """
    import types

    if model.kind != "mpnet":
        return
    model.encoder.encoder.relative_attention_bias.weight.requires_grad_(requires_grad=False)
    for layer in model.encoder.encoder.layer:
        attention = layer.attention.attn
        attention.forward = types.MethodType(_fused, attention)


def _fused(
    self: Any,
    hidden_states: torch.Tensor,
    attention_mask: None = None,  # noqa: ARG001  # the bias holds it
    position_bias: Any = None,
    **_: Any,
) -> tuple[torch.Tensor]:
    hidden = hidden_states
    shape = (*hidden.shape[:-1], -1, self.attention_head_size)
    query, key, value = (part(hidden).view(shape).transpose(1, 2) for part in (self.q, self.k, self.v))
    mixed = nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=position_bias.to(query.dtype)
    )
    return (self.o(mixed.transpose(1, 2).reshape(hidden.shape)),)


def from_encoder(folder: Path, vocabulary: Mapping[str, int] | None = None, seed: int = 0) -> ReaderModel:
    """Return a reader with the encoder in ``folder`` and heads drawn by ``seed``.

    ``vocabulary`` gives the ids of BERT's word pieces, in which MPNet's embeddings are put.

    Raises:
        SettingsError: there is no such encoder, or it lacks a word piece.
    """
    from safetensors.torch import load_file

    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        state = load_file(folder / "model.safetensors")
    except (OSError, ValueError) as error:
        raise SettingsError(f"There is no encoder in {folder}: {error}") from error
    torch.manual_seed(seed)
    if config["model_type"] == "mpnet":
        key = "embeddings.word_embeddings.weight"
        state[key] = state[key][_order(folder, vocabulary or {})]
        config["vocab_size"] = len(state[key])
    model = ReaderModel(config)
    known = model.encoder.state_dict()
    missing = model.encoder.load_state_dict(
        {name: value for name, value in state.items() if name in known}, strict=False
    ).missing_keys
    if missing:
        raise SettingsError(f"The encoder in {folder} lacks {', '.join(missing[:3])}.")
    return model


def _order(folder: Path, vocabulary: Mapping[str, int]) -> torch.Tensor:
    """For each of BERT's ids the row of the same word piece in the encoder's own vocabulary."""
    theirs = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    theirs |= {"[CLS]": theirs["<s>"], "[SEP]": theirs["</s>"], "[PAD]": theirs["<pad>"]}
    order = torch.zeros(max(vocabulary.values()) + 1, dtype=torch.int64)
    for piece, number in vocabulary.items():
        if piece not in theirs:
            raise SettingsError(f"The encoder in {folder} lacks the word piece {piece!r}.")
        order[number] = theirs[piece]
    return order


def save(model: ReaderModel, folder: Path, tokenizer: Path) -> None:
    """Write ``model`` to ``folder``, with the tokenizer file, at once or not at all."""
    from safetensors.torch import save_file

    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    config = {"model_type": model.kind, **model.config.to_diff_dict()}
    (draft / "config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    save_file({n: v.contiguous() for n, v in model.state_dict().items()}, draft / "model.safetensors")
    shutil.copyfile(tokenizer, draft / "tokenizer.json")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def load(folder: Path) -> ReaderModel:
    """Return the reader that ``save`` wrote to ``folder``.

    Raises:
        SettingsError: it holds none.
    """
    from safetensors.torch import load_file

    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        model = ReaderModel(config)
        model.load_state_dict(load_file(folder / "model.safetensors"))
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise SettingsError(f"There is no reader to start from in {folder}: {error}") from error
    return model


def identity(model: nn.Module) -> str:
    """Return a name for the weights."""
    digest = hashlib.sha256()
    for value in model.state_dict().values():
        digest.update(value.float().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]
