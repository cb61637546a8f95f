"""What training runs on is chosen once and can be used."""

from __future__ import annotations

import subprocess
import sys

import torch

from aiqa.training.device import device, mixed_precision


def test_products_are_right_in_whatever_precision() -> None:
    with mixed_precision():
        found = torch.full((2, 3), 0.5, device=device()) @ torch.full((3, 2), 2.0, device=device())
    assert found.float().cpu().tolist() == [[3.0, 3.0], [3.0, 3.0]]
    assert device() is device()


def test_memory_is_kept_where_the_c_library_can() -> None:
    # In a process of its own: it cannot be taken back.
    code = "from aiqa.training import device as d; print(d.keep_freed_memory(), bytes(9).hex())"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() in (["True", "00" * 9], ["False", "00" * 9])
