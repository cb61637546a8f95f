"""The commands that measure: ``aiqa eval GOLD`` and what is done with its runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from aiqa.cli import figures
from aiqa.cli.options import INDEX, ConfidenceOption, IndexOption, JsonOption, emit, opened
from aiqa.evaluation.formats import GoldFormat, read_gold
from aiqa.evaluation.gold import Split
from aiqa.evaluation.modes import Mode


class _GoldOrCommand(TyperGroup):
    """``aiqa eval GOLD`` is short for ``aiqa eval run GOLD``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_GoldOrCommand,
    no_args_is_help=True,
    help="Ask a gold set and measure the answers: `aiqa eval GOLD`; or compare runs.",
)


@app.command()
def run(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="The gold set, or a BEIR folder.")],
    index: IndexOption = INDEX,
    mode: Annotated[
        Mode | None,
        typer.Option(
            help="Ask the index; a temporary one of the set's passages; or each passage by itself. "
            "Unless given, sets that bring passages along are asked openly."
        ),
    ] = None,
    gold_format: Annotated[
        GoldFormat, typer.Option("--format", help="What the gold set is; auto: by its name.")
    ] = "auto",
    split: Annotated[Split | None, typer.Option(help="Only this part of the set.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most this many questions, evenly chosen.")
    ] = None,
    withhold: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Leave out the passages of this share of the questions (open mode)."
        ),
    ] = 0.0,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the run; default runs/NAME beside the gold set."),
    ] = None,
    min_confidence: ConfidenceOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Ask every question of a gold set and tell how the answers did."""
    from aiqa.evaluation.modes import examined
    from aiqa.evaluation.runs import perform

    questions = read_gold(gold, split, gold_format)
    chosen = mode or ("open" if questions.passages else "corpus")
    if limit:
        questions = questions.limit(limit)
    if withhold:
        questions = questions.withhold(withhold)
    folder = out or gold.parent / "runs" / f"{questions.name}{f'-{split}' if split else ''}"
    with (
        opened(index, min_confidence) as assistant,
        figures.progress(len(questions.questions), quiet=as_json) as (on_passage, on_question),
        examined(questions, chosen, assistant, on_passage) as subject,
    ):
        done = perform(questions, chosen, withhold, subject, folder, on_question)
    emit(done.figures.headline(), lambda: figures.headline(done, folder), as_json=as_json)
