"""The commands ``aiqa gold propose`` and ``aiqa gold review``: questions that a person accepts."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from aiqa.assistant import Assistant
from aiqa.cli.options import INDEX, IndexOption, JsonOption, emit
from aiqa.cli.output import plain, progress_bar
from aiqa.errors import GoldError

if TYPE_CHECKING:
    from aiqa.evaluation.dataset import EvalExample
    from aiqa.evaluation.proposals import Proposal

_out = Console()

_CHOICES = "[a]ccept, [e]dit, [r]eject, [s]kip, [q]uit"


def propose_command(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the proposals go.")],
    index: IndexOption = INDEX,
    gold: Annotated[
        Path | None, typer.Option("--gold", help="A gold set whose questions are left out.")
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Most proposals to add.")] = 50,
    *,
    as_json: JsonOption = False,
) -> None:
    """Propose gold questions from the documents, with answer and place, for you to review."""
    from aiqa.evaluation.proposals import ProposalFile
    from aiqa.evaluation.proposing import propose

    file = ProposalFile(out)
    before = file.read() if out.exists() else []
    known = [*(one.example for one in before), *_known(gold)]
    with (
        Assistant.open(index) as assistant,
        progress_bar(quiet=as_json) as shown,
    ):
        bar = shown.add_task("Proposals", total=most)
        added = []
        for proposal in islice(propose(assistant, known), most):
            added.append(proposal)
            shown.update(bar, completed=len(added))
    file.write([*before, *added])
    told = f"{len(added)} questions are proposed in {out}; `aiqa gold review {out}` shows them."
    emit({"added": len(added)}, lambda: _out.print(Text(plain(told))), as_json=as_json)


def review_command(
    proposals: Annotated[Path, typer.Argument(metavar="FILE", help="What was proposed.")],
    gold: Annotated[
        Path, typer.Option("--gold", metavar="FILE", help="Accepted questions are added to it.")
    ],
    index: IndexOption = INDEX,
) -> None:
    """Accept, edit, reject or skip proposed questions; go on at any time where you stopped."""
    from aiqa.evaluation.from_feedback import append
    from aiqa.evaluation.proposals import ProposalFile, open_first

    file = ProposalFile(proposals)
    waiting = open_first(file.read())
    have = {example.id for example in _known(gold)}
    with Assistant.open(index) as assistant:
        for number, proposal in enumerate(waiting, 1):
            _show(proposal, f"{number} of {len(waiting)}")
            decided = _decided(proposal, assistant)
            if decided is None:
                break
            # First the gold set: what is there already is not added again after a crash.
            if decided.status == "accepted" and decided.example.id not in have:
                append(gold, [decided.example])
            file.decide(decided)
    counts = [one.status for one in file.read()]
    left = len(open_first(file.read()))
    _out.print(
        Text(
            plain(
                f"{counts.count('accepted')} accepted, {counts.count('rejected')} rejected, "
                f"{left} left. `aiqa eval {gold}` asks what was accepted."
            )
        )
    )


def _known(gold: Path | None) -> tuple[EvalExample, ...]:
    from aiqa.evaluation.loaders import load_dataset

    return load_dataset(gold).questions if gold and gold.exists() else ()


def _show(proposal: Proposal, number: str) -> None:
    example = proposal.example
    evidence = example.evidence[0]
    quote = evidence.quotes[0]
    shown = Text(plain(f"\n{number}: "), style="dim")
    shown.append(plain(example.question), style="bold")
    begin = proposal.start - (evidence.start or 0)
    words = Text(plain(f"    {quote}"))
    if quote[begin : begin + proposal.end - proposal.start] == example.answers[0]:
        words.stylize("green bold", 4 + begin, 4 + begin + proposal.end - proposal.start)
    place = ", ".join(part for part in (evidence.source, proposal.place) if part)
    _out.print(shown)
    if example.answers != (quote,):
        _out.print(Text(plain(f"    {' | '.join(example.answers)}"), style="green"))
    _out.print(words)
    _out.print(Text(plain(f"    {place} ({proposal.confidence:.0%})"), style="dim"))


def _decided(proposal: Proposal, assistant: Assistant) -> Proposal | None:
    """Return the proposal with the person's verdict; None to stop."""
    while True:
        try:
            choice = typer.prompt(_CHOICES, prompt_suffix=" > ").strip().lower()[:1]
            match choice:
                case "a":
                    return proposal.model_copy(
                        update={"status": "accepted", "example": _accepted(proposal.example)}
                    )
                case "e":
                    edited = _edited(proposal.example, assistant)
                    return proposal.model_copy(update={"status": "accepted", "example": edited})
                case "r":
                    return proposal.model_copy(update={"status": "rejected"})
                case "s":
                    return proposal.model_copy(update={"status": "skipped"})
                case "q":
                    return None
        except typer.Abort:
            return None
        except GoldError as error:
            _out.print(Text(plain(str(error)), style="yellow"))


def _accepted(example: EvalExample) -> EvalExample:
    """Return ``example`` without the mark of a proposal."""
    from aiqa.evaluation.proposing import TAG

    tags = tuple(tag for tag in example.tags if tag != TAG)
    return example.model_copy(update={"tags": tags})


def _edited(example: EvalExample, assistant: Assistant) -> EvalExample:
    """Ask for the question, its accepted answers and the words of the document that state them.

    Raises:
        GoldError: the document does not say these words, or there is no question or answer.
    """
    from aiqa.evaluation.dataset import Evidence

    before = example.evidence[0]
    quote = before.quotes[0]
    question = typer.prompt("Question", default=example.question).strip()
    given = typer.prompt("Answers, separated by |", default=" | ".join(example.answers))
    answers = tuple(part.strip() for part in given.split("|") if part.strip())
    words = typer.prompt("Words of the document that state it", default=quote).strip()
    if not (question and answers and words):
        raise GoldError("Nothing was changed: question, answer and words are all needed.")
    evidence = before if words == quote else Evidence(source=before.source, quote=words)
    document = assistant.store.document_at(before.source)
    if document is None or not evidence.locate(document):
        raise GoldError(f"Nothing was changed: {before.source} does not say {words!r}.")
    return _accepted(example).model_copy(
        update={"question": question, "answers": answers, "evidence": (evidence,)}
    )
