"""The bundled corpus and gold set, and the figures promised for them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.documents import load_document
from aiqa.evaluation import Figures, evaluate, load_dataset, open_system
from tests.conftest import CORPUS, GOLD, ROOT

Open = Callable[..., Assistant]
FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())


def test_there_are_enough_documents_of_every_format() -> None:
    formats = Counter(path.suffix for path in FILES)
    assert len(FILES) >= 24
    assert min(formats[suffix] for suffix in (".html", ".pdf", ".docx")) >= 2
    assert formats[".md"] > len(FILES) / 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_document_has_300_to_900_words_a_title_and_sections(path: Path) -> None:
    document = load_document(path.read_bytes(), str(path.relative_to(ROOT)))
    assert 300 <= len(document.text.split()) <= 900
    if path.suffix != ".txt":
        assert len(document.headings) >= 4
        assert document.title == document.headings[0].title
    if path.suffix == ".pdf":
        assert len(document.pages) >= 3
        assert "Page 2" not in document.text


def test_the_rendered_documents_are_what_their_script_makes() -> None:
    def digests() -> dict[Path, str]:
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in FILES}

    before = digests()
    subprocess.run([sys.executable, ROOT / "eval" / "corpus" / "build.py"], check=True)
    assert digests() == before


def test_the_gold_set_is_large_enough_and_stratified() -> None:
    questions = load_dataset(GOLD).questions
    assert len(questions) >= 120
    assert sum(not question.answerable for question in questions) >= 30
    tags = Counter(tag for question in questions for tag in question.tags)
    wanted = {"fact", "why", "how", "list", "paraphrase", "similar", "near-miss", "off-topic"}
    assert min(tags[tag] for tag in wanted) >= 10
    for split in ("dev", "test"):
        assert len([q for q in questions if q.split == split]) >= 60
    assert len({question.question for question in questions}) == len(questions)


def test_the_promised_figures_hold(corpus_index: Path, open_assistant: Open) -> None:
    gold = load_dataset(GOLD)
    with open_system(gold, "corpus", open_assistant(corpus_index)) as subject:
        rows, timings = zip(*evaluate(subject, gold.questions), strict=True)
    figures = Figures.of(rows, timings).headline()
    assert figures["verbatim"] == 1.0
    assert figures["recall@5"] >= 0.9
    assert figures["recall@1"] <= figures["recall@5"] <= figures["recall@20"]
    # Answers, too, are one for one the documents' own words.
    for row in rows:
        quotes = [said.citations[0].quote for said in row.answer.statements]
        assert (row.answer.text or "") == "\n".join(quotes)
    json.dumps(figures, allow_nan=False)
