"""Systems other than aiqa, named by a module and a function, judged by the same metrics."""

from __future__ import annotations

import hashlib
import inspect
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from aiqa.assistant import Assistant
from aiqa.errors import SettingsError
from aiqa.evaluation.dataset import EvalExample
from aiqa.evaluation.external_answers import SystemAnswer
from aiqa.evaluation.systems import SystemUnderTest
from aiqa.types import Answer, Chunk, Document, Outcome, ScoredChunk, Span

_FORM = "Write it as package.module:function."


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document as a system from outside is given it; citations count characters of ``text``."""

    source: str
    title: str
    text: str


AnswerFunction = Callable[..., Any]
"""Takes a ``question``, and ``history`` if it has such a parameter: the questions before it.

Returns a ``SystemAnswer``, or a mapping or an object with its fields.
"""


class ExternalSystem:
    """A system that answers beside ``base``, whose documents and passages are the yardstick."""

    reads_spans = False

    def __init__(self, base: SystemUnderTest, answer: AnswerFunction) -> None:
        self._base = base
        self._answer = answer
        self._takes_history = "history" in inspect.signature(answer).parameters
        self._documents = {document.source: document for document in base.documents()}
        self._last: tuple[str, SystemAnswer] | None = None

    @property
    def assistant(self) -> Assistant:
        """The assistant whose documents are asked."""
        return self._base.assistant

    def ask(self, question: EvalExample) -> Answer:
        """Return what the system says, with the time it took.

        Raises:
            SettingsError: it raised an error, or what it said is not an answer.
        """
        history = {"history": question.history} if self._takes_history else {}
        begun = time.perf_counter()
        try:
            given = self._answer(question.question, **history)
        except Exception as error:
            raise SettingsError(
                f"The system failed at question {question.id}: {type(error).__name__}: {error}.",
                "Repair it and repeat the command, which goes on with the questions left.",
            ) from error
        total = round((time.perf_counter() - begun) * 1000, 2)
        said = SystemAnswer.read(given, question.id)
        self._last = question.id, said
        answer = said.as_answer(question.question, self._documents.get)
        return replace(answer, timings_ms={"total": total})

    def search(self, question: EvalExample) -> list[ScoredChunk] | None:
        """Return the passages that the last answer said it found; None if it did not say."""
        return self._said(question).hits(self._documents.get)

    def outcome_of(self, answer: Answer) -> Outcome:
        """Return what is seen of ``answer``: a system from outside is sure or has none."""
        return "not found" if answer.cause else "answered"

    def is_rated(self, question: EvalExample) -> bool:
        """Tell whether the last answer came with a confidence."""
        return self._said(question).confidence is not None

    def documents(self) -> Iterator[Document]:
        """Yield every document."""
        return iter(self._documents.values())

    def document(self, document_id: str) -> Document:
        """Return the document with this id; an empty one for a source that there is not."""
        return self._base.document(document_id) if document_id else Document("", "", "text", "", "")

    def chunks(self, document_id: str) -> Sequence[Chunk]:
        """Return aiqa's chunks of a document, by which passages of all systems are judged."""
        return self._base.chunks(document_id) if document_id else ()

    def read(self, wording: str, document_id: str, within: Span) -> Answer:
        """Raise an error: a system from outside cannot be made to read one span."""
        raise NotImplementedError

    def _said(self, question: EvalExample) -> SystemAnswer:
        if self._last is None or self._last[0] != question.id:
            raise ValueError(f"Question {question.id} was not asked last.")
        return self._last[1]


def external_system(name: str, base: SystemUnderTest) -> tuple[ExternalSystem, str]:
    """Return the system ``name``, a "module:function", and its name with a digest of its file.

    A function with the parameter ``documents`` is called once with all of them, as a sequence of
    ``SourceText``, and returns the function that answers; one with the parameter ``question``
    answers itself. Modules of the working folder are found.

    Raises:
        SettingsError: there is no such function, or it does not take what it has to.
    """
    function = _function(name)
    parameters = inspect.signature(function).parameters
    if "documents" in parameters:
        texts = [SourceText(one.source, one.title, one.text) for one in base.documents()]
        answer = function(texts)
        if not callable(answer):
            raise SettingsError(
                f"{name} was given the documents and returned {type(answer).__name__}.",
                "Return the function that takes a question and answers it.",
            )
    elif "question" in parameters:
        answer = function
    else:
        raise SettingsError(
            f"{name} takes neither documents nor a question.",
            "Name its first parameter `documents`, if it returns a function that answers, or "
            "`question`, if it answers itself.",
        )
    return ExternalSystem(base, answer), f"{name} {_digest(function)}"


def _function(name: str) -> Callable[..., Any]:
    module_name, colon, function_name = name.partition(":")
    if not (module_name and colon and function_name):
        raise SettingsError(f"{name!r} does not name a function.", _FORM)
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        module = import_module(module_name)
    except ImportError as error:
        raise SettingsError(
            f"The module {module_name} cannot be imported: {error}.",
            "Run the command in the folder that has it, or install what it needs.",
        ) from error
    function = getattr(module, function_name, None)
    if not callable(function):
        raise SettingsError(f"{module_name} has no function {function_name!r}.", _FORM)
    return function  # type: ignore[no-any-return]


def _digest(function: Callable[..., Any]) -> str:
    """Return a digest of the file of ``function``: a run is resumed only with the same one."""
    path = inspect.getsourcefile(inspect.unwrap(function))
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16] if path else ""
