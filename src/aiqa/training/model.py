"""The reader's network: a BERT or MPNet encoder with heads for spans, evidence and windows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from aiqa.embedders import bundled_path
from aiqa.errors import SettingsError
from aiqa.reader.qa_models import read_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

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

    def described(self) -> dict[str, Any]:
        """Return the encoder's configuration, from which the same network can be made."""
        mine = {"model_type": self.kind, "architectures": [type(self).__name__]}
        return {**self.config.to_diff_dict(), **mine}

    def _mpnet(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Run the layers with relative positions and mask as one bias, computed once."""
        positions = torch.arange(input_ids.shape[1], device=input_ids.device) + _POSITION_OFFSET
        hidden: torch.Tensor = self.encoder.embeddings(input_ids, position_ids=positions[None])
        bias = self.encoder.encoder.compute_position_bias(hidden[:1])
        bias = bias + (1.0 - attention_mask[:, None, None, :].to(bias.dtype)) * -1e4
        if torch.is_autocast_enabled(hidden.device.type):
            bias = bias.to(torch.get_autocast_dtype(hidden.device.type))
        for layer in self.encoder.encoder.layer:
            hidden = layer(hidden, attention_mask=None, position_bias=bias)[0]
        return hidden


def from_encoder(folder: Path, seed: int = 0) -> ReaderModel:
    """Return a reader with the encoder in ``folder`` and heads drawn by ``seed``.

    Its embeddings are put in the order of the word pieces of ``reader_tokenizer``.

    Raises:
        SettingsError: there is no such encoder, or it lacks a word piece.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        state = load_file(folder / "model.safetensors")
        pieces = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise SettingsError(
            f"There is no encoder in {folder}: {error}",
            "Give the folder of the encoder that the recipe names by `--encoder DIR`.",
        ) from error
    torch.manual_seed(seed)
    model = ReaderModel({**config, "vocab_size": reader_tokenizer().get_vocab_size()})
    words = "embeddings.word_embeddings.weight"
    if words in state:
        state[words] = state[words][_order(folder, pieces)]
    known = model.encoder.state_dict()
    missing = model.encoder.load_state_dict(
        {name: value for name, value in state.items() if name in known}, strict=False
    ).missing_keys
    if missing:
        raise SettingsError(f"The encoder in {folder} lacks {', '.join(missing[:3])}.")
    return model


def _order(folder: Path, pieces: Mapping[str, int]) -> torch.Tensor:
    """For each id of the reader's the row of that word piece among the encoder's ``pieces``."""
    special = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>"}
    known = {ours: pieces[theirs] for ours, theirs in special.items() if theirs in pieces}
    known = {**pieces, **known}
    vocabulary = reader_tokenizer().get_vocab()
    if lacking := sorted(piece for piece in vocabulary if piece not in known):
        raise SettingsError(
            f"The encoder in {folder} lacks {len(lacking)} of the reader's word pieces, "
            f"{lacking[0]!r} for one.",
            "Take an encoder with BERT's uncased vocabulary.",
        )
    order = torch.zeros(len(vocabulary), dtype=torch.int64)
    for piece, number in vocabulary.items():
        order[number] = known[piece]
    return order


def save(model: ReaderModel, folder: Path) -> None:
    """Write ``model`` with its tokeniser to ``folder``, at once or not at all."""
    from safetensors.torch import save_file

    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    (draft / "config.json").write_text(json.dumps(model.described(), indent=1) + "\n", "utf-8")
    save_file(
        {name: value.contiguous() for name, value in model.state_dict().items()},
        draft / "model.safetensors",
    )
    shutil.copyfile(_tokenizer_file(), draft / "tokenizer.json")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def load(folder: Path) -> ReaderModel:
    """Return the reader that ``save`` wrote to ``folder``.

    Raises:
        SettingsError: it holds none.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        model = ReaderModel(config)
        model.load_state_dict(load_file(folder / "model.safetensors"))
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise SettingsError(f"There is no reader in {folder}: {error}") from error
    return model


def averaged(folders: Sequence[Path]) -> ReaderModel:
    """Return the mean of the weights of the readers in ``folders``; one named twice counts twice.

    Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models improves accuracy
    without increasing inference time", ICML 2022.

    Raises:
        SettingsError: one holds no reader, or a reader of another size.
    """
    model, *others = map(load, folders)
    total = model.state_dict()
    for folder, other in zip(folders[1:], others, strict=True):
        state = other.state_dict()
        if {n: v.shape for n, v in state.items()} != {n: v.shape for n, v in total.items()}:
            raise SettingsError(f"The reader in {folder} is of another size than the first.")
        for name, value in state.items():
            total[name] = total[name] + value
    model.load_state_dict({name: value / len(folders) for name, value in total.items()})
    return model


def reader_tokenizer() -> Tokenizer:
    """Return the tokeniser of every reader: that of the bundled encoder, BERT's uncased one."""
    return read_tokenizer(_tokenizer_file())


def _tokenizer_file() -> Path:
    return bundled_path() / "tokenizer.json"
