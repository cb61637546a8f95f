"""Hybrid retrieval: dense and lexical search with score fusion."""

from aiqa.retrieval.retriever import FollowUp, Retriever

__all__ = ["FollowUp", "Retriever"]
