from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertForQuestionAnswering

from aiqa.embedders import Embedder, bundled_path
from aiqa.reader.factory import BUNDLED, open_reader
from aiqa.reader.qa_models import read_tokenizer
from aiqa.reader.span_reader import SpanReader


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return read_tokenizer(bundled_path() / "tokenizer.json")


@pytest.fixture(scope="session")
def reader(embedder: Embedder) -> SpanReader:
    """The bundled reader; loading it takes seconds, so it is loaded once."""
    opened = open_reader(BUNDLED, lambda: embedder).reader
    assert isinstance(opened, SpanReader)
    return opened


@pytest.fixture(scope="session")
def hub_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny question-answering model with random weights, as it would come from a hub."""
    folder = tmp_path_factory.mktemp("hub") / "tiny-qa"
    torch.manual_seed(7)
    BertForQuestionAnswering(
        BertConfig(
            hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
            vocab_size=30522,
        )
    ).save_pretrained(folder)  # fmt: skip
    shutil.copy(bundled_path() / "tokenizer.json", folder)
    return folder
