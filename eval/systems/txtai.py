"""txtai's extractive questions over paragraphs, with aiqa's embedder and small reader.

``pip install 'txtai==9.14.0' && aiqa eval eval/gold.jsonl --system eval.systems.txtai:prepare``
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import mkdtemp

from eval.benchmarks.peers.__main__ import write_question_answering
from eval.systems.first_sentence import paragraphs
from txtai import Embeddings
from txtai.pipeline import RAG

from aiqa.embedders import bundled_path
from aiqa.evaluation import CitedPlace, SourceText, SystemAnswer
from aiqa.training.onnx_import import PACKAGED_READERS, unpack

_FOUND = 20


def prepare(documents: Sequence[SourceText]) -> Callable[[str], SystemAnswer]:
    """Return what answers from ``documents``, everything else as by default."""
    folder = Path(mkdtemp())
    write_question_answering(unpack(PACKAGED_READERS["small"]), folder)
    for path in bundled_path().glob("*token*.json"):
        shutil.copy(path, folder)
    passages = paragraphs(documents)
    embeddings = Embeddings(path=str(bundled_path()), content=True)
    embeddings.index(passage.text for passage in passages)
    rag = RAG(embeddings, str(folder), output="reference")

    def answer(question: str) -> SystemAnswer:
        found = [passages[int(one["id"])] for one in embeddings.search(question, _FOUND)]
        try:
            said = rag(question)
        except TypeError:  # where no passage is near enough to be read
            said = {"answer": None}
        retrieved = tuple(passage.place for passage in found)
        if not said["answer"] or said["reference"] is None:
            return SystemAnswer(text=None, retrieved=retrieved)
        # It joins the tokens of an answer anew, so the words may differ from the passage's.
        source = passages[int(said["reference"])].source
        cited = CitedPlace(source=source, quote=said["answer"])
        return SystemAnswer(text=said["answer"], citations=(cited,), retrieved=retrieved)

    return answer
