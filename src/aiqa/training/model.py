"""Models on disk: where training starts from and what it leaves behind."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiqa.embedders import bundled_path
from aiqa.errors import SettingsError
from aiqa.reader.qa_models import Logits, in_batches, read_tokenizer
from aiqa.reader.windows import Ids, Window, Windows
from aiqa.training import attention
from aiqa.training.hardware import device, mixed_precision

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_TOKENIZER = "tokenizer.json"


def load(folder: Path | None, seed: int = 0) -> Any:
    """A span model, with attention that trains fast: the one in ``folder``, or a new one.

    A new one is the bundled encoder with a head drawn by ``seed``.

    Raises:
        SettingsError: the folder holds no span model.
    """
    import torch
    from transformers import BertForQuestionAnswering

    attention.register()
    torch.manual_seed(seed)
    try:
        return BertForQuestionAnswering.from_pretrained(
            folder or bundled_path(),
            attn_implementation=attention.NAME if device().type == "cpu" else "sdpa",
            use_safetensors=True,
            local_files_only=True,
        )
    except (OSError, ValueError) as error:
        raise SettingsError(f"There is no model to start from in {folder}: {error}") from error


def tokenizer() -> Tokenizer:
    """The bundled encoder's tokeniser, which cuts and pads nothing."""
    return read_tokenizer(bundled_path() / _TOKENIZER)


def save(model: Any, folder: Path) -> None:
    """Write ``model`` to ``folder`` at once or not at all, with a tokeniser if it has none."""
    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    model.save_pretrained(draft)
    if not (draft / _TOKENIZER).exists():
        tokenizer().save(str(draft / _TOKENIZER))
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def averaged(folders: Sequence[Path]) -> Any:
    """A model whose weights are the mean of those in ``folders``.

    Wortsman et al., "Model soups", ICML 2022: it pays where they were trained from the same start.

    Raises:
        SettingsError: a folder holds no span model, or one of another shape.
    """
    import torch

    first, *others = (load(folder) for folder in folders)
    states = [other.state_dict() for other in others]
    with torch.no_grad():
        for name, value in first.state_dict().items():
            for state, folder in zip(states, folders[1:], strict=True):
                if state[name].shape != value.shape:
                    raise SettingsError(f"The model in {folder} is not made like the others.")
            if value.is_floating_point():
                value.copy_(torch.stack([value, *(state[name] for state in states)]).mean(0))
    return first


class InTraining:
    """A model that is being made, as a reader asks it; on the device, and without dropout.

    ``identity`` is that of the weights when it is asked for first.
    """

    def __init__(self, model: Any, windows: Windows) -> None:
        self._model = model.to(device()).eval()
        self.windows = windows

    @cached_property
    def identity(self) -> str:
        """Names the weights."""
        digest = hashlib.sha256()
        for value in self._model.state_dict().values():
            digest.update(value.cpu().numpy().tobytes())
        return digest.hexdigest()[:16]

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        """The logits of each window, in order."""
        return in_batches(windows, self._run)

    def _run(self, *batch: Ids) -> Logits:
        import torch

        ids, mask, segments = (torch.from_numpy(part).to(device()) for part in batch)
        with torch.inference_mode(), mixed_precision():
            out = self._model(input_ids=ids, attention_mask=mask, token_type_ids=segments)
        return out.start_logits.float().cpu().numpy(), out.end_logits.float().cpu().numpy()
