"""Small questions, texts and models for the tests of training."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import torch

from aiqa.training.data.examples import Example, Passage
from aiqa.training.model import ReaderModel
from aiqa.types import Span

TEXT = (
    "The lamp on Gull Rock was lit in 1887 by Ada Moor. Ada Moor kept it until 1910, when Tom Reed "
    "followed her. The harbour office paid 40 crowns a year for the oil of the lamp."
)

PLACES = {
    "Gull Rock": ("Ada Moor", "1887", "oil"),
    "North Head": ("Tom Reed", "1902", "gas"),
    "Salt Point": ("Jane Park", "1911", "paraffin"),
    "Mole End": ("Ivo Lund", "1924", "electricity"),
}


def span_of(text: str, words: str) -> Span:
    """Where ``words`` first stand in ``text``."""
    start = text.index(words)
    return Span(start, start + len(words))


def asked(question: str, text: str, *answers: str, **fields: Any) -> Example:
    """A question with one passage, where each of ``answers`` counts at its first place."""
    spans = tuple(span_of(text, words) for words in answers)
    return Example("q", question, (Passage(text, spans, is_answering=bool(spans)),), **fields)


def tiny_model(kind: str = "bert", seed: int = 0) -> ReaderModel:
    """A reader of one layer with random weights; its sizes are whole blocks of quantisation."""
    torch.manual_seed(seed)
    config = {
        "model_type": kind, "vocab_size": 30522, "hidden_size": 128, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": 128,
    }  # fmt: skip
    model = ReaderModel(config)
    with torch.no_grad():
        for vector in model.parameters():
            if vector.dim() == 1:  # as after training; ONNX would write equal ones once
                vector.add_(torch.randn(len(vector)), alpha=0.05)
    return model


def write_lamps(folder: Path) -> Path:
    """Twelve questions about four lighthouses, in the format of the public sets."""
    rows = []
    for place, (keeper, year, fuel) in PLACES.items():
        text = f"The lamp on {place} was lit in {year} by {keeper}. It burned {fuel} for years."
        for kind, question, answer in (
            ("who", f"Who lit the lamp on {place}?", keeper),
            ("when", f"When was the lamp on {place} lit?", year),
            ("what", f"What did the lamp on {place} burn?", fuel),
        ):
            answers = [{"text": answer, "start": text.index(answer)}]
            rows.append({
                "id": f"{place}-{kind}", "question": question, "context": text,
                "title": place.replace(" ", "_"), "answers": answers,
            })  # fmt: skip
    return write_rows(folder / "lamps.jsonl.gz", rows)


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows as JSON lines, compressed."""
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path
