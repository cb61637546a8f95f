"""Settings: defaults, overridden by ``aiqa.toml``, then ``AIQA_*`` variables, then arguments."""

from __future__ import annotations

from typing import Any

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from aiqa.errors import SettingsError


class Settings(BaseSettings):
    """All settings. Create them by ``Settings.load()``, which explains invalid values."""

    model_config = SettingsConfigDict(
        env_prefix="AIQA_", toml_file="aiqa.toml", frozen=True, extra="forbid"
    )

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
    read_chunks: int = Field(10, ge=1, le=200, description="fused chunks that the reader reads")
    reader: str = Field(
        "aiqa-reader",
        min_length=1,
        description="aiqa-reader, aiqa-reader-small, sentences, or a model's folder",
    )
    min_confidence: float = Field(0.55, ge=0, le=1, description="abstain below this confidence")
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
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Give precedence to arguments, then the environment, then ``aiqa.toml``."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @classmethod
    def load(cls, **overrides: Any) -> Settings:
        """Return the settings from all sources; ``overrides`` have precedence.

        Raises:
            SettingsError: a value is out of range, of the wrong type, or its name is unknown.
        """
        try:
            return cls(**overrides)
        except ValidationError as error:
            complaints = "; ".join(
                f"{'.'.join(map(str, item['loc'])) or 'settings'}: {item['msg']}"
                for item in error.errors()
            )
            raise SettingsError(
                f"These settings cannot be used: {complaints}.",
                "Look in aiqa.toml, the AIQA_* environment variables and the options given.",
            ) from error
        except ValueError as error:  # tomllib.TOMLDecodeError
            raise SettingsError(
                f"aiqa.toml cannot be read: {error}.", "Correct its syntax."
            ) from error
