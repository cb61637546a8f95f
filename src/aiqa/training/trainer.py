"""The training loop: steps, checkpoints, and exact resumption from them."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiqa.training.batching import Batch, Steps, batches, lengths
from aiqa.training.device import device, mixed_precision
from aiqa.training.losses import distillation_loss, reader_loss
from aiqa.training.quantization import quantise_linears

if TYPE_CHECKING:
    import torch

    from aiqa.reader.windows import Windows
    from aiqa.training.data.examples import Example
    from aiqa.training.model import ReaderModel
    from aiqa.training.recipe import TrainingConfig

_CLIP = 1.0
"""The largest norm of the gradient."""
_DECAY = 0.01
"""Weight decay of matrices (Loshchilov & Hutter, "Decoupled weight decay", ICLR 2019)."""
_LONGEST_WARM_UP = 100
"""Steps after which the rate is at its highest, also where its share of the steps is longer."""
_AT_ONCE = 4096
"""Word pieces that a processor holds at once; a model of 110 million weights takes 5 GB then."""


class Trainer:
    """Trains a model on examples; ``folder`` keeps what is needed to resume after a break.

    ``teacher`` is a model that gives logits for the same word pieces.

    Steps are drawn from the seed alone and the generator's state is kept, so weights after a break
    are those of a run without one, unless it is bounded by ``seconds``. A step holds at most
    ``at_once`` word pieces in memory and adds up gradients, which bounds memory: 4,096 on a
    processor unless given, and a whole step on an accelerator. There is a report ``every`` so many
    steps and a checkpoint every ``checkpoint_s`` seconds.
    """

    def __init__(
        self,
        model: ReaderModel,
        windows: Windows,
        config: TrainingConfig,
        folder: Path,
        *,
        teacher: ReaderModel | None = None,
        at_once: int | None = None,
        every: int = 50,
        checkpoint_s: float = 180,
    ) -> None:
        import torch

        self._model = model.to(device())
        self._teacher = teacher
        self._windows = windows
        self._config = config
        self._checkpoint = folder / "checkpoint.pt"
        self._at_once = at_once or (_AT_ONCE if device().type == "cpu" else None)
        self._every = every
        self._checkpoint_s = checkpoint_s
        trained = [p for p in model.parameters() if p.requires_grad]
        self._optimiser = torch.optim.AdamW(
            [
                {"params": [p for p in trained if p.dim() > 1], "weight_decay": _DECAY},
                {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0},
            ],
            lr=config.rate,
            fused=True,
        )
        self._is_quantised = False
        self._elapsed_s = 0.0

    def train(
        self, examples: Sequence[Example], report: Callable[[dict[str, float]], None]
    ) -> None:
        """Train the model; go on where a run with the same configuration was broken off."""
        import torch

        steps = self._drawn(examples)
        torch.manual_seed(self._config.seed)
        _set_dropout(self._model, self._config.dropout)
        done = self._resume(len(steps))
        self._model.train()
        begun = saved = time.monotonic()
        before = self._elapsed_s
        seen, losses = 0, list[torch.Tensor]()
        for number, parts in enumerate(self._loaded(steps, done), done):
            now = time.monotonic()
            self._elapsed_s = before + now - begun
            progress = number / len(steps)
            if self._config.seconds is not None:
                progress = self._elapsed_s / self._config.seconds
                if progress >= 1:
                    self._save(number, len(steps))
                    break
            if parts:
                self._quantise(progress)
                losses.append(self._step(parts, self._rate(progress, number)))
                seen += sum(batch.ids.numel() for batch in parts)
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
                    "word_pieces_per_s": round(seen / (time.monotonic() - begun)),
                })  # fmt: skip
                losses.clear()

    def delete_checkpoint(self) -> None:
        """Delete the checkpoint, which takes four times the memory of the model."""
        self._checkpoint.unlink(missing_ok=True)

    def _drawn(self, examples: Sequence[Example]) -> list[list[Example]]:
        """The examples of each step; a part of a pass has the first of its steps."""
        config = self._config
        sizes = lengths(examples, self._windows)
        steps: list[list[Example]] = []
        for number in range(math.ceil(config.passes)):
            drawn = batches(examples, sizes, config.word_pieces, config.seed * 1000 + number)
            steps += drawn[: math.ceil(len(drawn) * (config.passes - number))]
        return steps

    def _loaded(self, steps: Sequence[Sequence[Example]], done: int) -> Iterator[list[Batch]]:
        """Make the steps from ``done`` on; beside an accelerator, on the other processors."""
        import torch
        from torch.utils.data import DataLoader, Subset

        seed = self._config.seed if self._config.typed else None
        made = Steps(steps, self._windows, seed, self._at_once)
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

    def _step(self, parts: Sequence[Batch], rate: float) -> torch.Tensor:
        """Move the weights once; return the loss before, the mean of that of the windows."""
        import torch

        for group in self._optimiser.param_groups:
            group["lr"] = rate
        windows = sum(len(batch.ids) for batch in parts)
        total = torch.zeros((), device=device())
        for batch in parts:
            loss = self._loss(batch.to(device())) * (len(batch.ids) / windows)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), _CLIP)
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        return total

    def _loss(self, batch: Batch) -> torch.Tensor:
        import torch

        inputs = (batch.ids, batch.mask, batch.segments)
        with mixed_precision():
            ours = self._model(*inputs)
        loss = reader_loss(ours, batch)
        if self._teacher is not None:
            with torch.no_grad(), mixed_precision():
                theirs = self._teacher(*inputs)
            loss = loss.lerp(distillation_loss(ours, theirs, batch), self._config.taught)
        return loss

    def _rate(self, progress: float, number: int) -> float:
        """Linear warm-up, then linear decay to nothing."""
        warm = max(self._config.warm_up, 1e-6)
        if progress < warm:
            risen = max(progress / warm, (number + 1) / _LONGEST_WARM_UP)
            return self._config.rate * min(1.0, risen)
        return self._config.rate * max(0.0, 1 - progress) / (1 - warm)

    def _quantise(self, progress: float) -> None:
        start = self._config.four_bits
        if start is not None and progress >= start and not self._is_quantised:
            quantise_linears(self._model.encoder)
            self._is_quantised = True

    def _described(self) -> str:
        return f"{self._config.model_dump_json()} {self._at_once}"

    def _save(self, done: int, steps: int) -> None:
        import torch

        self._checkpoint.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "config": self._described(),
            "elapsed_s": self._elapsed_s,
            "done": done,
            "steps": steps,
            "is_quantised": self._is_quantised,
            "model": self._model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "generators": [torch.get_rng_state(), *torch.cuda.get_rng_state_all()],
        }
        draft = self._checkpoint.with_suffix(".draft")
        torch.save(state, draft)
        draft.replace(self._checkpoint)

    def _resume(self, steps: int) -> int:
        import torch

        if not self._checkpoint.exists():
            return 0
        state = torch.load(self._checkpoint, map_location="cpu", weights_only=True)
        if state["config"] != self._described() or state["steps"] != steps:
            return 0
        if state["is_quantised"]:
            self._quantise(1.0)
        self._model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._elapsed_s = state["elapsed_s"]
        here, *accelerators = state["generators"]
        torch.set_rng_state(here)
        torch.cuda.set_rng_state_all(accelerators)
        return int(state["done"])


def _set_dropout(model: Any, share: float) -> None:
    """Set dropout where it is cheap: on attention it costs a third of the time on a processor."""
    import torch

    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Dropout):
            on_attention = name.endswith(("attention.self.dropout", "attention.attn.dropout"))
            module.p = 0.0 if on_attention else share
        if hasattr(module, "dropout_prob"):
            module.dropout_prob = 0.0
