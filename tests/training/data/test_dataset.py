"""A training set on disk is the training set."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.errors import GoldError
from aiqa.training.data.dataset import read_dataset, write_dataset
from aiqa.training.data.examples import Example, Passage
from aiqa.types import Span

TEXTS = st.text(max_size=12)
SPANS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda s: Span(*s)), max_size=2
)
PASSAGES = st.builds(Passage, TEXTS, SPANS.map(tuple), SPANS.map(tuple), is_answering=st.booleans())
EXAMPLES = st.builds(
    Example,
    TEXTS,
    TEXTS,
    st.lists(PASSAGES, max_size=3).map(tuple),
    TEXTS,
    st.sampled_from([None, "yes", "no", "neither"]),
)


@given(st.lists(EXAMPLES, max_size=4))
def test_what_is_read_is_what_was_written(examples: list[Example]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "dataset.xz"
        write_dataset(examples, path)
        assert read_dataset(path) == examples


def test_texts_that_come_again_take_no_room(tmp_path: Path) -> None:
    text = "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(4000))
    once, often = tmp_path / "once.xz", tmp_path / "often.xz"
    write_dataset([Example("a", "?", (Passage(text),))], once)
    write_dataset([Example(str(n), "?", (Passage(text),)) for n in range(50)], often)
    assert often.stat().st_size < once.stat().st_size * 1.2


def test_another_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "dataset.xz"
    path.write_bytes(b"no archive")
    with pytest.raises(GoldError, match=r"dataset\.xz is no training set"):
        read_dataset(path)
