"""What people see in the terminal of answers and of what was retrieved."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from aiqa.answers.builder import other_answers, possible_answers
from aiqa.answers.calibration import in_percent
from aiqa.cli.output import line, shown
from aiqa.types import Answer, Citation, ScoredChunk, Statement

_out = Console()


def print_answer(answer: Answer) -> None:
    """The answer with its sources; or possible ones; or that there is none, and what came near."""
    if answer.outcome == "unsure":
        _candidates(answer)
        return
    if answer.text is None:
        _out.print(Text("The documents don't seem to say.", style="bold yellow"))
        titles = dict.fromkeys(near.citations[0].title for near in answer.alternatives)
        if titles:
            _out.print(line(f"Nearest documents: {'; '.join(titles)}", "dim"))
        return
    _out.print(shown(answer.text, "bold"))
    _out.print(shown(f"confidence {in_percent(answer.confidence)}", "green"))
    _out.print()
    for number, citation in enumerate(answer.citations, 1):
        _out.print(line(f"[{number}] {_place(citation)}", "cyan"))
        if citation.sentence != citation.quote:
            _out.print(Padding(shown(citation.sentence), (0, 0, 0, 4)))
    _conflict(answer)
    _others("Also possible", other_answers(answer))


def print_hits(hits: Sequence[ScoredChunk]) -> None:
    """Retrieved passages, best first."""
    for number, hit in enumerate(hits, 1):
        chunk = hit.chunk
        place = ", ".join(part for part in (chunk.title, chunk.locator, chunk.source) if part)
        worth = f"{hit.score:.3f}" if hit.relevance is None else in_percent(hit.relevance)
        _out.print(line(f"[{number}] {worth}  {place}", "cyan"))
        _out.print(Padding(shown(hit.chunk.text), (0, 0, 1, 4)))


def _others(heading: str, alternatives: Sequence[Statement]) -> None:
    if alternatives:
        _out.print()
        _out.print(Text(f"{heading}:", style="dim"))
    for alternative in alternatives:
        _out.print(shown(f"  {alternative.confidence:4.0%}  {alternative.text}", "dim"))
        _out.print(line(f"        {_place(alternative.citations[0])}", "dim cyan"))


def _candidates(answer: Answer) -> None:
    _out.print(Text("Possible answers, not sure:", style="bold yellow"))
    for number, candidate in enumerate(possible_answers(answer), 1):
        citation = candidate.citations[0]
        start = citation.start - citation.sentence_start
        end = start + len(citation.quote)
        marked = Text.assemble(
            shown(citation.sentence[:start]),
            shown(citation.quote, "bold"),
            shown(citation.sentence[end:]),
        )
        _out.print()
        _out.print(line(f"[{number}] {_place(citation)}", "cyan"))
        _out.print(Padding(marked, (0, 0, 0, 4)))
        _out.print(shown(f"    {in_percent(candidate.confidence)} likely", "green"))
    _conflict(answer)


def _conflict(answer: Answer) -> None:
    """Print the values of documents that contradict each other."""
    if not answer.conflicts:
        return
    _out.print()
    _out.print(Text("The sources differ:", style="bold yellow"))
    for position in answer.positions:
        _out.print(shown(f"  {position.text}"))
        for citation in position.citations:
            _out.print(line(f"        {_place(citation)}", "dim cyan"))


def _place(citation: Citation) -> str:
    inside = f", {citation.locator}" if citation.locator else ""
    return f"{citation.title}{inside} ({citation.source})"
