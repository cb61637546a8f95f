"""The training loop: steps, checkpoints, and exact resumption from them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiqa.training.batches import Batch, Steps, batches, lengths
from aiqa.training.hardware import device, mixed_precision
from aiqa.training.loss import reader_loss, taught_loss
from aiqa.training.quantization import quantise_linears

if TYPE_CHECKING:
    import torch

    from aiqa.reader.windows import Windows
    from aiqa.training.examples import Example
    from aiqa.training.model import ReaderModel

_CLIP = 1.0
_DECAY = 0.01


@dataclass(frozen=True, slots=True)
class Course:
    """How to train: learning rate at its highest, passes over the data, word pieces a step.

    ``warm_up`` is the share of the steps in which the rate rises; then it falls to nothing.
    ``taught`` is the share of a teacher's view in what is minimised, where there is a teacher.
    ``typed``: ask questions the way people type them, anew in each pass. ``four_bits``: from that
    share of the steps on, matrices are trained as four bits give them back; None for never.
    ``seconds``: stop after so long, with the schedule stretched to fit; ``passes`` is the most.
    """

    rate: float
    passes: int = 1
    word_pieces: int = 4096
    warm_up: float = 0.06
    dropout: float = 0.1
    seed: int = 0
    taught: float = 0.0
    typed: bool = True
    four_bits: float | None = None
    seconds: float | None = None


class Trainer:
    """Trains a model on examples; ``folder`` keeps what is needed to resume after a break.

    ``teacher`` is a model that gives logits for the same word pieces.

    Steps are drawn from the seed alone and the generator's state is kept, so weights after a break
    are those of a run without one, unless it is bounded by ``seconds``. There is a report ``every``
    so many steps and a checkpoint every ``checkpoint_s`` seconds.
    """

    def __init__(
        self,
        model: ReaderModel,
        windows: Windows,
        course: Course,
        folder: Path,
        *,
        teacher: ReaderModel | None = None,
        every: int = 50,
        checkpoint_s: float = 180,
    ) -> None:
        import torch

        self._model = model.to(device())
        self._teacher = teacher
        self._windows = windows
        self._course = course
        self._folder = folder
        self._every = every
        self._checkpoint_s = checkpoint_s
        trained = [p for p in model.parameters() if p.requires_grad]
        self._optimiser = torch.optim.AdamW(
            [
                {"params": [p for p in trained if p.dim() > 1], "weight_decay": _DECAY},
                {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0},
            ],
            lr=course.rate,
            fused=True,
        )
        self._is_quantised = False

    def train(
        self, examples: Sequence[Example], report: Callable[[dict[str, float]], None]
    ) -> None:
        """Change the model's weights; resume where a run with the same course was broken off."""
        import torch

        course = self._course
        sizes = lengths(examples, self._windows)
        steps = [
            batch
            for number in range(course.passes)
            for batch in batches(examples, sizes, course.word_pieces, course.seed * 1000 + number)
        ]
        torch.manual_seed(course.seed)
        _set_dropout(self._model, course.dropout)
        done = self._resume(len(steps))
        self._model.train()
        clock = saved = time.monotonic()
        seen, losses = 0, list[torch.Tensor]()
        for number, batch in enumerate(self._batches(steps, done), done):
            now = time.monotonic()
            progress = number / len(steps)
            if course.seconds is not None:
                progress = (now - clock) / course.seconds
                if progress >= 1:
                    break
            if batch is not None:
                self._quantise(progress)
                losses.append(self._step(batch.to(device()), self._rate(progress, number)))
                seen += batch.ids.numel()
            is_last = number + 1 == len(steps)
            if is_last or now - saved >= self._checkpoint_s:
                saved = now
                self._save(number + 1, len(steps))
            if losses and (is_last or (number + 1) % self._every == 0):
                report({
                    "step": number + 1,
                    "steps": len(steps),
                    "progress": round(progress, 3),
                    "loss": round(float(torch.stack(losses).mean()), 4),
                    "word_pieces_per_s": round(seen / (time.monotonic() - clock)),
                })  # fmt: skip
                losses.clear()

    def _batches(self, steps: Sequence[Sequence[Example]], done: int) -> Iterator[Batch | None]:
        """Make the batches from step ``done`` on; beside an accelerator, on the other processors."""
        import torch
        from torch.utils.data import DataLoader, Subset

        made = Steps(steps, self._windows, self._course.seed if self._course.typed else None)
        workers = max(1, (os.cpu_count() or 1) - 2) if device().type == "cuda" else 0
        loader: Any = DataLoader(
            Subset(made, range(done, len(steps))),  # type: ignore[arg-type]
            batch_size=None,
            num_workers=workers,
            prefetch_factor=4 if workers else None,
            multiprocessing_context="fork" if workers else None,
            generator=torch.Generator(),
        )
        return iter(loader)

    def _step(self, batch: Batch, rate: float) -> torch.Tensor:
        """Move the weights once; return the loss before."""
        import torch

        for group in self._optimiser.param_groups:
            group["lr"] = rate
        inputs = (batch.ids, batch.mask, batch.segments)
        with mixed_precision():
            out = self._model(*inputs)
        loss = reader_loss(out, batch)
        if self._teacher is not None:
            with torch.no_grad(), mixed_precision():
                theirs = self._teacher(*inputs)
            loss = loss.lerp(taught_loss(out, theirs, batch), self._course.taught)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), _CLIP)
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        return loss.detach()

    def _rate(self, progress: float, number: int) -> float:
        """Linear warm-up, then linear decay to nothing."""
        warm = max(self._course.warm_up, 1e-6)
        if progress < warm:
            return self._course.rate * max(progress / warm, min(1.0, (number + 1) / 100))
        return self._course.rate * max(0.0, 1 - progress) / (1 - warm)

    def _quantise(self, progress: float) -> None:
        start = self._course.four_bits
        if start is not None and progress >= start and not self._is_quantised:
            quantise_linears(self._model.encoder)
            self._is_quantised = True

    def _save(self, done: int, steps: int) -> None:
        import torch

        self._folder.mkdir(parents=True, exist_ok=True)
        state = {
            "course": json.dumps(asdict(self._course)),
            "done": done,
            "steps": steps,
            "is_quantised": self._is_quantised,
            "model": self._model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "generators": [torch.get_rng_state(), *torch.cuda.get_rng_state_all()],
        }
        draft = self._folder / "checkpoint.draft"
        torch.save(state, draft)
        draft.replace(self._folder / "checkpoint.pt")

    def _resume(self, steps: int) -> int:
        import torch

        path = self._folder / "checkpoint.pt"
        if not path.exists():
            return 0
        state = torch.load(path, map_location="cpu", weights_only=True)
        if state["course"] != json.dumps(asdict(self._course)) or state["steps"] != steps:
            return 0
        if state["is_quantised"]:
            self._quantise(1.0)
        self._model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        here, *accelerators = state["generators"]
        torch.set_rng_state(here)
        torch.cuda.set_rng_state_all(accelerators)
        return int(state["done"])


def _set_dropout(model: Any, share: float) -> None:
    """Dropout where it is cheap: on attention it costs a third of the time on a processor."""
    import torch

    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Dropout):
            on_attention = name.endswith(("attention.self.dropout", "attention.attn.dropout"))
            module.p = 0.0 if on_attention else share
        if hasattr(module, "dropout_prob"):
            module.dropout_prob = 0.0
