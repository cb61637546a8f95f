"""Recipes are read strictly, and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiqa.errors import SettingsError
from aiqa.training.recipe import BUNDLED, Recipe
from tests.conftest import ROOT

SOURCE = '[[sources]]\nfile = "lamps.jsonl.gz"\n'
STAGE = '[[stages]]\nname = "a"\nrate = 1e-4\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("about = ", "cannot be read"),
        (STAGE, "sources"),
        (SOURCE, "stages"),
        (SOURCE + STAGE.replace("1e-4", "-1"), "rate"),
        (SOURCE + STAGE + "passes = 0", "passes"),
        (SOURCE + STAGE.replace('"a"', '"A b"'), "name"),
        (f"speed = 3\n{SOURCE}{STAGE}", "speed"),
        (f"{SOURCE}digest = 0.5\n{STAGE}", "digest puts together what is mined"),
        (f"{SOURCE}{STAGE}teacher = 'b'", "needs both a teacher and a share taught"),
        (f"{SOURCE}{STAGE}taught = 0.5", "needs both a teacher and a share taught"),
        (f"{SOURCE}{STAGE}teacher = 'a'\ntaught = 0.5", "a cannot be taught by a"),
        (f"{SOURCE}{STAGE}{STAGE}", "cannot be used: Value error, there are two stages a"),
    ],
)
def test_a_recipe_that_cannot_be_used_says_why(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "bad.toml"
    about = "" if text.startswith("about") else 'about = "x"\n'
    path.write_text(about + text, "utf-8")
    with pytest.raises(SettingsError, match=complaint):
        Recipe.read(path)


def test_a_recipe_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        Recipe.read(tmp_path / "none.toml")


def test_the_mixture_is_what_decides_the_training_set(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"

    def mixture(text: str) -> str:
        path.write_text(text, "utf-8")
        recipe = Recipe.read(path)
        assert recipe.stages[0].encoder == BUNDLED
        return recipe.mixture

    one = mixture(f'about = "x"\n{SOURCE}{STAGE}')
    assert mixture(f'about = "y"\n{SOURCE}{STAGE}passes = 0.5') == one
    assert mixture(f'about = "x"\nseed = 1\n{SOURCE}{STAGE}') != one
    assert mixture(f'about = "x"\n{SOURCE}cut = 0.1\n{STAGE}') != one


def test_every_recipe_of_the_project_can_be_read() -> None:
    (path,) = ROOT.glob("src/aiqa/training/recipes/*.toml")
    base, small = Recipe.read(path).stages
    assert (base.name, base.four_bits) == ("base", 0.35)
    assert (small.teacher, small.taught) == ("base", 0.7)
