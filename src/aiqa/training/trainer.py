"""The training loop: steps, checkpoints, and going on from them as if nothing had happened."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiqa.training.batches import Batch, Steps, batches, lengths
from aiqa.training.hardware import device, mixed_precision
from aiqa.training.loss import span_loss, taught_loss

if TYPE_CHECKING:
    import torch

    from aiqa.reader.windows import Windows
    from aiqa.training.examples import Example

_CLIP = 1.0
_DECAY = 0.01


@dataclass(frozen=True, slots=True)
class Course:
    """How to train: learning rate at its highest, passes over the data, word pieces a step.

    ``stop`` ends it after that share of the steps, before the rate has fallen to nothing: where
    weights are averaged with others afterwards, that does what the rest would. ``taught`` is the
    share of a teacher's view in what is minimised, where there is a teacher.
    """

    rate: float
    passes: int
    word_pieces: int = 4096
    warm_up: float = 0.06
    shared: float = 0.0
    smoothing: float = 0.0
    dropout: float = 0.1
    average: float = 0.0
    seed: int = 0
    floor: float = 0.0
    stop: float = 1.0
    taught: float = 0.0


class Trainer:
    """Trains a model on examples; ``folder`` keeps what is needed to go on after a break.

    ``teacher`` is a model that gives logits for the same word pieces.

    Steps are drawn from the seed alone and the state of chance is kept, so weights after a break
    are those of a run without one. There is a report ``every`` so many steps and a checkpoint every
    ``checkpoint_s`` seconds.
    """

    def __init__(
        self,
        model: Any,
        windows: Windows,
        course: Course,
        folder: Path,
        *,
        teacher: Any | None = None,
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
        decayed = [p for p in model.parameters() if p.dim() > 1]
        plain = [p for p in model.parameters() if p.dim() <= 1]
        self._optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": _DECAY}, {"params": plain, "weight_decay": 0.0}],
            lr=course.rate,
            fused=True,
        )
        self._mean: dict[str, torch.Tensor] = {}

    def train(
        self, examples: Sequence[Example], report: Callable[[dict[str, float]], None]
    ) -> None:
        """Change the model's weights; goes on where a run with the same course was broken off."""
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
        last = round(course.stop * len(steps))
        self._model.train()
        clock = saved = time.monotonic()
        seen, losses = 0, list[torch.Tensor]()
        made = _loader(Steps(steps[done:last], self._windows))
        for number, batch in enumerate(made, done):
            if batch is None:
                continue
            losses.append(self._step(batch.to(device()), self._rate(number, len(steps))))
            seen += batch.ids.numel()
            now = time.monotonic()
            is_last = number + 1 == last
            if is_last or now - saved >= self._checkpoint_s:
                saved = now
                self._save(number + 1, len(steps))
            if is_last or (number + 1) % self._every == 0:
                report({
                    "step": number + 1,
                    "steps": len(steps),
                    "loss": round(float(torch.stack(losses).mean()), 4),
                    "word_pieces_per_s": round(seen / (now - clock)),
                })  # fmt: skip
                losses.clear()
        if self._mean:
            self._model.load_state_dict(self._mean)

    def _step(self, batch: Batch, rate: float) -> torch.Tensor:
        """Move the weights once; the loss before."""
        import torch

        for group in self._optimiser.param_groups:
            group["lr"] = rate
        inputs = {
            "input_ids": batch.ids,
            "attention_mask": batch.mask,
            "token_type_ids": batch.segments,
        }
        with mixed_precision():
            out = self._model(**inputs)
        loss = span_loss(
            out.start_logits,
            out.end_logits,
            batch,
            shared=self._course.shared,
            smoothing=self._course.smoothing,
        )
        if self._teacher is not None:
            with torch.no_grad(), mixed_precision():
                theirs = self._teacher(**inputs)
            taught = taught_loss(
                (out.start_logits, out.end_logits),
                (theirs.start_logits, theirs.end_logits),
                batch,
                shared=self._course.shared,
            )
            loss = loss.lerp(taught, self._course.taught)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), _CLIP)
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        self._follow()
        return loss.detach()

    def _rate(self, number: int, steps: int) -> float:
        """Linear warm-up, then linear decay to a share of the highest rate."""
        warm = max(1, round(self._course.warm_up * steps))
        if number < warm:
            return self._course.rate * (number + 1) / warm
        left = (steps - number) / max(1, steps - warm)
        return self._course.rate * (self._course.floor + (1 - self._course.floor) * left)

    def _follow(self) -> None:
        """Keep the exponential moving average of the weights (Polyak averaging)."""
        if not self._course.average:
            return
        state = self._model.state_dict()
        if not self._mean:
            self._mean = {name: value.clone() for name, value in state.items()}
        for name, value in self._mean.items():
            value.lerp_(state[name], 1 - self._course.average)

    def _save(self, done: int, steps: int) -> None:
        import torch

        self._folder.mkdir(parents=True, exist_ok=True)
        state = {
            "course": json.dumps(asdict(self._course)),
            "done": done,
            "steps": steps,
            "model": self._model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "mean": self._mean,
            "chance": [torch.get_rng_state(), *torch.cuda.get_rng_state_all()],
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
        self._model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._mean = {name: value.to(device()) for name, value in state["mean"].items()}
        here, *accelerators = state["chance"]
        torch.set_rng_state(here)
        torch.cuda.set_rng_state_all(accelerators)
        return int(state["done"])


def _loader(steps: Steps) -> Any:
    """The batches in order; beside an accelerator, made ahead by the other processors."""
    import torch
    from torch.utils.data import DataLoader

    workers = max(1, (os.cpu_count() or 1) - 2) if device().type == "cuda" else 0
    return DataLoader(
        steps,  # type: ignore[arg-type]
        batch_size=None,
        num_workers=workers,
        multiprocessing_context="fork" if workers else None,
        generator=torch.Generator(),
    )


def _set_dropout(model: Any, share: float) -> None:
    """Dropout where it is cheap: on attention it costs a third of the time on a processor."""
    import torch

    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0 if name.endswith("attention.self.dropout") else share
        if hasattr(module, "dropout_prob"):
            module.dropout_prob = 0.0
