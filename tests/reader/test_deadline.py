"""As much is read as there is time for, by a clock that the models turn themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from tokenizers import Tokenizer

from aiqa import Assistant
from aiqa.reader.deadline import Deadline
from aiqa.reader.qa_models import Logits
from aiqa.reader.span_reader import SpanReader
from aiqa.reader.windows import Window
from tests.reader.fakes import TEXT, Pointing, hit, weights

_CHUNKS = [hit(TEXT, f"{number:02}.txt", dense=1 - number / 50) for number in range(20)]


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        """Tell the time."""
        return self.now


class Slow(Pointing):
    """A model that takes ``seconds`` for a window of ``TEXT``, and less for a shorter one."""

    def __init__(
        self, tokenizer: Tokenizer, words: Mapping[str, float], clock: Clock, seconds: float
    ) -> None:
        super().__init__(tokenizer, words)
        self._clock = clock
        self._piece_seconds = seconds / len(self.windows.cut("Who lit the lamp?", TEXT)[0].ids)

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        """Move the clock on."""
        self._clock.now += self._piece_seconds * sum(len(window.ids) for window in windows)
        return super().logits(windows)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("aiqa.reader.deadline.time", clock)
    return clock


@pytest.mark.parametrize(
    ("milliseconds", "unread", "again"), [(10_000, 0, 7), (700, 0, 4), (500, 0, 1), (100, 16, 0)]
)
def test_a_deadline_is_kept_by_reading_less_and_it_is_told_how_much_less(
    tokenizer: Tokenizer, clock: Clock, milliseconds: int, unread: int, again: int
) -> None:
    first = Slow(tokenizer, {"1887": 4.0}, clock, 0.01)
    second = Slow(tokenizer, {"ada": 4.0}, clock, 0.07)
    # All chunks are alike to the chunk model.
    reader = SpanReader(first, second, weights(chunks={"dense": 0.0}), weights())
    deadline = Deadline(clock.now, milliseconds)
    reading = reader.read("Who lit the lamp?", _CHUNKS, deadline)
    passages = [[text for text in model.read if TEXT[-10:] in text] for model in (first, second)]
    assert [len(read) for read in passages] == [20 - unread, again]
    assert clock.now <= 100 + milliseconds / 1000
    notes = {"unread passages": unread, "passages not read again": min(7, 20 - unread) - again}
    assert deadline.notes() == {name: count for name, count in notes.items() if count}
    assert deadline.first_only == (again == 0)
    # Without the second model the answer is that of the first.
    assert reading.answer[0].text == ("Ada" if again else "1887")


def test_an_answer_tells_what_was_not_read_and_without_a_deadline_all_is(
    assistant: Assistant,
) -> None:
    question = "What cargo did the schooner Petrel carry?"
    unlimited = assistant.ask(question, min_confidence=0)
    assert unlimited.unread == {}
    assistant.settings = assistant.settings.model_copy(update={"deadline_ms": 1})
    hurried = assistant.ask(question, min_confidence=0)
    assert hurried.unread["passages not read again"] >= 1
    assert set(hurried.timings_ms) == set(unlimited.timings_ms)
    assert hurried.citations
    assert 0 <= hurried.confidence <= 1
    assistant.settings = assistant.settings.model_copy(update={"deadline_ms": 600_000})
    patient = assistant.ask(question, min_confidence=0)
    assert (patient.text, patient.confidence, patient.citations) == (
        unlimited.text,
        unlimited.confidence,
        unlimited.citations,
    )
