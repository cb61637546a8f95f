"""aiqa as installed, with its default settings, made to answer."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.benchmarks.peers.measuring import measured

from aiqa import Assistant

if __name__ == "__main__":
    with TemporaryDirectory() as folder, Assistant.open(Path(folder) / "index") as assistant:

        def ingest(passages: list[str]) -> None:
            """One text file for each passage, then as `aiqa ingest` does."""
            documents = Path(folder) / "documents"
            documents.mkdir()
            for number, text in enumerate(passages):
                (documents / f"{number:05d}.txt").write_text(text, "utf-8")
            assistant.ingest(documents)

        def answer(question: str) -> str:
            """The best answer, however unsure."""
            statements = assistant.ask(question, min_confidence=0.0).statements
            return statements[0].text if statements else ""

        measured(ingest, answer, {"aiqa": version("aiqa")})
