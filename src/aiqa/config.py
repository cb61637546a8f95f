"""Settings: defaults, overridden by ``aiqa.toml``, then ``AIQA_*`` variables, then arguments."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from aiqa.errors import SettingsError
from aiqa.validation_errors import validation_message

_FILE = Path("aiqa.toml")
_PREFIX = "AIQA_"


class Settings(BaseModel):
    """All settings. Create them by ``Settings.load()``, which explains invalid values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    embedder: str = Field(
        "all-MiniLM-L6-v2", min_length=1, description="sentence-transformers name or path"
    )
    chunk_tokens: int = Field(160, ge=16, le=8192, description="target size, cl100k_base tokens")
    chunk_overlap: int = Field(0, ge=0, description="tokens repeated from the chunk before")
    max_file_mb: int = Field(512, ge=1, description="larger files are not read")
    parse_seconds: float = Field(300, gt=0, description="time that reading one document may take")
    parse_memory_mb: int = Field(2048, ge=512, description="memory that reading a file may take")
    parse_workers: int = Field(2, ge=1, le=64, description="processes that read files")
    candidates: int = Field(50, ge=1, le=1000, description="chunks taken from each half of search")
    dense_weight: float = Field(1.0, ge=0, description="weight of cosines in the fusion")
    lexical_weight: float = Field(0.6, ge=0, description="weight of BM25 in the fusion")
    read_chunks: int = Field(20, ge=1, le=200, description="fused chunks that the reader reads")
    deadline_ms: int | None = Field(
        None, ge=1, description="milliseconds after which less is read, to answer in time"
    )
    reader: str = Field(
        "aiqa-reader",
        min_length=1,
        description="aiqa-reader, aiqa-reader-small, sentences, or a model's folder",
    )
    min_confidence: float = Field(0.5, ge=0, le=1, description="abstain below this confidence")
    max_risk: float | None = Field(
        None, gt=0, lt=1, description="show answers of which at most this share is wrong"
    )
    alternatives: int = Field(3, ge=0, le=20, description="other candidates given with an answer")
    max_question_chars: int = Field(2000, ge=1, description="longest question taken, characters")

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        if self.chunk_overlap > self.chunk_tokens // 2:
            raise ValueError("chunk_overlap must be at most half of chunk_tokens")
        if self.dense_weight == 0 and self.lexical_weight == 0:
            raise ValueError("dense_weight and lexical_weight cannot both be 0")
        return self

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Return the settings from all sources; ``overrides`` have precedence.

        Raises:
            SettingsError: a value is out of range, of the wrong type, or its name is unknown.
        """
        try:
            return cls(**{**_from_file(), **cls._from_environment(), **overrides})
        except ValidationError as error:
            complaints = validation_message(error, whole="settings")
            raise SettingsError(
                f"These settings cannot be used: {complaints}.",
                "Look in aiqa.toml, the AIQA_* environment variables and the options given.",
            ) from error

    @classmethod
    def _from_environment(cls) -> dict[str, str]:
        given = {name.upper(): value for name, value in os.environ.items()}
        names = {name: f"{_PREFIX}{name.upper()}" for name in cls.model_fields}
        return {name: given[variable] for name, variable in names.items() if variable in given}


def _from_file() -> dict[str, Any]:
    try:
        return tomllib.loads(_FILE.read_text("utf-8")) if _FILE.is_file() else {}
    except (OSError, ValueError) as error:  # tomllib.TOMLDecodeError is a ValueError
        raise SettingsError(f"{_FILE} cannot be read: {error}.", "Correct its syntax.") from error
