"""What tests of training share: the readers' tokeniser, files of questions, a small encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from aiqa.reader.windows import Windows
from aiqa.training.model import reader_tokenizer
from tests.training.samples import write_lamps


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return reader_tokenizer()


@pytest.fixture(scope="session")
def windows(tokenizer: Tokenizer) -> Windows:
    return Windows(tokenizer)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``lamps.jsonl.gz``."""
    folder = tmp_path_factory.mktemp("data")
    write_lamps(folder)
    return folder


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer) -> Path:
    """A small MPNet encoder with the readers' word pieces under other numbers."""
    import torch
    from tokenizers.models import WordPiece
    from transformers import MPNetConfig, MPNetModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    ours = tokenizer.get_vocab(with_added_tokens=True)
    pieces = ["<s>", "<pad>", "</s>", *sorted(ours, reverse=True)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    special = {"cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>"}
    whole: Any = PreTrainedTokenizerFast
    whole(tokenizer_object=Tokenizer(WordPiece(vocabulary)), **special).save_pretrained(folder)
    torch.manual_seed(0)
    MPNetModel(
        MPNetConfig(
            vocab_size=len(vocabulary), hidden_size=64, num_hidden_layers=1,
            num_attention_heads=2, intermediate_size=64,
        )
    ).save_pretrained(folder)  # fmt: skip
    return folder
